"""What every wire dialect has in common: the request, the stream, and when an answer is whole.

Pure: bytes in, events out. Nothing here knows a socket, a clock or a provider; what differs between
providers that speak one dialect is data (`Quirks`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import quote, urlencode

from pydantic import Field

from ai_provider_exporter.model.measurement import TokenType
from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes import blame
from ai_provider_exporter.probes.dialects import finish as finish_reasons
from ai_provider_exporter.probes.json_fields import encode, parse, parse_all
from ai_provider_exporter.schema.types import Options

AuthStyle = Literal["bearer", "x-api-key", "api-key", "x-goog-api-key", "sigv4", "none"]
Channel = Literal["answer", "reasoning", "tool"]

MAX_DOCUMENT_BYTES = 1 << 18
MAX_ERROR_BYTES = 1 << 14
BLANK = b"\xef\xbb\xbf \t\r\n"  # with the byte order mark


class Quirks(Options):
    """How one provider departs from the dialect it speaks.

    `path` replaces the dialect's path, `{model}` in it stands for the model. `body` is merged into the chat request
    as a JSON merge patch (RFC 7396: null takes a field out). `headers` are added to every request. `reasoning` is
    the effort to ask for where the probe names none. `output_excludes_reasoning`: the usage counts hidden
    reasoning beside the output tokens, not among them, although both are billed as output.
    """

    max_tokens_field: Literal["max_tokens", "max_completion_tokens"] = Field(
        default="max_tokens", description="name of the field that limits output tokens"
    )
    no_stream_options: bool = Field(default=False, description="true: do not send `stream_options`")
    reasoning: str = Field(default="", description="reasoning effort to request where the probe sets none")
    output_excludes_reasoning: bool = Field(
        default=False,
        description="true: the reported usage counts hidden reasoning beside the output tokens, not among them",
    )
    path: str = Field(
        default="",
        description="path to send the request to instead of that of the dialect; `{model}` stands for the model",
    )
    body: Mapping[str, Any] = Field(
        default={}, description="JSON merge patch of the chat request; null removes a field"
    )
    headers: Mapping[str, Annotated[str, Field(pattern=r"^[\t -~]*$")]] = Field(
        default={}, description="headers added to every request"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRequest:
    """One question. `reasoning` is the effort; empty leaves it to the provider's own mind."""

    model: str
    prompt: str
    max_output_tokens: int
    reasoning: str = ""
    api_version: str = ""
    quirks: Quirks = field(default_factory=Quirks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What to send, before anybody has signed it; `path` is appended to the base URL and may hold a query."""

    method: str = "POST"
    path: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Event:
    """Tokens. What is not a token (a role, a ping, an empty delta) is no event."""

    channel: Channel
    text: str


@dataclass(slots=True)
class ResponseMetadata:
    """Usage, model, cost and finish reason of an answer; output tokens are as billed, hidden reasoning included."""

    tokens: dict[TokenType, int] = field(default_factory=dict)
    response_model: str = ""
    fingerprint: str = ""
    cost_usd: float | None = None
    server_reported: dict[str, float] = field(default_factory=dict)
    finish: str = ""
    unknown_finish: str = ""  # a finish reason that is not on the list of `finish.py`

    def count(self, **tokens: int | None) -> None:
        """Add the counts that are not None; a later, cumulative count replaces an earlier one."""
        self.tokens.update({kind: n for kind, n in tokens.items() if n is not None})  # type: ignore[misc]


class Stream(ABC):
    """One answer as it comes in.

    A dialect says how documents stand in the bytes (`_documents`, `_last_documents`), what each means (`_take`) and
    what a whole, unstreamed answer looks like (`_take_whole`). The body decides what it is, not its content type: one
    that begins like JSON is read as JSON.
    """

    END: ClassVar[str]  # what ends a whole answer, for the message
    JSON_IS_STREAMED: ClassVar[bool] = False  # the frames of the dialect are JSON themselves

    def __init__(self, quirks: Quirks | None = None) -> None:
        self.quirks = quirks or Quirks()
        self.ended = False
        self.metadata = ResponseMetadata()
        self._answered = False
        self._body: list[bytes] | None = None  # of an answer that is plain JSON
        self._body_bytes = 0
        self._begun = False

    def feed(self, data: bytes) -> list[Event]:
        """Take the next bytes; return the tokens they complete.

        Raises:
            Failure: an error inside the stream, or `malformed_response`.
        """
        if not self._begun and (head := data.lstrip(BLANK)):
            self._begun = True
            if head[:1] in {b"{", b"["} and not self.JSON_IS_STREAMED:
                self._body = []
        if self._body is None:
            return self._tokens(self._documents(data))
        self._body_bytes += len(data)
        if self._body_bytes > MAX_DOCUMENT_BYTES:
            raise Failure("malformed_response", f"a JSON document of more than {MAX_DOCUMENT_BYTES} bytes")
        self._body.append(data)
        if self._body_bytes <= MAX_ERROR_BYTES and data.rstrip(BLANK)[-1:] in {b"}", b"]"}:
            self._refuse_early_error(b"".join(self._body))
        return []

    def flush(self) -> list[Event]:
        """The orderly end of the body has come: the tokens of what no frame has ended; raises as `feed`."""
        if self._body is None:
            return [] if self.ended else self._tokens(self._last_documents())
        documents = parse_all(b"".join(self._body))
        return self.document(documents[0]) if len(documents) == 1 else self._tokens(documents)

    def whole(self, body: bytes) -> list[Event]:
        """Take an answer that came as one JSON document although a stream was asked for; raises as `feed`."""
        return self.document(parse(body))

    def document(self, document: dict[str, Any]) -> list[Event]:
        """Take an answer that is one document; raises as `feed`."""
        _refuse_error(document)
        events = list(self._note(self._take_whole(document)))
        self.ended = True
        return events

    def close(self) -> None:
        """Judge the answer now that nothing more will come. A finish reason ends it as well as an end marker.

        Raises:
            Failure: it has no end, was filtered, failed, or holds no text.
        """
        finish = self.metadata.finish
        outcome = finish_reasons.outcome(finish) if finish else "ok"
        if outcome is None:
            self.metadata.unknown_finish = finish
        elif outcome not in {"ok", "cut_short"}:
            raise Failure(outcome, f"the provider ended the answer with finish reason {finish}")
        if not self.ended and not finish:
            raise Failure("stream_truncated", f"the stream ended without {self.END}")
        if not self._answered and outcome == "cut_short":
            raise Failure(
                "answer_budget_too_small",
                f"no visible text before {finish}; raise max_output_tokens or set reasoning: none",
            )
        if not self._answered:
            raise Failure("empty_answer", f"the answer finished ({finish or 'without a reason'}) with no text")

    def _tokens(self, documents: Iterable[Any]) -> list[Event]:
        events: list[Event] = []
        for document in documents:
            if isinstance(document, dict):
                _refuse_error(document)
            events += self._note(self._take(document))
        return events

    def _refuse_early_error(self, body: bytes) -> None:
        """An error that is whole needs no end of the body: some servers say it and then hang, or break off."""
        try:
            documents = parse_all(body)
        except Failure:
            return  # half a document
        for document in documents:
            _refuse_error(document)

    def _note(self, events: Iterable[Event]) -> Iterator[Event]:
        for event in events:
            if event.text:
                self._answered = self._answered or event.channel != "reasoning"
                yield event

    def _last_documents(self) -> Iterable[Any]:
        """Those that the end of the body completes."""
        return ()

    @abstractmethod
    def _documents(self, data: bytes) -> Iterator[Any]: ...

    @abstractmethod
    def _take(self, document: Any) -> Iterator[Event]: ...

    @abstractmethod
    def _take_whole(self, document: dict[str, Any]) -> Iterator[Event]: ...


def _refuse_error(document: dict[str, Any]) -> None:
    error = blame.error_in(document)
    if error is not None:
        raise blame.in_stream(error)


# --- writing requests -------------------------------------------------------------------------------------

JSON_HEADERS = {"content-type": "application/json", "accept": "text/event-stream, application/json"}


def call(request: ModelRequest, path: str, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Call:
    """Put a request together from the dialect's form and the provider's quirks."""
    return Call(
        path=fill(request.quirks.path or path, request.model),
        headers={**JSON_HEADERS, **(headers or {}), **request.quirks.headers},
        body=encode(merge_patch(body, request.quirks.body)),
    )


def azure_versioned(call: Call, api_version: str) -> Call:
    """Put the API version in the query, as Azure does."""
    return replace(call, path=with_query(call.path, {"api-version": api_version}))


def fill(path: str, model: str) -> str:
    """Put the model, quoted as one segment, where the path says `{model}`."""
    return path.replace("{model}", quote(model, safe=""))


def with_query(path: str, query: Mapping[str, str]) -> str:
    """Append what is not empty to the query of `path`."""
    encoded = urlencode({key: value for key, value in query.items() if value})
    return f"{path}{'&' if '?' in path else '?'}{encoded}" if encoded else path


def merge_patch(document: Any, patch: Any) -> Any:
    """Apply a JSON merge patch: https://www.rfc-editor.org/rfc/rfc7396#section-2."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(document) if isinstance(document, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), value)
    return merged
