"""The `--web.config.file` that every Prometheus exporter reads: TLS, client certificates, passwords, headers, rate.

The format is exporter-toolkit's: what is written for another exporter means the same here. Two differences:
`http2: true` is accepted, yet HTTP/1.1 is spoken; and a hash that is not bcrypt makes the whole file invalid at
run time too, where exporter-toolkit refuses that one user.
Source: https://github.com/prometheus/exporter-toolkit docs/web-configuration.md and web/*.go, July 2026.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator

from ai_provider_exporter.schema import errors
from ai_provider_exporter.schema.types import Options, parse_duration
from ai_provider_exporter.schema.yaml import Document

TlsVersion = Literal["TLS10", "TLS11", "TLS12", "TLS13"]
Curve = Literal["X25519", "CurveP256", "CurveP384", "CurveP521"]
ClientAuth = Literal[
    "NoClientCert",
    "RequestClientCert",
    "RequireAnyClientCert",
    "RequireClientCert",  # the same, spelled as in old files
    "VerifyClientCertIfGiven",
    "RequireAndVerifyClientCert",
]
# crypto/tls.CipherSuites() of Go; https://pkg.go.dev/crypto/tls#CipherSuites
Cipher = Literal[
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
]
# Cost, salt, digest. A salt's 22 characters hold 128 bits: the last can be one of four.
_BCRYPT = re.compile(r"\$2[abxy]\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{31}")


class Section(Options):
    """A key with nothing behind it counts as left out, as it does for Go."""

    @model_validator(mode="before")
    @classmethod
    def _nothing_is_left_out(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {key: item for key, item in value.items() if item is not None}


def _number_as_text(value: Any) -> Any:
    """`X-XSS-Protection: 0` is a number to YAML and a header to us."""
    return str(value) if type(value) is int else value


def _interval(value: Any) -> Any:
    if value in (0, "0"):
        return 0.0
    if isinstance(value, int | float):
        # Go reads a bare number as nanoseconds: whoever wrote one meant something else.
        raise ValueError("needs a unit; write a duration such as 1s or 100ms, or 0 for no limit")  # noqa: TRY004
    return parse_duration(value)


def _bcrypt(value: str) -> str:
    if not _BCRYPT.fullmatch(value):
        raise ValueError("is not a bcrypt hash; write what `htpasswd -nBC 10 NAME` prints after the colon")
    return value


HeaderValue = Annotated[str, BeforeValidator(_number_as_text), Field(pattern=r"^[\x20-\x7e\t]*$")]
PasswordHash = Annotated[str, AfterValidator(_bcrypt)]


class Headers(Section):
    """The only headers that may be set; one that is blank is not sent."""

    content_security_policy: HeaderValue = Field("", alias="Content-Security-Policy")
    x_frame_options: Literal["", "deny", "sameorigin"] = Field("", alias="X-Frame-Options")
    x_content_type_options: Literal["", "nosniff"] = Field("", alias="X-Content-Type-Options")
    x_xss_protection: HeaderValue = Field("", alias="X-XSS-Protection")
    strict_transport_security: HeaderValue = Field("", alias="Strict-Transport-Security")


class HttpServer(Section):
    http2: bool = True
    headers: Headers = Headers()


class RateLimit(Section):
    """A token bucket: one request every `interval` seconds, `burst` of them at once; no limit if interval is 0."""

    interval: Annotated[float, BeforeValidator(_interval)] = 0.0
    burst: int = 0


class TlsServer(Section):
    """A file is preferred to what is written inline; an empty text is nothing."""

    cert: str = ""
    key: str = Field("", repr=False)
    cert_file: str = ""
    key_file: str = ""
    client_auth_type: ClientAuth | Literal[""] = ""
    client_ca: str = ""
    client_ca_file: str = ""
    client_allowed_sans: Annotated[tuple[str, ...], Field(strict=False)] = ()
    min_version: TlsVersion = "TLS12"
    max_version: TlsVersion = "TLS13"
    cipher_suites: Annotated[tuple[Cipher, ...], Field(strict=False)] = ()
    prefer_server_cipher_suites: bool = True
    curve_preferences: Annotated[tuple[Curve, ...], Field(strict=False)] = ()

    @property
    def enabled(self) -> bool:
        """Whether TLS is spoken at all: exporter-toolkit's rule, which no version or cipher alone fulfils."""
        return any((
            self.cert, self.cert_file, self.key, self.key_file,
            self.client_ca, self.client_ca_file, self.client_auth_type,
        ))  # fmt: skip


class Toolkit(Section):
    tls_server_config: TlsServer = TlsServer()
    http_server_config: HttpServer = HttpServer()
    basic_auth_users: dict[str, PasswordHash] = Field(default={}, repr=False)
    rate_limit: RateLimit = RateLimit()

    def response_headers(self) -> dict[str, str]:
        set_by_user = self.http_server_config.headers.model_dump(by_alias=True)
        return {name: value for name, value in set_by_user.items() if value}


def parse(path: Path, document: Document) -> Toolkit:
    """The settings in a YAML document that stands at `path`.

    Raises:
        errors.ConfigErrors: everything that is wrong with it, a line each.
    """
    try:
        return Toolkit.model_validate(document.data)
    except ValidationError as error:
        raise errors.ConfigErrors(errors.of(path, document, error, Toolkit)) from None
