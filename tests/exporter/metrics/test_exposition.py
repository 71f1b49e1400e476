from __future__ import annotations

import math

import pytest
from ai_provider_exporter.metrics.exposition import (
    MAX_CACHED_BYTES,
    OPENMETRICS,
    TEXT,
    Family,
    LabelTexts,
    Sample,
    negotiate,
    number,
    write,
)
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

FAMILIES = [
    Family("ai_probe_success", "gauge", "1 if it \\ succeeded.\nReally.", [Sample((("probe", 'a"b\\c\nd'),), 1)]),
    Family("ai_probe_attempts_total", "counter", "Runs.", [Sample((("probe", "a"), ("tier", "")), 3)]),
    Family("ai_empty", "gauge", "Nothing to say.", []),
]


def test_text_is_written_to_the_letter() -> None:
    assert write(FAMILIES).decode() == (
        "# HELP ai_probe_success 1 if it \\\\ succeeded.\\nReally.\n"
        "# TYPE ai_probe_success gauge\n"
        'ai_probe_success{probe="a\\"b\\\\c\\nd"} 1.0\n'
        "# HELP ai_probe_attempts_total Runs.\n"
        "# TYPE ai_probe_attempts_total counter\n"
        'ai_probe_attempts_total{probe="a"} 3.0\n'
    )


def test_openmetrics_names_a_counter_without_its_total_and_ends_in_eof() -> None:
    body = write(FAMILIES, OPENMETRICS).decode()

    assert "# TYPE ai_probe_attempts counter\n" in body
    assert 'ai_probe_attempts_total{probe="a"} 3.0\n' in body
    assert body.endswith("# EOF\n")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, "1.0"),
        (0.00001, "1e-05"),
        (1790000000.25, "1790000000.25"),
        (True, "1.0"),
        (math.inf, "+Inf"),
        (-math.inf, "-Inf"),
        (math.nan, "NaN"),
    ],
)
def test_numbers_are_written_as_go_writes_them(value: float, expected: str) -> None:
    assert number(value) == expected


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        pytest.param("", TEXT, id="nothing asked"),
        pytest.param("*/*", TEXT, id="curl"),
        pytest.param("application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1", OPENMETRICS, id="prometheus"),
        pytest.param("application/openmetrics-text; version=2.0.0, text/plain", TEXT, id="a version not written yet"),
        pytest.param("application/openmetrics-text;version=0.0.1", TEXT, id="a version no longer written"),
        pytest.param("application/openmetrics-text;q=0", TEXT, id="refused"),
        pytest.param("application/openmetrics-text;q=0.0, text/plain;q=1", TEXT, id="refused with a decimal"),
        pytest.param("application/vnd.google.protobuf;proto=x, text/plain;version=0.0.4", TEXT, id="protobuf first"),
        pytest.param(";;;,,,;version", TEXT, id="nonsense"),
    ],
)
def test_the_content_type_is_one_that_was_asked_for_and_is_written(accept: str, expected: str) -> None:
    assert negotiate(accept) == expected


_TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs"], include_characters="\n"))


@given(st.lists(st.tuples(_TEXT, st.floats(allow_nan=False)), min_size=1, max_size=5, unique_by=lambda p: p[0]))
def test_what_is_written_is_read_back_by_prometheus_own_parsers(values: list[tuple[str, float]]) -> None:
    samples = [Sample((("label", text), ("n", str(at))), value) for at, (text, value) in enumerate(values)]
    body = Family("ai_some_gauge", "gauge", "Some help.", samples)

    for content_type, parse in ((TEXT, parse_text), (OPENMETRICS, parse_openmetrics)):
        (family,) = parse(write([body], content_type).decode())
        found = [(sample.labels.get("label", ""), sample.value) for sample in family.samples]

        assert found == values


def test_control_characters_and_lone_surrogates_of_strangers_do_not_reach_prometheus() -> None:
    family = Family("ai_x", "gauge", "Help.", [Sample((("name", "a\0b\x1b[31m\tc\x85\ud800"),), 1)])

    assert b'name="a\xef\xbf\xbdb\xef\xbf\xbd[31m\xef\xbf\xbdc\xef\xbf\xbd?"' in write([family])


def test_the_texts_of_labels_are_bounded_by_bytes_however_new_each_is() -> None:
    texts = LabelTexts()

    most = 0
    for number_ in range(30_000):
        assert f"{number_}-" in texts[(("id", f"{number_}-" + "x" * 500),)]
        most = max(most, sum(map(len, texts.values())) if number_ % 1000 == 0 else 0)

    assert most < MAX_CACHED_BYTES
    assert texts.bytes <= MAX_CACHED_BYTES
    assert len(texts) < 30_000
