"""Plays a recorded stream into a dialect, cut in any way, and says what came out."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ai_provider_exporter.model.reasons import OK, Failure
from ai_provider_exporter.probes.dialects import DIALECTS
from ai_provider_exporter.probes.dialects.base import Event, Quirks, Stream

STREAMS = Path(__file__).parent / "streams"


@dataclass(frozen=True)
class Outcome:
    """Texts by channel, the reason, and everything else that the stream says."""

    reason: str
    answer: str
    reasoning: str
    tool: str
    metadata: dict[str, Any]

    @property
    def tokens(self) -> dict[str, int]:
        tokens: dict[str, int] = self.metadata["tokens"]
        return tokens


def recorded() -> list[Path]:
    return sorted(path for path in STREAMS.glob("*/*") if path.is_file())


def play(dialect: str, data: bytes, size: int = 0, quirks: Quirks | None = None) -> Outcome:
    """Feed `data` in pieces of `size` bytes (0: whole), then close."""
    stream = DIALECTS[dialect].Stream(quirks)
    events: list[Event] = []
    reason = _run(stream, data, size or max(1, len(data)), events)
    said = {
        channel: "".join(e.text for e in events if e.channel == channel) for channel in ("answer", "reasoning", "tool")
    }
    return Outcome(reason=reason, metadata=asdict(stream.metadata), **said)


def _run(stream: Stream, data: bytes, size: int, events: list[Event]) -> str:
    try:
        for start in range(0, len(data), size):
            events += stream.feed(data[start : start + size])
            if stream.ended:
                break
        events += stream.flush()
        stream.close()
    except Failure as failure:
        return failure.reason
    return OK
