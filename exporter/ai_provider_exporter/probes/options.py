"""Options that all probes share, and those of API probes; what one kind adds stands beside its code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from ai_provider_exporter.model.labels import INFO_LABELS, reserved
from ai_provider_exporter.model.observation import ProbeId
from ai_provider_exporter.model.reasons import Ownership
from ai_provider_exporter.probes.credential_options import Aws, Entra, Google
from ai_provider_exporter.probes.dialects import DIALECTS, DialectName
from ai_provider_exporter.probes.dialects.base import AuthStyle, Quirks
from ai_provider_exporter.probes.egress_options import Egress
from ai_provider_exporter.probes.prices import Price
from ai_provider_exporter.probes.region import region_of
from ai_provider_exporter.schema.types import (
    HttpUrl,
    KeyedError,
    Name,
    Options,
    PositiveDuration,
    Secret,
)


class Tls(Options):
    """Of the connection to the endpoint: PEM files, and the name in SNI and certificate if not the URL's host."""

    ca_file: str | None = Field(
        default=None, description="PEM file of trusted CA certificates; null: those of the system"
    )
    cert_file: str | None = Field(default=None, description="PEM file of the client certificate")
    key_file: str | None = Field(default=None, description="PEM file of the client certificate's private key")
    server_name: str = Field(default="", description="name in SNI and certificate; empty: the host of the URL")
    trusts_system: bool = Field(
        default=False, description="true: trust the system's CA certificates beside those of `ca_file`"
    )
    insecure_skip_verify: bool = Field(
        default=False, description="true: accept any certificate; its expiry is told all the same"
    )

    @model_validator(mode="after")
    def _key_needs_certificate(self) -> Self:
        if self.key_file is not None and self.cert_file is None:
            raise KeyedError("key_file", "needs its cert_file; write both")
        return self


class Objectives(Options):
    """A success that takes longer is slow; without an objective, one that takes far longer than is usual for it."""

    first_token: PositiveDuration | None = Field(default=None, description="from the start to the first token")
    duration: PositiveDuration | None = Field(default=None, description="from the start to the end of the answer")

    @property
    def limits(self) -> dict[str, float]:
        """Objective -> seconds, of those that are set."""
        return {name: seconds for name, seconds in self.model_dump().items() if seconds is not None}


class ProbeOptions(Options):
    """Of every kind. `name` is the `probe` label; `labels` appear on ai_probe_info only; `debug` logs each run."""

    CHATS: ClassVar[bool] = False  # whether a model to chat with is what this kind needs
    BACKS_OFF: ClassVar[bool] = True  # whether a refusal makes runs rarer: not where they cost nothing

    name: Name = Field(description="unique; the `probe` label")
    provider: Name = Field(description="name of a catalog entry, or of your own; the `provider` label")
    kind: str = Field(description="what to probe, see the tables below; the `kind` label")
    interval: PositiveDuration = Field(default=60.0, description="time between two runs; left out: as in `defaults`")
    timeout: PositiveDuration = Field(
        default=30.0, description="longest duration of one run, within the interval; left out: as in `defaults`"
    )
    location: str = Field(default="", description="where the probe runs, a label; left out: as in `defaults`")
    tier: str = Field(
        default="", description="free text, such as `paid`; a label, for probes that differ only in their key"
    )
    labels: Mapping[Annotated[str, Field(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$")], str] = Field(
        default={}, description="labels of your own; they appear only on `ai_probe_info`"
    )
    confirm_interval: PositiveDuration | None = Field(
        default=None,
        description="time to the next run after a failure, three times at most; null: a quarter of the interval",
    )
    objectives: Objectives = Field(default=Objectives(), description="what counts as fast enough")
    ownership: Ownership = Field(
        default="provider", description="who runs the server: what it gets wrong is the `provider`'s fault, or `ours`"
    )
    debug: bool = Field(default=False, description="true: log the phases and response headers of each run")
    egress: Egress = Field(default=Egress(), description="how the probe leaves this network")

    @field_validator("labels")
    @classmethod
    def _are_free(cls, labels: Mapping[str, str]) -> Mapping[str, str]:
        taken = reserved(labels)
        if taken:
            raise ValueError(f"{', '.join(taken)} is reserved for this exporter or for Prometheus; choose another name")
        return labels

    @property
    def endpoint_host(self) -> str:
        """The host it connects to; empty where the configuration does not name one."""
        return ""

    @property
    def model_label(self) -> str:
        """The model; empty for kinds that have none."""
        return ""

    @property
    def dialect_label(self) -> str:
        """The dialect; empty for kinds that speak none."""
        return ""

    @property
    def connection_label(self) -> str:
        """`cold` or `warm`; empty for kinds that have no choice."""
        return ""

    @property
    def region(self) -> str:
        """The region of its endpoint; empty where nothing says it."""
        return ""

    @property
    def credential(self) -> str:
        """Which of our credentials it shows, by where that is configured and never by its value; empty: none."""
        return ""

    @property
    def info(self) -> Mapping[str, str]:
        """The labels of `ai_probe_info` beside those of the probe: INFO_LABELS, then the user's."""
        own = (self.dialect_label, self.endpoint_host, self.region, self.connection_label)
        return {**dict(zip(INFO_LABELS, own, strict=True)), **self.labels}

    @property
    def tls_options(self) -> Tls | None:
        """TLS of its connection; None in plain text."""
        return None

    def named(self, hostname: str) -> Self:  # noqa: ARG002  # of the kinds that have a name to ask for
        """The same, asking the server for that name (Host, SNI and certificate) in place of the target's."""
        return self

    def module_conflicts(self) -> Iterator[tuple[str, str]]:
        """Keys that do not go with a target that changes, and what to write instead."""
        yield from ()

    @property
    def id(self) -> ProbeId:
        return ProbeId(
            probe=self.name,
            provider=self.provider,
            kind=self.kind,
            model=self.model_label,
            location=self.location,
            tier=self.tier,
        )


class Timeouts(Options):
    """Shorter limits inside `timeout`: from the start to the first token, and between tokens. Pings do not count."""

    first_token: PositiveDuration | None = Field(
        default=None,
        description="from the start of the run to the first token; pings are no tokens; null: as `timeout`",
    )
    stall: PositiveDuration = Field(default=10.0, description="longest gap between two tokens")


class Endpoint(ProbeOptions):
    """Where an API is, and our credential: one of `api_key`, `aws`, `google` and `entra`, or none.

    `auth` is how `api_key` is sent; default: as the dialect does.
    """

    base_url: HttpUrl = Field(description="URL to which the path of the dialect is appended")
    dialect: DialectName = Field(default="openai_chat", description="wire format of the API")
    auth: AuthStyle | None = Field(default=None, description="how the key is sent; null: as the dialect does")
    api_key: Secret | None = Field(default=None, description="API key")
    aws: Aws | None = Field(default=None, description="AWS keys that sign the requests")
    google: Google | None = Field(default=None, description="Google service account")
    entra: Entra | None = Field(default=None, description="application of Microsoft Entra")
    api_version: str = Field(
        default="", description="API version of Azure and Anthropic; empty: the default of the dialect"
    )
    quirks: Quirks = Field(
        default=Quirks(), description="how the server departs from its dialect; the catalog has those of its providers"
    )
    tls: Tls = Field(default=Tls(), description="TLS of the connection to the API")
    connection: Literal["cold", "warm"] = Field(
        default="cold",
        description="`cold`: a new connection for each run; `warm`: one connection kept between runs",
    )

    @model_validator(mode="after")
    def _one_credential(self) -> Self:
        credentials = {"api_key": self.api_key, "aws": self.aws, "google": self.google, "entra": self.entra}
        given = [name for name, credential in credentials.items() if credential is not None]
        if len(given) > 1:
            raise KeyedError(given[1], f"is a second credential beside {given[0]}; keep one of them")
        if self.auth == "sigv4" and self.aws is None:
            raise KeyedError("auth", "is sigv4, which needs aws: {region, access_key_id, secret_access_key}")
        if self.auth == "none" and given:
            # The word may be the catalog's: APIs of one's own machine want no key until somebody sets one.
            raise KeyedError(given[0], f"is not sent with auth: none; write auth: bearer, or take {given[0]} out")
        return self

    @property
    def has_credential(self) -> bool:
        return any((self.api_key, self.aws, self.google, self.entra))

    @property
    def auth_style(self) -> AuthStyle:
        """How the key is sent: as configured, else as the dialect does."""
        return self.auth or DIALECTS[self.dialect].AUTH

    @property
    def endpoint_host(self) -> str:
        return urlsplit(self.base_url).hostname or ""

    @property
    def region(self) -> str:
        return self.aws.region if self.aws is not None else region_of(self.base_url)

    @property
    def credential(self) -> str:
        shown = self.api_key or self.aws or self.google or self.entra
        return "" if shown is None else shown.model_dump_json()

    @property
    def dialect_label(self) -> str:
        return self.dialect

    @property
    def connection_label(self) -> str:
        return self.connection

    @property
    def tls_options(self) -> Tls | None:
        return self.tls if self.base_url.startswith("https:") else None

    def module_conflicts(self) -> Iterator[tuple[str, str]]:
        if self.connection == "warm":
            yield "connection", "targets come and go, so no connection to them is kept; write cold"


ENVELOPE_TOKENS = 64  # a short input, roles and templates, with room to spare


class ApiOptions(Endpoint):
    """An endpoint and a model behind it."""

    model: Annotated[str, Field(min_length=1)] = Field(description="model to request; the `model` label")
    price: Price | None = Field(
        default=None,
        description="price of the model; null: as the provider or the price list states it, else unknown",
    )

    @property
    def model_label(self) -> str:
        return self.model

    @property
    def max_tokens(self) -> tuple[int, int] | None:
        """Input and output tokens that one run is billed for at most; None where text is not what is billed."""
        return ENVELOPE_TOKENS, 0


class CallOptions(ApiOptions):
    """Of the kinds that are one call: `path` and `body` (a JSON merge patch) change what would be sent."""

    path: str = Field(default="", description="path to send the request to instead of that of the dialect")
    body: Mapping[str, Any] = Field(
        default={}, description="JSON merge patch of the request body; null removes a field"
    )


class Expect(Options):
    """What a right answer to a prompt contains; a wrong one is no failure, it clears `answer_correct`."""

    contains: str | None = Field(
        default=None,
        description="text of a right answer, see `ai_probe_answer_correct`; null: `OK` for the default prompt",
    )
