"""Secrets of the user's: read where they are when they are needed, and known again where they must not be shown."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.schema.types import Secret


class Secrets:
    """Reads secrets when they are needed, and knows them again where they must not be shown."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._seen: set[str] = set()

    def read(self, secret: Secret) -> str:
        """The secret as it is now: a file is read each time, so that a rotated key is used at once.

        Raises:
            Failure: key_rejected; the variable is not set, or the file cannot be read or is empty.
        """
        value = (self._variable(secret.env) if secret.env else self._file(secret.file or "")).strip()
        is_document = value.startswith("{")  # a service account's key file; everything else goes into a header
        if not value.isascii() or not (is_document or value.isprintable()):
            raise Failure("key_rejected", f"{_where(secret)} holds a line break or a character that no key has")
        self._seen.add(value)
        return value

    def _variable(self, name: str) -> str:
        value = self._environ.get(name, "")
        if not value.strip():
            raise Failure("key_rejected", f"the environment variable {name} is not set; set it to the API key")
        return value

    def _file(self, path: str) -> str:
        try:
            value = Path(path).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not text"
            raise Failure("key_rejected", f"the key file {path} cannot be read: {reason}") from None
        if not value.strip():
            raise Failure("key_rejected", f"the key file {path} is empty; write the API key into it")
        return value

    def redact(self, text: str) -> str:
        """`text` with every secret that was ever read, plain or percent-encoded, replaced."""
        for value in sorted(self._seen, key=len, reverse=True):
            for spelling in {value, quote(value, safe=""), quote(value)}:
                text = text.replace(spelling, "<secret>")
        return text


def _where(secret: Secret) -> str:
    return f"the environment variable {secret.env}" if secret.env else f"the key file {secret.file}"
