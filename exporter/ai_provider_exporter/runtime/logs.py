"""Log lines as logfmt or JSON, with every secret taken out, tracebacks included."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal

LogFormat = Literal["logfmt", "json"]


class Formatter(logging.Formatter):
    def __init__(self, style: LogFormat, redact: Callable[[str], str]) -> None:
        super().__init__()
        self._as_json = style == "json"
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name.removeprefix("ai_provider_exporter."),
            "msg": self._redact(record.getMessage()),
        }
        if record.exc_info:
            fields["traceback"] = self._redact(self.formatException(record.exc_info))
        if self._as_json:
            return json.dumps(fields, ensure_ascii=False)
        return " ".join(f"{key}={_quoted(value)}" for key, value in fields.items())


def _quoted(value: str) -> str:
    plain = value and not any(c in value for c in ' ="\\') and value.isprintable()
    return value if plain else json.dumps(value, ensure_ascii=False)


def set_up(level: str, style: LogFormat, redact: Callable[[str], str]) -> None:
    """Send what this program logs to standard error; libraries speak from warning up."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Formatter(style, redact))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("ai_provider_exporter").setLevel(level.upper())
