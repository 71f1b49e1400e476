from __future__ import annotations

import json
import logging

import pytest
from ai_provider_exporter.runtime.logs import Formatter, LogFormat


def _line(style: LogFormat, message: str, *, error: Exception | None = None) -> str:
    info = None if error is None else (type(error), error, error.__traceback__)
    record = logging.LogRecord("ai_provider_exporter.runtime.jobs", logging.WARNING, "f", 1, message, (), info)
    record.created = 1_790_000_000.25
    return Formatter(style, lambda text: text.replace("sk-1", "<secret>")).format(record)


def test_logfmt_quotes_what_needs_quotes() -> None:
    line = _line("logfmt", 'probe "a" failed')

    assert line == 'ts=2026-09-21T14:13:20.250+00:00 level=warning logger=runtime.jobs msg="probe \\"a\\" failed"'


def test_json_is_one_object_a_line() -> None:
    assert json.loads(_line("json", "line one\nline two"))["msg"] == "line one\nline two"
    assert "\n" not in _line("json", "line one\nline two")
    assert "\n" not in _line("logfmt", "line one\nline two")


@pytest.mark.parametrize("style", ["logfmt", "json"])
def test_secrets_are_taken_out_of_messages_and_of_tracebacks(style: LogFormat) -> None:
    line = _line(style, "key sk-1 refused", error=RuntimeError("header was Bearer sk-1"))

    assert "sk-1" not in line
    assert "RuntimeError: header was Bearer <secret>" in line
