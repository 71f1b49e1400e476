from __future__ import annotations

from pathlib import Path

import pytest
from ai_provider_exporter.schema.errors import ConfigErrors
from ai_provider_exporter.simulator import load, shipped
from ai_provider_exporter.simulator.loading import parse

GOOD = """\
name: small
description: one provider
providers:
  acme:
    apis: [openai_chat]
    page: {format: statuspage, name: Acme, components: [{name: API}]}
timeline:
  - {at: 30s, provider: acme, fail: [{how: server_error, share: 0.5}]}
"""


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_scenario_loads_and_says_what_is_fact_and_what_is_assumed(name: str) -> None:
    scenario = load(name)

    assert scenario.facts or scenario.assumptions
    assert scenario.description


def test_a_scenario_is_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(GOOD)

    assert load(tmp_path / "mine.yaml").timeline[0].at == 30.0


@pytest.mark.parametrize(("written", "seconds"), [("30s", 30.0), ("1h30m", 5400.0), ("250ms", 0.25), ("30", 30.0)])
def test_a_duration_is_a_number_with_a_unit_or_of_seconds(written: str, seconds: float) -> None:
    assert parse(GOOD.replace("30s", written), "test.yaml").timeline[0].at == seconds


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param(
            "description: one provider", "colour: red",
            "test.yaml:1:1: description: is missing; write it", id="missing key",
        ),
        pytest.param(
            "name: small", "name: small\ncolour: red",
            "test.yaml:2:1: colour: is not a known key; write one of: ", id="unknown key",
        ),
        pytest.param(
            "at: 30s", "at: soon",
            "test.yaml:8:6: timeline[0].at: 'soon' is not a duration; write a number with a unit, "
            "such as 30s, 5m or 1h30m", id="no duration",
        ),
        pytest.param(
            "share: 0.5", "share: 1.5",
            "test.yaml:8:58: timeline[0].fail[0].share: input should be less than or equal to 1; correct it",
            id="share",
        ),
        pytest.param(
            "provider: acme,", "provider: acne,",
            "test.yaml:8:15: timeline[0].provider: is not a provider of this scenario; did you mean acme?",
            id="unknown provider",
        ),
        pytest.param(
            "fail: [{how: server_error, share: 0.5}]", "page: {components: {Api: major_outage}}",
            "test.yaml:8:31: timeline[0].page: 'Api' is not a component of the page; write one of: API",
            id="unknown component",
        ),
        pytest.param(
            "fail: [{how: server_error, share: 0.5}]", "fail: [{how: http}]",
            "test.yaml:8:38: timeline[0].fail[0]: how: http needs a status; "
            "write such as status: 429", id="http without status",
        ),
        pytest.param(
            "{how: server_error, share: 0.5}", "{how: hang, share: 0.7}, {how: html, share: 0.7}",
            "test.yaml:8:5: timeline[0]: the shares under `fail` add up to more than 1; lower them",
            id="shares above one",
        ),
        pytest.param(
            "[{name: API}]", "[{name: API}, {name: API}]",
            "test.yaml:6:5: providers.acme.page: two components have the name 'API'; give each its own",
            id="two components of one name",
        ),
        pytest.param("name: small", "name: [", "test.yaml:", id="no YAML"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place_and_its_cure(old: str, new: str, message: str) -> None:
    text = GOOD.replace(old, new)

    with pytest.raises(ConfigErrors) as caught:
        parse(text, "test.yaml")

    assert message in str(caught.value)


def test_a_name_that_is_neither_file_nor_shipped_is_answered_with_the_choice() -> None:
    with pytest.raises(ConfigErrors, match=r"^no-such-scenario: is neither .* write a file or one of .*default"):
        load("no-such-scenario")
