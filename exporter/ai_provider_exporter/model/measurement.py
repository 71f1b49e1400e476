"""What one run has learned so far: probe and wire write it, the runner freezes it into an observation.

It is the only mutable thing that a run owns; a failure keeps everything that was measured before it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Literal

from ai_provider_exporter.model.observation import Model, PhaseName, RateLimit, TokenType


@dataclass(slots=True)
class Measurement:
    """Stamps are `time.perf_counter()` seconds; `phase` is where the run is now, None before and after."""

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
    certificate_expires_at: float | None = None
    response_model: str = ""
    fingerprint: str = ""
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

    def redact(self, redact: Callable[[str], str]) -> None:
        """Take secrets out of what the server chose to send: it may echo the key as a name."""
        self.response_model, self.fingerprint = redact(self.response_model), redact(self.fingerprint)
        if self.models is not None:
            self.models = tuple(replace(model, id=redact(model.id)) for model in self.models)

    def end(self, at: float | None = None) -> None:
        """Mark the end of what `duration` means: the end marker of a stream, the last byte of a body."""
        self.ended = perf_counter() if at is None else at
        self.leave(self.ended)
