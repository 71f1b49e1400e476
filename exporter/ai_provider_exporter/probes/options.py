"""What every probe and every API probe can be told; what a single kind adds stands beside its code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from ai_provider_exporter.model.observation import ProbeId
from ai_provider_exporter.probes.dialects import DIALECTS
from ai_provider_exporter.probes.dialects.base import AuthStyle, Quirks
from ai_provider_exporter.probes.prices import Price
from ai_provider_exporter.schema.types import Name, Options, PositiveDuration, Secret, check_port, split_http_url

DialectName = Literal["openai_chat", "openai_responses", "anthropic", "gemini", "bedrock", "cohere", "ollama"]
PROXY_SCHEMES = ("http", "https", "socks5", "socks5h")
_OUR_LABELS = frozenset({"probe", "provider", "kind", "model", "location", "tier", "dialect", "connection"})

_T = TypeVar("_T")
Many = Annotated[tuple[_T, ...], Field(strict=False)]  # YAML has lists; ours are frozen


def _http_url(value: str) -> str:
    url = split_http_url(value, example="https://api.example/v1")
    if url.username is not None or url.password is not None:
        raise ValueError("holds a user or password; take it out of the URL and write it as {env: NAME}")
    if "{" in value:
        raise ValueError("still has a {blank}; write base_url with your own resource, region or account in it")
    return value.rstrip("/") if not url.query else value


HttpUrl = Annotated[str, AfterValidator(_http_url)]
HeaderName = Annotated[str, Field(pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")]
HeaderValue = Annotated[str, Field(pattern=r"^[\t -~]*$")]


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"is not a regular expression: {error}; correct it") from None
    return value


Pattern = Annotated[str, AfterValidator(_pattern)]
"""A regular expression; it is searched for anywhere in a text."""


class Egress(Options):
    """The way out: through a proxy, or over one family of addresses. `location` names it in the metrics."""

    proxy: str | Secret | None = None
    ip: Literal[4, 6] | None = None

    @model_validator(mode="after")
    def _is_a_proxy(self) -> Self:
        if not isinstance(self.proxy, str):
            return self
        url = urlsplit(self.proxy)
        if url.scheme not in PROXY_SCHEMES or not url.hostname:
            raise ValueError(f"proxy needs one of {', '.join(PROXY_SCHEMES)}, such as socks5h://vpn-us:1080")
        check_port(url)
        if url.password is not None:
            raise ValueError("a proxy with a password is a secret; write proxy: {env: NAME} or {file: PATH}")
        return self


class Tls(Options):
    """Of the connection to the endpoint: PEM files, and the name in SNI and certificate if not the URL's host."""

    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None
    server_name: str = ""

    @model_validator(mode="after")
    def _key_needs_certificate(self) -> Self:
        if self.key_file is not None and self.cert_file is None:
            raise ValueError("key_file needs its cert_file; write both")
        return self


class ProbeOptions(Options):
    """Of every kind. `name` is the `probe` label; `labels` appear on ai_probe_info only; `debug` logs each run."""

    CHATS: ClassVar[bool] = False  # whether a model to chat with is what this kind needs

    name: Name
    provider: Name
    kind: str
    interval: PositiveDuration = 60.0
    timeout: PositiveDuration = 30.0
    location: str = ""
    tier: str = ""
    labels: Mapping[Annotated[str, Field(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$")], str] = {}
    debug: bool = False
    egress: Egress = Egress()

    @model_validator(mode="after")
    def _labels_are_free(self) -> Self:
        taken = sorted(_OUR_LABELS & set(self.labels))
        if taken:
            raise ValueError(f"labels: {', '.join(taken)} is a label already; choose another name")
        return self

    @property
    def endpoint_host(self) -> str:
        """Whom it asks; empty where the configuration does not say."""
        return ""

    @property
    def id(self) -> ProbeId:
        return ProbeId(
            probe=self.name,
            provider=self.provider,
            kind=self.kind,
            model=getattr(self, "model", None) or "",
            location=self.location,
            tier=self.tier,
        )


class Timeouts(Options):
    """Patience inside `timeout`: from the start to the first token, and between tokens. Pings do not count."""

    first_token: PositiveDuration | None = None
    stall: PositiveDuration = 10.0


class Aws(Options):
    """Keys that sign requests (SigV4)."""

    region: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    access_key_id: Secret
    secret_access_key: Secret
    session_token: Secret | None = None
    service: str = "bedrock"


class Google(Options):
    """A service account's key file, traded for access tokens."""

    service_account: Secret
    scope: str = "https://www.googleapis.com/auth/cloud-platform"
    token_url: HttpUrl = "https://oauth2.googleapis.com/token"  # noqa: S105  # an address, no secret


class Entra(Options):
    """An application of Microsoft Entra, traded for access tokens (client credentials)."""

    tenant_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]+$")]
    client_id: str
    client_secret: Secret
    scope: str = "https://ai.azure.com/.default"
    authority: HttpUrl = "https://login.microsoftonline.com"


class Endpoint(ProbeOptions):
    """Where an API is and how it knows us: one of `api_key`, `aws`, `google` and `entra`, or none of them.

    `auth` is how `api_key` is sent; left out: as the dialect does.
    """

    base_url: HttpUrl
    dialect: DialectName = "openai_chat"
    auth: AuthStyle | None = None
    api_key: Secret | None = None
    aws: Aws | None = None
    google: Google | None = None
    entra: Entra | None = None
    api_version: str = ""
    quirks: Quirks = Quirks()
    tls: Tls = Tls()
    connection: Literal["cold", "warm"] = "cold"

    @model_validator(mode="after")
    def _one_credential(self) -> Self:
        given = [name for name in ("api_key", "aws", "google", "entra") if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"{' and '.join(given)} are two ways to be known; keep one of them")
        if self.auth == "sigv4" and self.aws is None:
            raise ValueError("auth: sigv4 needs aws: {region, access_key_id, secret_access_key}")
        if self.auth == "none" and given:
            # The word may be the catalog's: APIs of one's own machine want no key until somebody sets one.
            raise ValueError(f"{given[0]} is not sent with auth: none; write auth: bearer, or take {given[0]} out")
        return self

    @property
    def auth_style(self) -> AuthStyle:
        """How the key is sent: as configured, else as the dialect does."""
        return self.auth or DIALECTS[self.dialect].AUTH

    @property
    def endpoint_host(self) -> str:
        return urlsplit(self.base_url).hostname or ""


ENVELOPE_TOKENS = 64  # a short input, roles and templates, with room to spare


class ApiOptions(Endpoint):
    """An endpoint and a model behind it."""

    model: Annotated[str, Field(min_length=1)]
    price: Price | None = None

    @property
    def most_tokens(self) -> tuple[int, int] | None:
        """Input and output tokens that one run may be billed for at most; None where text is not what is billed."""
        return ENVELOPE_TOKENS, 0


class CallOptions(ApiOptions):
    """Of the kinds that are one call: `path` and `body` (a JSON merge patch) change what would be sent."""

    path: str = ""
    body: Mapping[str, Any] = {}


class Expect(Options):
    """What a right answer to a prompt contains; a wrong one is no failure, it clears `answer_correct`."""

    contains: str | None = None
