"""Secrets of the user's: read when they are needed, and replaced wherever text is shown."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from ai_provider_exporter.config.file_reader import MAX_BYTES, READ_SECONDS, FileReader
from ai_provider_exporter.config.redaction import Redactor
from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes.egress_options import ProxyOptions
from ai_provider_exporter.schema.types import Secret

_FORMER_VALUES = 4  # of one secret that are still redacted: errors may quote a key that has just been rotated


class Secrets:
    """Reads secrets when they are needed, and replaces them in text."""

    def __init__(self, environ: Mapping[str, str], read_seconds: float = READ_SECONDS) -> None:
        self._environ = environ
        self._files = FileReader(read_seconds)
        self._values: dict[Secret, deque[str]] = {}
        self._redactor = Redactor()

    def read(self, secret: Secret) -> str:
        """The secret as it is now: a file is read each time, so that a rotated key is used at once.

        Raises:
            Failure: key_rejected; the variable is not set, or the file cannot be read or is empty.
        """
        value = (self._variable(secret.env) if secret.env else self._file(secret.file or "")).strip()
        is_document = value.startswith("{")  # a service account's key file; everything else goes into a header
        if not value.isascii() or not (is_document or value.isprintable()):
            raise Failure("key_rejected", f"{_where(secret)} holds a line break or a character that no key has")
        self._remember(secret, value)
        return value

    def proxy_for(self, egress: ProxyOptions, host: str) -> str:
        """The URL of the proxy that leads to a host, empty for none; raises as `read`."""
        proxy = egress.proxy_for(host)
        return self.read(proxy) if isinstance(proxy, Secret) else proxy or ""

    def redact(self, text: str) -> str:
        """`text` with every secret that was read replaced, whole or cut, in any case, percent-encoded or in base64."""
        return self._redactor.redact(text)

    def _variable(self, name: str) -> str:
        value = self._environ.get(name, "")
        if not value.strip():
            raise Failure("key_rejected", f"the environment variable {name} is not set; set it where the exporter runs")
        return value

    def _file(self, path: str) -> str:
        try:
            value = self._files.read(path).decode()
        except TimeoutError:
            raise Failure(
                "key_rejected", f"the key file {path} cannot be read: reading it hangs; is its file system reachable?"
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not text"
            raise Failure("key_rejected", f"the key file {path} cannot be read: {reason}") from None
        if not value.strip():
            raise Failure("key_rejected", f"the key file {path} is empty; write the secret into it")
        if len(value) > MAX_BYTES:
            raise Failure("key_rejected", f"the key file {path} is larger than {MAX_BYTES // 1024} KiB; no key is")
        return value

    def _remember(self, secret: Secret, value: str) -> None:
        values = self._values.setdefault(secret, deque(maxlen=_FORMER_VALUES))
        if value in values:
            return
        is_full = len(values) == values.maxlen
        values.append(value)
        self._redactor.add(value)
        if is_full:  # the oldest value has gone: what it was need not be recognised for ever
            self._redactor = Redactor(former for values in self._values.values() for former in values)


def _where(secret: Secret) -> str:
    return f"the environment variable {secret.env}" if secret.env else f"the key file {secret.file}"
