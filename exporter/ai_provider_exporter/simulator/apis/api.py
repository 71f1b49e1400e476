"""What every API is made of: routes that turn an Ask into a Reply, and its own words for a refusal.

An API never writes to a socket and knows no time but `unix`: it says what to send, the player sends it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ai_provider_exporter.simulator.composing import Spoken, compose
from ai_provider_exporter.simulator.quota import Allowance
from ai_provider_exporter.simulator.scenario import Key, Operation, Provider, Refused
from ai_provider_exporter.simulator.server import Request
from ai_provider_exporter.simulator.tempo import Tempo
from ai_provider_exporter.simulator.truth import Tokens

Channel = Literal["", "reasoning", "text"]
NO_TOKENS = Tokens()


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """A request as an API sees it; `http` is how it came."""

    http: Request
    provider: Provider
    captured: Mapping[str, str]  # what the {names} of the route matched
    number: int  # of this request since the start
    unix: float
    tempo: Tempo
    memory: dict[str, Any]  # of the provider, between requests
    allowance: Allowance | None = None
    failure: str | None = None  # how the answer is to go wrong, if it is the API that spoils it

    @property
    def json(self) -> dict[str, Any]:
        """Return the body.

        Raises:
            BadRequestError: it is no JSON object.
        """
        try:
            document = json.loads(self.http.body)
        except ValueError:
            raise BadRequestError("We could not parse the JSON body of your request.") from None
        if not isinstance(document, dict):
            raise BadRequestError("The body must be a JSON object.")
        return document

    def compose(self, prompt: str, *, limit: int | None, thinks: bool = True) -> Spoken:
        return compose(prompt, self.provider.answer, limit=limit, thinks=thinks, failure=self.failure)

    def id(self, prefix: str, length: int = 24) -> str:
        """Return an identifier of this request, the same in every run."""
        return f"{prefix}{self.number:0{length}x}"


class BadRequestError(Exception):
    """The request is not one that the API accepts; the text is for its error body."""


@dataclass(frozen=True, slots=True)
class Frame:
    data: bytes
    channel: Channel = ""  # of the tokens in it; empty: it carries none


@dataclass(frozen=True, slots=True)
class Reply:
    frames: Sequence[Frame]  # one for what is not streamed
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    tokens: Tokens = NO_TOKENS
    streams: bool = False
    keepalive: bytes = b""  # what may be sent while nothing is to say
    errors: Mapping[str, bytes] = field(default_factory=dict)  # frames for stream_error, stream_overloaded
    websocket: bool = False  # the frames are messages, sent once the protocol has been switched
    spoilt: bool = False  # a failure has its effect in the frames already: nothing more is to break
    timing: tuple[str, str] = ("", "")  # header in which the server says how long it took, and its form


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    path: str  # behind the base; {name} is one segment, or a part of one
    operation: Operation | Callable[[Request], Operation]  # some paths serve several
    play: Callable[[ApiRequest], Reply]

    def operation_of(self, request: Request) -> Operation:
        return self.operation if isinstance(self.operation, str) else self.operation(request)


@dataclass(frozen=True, slots=True)
class Api:
    base: str  # where it lives, unless the provider says so
    routes: tuple[Route, ...]
    identify: Callable[[Request, Sequence[Key]], Key | None]
    refuse: Callable[[ApiRequest, Refused, str], Reply]  # the text is the message; empty: the API's own


def has_model(request: ApiRequest, model: object) -> bool:
    """Tell whether `model` can be asked; a provider without a list has every model."""
    cards = request.provider.models
    return not cards or any(card.id == model and card.lifecycle != "retired" for card in cards)


def text_of(content: Any) -> str:
    """Return the text of a message, which is a string or a list of parts."""
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content)
    return str(content)


def reply(body: bytes, content_type: str, **rest: Any) -> Reply:
    return Reply((Frame(body),), content_type=content_type, **rest)


def json_reply(document: Any, **rest: Any) -> Reply:
    return reply(json.dumps(document).encode(), "application/json", **rest)


def event(document: Any, name: str = "") -> bytes:
    """Return one server-sent event; `name` becomes its `event:` line."""
    line = f"event: {name}\n" if name else ""
    return f"{line}data: {json.dumps(document)}\n\n".encode()


def anybody(_: Request, __: Sequence[Key]) -> Key:
    """Let everybody in: some things need no key."""
    return Key(key="")


def by_header(*names: str) -> Callable[[Request, Sequence[Key]], Key | None]:
    """Look for the key in the headers `names`, a Bearer word before it or not."""

    def identify(request: Request, keys: Sequence[Key]) -> Key | None:
        given = {request.headers.get(name, "").removeprefix("Bearer ") for name in names}
        return next((key for key in keys if key.key in given), None)

    return identify
