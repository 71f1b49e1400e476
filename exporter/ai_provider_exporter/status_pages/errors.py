"""Why a status page could not be read: a closed list, kept apart from the reasons of probes.

A page that cannot be read says nothing about the provider, so these have no fault. Words shared with
`faults.REASONS` mean the same here as there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ai_provider_exporter.model.reasons import PAGE_REASONS
from ai_provider_exporter.schema.text import cut, one_line

OF_THE_HOST = frozenset(
    {
        "dns_error",
        "dns_not_found",
        "connect_refused",
        "connect_timeout",
        "connect_unreachable",
        "tls_certificate",
        "tls_untrusted",
        "tls_handshake",
        "proxy_error",
        "total_timeout",
        "rate_limited",
    }
)
"""Another document of the same host would fail for the same reason."""

OF_THE_PAGE = frozenset({"components_vanished", "identity_mismatch", "stale"})
"""The page was read, and this is what is wrong with it: another document may say less, not better."""

_SAY_LITTLE = {"endpoint_not_found", "bad_request"}


MAX_DETAIL = 500  # characters


class PageFailure(Exception):  # noqa: N818  # the field's word: a read that did not succeed, not an error of ours
    """A page was not read, for a reason of `PAGE_REASONS`; raised below, caught where another route is left.

    `detail` is one sentence for a human, without secrets. `retry_after_seconds` is how long the server asks
    us to stay away, None if it does not say.
    """

    def __init__(self, reason: str, detail: str, *, retry_after_seconds: float | None = None) -> None:
        if reason not in PAGE_REASONS:
            raise ValueError(f"{reason!r} is not one of the reasons in pages.errors.PAGE_REASONS")
        detail = cut(one_line(detail[: 2 * MAX_DETAIL]), MAX_DETAIL)  # it may quote what a page sent
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.retry_after_seconds = retry_after_seconds

    def __reduce__(self) -> tuple[Any, ...]:
        return _failure, (self.reason, self.detail, self.retry_after_seconds)


def _failure(reason: str, detail: str, retry_after_seconds: float | None) -> PageFailure:
    return PageFailure(reason, detail, retry_after_seconds=retry_after_seconds)


def most_specific(failures: Sequence[PageFailure]) -> PageFailure:
    """Of several, the first that says more than that a document is not there."""
    return next((failure for failure in failures if failure.reason not in _SAY_LITTLE), failures[0])
