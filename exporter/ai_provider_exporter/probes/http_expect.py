"""What a response to a plain request must be, and what is not so."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Self

import jmespath
from jmespath.exceptions import JMESPathError
from pydantic import AfterValidator, Field, model_validator

from ai_provider_exporter.probes.pattern import Pattern, cost, matches
from ai_provider_exporter.probes.redaction import redacted_line, snippet
from ai_provider_exporter.schema.types import KeyedError, Many, OneOrMany, Options
from ai_provider_exporter.wire import Headers


def _path(value: str) -> str:
    try:
        jmespath.compile(value)
    except JMESPathError as error:
        raise ValueError(f"is not a JMESPath: {str(error).splitlines()[0]}; correct it") from None
    return value


JsonPath = Annotated[str, AfterValidator(_path)]
"""A JMESPath such as `components[0].status`: https://jmespath.org/specification.html."""


class HttpExpect(Options):
    """Left out: any 2xx. Header names are in any case; a header that came twice has two values."""

    status: Many[Annotated[int, Field(ge=100, le=599)]] = Field(
        default=(), description="status codes that are right; empty: any 2xx"
    )
    contains: OneOrMany[str] = Field(default=(), description="text, or a list of texts, that the body contains")
    not_contains: OneOrMany[str] = Field(
        default=(), description="text, or a list of texts, that the body does not hold"
    )
    regex: OneOrMany[Pattern] = Field(
        default=(), description="regular expression (RE2), or a list, each of which matches in the body"
    )
    not_regex: OneOrMany[Pattern] = Field(
        default=(), description="regular expression, or a list, none of which matches in the body"
    )
    headers: Mapping[str, Pattern] = Field(
        default={},
        description="header name to a regular expression that matches one of its values; it must be there",
    )
    optional_headers: Mapping[str, Pattern] = Field(default={}, description="the same, for headers that may be missing")
    not_headers: Mapping[str, Pattern] = Field(
        default={}, description="header name to a regular expression that none of its values matches"
    )
    json_path: Mapping[JsonPath, str] = Field(default={}, description="JMESPath expression to its value as text")
    tls: bool | None = Field(
        default=None, description="true: the last response came over TLS; false: it did not; null: either"
    )

    @property
    def needs_body(self) -> bool:
        return bool(self.contains or self.not_contains or self.regex or self.not_regex or self.json_path)

    def cost(self, size: int) -> int:
        """How many steps it takes at most to judge a body of so many bytes: JSON takes what 200 instructions do."""
        return cost((*self.regex, *self.not_regex), size) + 200 * size * bool(self.json_path)

    def problems(self, headers: Headers, text: str) -> Iterator[str]:
        """What is not as expected in the headers and in the body as text, one sentence each."""
        yield from self._header_problems(headers)
        if not self.needs_body:
            return
        data = text.encode("utf-8", "replace")
        yield from (f"the body does not contain {wanted!r}" for wanted in self.contains if wanted not in text)
        yield from (f"the body contains {unwanted!r}" for unwanted in self.not_contains if unwanted in text)
        yield from (f"the body does not match {regex!r}" for regex in self.regex if not matches(regex, data))
        yield from (f"the body matches {regex!r}" for regex in self.not_regex if matches(regex, data))
        if self.json_path:
            yield from _json_problems(self.json_path, text)

    def _header_problems(self, headers: Headers) -> Iterator[str]:
        for name, pattern in self.headers.items():
            if name not in headers:
                yield f"the header {name} is missing"
            elif not _one_matches(pattern, headers.get_all(name)):
                yield f"the header {name} does not match {pattern!r}"
        for name, pattern in self.optional_headers.items():
            if name in headers and not _one_matches(pattern, headers.get_all(name)):
                yield f"the header {name} does not match {pattern!r}"
        for name, pattern in self.not_headers.items():
            if _one_matches(pattern, headers.get_all(name)):
                yield f"the header {name} matches {pattern!r}"

    @model_validator(mode="after")
    def _is_no_contradiction(self) -> Self:
        for key in self.not_headers:
            if self.headers.get(key) == self.not_headers[key]:
                raise KeyedError("not_headers", f"says the opposite of headers for {key}; take one of them out")
        return self


def _one_matches(pattern: str, values: list[str]) -> bool:
    return any(matches(pattern, value.encode()) for value in values)


def _json_problems(paths: Mapping[str, str], text: str) -> Iterator[str]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        yield f"the body is not JSON: {snippet(text[:1000].encode())}"
        return
    for path, expected in paths.items():
        try:
            value: Any = jmespath.search(path, document)
        except JMESPathError as error:  # a function met a type that it does not take
            yield f"{path} finds nothing: {redacted_line(str(error))}"
            continue
        actual = value if isinstance(value, str) else json.dumps(value)
        if actual != expected:
            yield f"{path} is {redacted_line(actual)!r}, not {expected!r}"
