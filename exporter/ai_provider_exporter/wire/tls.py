"""Client contexts for TLS, built once for each distinct setting: building one blocks for 5 to 65 ms."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ai_provider_exporter.wire.errors import TlsUnusable

_HTTP1 = ("http/1.1",)
_Versions = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class _Settings:
    ca_file: str | None
    cert_file: str | None
    key_file: str | None
    alpn: tuple[str, ...]
    verifies: bool
    trusts_system: bool

    @property
    def files(self) -> dict[str, str]:
        named = {"ca_file": self.ca_file, "cert_file": self.cert_file, "key_file": self.key_file}
        return {key: path for key, path in named.items() if path is not None}


class TlsContexts:
    """Shared by all probes of a process. A context is built anew when one of its files has changed."""

    def __init__(self, system_authorities: Callable[[ssl.SSLContext], None] | None = None) -> None:
        """`system_authorities` loads what is trusted without a `ca_file`: OpenSSL's own places unless told."""
        self._system_authorities = system_authorities or load_system_authorities
        self._built: dict[_Settings, tuple[_Versions, ssl.SSLContext]] = {}

    def get(
        self,
        *,
        ca_file: str | None = None,
        cert_file: str | None = None,
        key_file: str | None = None,
        alpn: tuple[str, ...] = _HTTP1,
        verifies: bool = True,
        trusts_system: bool = False,
    ) -> ssl.SSLContext:
        """A context that trusts `ca_file`, or the system without one, and shows the certificate of `cert_file`.

        All are PEM; the key may be in `cert_file`. TLS 1.2 is the least that is spoken.

        Raises:
            TlsUnusable: a file cannot be used, or the system has no authorities; names the key and the cure.
        """
        settings = _Settings(ca_file, cert_file, key_file, alpn, verifies, trusts_system or ca_file is None)
        versions = tuple(_version(key, path) for key, path in settings.files.items())
        cached = self._built.get(settings)
        if cached is not None and cached[0] == versions:
            return cached[1]
        context = self._build(settings)
        self._built[settings] = versions, context
        return context

    def _build(self, settings: _Settings) -> ssl.SSLContext:
        context = _new(settings)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(list(settings.alpn))
        if settings.verifies and settings.trusts_system:
            self._system_authorities(context)
        if settings.ca_file is not None:
            _load_authorities(context, settings.ca_file)
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # an intermediate in it is trusted, too
        if settings.cert_file is not None:
            _load_certificate(context, settings.cert_file, settings.key_file)
        return context


class CaFileContext(ssl.SSLContext):
    """Trusts nobody but the authorities of a `ca_file`."""


def _new(settings: _Settings) -> ssl.SSLContext:
    if not settings.verifies:
        return unverified()
    return (ssl.SSLContext if settings.trusts_system else CaFileContext)(ssl.PROTOCOL_TLS_CLIENT)


def unverified() -> ssl.SSLContext:
    """A context that takes any certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def load_system_authorities(context: ssl.SSLContext) -> None:
    """Trust what this system trusts: SSL_CERT_FILE and SSL_CERT_DIR, or where OpenSSL was told to look.

    Raises:
        TlsUnusable: there is nothing: every handshake would end as "unknown issuer" and blame the way there.
    """
    context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    directory = ssl.get_default_verify_paths().capath  # looked into during handshakes, so not counted below
    if context.cert_store_stats()["x509_ca"] == 0 and not (directory and any(Path(directory).iterdir())):
        raise TlsUnusable(
            "this system has no certificate authorities to check a server's certificate with; "
            "install the package ca-certificates, point SSL_CERT_FILE to a bundle or write tls.ca_file"
        )


def _version(key: str, path: str) -> tuple[int, int]:
    try:
        status = Path(path).stat()
    except OSError as error:
        raise TlsUnusable(f"tls.{key}: {path} cannot be read: {error.strerror}") from error
    return status.st_mtime_ns, status.st_ino


def _load_authorities(context: ssl.SSLContext, path: str) -> None:
    try:
        context.load_verify_locations(cafile=path)
    except ssl.SSLError as error:
        raise TlsUnusable(f"tls.ca_file: {path} holds no certificate in PEM form") from error
    except OSError as error:
        raise TlsUnusable(f"tls.ca_file: {path} cannot be read: {error.strerror}") from error


def _load_certificate(context: ssl.SSLContext, cert_file: str, key_file: str | None) -> None:
    pair = f"{cert_file} and {key_file}" if key_file else cert_file
    try:
        context.load_cert_chain(cert_file, key_file, password=_no_password)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise TlsUnusable(f"tls.cert_file: {pair} do not belong together") from error
        raise TlsUnusable(f"tls.cert_file: {pair} hold no certificate with its key in PEM form") from error
    except OSError as error:
        raise TlsUnusable(f"tls.cert_file: {pair} cannot be read: {error.strerror}") from error


def _no_password() -> str:
    # Without this OpenSSL asks on the terminal, and waits.
    raise TlsUnusable("tls.key_file: the key is encrypted; write it without a passphrase, with mode 0600")
