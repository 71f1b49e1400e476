from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from ai_provider_exporter.config.redaction import Redactor

KEY = "zq7-Key/of+Nobody=4711-abcdefghijkl"


@pytest.mark.parametrize(
    "spelling",
    [
        pytest.param(KEY, id="plain"),
        pytest.param(KEY.upper(), id="upper case"),
        pytest.param(quote(KEY, safe=""), id="percent-encoded"),
        pytest.param(quote(KEY, safe="").lower(), id="percent-encoded in lower case"),
        pytest.param(KEY[:12], id="cut off"),
        pytest.param(base64.b64encode(KEY.encode()).decode(), id="base64"),
        pytest.param(base64.urlsafe_b64encode(KEY.encode()).decode(), id="base64 for URLs"),
        pytest.param(base64.b64encode(f"u:{KEY}".encode()).decode(), id="base64 behind a user"),
        pytest.param(base64.b64encode(f"me:{KEY}:rest".encode()).decode(), id="base64 between others"),
    ],
)
def test_a_secret_is_replaced_however_it_is_spelled(spelling: str) -> None:
    redacted = Redactor([KEY]).redact(f"bad key {spelling} given")

    assert "<secret>" in redacted
    assert not any(spelling[at : at + 8] in redacted for at in range(4, len(spelling) - 11))


def test_text_without_a_secret_stays_as_it_is() -> None:
    text = "İ model not found: gpt-6-luna, zq7-Ke"

    assert Redactor([KEY]).redact(text) == text


def test_a_short_secret_is_replaced_where_it_stands_whole() -> None:
    assert Redactor(["abc"]).redact("abc, ab, xabcx") == "<secret>, ab, x<secret>x"


def test_two_secrets_with_one_beginning_are_both_replaced() -> None:
    long, short = "sk-proj-aaaaaaaaaaaa", "sk-proj-bb"

    assert Redactor([long, short]).redact(f"{long} {short}") == "<secret> <secret>"


def test_of_a_proxy_url_only_user_and_password_are_secret() -> None:
    redactor = Redactor(["http://ops:p%40ss-word-1@proxy.example:3128"])

    assert redactor.redact("http://proxy.example:3128 refused ops:p@ss-word-1") == (
        "http://proxy.example:3128 refused <secret>"
    )


def test_many_secrets_cost_no_more_than_one() -> None:
    text = "no secret stands in here " * 40
    few, many = Redactor([KEY]), Redactor(f"{number:08}-secret-of-a-probe" for number in range(2000))

    assert (few.redact(text), many.redact(text)) == (text, text)
    assert len(many._by_prefix) > 2000, "they are looked up by their beginning, not one after the other"
