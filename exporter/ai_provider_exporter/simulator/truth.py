"""What really happened on the wire: the measure for whoever measured it from outside."""

import json
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class Tokens:
    """What was counted for one answer; `output` is visible tokens only, `cached` is part of `input`."""

    input: int = 0
    output: int = 0
    reasoning: int = 0
    cached: int = 0


@dataclass(slots=True)
class Exchange:
    """One request and what became of it.

    Stamps are `time.perf_counter()` seconds: CLOCK_MONOTONIC on Linux, so two processes on one machine
    can compare theirs. Each is taken just before the write that it names; None: it has not come to that.
    """

    number: int
    provider: str
    method: str
    path: str  # without the query: some APIs take keys there
    operation: str = ""
    tier: str = ""
    location: str = ""
    outcome: str = "ok"  # or the failure that was played
    status: int | None = None
    received: float = 0.0  # the request was there as a whole
    first_byte: float | None = None
    first_token: float | None = None  # of any channel
    first_answer: float | None = None  # first visible token
    last_token: float | None = None
    end: float | None = None  # the last frame, such as the end marker, or the client's leaving
    client_left: bool = False  # before the answer was whole
    tokens: Tokens = field(default_factory=Tokens)


class Truth:
    """The exchanges, oldest first, also those under way; beyond `keep` the oldest are forgotten, and counted.

    Every stamp stands here before the bytes that it is about: who has read an answer finds it stamped.
    """

    def __init__(self, keep: int = 100_000) -> None:
        self._exchanges: deque[Exchange] = deque(maxlen=keep)
        self.forgotten = 0

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self._exchanges)

    def __len__(self) -> int:
        return len(self._exchanges)

    def __getitem__(self, index: int) -> Exchange:
        return self._exchanges[index]

    def append(self, exchange: Exchange) -> None:
        self.forgotten += len(self._exchanges) == self._exchanges.maxlen
        self._exchanges.append(exchange)

    def json_lines(self) -> bytes:
        return b"".join(json.dumps(asdict(exchange)).encode() + b"\n" for exchange in self)
