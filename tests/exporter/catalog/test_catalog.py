"""What the code of the catalog does, with files of the tests' own."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from ai_provider_exporter import catalog
from ai_provider_exporter.catalog import Api, listing
from ai_provider_exporter.schema.errors import ConfigErrors

ACME = """\
name: acme
title: Acme
words: [acme, acme ai]
api:
  base_url: https://acme.example/v1
  dialect: openai_chat
  key_env: ACME_KEY
  model: anvil-mini
  quirks: {max_tokens_field: max_completion_tokens}
  source: https://docs.acme.example
  checked: 2026-05-04
status:
  - url: https://status.acme.example
    format: statuspage
    components: ["API*"]
    certainty: high
    source: https://status.acme.example/api
    checked: 2026-05-06
"""
HERE_AND_THERE = """\
name: there
title: There
status:
  - {url: https://a.example, format: instatus, certainty: high, source: s, checked: 2026-05-06}
  - {url: https://b.example, format: instatus, certainty: low, source: s, checked: 2026-05-06}
  - {url: https://b.example, format: atom, certainty: low, source: s, checked: 2026-05-06}
"""


def test_a_file_becomes_a_provider(tmp_path: Path) -> None:
    (tmp_path / "acme.yaml").write_text(ACME)

    acme = catalog.load(tmp_path)["acme"]

    assert acme.words == ("acme", "acme ai")
    assert acme.api is not None
    assert acme.api.quirks.max_tokens_field == "max_completion_tokens"
    assert acme.api.checked == date(2026, 5, 4)
    assert acme.status[0].components == ("API*",)


def test_the_compiled_catalog_is_the_catalog() -> None:
    assert catalog.shipped() == catalog.load(), "run `make reference`"


def test_providers_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("zoo", "acme", "mill.works"):
        (tmp_path / f"{name}.yaml").write_text(f"name: {name}\ntitle: T\n")

    assert list(catalog.load(tmp_path)) == ["acme", "mill.works", "zoo"]


def test_only_yaml_files_are_providers(tmp_path: Path) -> None:
    (tmp_path / "schema.json").write_text("{}")

    assert catalog.load(tmp_path) == {}


@pytest.mark.parametrize(
    ("before", "after", "mistake"),
    [
        pytest.param("name: acme", "name: acne", "1:1: name: is 'acne' in a file called acme.yaml", id="another-name"),
        pytest.param("  base_url", "  base_ulr", "5:3: api.base_ulr: is not a known key; did you mean", id="a-typo"),
        pytest.param("  model:", "  quirks:", "9:3: 'quirks' is written twice", id="a-key-twice"),
        pytest.param("openai_chat", "telnet", "6:3: api.dialect: is not one of 'openai_chat'", id="no-such-dialect"),
        pytest.param(
            "statuspage",
            "graffiti",
            "14:5: status[0].format: 'graffiti' is not a format",
            id="no-such-format",
        ),
        pytest.param("https://acme", "http://acme", "5:3: api.base_url: does not have the form", id="plain-http"),
        pytest.param("2026-05-06", "someday", "18:5: status[0].checked:", id="no-date"),
        pytest.param("[acme, acme ai]", "[Acme]", "3:9: words[0]: does not have the form", id="capital-letters"),
        pytest.param(
            "    source: https://status.acme.example/api\n", "", "status[0].source: is missing", id="no-source"
        ),
        pytest.param("title: Acme", "title: [", "is", id="no-yaml"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_key(tmp_path: Path, before: str, after: str, mistake: str) -> None:
    path = tmp_path / "acme.yaml"
    assert before in ACME
    path.write_text(ACME.replace(before, after, 1))

    with pytest.raises(ConfigErrors) as caught:
        catalog.load(tmp_path)

    assert str(caught.value).startswith(f"{path}:")
    assert mistake in str(caught.value)


@pytest.mark.parametrize(
    ("base_url", "blanks"),
    [
        pytest.param("https://api.acme.example/v1", (), id="a-whole-address"),
        pytest.param("https://{resource}.acme.example/{account_id}", ("resource", "account_id"), id="two-blanks"),
        pytest.param("https://{region}.acme.example/{region}/v1", ("region",), id="one-blank-in-two-places"),
    ],
)
def test_what_the_user_must_fill_in_stands_in_braces(base_url: str, blanks: tuple[str, ...]) -> None:
    assert api(base_url=base_url).blanks == blanks


@pytest.mark.parametrize(
    ("given", "ready"),
    [
        pytest.param({}, True, id="everything-known"),
        pytest.param({"key_env": None}, False, id="no-variable-to-find-a-key-in"),
        pytest.param({"model": None}, False, id="no-model"),
        pytest.param({"base_url": "https://{region}.acme.example"}, False, id="a-blank"),
    ],
)
def test_an_api_is_ready_when_only_the_key_is_missing(given: dict[str, object], ready: bool) -> None:  # noqa: FBT001
    assert api(**given).is_ready is ready


def api(**given: object) -> Api:
    known = {"base_url": "https://api.acme.example", "dialect": "cohere", "key_env": "ACME_KEY", "model": "anvil"}
    return Api.model_validate({**known, "source": "s", "checked": date(2026, 5, 4), **given})


def test_the_table_has_a_row_for_each_provider(tmp_path: Path) -> None:
    (tmp_path / "acme.yaml").write_text(ACME)
    (tmp_path / "there.yaml").write_text(HERE_AND_THERE)

    rows = listing.table(catalog.load(tmp_path)).splitlines()

    assert rows[0] == "| provider | title | format | dialect | key | status page | API |"
    assert rows[2:] == [
        "| acme | Acme | statuspage | openai_chat | ACME_KEY | https://status.acme.example | https://acme.example/v1 |",
        "| there | There | instatus, atom |  |  | https://a.example |  |",
    ]


def test_the_text_for_terminals_has_straight_columns(tmp_path: Path) -> None:
    (tmp_path / "acme.yaml").write_text(ACME)
    (tmp_path / "there.yaml").write_text(HERE_AND_THERE)

    lines = listing.as_text(catalog.load(tmp_path)).splitlines()

    assert len({line.index(word) for line, word in zip(lines, ("title", "Acme", "There"), strict=True)}) == 1
    assert lines == [line.rstrip() for line in lines]


def test_the_schema_file_is_the_model_s_own() -> None:
    file = catalog.DIRECTORY / "schema.json"
    due = json.dumps(catalog.schema(), indent=2) + "\n"

    assert file.read_text("utf-8") == due, (
        f"a model has changed; write json.dumps(catalog.schema(), indent=2) to {file}"
    )
