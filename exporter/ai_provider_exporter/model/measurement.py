"""What one run measures: the record that every rendering shows, and what a run writes it into.

A new measured field is a line in `Measured` and one in `Measurement`; the probe that measures it fills it. The
observation, `probe --json`, the API and the terminal take it from the record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from time import perf_counter
from types import MappingProxyType
from typing import Any, Literal, get_args

PhaseName = Literal["dns", "connect", "tls", "send", "headers", "first_token", "stream"]
PHASES: tuple[PhaseName, ...] = get_args(PhaseName)
TokenType = Literal["input", "output", "reasoning", "cached"]
TOKEN_TYPES: tuple[TokenType, ...] = get_args(TokenType)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """One limit as the provider's headers state it."""

    limit: float | None = None
    remaining: float | None = None
    reset_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One entry of a provider's model list."""

    id: str
    retires_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What every rendering of a run shows. Seconds and US dollars; what was not measured is None or left out."""

    http_status: int | None = None
    duration_seconds: float = 0.0
    phases: Mapping[PhaseName, float] = field(default_factory=lambda: MappingProxyType({}))
    time_to_first_token_seconds: float | None = None
    time_to_first_answer_seconds: float | None = None
    longest_stall_seconds: float | None = None
    tokens: Mapping[TokenType, int] = field(default_factory=lambda: MappingProxyType({}))
    cost_usd: float | None = None
    answer_correct: bool | None = None

    def measured_values(self) -> dict[str, Any]:
        """Field -> value; a mapping has every key that it may have, None where nothing was measured."""
        shown = {name: getattr(self, name) for name in MEASURED}
        return shown | {name: {key: shown[name].get(key) for key in keys} for name, keys in _KEYS.items()}


MEASURED: tuple[str, ...] = tuple(field.name for field in fields(Measured))
_KEYS: dict[str, tuple[str, ...]] = {"phases": PHASES, "tokens": TOKEN_TYPES}


@dataclass(slots=True)
class Measurement:
    """What one run has learned so far: probe and wire write it, the runner freezes it into an observation.

    It is the only mutable thing that a run owns; a failure keeps everything that was measured before it. Stamps are
    `time.perf_counter()` seconds; `phase` is where the run is now, None before and after.
    """

    started: float = field(default_factory=lambda: perf_counter())  # noqa: PLW0108  # a test may turn the clock
    phase: PhaseName | None = None
    phase_started: float = 0.0
    phases: dict[PhaseName, float] = field(default_factory=dict)
    http_status: int | None = None
    first_token: float | None = None
    first_answer: float | None = None
    ended: float | None = None
    longest_stall_seconds: float | None = None
    time_per_output_token_seconds: float | None = None
    output_tokens_per_second: float | None = None
    server_reported_seconds: dict[str, float] = field(default_factory=dict)
    tokens: dict[TokenType, int] = field(default_factory=dict)
    cost_usd: float | None = None
    answer_correct: bool | None = None
    rate_limits: dict[str, RateLimit] = field(default_factory=dict)
    retry_after_seconds: float | None = None
    certificate_expires_at: float | None = None  # the earliest of all that were sent, on every hop
    leaf_certificate_expires_at: float | None = None  # the earliest of the servers' own
    remarks: list[str] = field(default_factory=list)  # what a success is worth saying, too
    response_model: str = ""
    fingerprint: str = ""
    unknown_finish: str = ""  # a finish reason that is on no list
    models: tuple[Model, ...] | None = None
    connection: Literal["cold", "warm"] = "cold"
    headers: Mapping[str, str] = field(default_factory=dict)  # of the answer, for who debugs a probe

    def enter(self, phase: PhaseName, at: float | None = None) -> None:
        """End the phase that was under way and begin `phase`, at the same instant."""
        now = perf_counter() if at is None else at
        self.leave(now)
        self.phase, self.phase_started = phase, now

    def leave(self, at: float | None = None) -> None:
        """End the phase that was under way, if any."""
        if self.phase is not None:
            now = perf_counter() if at is None else at
            self.phases[self.phase] = self.phases.get(self.phase, 0.0) + now - self.phase_started
            self.phase = None

    def record_expiry(self, *, leaf: float, earliest: float) -> None:
        """Keep the expiry of the certificates of one connection (Unix seconds), if it comes before the others."""
        self.certificate_expires_at = min(earliest, self.certificate_expires_at or earliest)
        self.leaf_certificate_expires_at = min(leaf, self.leaf_certificate_expires_at or leaf)

    def redact(self, redact: Callable[[str], str]) -> None:
        """Take secrets out of what the server chose to send: it may echo the key as a name."""
        self.response_model, self.fingerprint = redact(self.response_model), redact(self.fingerprint)
        self.unknown_finish = redact(self.unknown_finish)
        if self.models is not None:
            self.models = tuple(replace(model, id=redact(model.id)) for model in self.models)

    def end(self, at: float | None = None) -> None:
        """Mark the end of what `duration` means: the end marker of a stream, the last byte of a body."""
        self.ended = perf_counter() if at is None else at
        self.leave(self.ended)

    @property
    def duration_seconds(self) -> float:
        return self._since_start(self.ended) or 0.0

    @property
    def time_to_first_token_seconds(self) -> float | None:
        return self._since_start(self.first_token)

    @property
    def time_to_first_answer_seconds(self) -> float | None:
        return self._since_start(self.first_answer)

    def frozen(self, *names: str) -> dict[str, Any]:
        """The values of these fields as nobody can change them any more."""
        values = {name: getattr(self, name) for name in names}
        return {name: MappingProxyType({**v}) if isinstance(v, dict) else v for name, v in values.items()}

    def _since_start(self, stamp: float | None) -> float | None:
        return None if stamp is None else stamp - self.started
