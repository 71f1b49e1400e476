"""Writes metrics as text: Prometheus 0.0.4 and OpenMetrics 1.0, fast.

Sources: prometheus.io/docs/instrumenting/exposition_formats and the OpenMetrics 1.0 specification, 2026-11.
A general library spends most of its time on label sets that never change: here each one is formatted once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from ai_provider_exporter.model.labels import Pairs

TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"

MetricType = Literal["gauge", "counter", "histogram"]


class Sample(NamedTuple):
    """`labels` in the order they are written, or as `label_text`; `suffix` is that of a histogram's sample."""

    labels: Pairs | str
    value: float
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Family:
    """All samples of one metric. A counter's `name` carries its `_total`."""

    name: str
    type: MetricType
    help: str
    samples: Iterable[Sample] = ()
    lines: bytes = b""
    """Samples that are written already; they are the same in both formats."""


def negotiate(accept: str) -> str:
    """The content type to answer an Accept header with; never a version that we do not write."""
    for choice in accept.split(","):
        media, *parameters = (part.strip() for part in choice.split(";"))
        if media == "application/openmetrics-text" and _is_1_0(parameters):
            return OPENMETRICS
    return TEXT


def _is_1_0(parameters: Sequence[str]) -> bool:
    versions = [p.removeprefix("version=").strip('"') for p in parameters if p.startswith("version=")]
    return versions in ([], ["1.0.0"]) and not any(is_zero_weight(p) for p in parameters)


def is_zero_weight(parameter: str) -> bool:
    """Whether this weight means "not acceptable": `q=0`, with up to three decimals (RFC 9110, 12.4.2)."""
    return parameter in {"q=0", "q=0.", "q=0.0", "q=0.00", "q=0.000"}


def write(families: Iterable[Family], content_type: str = TEXT) -> bytes:
    """The whole body. A family without samples is left out."""
    openmetrics = content_type == OPENMETRICS
    parts: list[bytes] = []
    for family in families:
        lines = family.lines or lines_of(family.name, family.samples)
        if lines:
            parts += [_header(family, openmetrics=openmetrics), lines]
    if openmetrics:
        parts.append(b"# EOF\n")
    return b"".join(parts)


def _header(family: Family, *, openmetrics: bool) -> bytes:
    title = family.name.removesuffix("_total") if openmetrics and family.type == "counter" else family.name
    return f"# HELP {title} {escape_help(family.help)}\n# TYPE {title} {family.type}\n".encode()


def lines_of(name: str, samples: Iterable[Sample]) -> bytes:
    """A line for each sample."""
    lines = [f"{name}{suffix}{_braced(labels)} {number(value)}\n" for labels, value, suffix in samples]
    return "".join(lines).encode(errors="replace")  # a lone surrogate of a stranger's JSON must not cost the scrape


def _braced(labels: Pairs | str) -> str:
    text = labels if isinstance(labels, str) else label_text(labels)
    return f"{{{text}}}" if text else ""


_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")  # all but the line feed, which the format escapes


def label_text(labels: Pairs) -> str:
    """`a="1",b="2"`; an empty value is left out, as an empty label is no label."""
    return _TEXTS[labels]


class LabelTexts(dict[Pairs, str]):
    """The text of each label set that was written; forgotten as a whole at `MAX_CACHED_BYTES`.

    Bounded by bytes and not by entries: pages of strangers write some of the labels, and may write new ones each time.
    """

    def __init__(self) -> None:
        super().__init__()
        self.bytes = 0

    def __missing__(self, labels: Pairs) -> str:
        text = ",".join(f'{name}="{escape_label(value)}"' for name, value in labels if value)
        self.bytes += _ENTRY_BYTES + 5 * len(text)  # the text, and the values again, each of up to four bytes
        if self.bytes > MAX_CACHED_BYTES:
            self.clear()
            self.bytes = 0
        self[labels] = text
        return text


MAX_CACHED_BYTES = 24 << 20
_ENTRY_BYTES = 500  # of the tuples
_TEXTS = LabelTexts()


def escape_label(value: str) -> str:
    return _CONTROL.sub("\ufffd", value).replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def escape_help(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def number(value: float) -> str:
    """As Go writes it: `1.0`, `1e-05`, `+Inf`, `NaN`."""
    if type(value) is int:
        return f"{value}.0"
    text = repr(float(value))
    return _SPECIAL.get(text, text)


_SPECIAL = {"inf": "+Inf", "-inf": "-Inf", "nan": "NaN"}
