"""One error answer, as the rules see it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from ai_provider_exporter.probes.blame.statement import Statement

_LIMIT_CODES = frozenset({
    "resource_exhausted", "rate_limit_exceeded", "rate_limit_error", "ratelimiterror", "rate_limited",
    "too_many_requests", "too_many_requests_error", "throttlingexception", "throttling", "google.rpc.quotafailure",
})  # fmt: skip
_LIMIT_WORDS = re.compile(r"limit|quota|too many|throttl|exceed|exhaust")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`status` is that of the answer or the one that it wraps; 0 for an error inside a stream that names none.

    `dialect` is empty for what is no API.
    """

    status: int
    headers: Mapping[str, str]
    statement: Statement
    dialect: str
    is_html: bool

    @property
    def is_limit(self) -> bool:
        """It is about a limit at all: by its status, its codes or its words."""
        has_code = not _LIMIT_CODES.isdisjoint(self.statement.codes)
        has_words = bool(_LIMIT_WORDS.search(self.statement.text))
        return self.status == HTTPStatus.TOO_MANY_REQUESTS or has_code or has_words

    @property
    def has_quota_details(self) -> bool:
        """Google names the quota that was exceeded: then it is ours."""
        return "google.rpc.quotafailure" in self.statement.codes

    @property
    def nothing_remains(self) -> bool:
        """A rate-limit header of ours stands at 0; `RateLimit: "x";r=0` is the IETF's draft."""
        return any(
            ("ratelimit" in name and "remaining" in name and value.strip() in {"0", "0.0"})
            or (name == "ratelimit" and re.search(r"\b(?:r|remaining)=0\b", value) is not None)
            or (name.startswith("anthropic-ratelimit-") and value.strip() == "rejected")
            for name, value in self.headers.items()
        )
