from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from ai_provider_exporter import catalog
from ai_provider_exporter.config import redacted
from ai_provider_exporter.config.load import load_settings
from ai_provider_exporter.config.secrets import Secrets
from ai_provider_exporter.config.settings import Settings
from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.schema.errors import ConfigErrors
from ai_provider_exporter.schema.types import Secret, format_duration, parse_duration
from hypothesis import given
from hypothesis import strategies as st

BAD = sorted((Path(__file__).parent / "bad").glob("*.yaml"))
CATALOG = catalog.load()

OPENAI = "{name: openai-chat, provider: openai, kind: chat}"


def _load(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "config.yaml"
    path.write_text(text)
    return load_settings(path, {}, CATALOG)


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_each_mistake_says_where_it_is_and_what_to_write(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    expected = path.read_text().splitlines()[0].removeprefix("# ")

    with pytest.raises(ConfigErrors) as found:
        load_settings(Path(path.name), {}, CATALOG)

    assert str(found.value) == expected


def test_all_mistakes_of_a_file_are_told_at_once_in_its_order(tmp_path: Path) -> None:
    with pytest.raises(ConfigErrors) as found:
        _load(tmp_path, f"probes:\n  - {OPENAI}\n  - {{kind: chat}}\nstatus_pages:\n  - {{provider: nobody}}\n")

    assert [error.line for error in found.value.errors] == [3, 3, 3, 3, 5]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("[" * 100_000, "is nested more than 50 levels deep", id="nested beyond any stack"),
        pytest.param("probes: &a [*a]", "or holds itself", id="holding itself"),
        pytest.param("? [a]\n: b", "has a key that is no text", id="a list for a key"),
        pytest.param(
            "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
            + "".join(f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 9)}]\n" for n in range(9)),
            "by anchors that repeat each other",
            id="growing beyond all bounds",
        ),
    ],
)
def test_no_file_can_end_or_stop_the_process_that_reads_it(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigErrors, match=said):
        _load(tmp_path, text)


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigErrors, match=r"none.yaml:1:1: cannot be read: No such file or directory; name a "):
        load_settings(tmp_path / "none.yaml", {}, CATALOG)


def test_an_empty_file_watches_nothing(tmp_path: Path) -> None:
    settings = _load(tmp_path, "")

    assert (settings.probes, settings.pages) == ((), ())


def test_without_a_file_every_readable_page_is_read_and_no_probe_runs_without_a_key() -> None:
    settings = load_settings(None, {}, CATALOG)

    assert settings.probes == ()
    assert {"openai", "anthropic"} <= {page.provider for page in settings.pages}


@pytest.mark.parametrize(
    ("environ", "regions"),
    [
        pytest.param({}, [], id="no region"),
        pytest.param({"AWS_DEFAULT_REGION": "eu-west-1"}, [("eu-west-1",)], id="the default region"),
        pytest.param({"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "eu-west-1"}, [("us-east-1",)], id="both"),
    ],
)
def test_without_a_file_aws_is_read_where_a_region_is_known(
    environ: dict[str, str], regions: list[tuple[str, ...]]
) -> None:
    settings = load_settings(None, environ, CATALOG)

    assert [page.regions for page in settings.pages if page.provider == "aws.bedrock"] == regions


def test_a_page_that_answers_no_plain_request_is_not_read() -> None:
    settings = load_settings(None, {}, CATALOG)

    assert [source.format for source in CATALOG["gcp.gemini"].status] == ["aistudio"]
    assert "gcp.gemini" not in {page.provider for page in settings.pages}


def test_without_a_file_each_provider_whose_key_is_set_gets_one_cheap_probe() -> None:
    settings = load_settings(None, {"OPENAI_API_KEY": "sk-1", "ANTHROPIC_API_KEY": ""}, CATALOG)

    (probe,) = settings.probes
    assert (probe.name, probe.provider, probe.kind) == ("openai-chat", "openai", "chat")


def test_the_catalog_fills_in_what_the_user_left_out(tmp_path: Path) -> None:
    (probe,) = _load(tmp_path, f"probes: [{OPENAI}]").probes
    known = CATALOG["openai"].api

    assert known is not None
    assert probe.model_dump()["base_url"] == known.base_url
    assert probe.model_dump()["api_key"] == {"env": "OPENAI_API_KEY", "file": None}


def test_defaults_stand_under_what_a_probe_says_itself(tmp_path: Path) -> None:
    text = f"defaults: {{interval: 5m, location: fra1}}\nprobes: [{OPENAI[:-1]}, interval: 2m}}]"

    (probe,) = _load(tmp_path, text).probes

    assert (probe.interval, probe.location) == (120.0, "fra1")


def test_a_key_of_the_catalog_never_goes_to_a_host_that_the_user_chose(tmp_path: Path) -> None:
    (probe,) = _load(tmp_path, f"probes: [{OPENAI[:-1]}, base_url: 'http://127.0.0.1:1/v1'}}]").probes

    assert probe.model_dump()["api_key"] is None


def test_the_settings_shown_hold_no_secret(tmp_path: Path) -> None:
    text = """
        probes:
          - name: a
            provider: openai
            kind: chat
            api_key: {env: MY_KEY}
            egress: {proxy: {env: MY_PROXY}}
    """

    text = redacted.as_yaml(_load(tmp_path, text))

    assert "MY_KEY" in text
    assert "name: a" in text


def test_a_secret_file_is_read_again_each_time(tmp_path: Path) -> None:
    path = tmp_path / "key"
    secrets, secret = Secrets({}), Secret(file=str(path))
    read = []
    for value in ("old-key\n", "new-key\n"):
        path.write_text(value)
        read.append(secrets.read(secret))

    assert read == ["old-key", "new-key"]
    assert secrets.redact("old-key new-key other") == "<secret> <secret> other"


@pytest.mark.parametrize(
    ("environ", "secret", "sentence"),
    [
        pytest.param({}, Secret(env="KEY"), "the environment variable KEY is not set", id="not set"),
        pytest.param({"KEY": " "}, Secret(env="KEY"), "the environment variable KEY is not set", id="blank"),
        pytest.param({"KEY": "a\nb"}, Secret(env="KEY"), "holds a line break", id="two lines"),
        pytest.param({}, Secret(file="/nonexistent/key"), "cannot be read: No such file or directory", id="no file"),
        pytest.param({}, Secret(file="/dev/null"), "is empty", id="empty file"),
    ],
)
def test_a_secret_that_is_not_there_is_our_own_fault_in_one_sentence(
    environ: dict[str, str], secret: Secret, sentence: str
) -> None:
    with pytest.raises(Failure, match=sentence) as found:
        Secrets(environ).read(secret)

    assert found.value.reason == "key_rejected"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("500ms", 0.5), ("30s", 30.0), ("1m30s", 90.0), ("1h", 3600.0), ("1d", 86400.0), ("0.5s", 0.5), (15, 15)],
)
def test_a_duration_is_a_number_with_a_unit(text: object, seconds: float) -> None:
    assert parse_duration(text) == seconds


@given(st.integers(min_value=1, max_value=10**9))
def test_a_duration_reads_back_as_it_was_written(milliseconds: int) -> None:
    seconds = milliseconds / 1000

    assert parse_duration(format_duration(seconds)) == pytest.approx(seconds)


@given(st.text())
def test_no_text_makes_the_loader_raise_anything_but_mistakes(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(text, "utf-8", errors="replace")

    with suppress(ConfigErrors):
        load_settings(path, {}, CATALOG)
