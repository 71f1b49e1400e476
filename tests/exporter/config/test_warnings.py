from __future__ import annotations

import os
from pathlib import Path

import pytest
from ai_provider_exporter import cli
from ai_provider_exporter.config.load import load_settings

HEAD = "probes:\n  - name: a\n    provider: openai\n    kind: chat\n"
OWN = "probes:\n  - name: a\n    provider: mine\n    kind: chat\n    base_url: http://gpu:8000/v1\n    model: qwen\n"
ENVIRON = {"OPENAI_API_KEY": "sk-1", "MY_KEY": "k"}


def _warnings(directory: Path, text: str) -> list[str]:
    path = directory / "config.yaml"
    path.write_text(text)
    return [str(warning).removeprefix(f"{path}:") for warning in load_settings(path, ENVIRON).warnings]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(HEAD, [], id="silence: the catalog's variable is set"),
        pytest.param(OWN + "    api_key: {env: MY_KEY}\n", [], id="silence: one's own variable is set"),
        pytest.param(OWN, [], id="silence: no key is named"),
        pytest.param(
            HEAD + "    api_key: {env: OPENAI_APIKEY}\n",
            ["5:5: probes[0].api_key: OPENAI_APIKEY is not set here; did you mean OPENAI_API_KEY?"],
            id="a variable that is not set",
        ),
        pytest.param(
            HEAD.replace("openai", "anthropic"),
            ["2:5: probes[0].api_key: ANTHROPIC_API_KEY is not set here"],
            id="a variable of the catalog that is not set",
        ),
        pytest.param(
            OWN + '    api_key: {env: "$MY_KEY"}\n',
            ["7:5: probes[0].api_key: $MY_KEY is not the name of a variable; write {env: MY_KEY}"],
            id="a variable written as a shell does",
        ),
        pytest.param(
            OWN + "    tls: {ca_file: /no/such/ca.pem}\n",
            ["7:11: probes[0].tls.ca_file: /no/such/ca.pem cannot be read here: No such file or directory"],
            id="a file that is not there",
        ),
        pytest.param(
            HEAD + "    api_key: {file: /no/such/key}\n",
            ["5:5: probes[0].api_key: /no/such/key cannot be read here: No such file or directory"],
            id="a key file that is not there",
        ),
        pytest.param(
            OWN.replace("mine", "anthropc"),
            ["3:5: probes[0].provider: 'anthropc' is not in the catalog; did you mean anthropic?"],
            id="a provider of one's own that is nearly one of the catalog's",
        ),
    ],
)
def test_what_will_not_work_here_is_a_warning(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert _warnings(tmp_path, text) == expected


def test_a_relative_file_is_beside_the_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "key").write_text("sk-1")
    monkeypatch.chdir(tmp_path)

    warnings = _warnings(tmp_path / "conf", OWN + "    api_key: {file: key}\n")

    assert warnings == []


def test_a_file_that_hangs_delays_nothing_and_is_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "key")

    warnings = _warnings(tmp_path, OWN + "    api_key: {file: key}\n")

    assert warnings == [
        f"7:5: probes[0].api_key: {tmp_path}/key cannot be read here: reading it hangs; is its file system reachable?"
    ]


def test_the_body_of_a_request_names_no_files(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(OWN + "    quirks: {body: {file: a.txt}}\n")

    (probe,) = load_settings(path, {}).probes

    assert probe.model_dump()["quirks"]["body"] == {"file": "a.txt"}


def test_the_key_of_the_catalog_goes_to_its_host_with_the_blanks_filled_in(tmp_path: Path) -> None:
    azure = HEAD.replace("openai", "azure.ai.openai") + "    model: m\n    base_url: https://{}/openai/v1\n"

    keys = []
    for number, host in enumerate(["acme.openai.azure.com", "openai.azure.com.evil.example"]):
        path = tmp_path / f"{number}.yaml"
        path.write_text(azure.replace("{}", host))
        (probe,) = load_settings(path, {}).probes
        keys.append(probe.model_dump()["api_key"])

    assert keys == [{"env": "AZURE_OPENAI_API_KEY", "file": None}, None]


def test_the_region_that_is_written_fills_the_url_of_the_catalog(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(
        "probes:\n  - {name: b, provider: aws.bedrock, kind: chat, model: m, auth: sigv4,\n"
        "     aws: {region: eu-west-1, access_key_id: {env: A}, secret_access_key: {env: B}}}\n"
    )

    (probe,) = load_settings(path, {}).probes

    assert probe.endpoint_host == "bedrock-runtime.eu-west-1.amazonaws.com"


def test_check_config_prints_warnings_and_exits_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(OWN + "    api_key: {env: NO_SUCH_KEY}\n")

    with pytest.raises(SystemExit) as ended:
        cli.main(["check-config", str(path)])

    printed = capsys.readouterr()
    assert ended.value.code == 0
    assert f"warning: {path}:7:5: probes[0].api_key: NO_SUCH_KEY is not set here\n" in printed.err
    assert printed.out.startswith("1 probe, cost unknown for 1 of 1 probe\n")


def test_the_configuration_of_the_environment_is_the_default(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("status_pages: [{provider: openai}]\n")
    monkeypatch.setenv("AI_PROVIDER_EXPORTER_CONFIG", str(path))

    with pytest.raises(SystemExit):
        cli.main(["check-config"])

    assert capsys.readouterr().out.startswith("0 probes\n1 status page\n")
