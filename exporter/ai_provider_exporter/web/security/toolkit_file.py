"""The web configuration file as it is now: read again when it, or a certificate it names, has changed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Generic, TypeVar

from OpenSSL import SSL

from ai_provider_exporter.schema import errors
from ai_provider_exporter.schema.errors import ConfigErrors
from ai_provider_exporter.schema.yaml import Document
from ai_provider_exporter.web.security import tls, toolkit
from ai_provider_exporter.web.security.toolkit import Toolkit

_log = logging.getLogger(__name__)
_T = TypeVar("_T")


class ToolkitFile:
    """exporter-toolkit reads its file for each request and each handshake; a stat for each looks the same."""

    def __init__(self, path: Path) -> None:
        """Read it all once.

        Raises:
            ConfigErrors: the file, or a certificate or key that it names, cannot be used.
        """
        self._path = path
        self._read: _Last[tuple[Toolkit, Document]] = _Last()
        self._context: _Last[SSL.Context] = _Last()
        self.speaks_tls = self.settings().tls_server_config.enabled
        if self.speaks_tls:
            self.context()

    def settings(self) -> Toolkit:
        """What the file says now.

        Raises:
            ConfigErrors: it is broken at present.
        """
        return self._document()[0]

    def context(self) -> SSL.Context:
        """What the next handshake is to be made with.

        Raises:
            ConfigErrors: the file, a certificate or a key is broken at present, or TLS has gone from the file.
        """
        settings, document = self._document()
        options, directory = settings.tls_server_config, self._path.parent
        version = (options, *map(_stat, tls.files(options, directory)))

        def make() -> SSL.Context:
            try:
                return tls.context(options, directory)
            except tls.TlsMistake as mistake:
                key = ("tls_server_config", mistake.key)
                raise ConfigErrors([errors.at(self._path, document, key, mistake.problem)]) from None

        return self._context.get(version, make)

    def _document(self) -> tuple[Toolkit, Document]:
        def make() -> tuple[Toolkit, Document]:
            document = errors.read(self._path)
            return toolkit.parse(self._path, document), document

        return self._read.get(_stat(self._path), make)


class _Last(Generic[_T]):
    """The last outcome, value or mistakes, made again when `version` changes; a change is logged once."""

    def __init__(self) -> None:
        self._version: Hashable = _Last  # equal to no version of a file
        self._value: _T | None = None
        self._wrong: ConfigErrors | None = None

    def get(self, version: Hashable, make: Callable[[], _T]) -> _T:
        if version != self._version:
            was_wrong, is_first = self._wrong, self._version is _Last
            self._version = version
            self._make(make)
            if self._wrong and not is_first:
                _log.error("the web configuration is refused and no request is answered: %s", self._wrong)
            elif was_wrong:
                _log.info("the web configuration is good again")
        if self._value is None:
            raise ConfigErrors(self._wrong.errors if self._wrong else [])  # a new one: tracebacks pile up on the old
        return self._value

    def _make(self, make: Callable[[], _T]) -> None:
        self._value = self._wrong = None
        try:
            self._value = make()
        except ConfigErrors as wrong:
            self._wrong = wrong


def _stat(path: Path) -> tuple[int, ...]:
    """Differs whenever the file was written, replaced or swapped by its symbolic link; empty if it is not there."""
    try:
        stat = path.stat()
    except OSError:
        return ()
    return stat.st_mtime_ns, stat.st_size, stat.st_ino, stat.st_dev
