"""What every block of the configuration is made of: one strict, frozen base and the shared kinds of value.

Options stand beside the code that uses them; config/load.py puts them together and is the only one that reads
files and environment. A `Secret` here says where a secret is, never what it is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Annotated, Any, Self, TypeVar
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

_T = TypeVar("_T")

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")


class Options(BaseModel):
    """Unknown keys are errors, nothing is coerced, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, validate_default=True, defer_build=True)


def parse_duration(value: Any) -> Any:
    """Turn `1m30s` into seconds; leave what is already a number to pydantic.

    Raises:
        ValueError: not a duration; the message says what to write.
    """
    if not isinstance(value, str):
        return value
    parts = _DURATION.findall(value)
    if not parts or "".join(number + unit for number, unit in parts) != value:
        raise ValueError(f"{value!r} is not a duration; write a number with a unit, such as 30s, 5m or 1h30m")
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def parse_positive_duration(text: str) -> float:
    """Seconds.

    Raises:
        ValueError: not a duration, or zero; the message says what to write.
    """
    seconds: float = parse_duration(text)
    return _positive(seconds)


def format_duration(seconds: float) -> str:
    """The shortest exact spelling: 90.0 -> `1m30s`, 0.5 -> `500ms`."""
    milliseconds = round(seconds * 1000)
    parts = []
    for unit in ("d", "h", "m", "s", "ms"):
        count, milliseconds = divmod(milliseconds, round(_UNITS[unit] * 1000))
        parts += [f"{count}{unit}"] if count else []
    return "".join(parts) or "0s"


def format_usd(usd: float) -> str:
    """Cents from a cent up, two digits below: 1.5 -> `$1.50`, 0.000123 -> `$0.00012`; only zero is `$0.00`."""
    cent = 0.01
    if usd >= cent or usd == 0:
        return f"${usd:.2f}"
    return f"${usd:.{1 - math.floor(math.log10(usd))}f}"


def count(number: int, noun: str) -> str:
    """`1 probe`, `2 probes`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def split_http_url(value: str, *, example: str) -> SplitResult:
    """The parts of an http or https URL.

    Raises:
        ValueError: it is none; the message says what to write, such as `example`.
    """
    if not re.fullmatch(r"[!-~]*", value):
        raise ValueError("holds a character that no URL has; percent-encode it, and write a host in its xn-- form")
    try:
        url = urlsplit(value)
    except ValueError:  # brackets that hold no IPv6 address
        url = urlsplit("")
    check_port(url)
    if url.scheme not in {"http", "https"} or not url.hostname:
        raise ValueError(f"is not an http or https URL; write one such as {example}")
    if url.username is not None or url.password is not None:
        raise ValueError("holds a user or password, which everybody could read; take it out of the URL")
    return url


def check_port(url: SplitResult) -> None:
    """Raise ValueError if the port is none."""
    try:
        _ = url.port
    except ValueError:
        raise ValueError("has a port that is no number up to 65535; correct it") from None


def _positive(value: float) -> float:
    if not 0 < value < math.inf:
        raise ValueError("must be greater than zero; write a duration such as 30s")
    return value


_DURATION_SCHEMA = WithJsonSchema({"type": ["string", "number"], "pattern": f"^({_DURATION.pattern})+$"})
Duration = Annotated[float, BeforeValidator(parse_duration), _DURATION_SCHEMA]
"""Seconds; written as `30s`, `5m`, `1h30m`, `500ms` or a plain number of seconds."""

PositiveDuration = Annotated[Duration, AfterValidator(_positive)]


def _name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise ValueError(
            "is not a name; use letters, digits, dots, dashes and underscores, 63 at most, the first a letter or digit"
        )
    return value


Name = Annotated[str, AfterValidator(_name), WithJsonSchema({"type": "string", "pattern": f"^{_NAME.pattern}$"})]
"""Of a probe or a provider: letters, digits, dot, dash and underscore, 63 at most."""


Many = Annotated[tuple[_T, ...], Field(strict=False)]
"""A list; frozen, as all options are."""


def _web_url(value: str) -> str:
    split_http_url(value, example="https://api.example/v1")
    if blanks := re.findall(r"\{\w*\}", value[:2000]):
        raise ValueError(f"still has {' and '.join(dict.fromkeys(blanks))} in it; write your own in that place")
    return value.partition("#")[0]


def _http_url(value: str) -> str:
    url = _web_url(value)
    return url if "?" in url else url.rstrip("/")


WebUrl = Annotated[str, AfterValidator(_web_url)]
"""A URL that is requested as it is written."""

HttpUrl = Annotated[str, AfterValidator(_http_url)]
"""A URL to which paths are appended: without slashes at its end."""


def _listed(value: Any) -> Any:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value


OneOrMany = Annotated[
    tuple[_T, ...], BeforeValidator(_listed, json_schema_input_type=str | list[str] | None), Field(strict=False)
]
"""A text, or a list of texts."""
HeaderName = Annotated[str, Field(pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")]
HeaderValue = Annotated[str, Field(pattern=r"^[\t -~]*$")]


def near(written: str, names: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """The name that was probably meant, None if there is none like it."""
    return next(iter(get_close_matches(written, list(names), n=1, cutoff=cutoff)), None)


def suggestion(written: str, names: Iterable[str]) -> str:
    """What to write instead of an unknown word: the one that was meant, or what there is."""
    choices = sorted(names)
    meant = near(written, choices)
    return f"did you mean {meant}?" if meant else f"write one of: {', '.join(choices)}"


class KeyedError(ValueError):
    """What a rule about a whole block says of one key of it, at which the error then points."""

    def __init__(self, key: str, sentence: str) -> None:
        super().__init__(sentence)
        self.key = key


class Secret(Options):
    """Where a secret is: exactly one of `env` and `file`. A file is read again when it changes."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["env"]}, {"required": ["file"]}]})

    env: str | None = Field(default=None, description="name of an environment variable")
    file: str | None = Field(default=None, description="path of a file")

    @model_validator(mode="before")
    @classmethod
    def _no_literal(cls, value: Any) -> Any:
        if isinstance(value, str):
            # The text itself may be the key: it must not be repeated in the message.
            raise ValueError("a secret is never written in this file; write {env: NAME} or {file: PATH}")  # noqa: TRY004
        return value

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.env is None) == (self.file is None):
            raise ValueError("needs exactly one of env and file; write {env: NAME} or {file: PATH}")
        return self
