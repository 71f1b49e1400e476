"""Why a status page could not be read: a closed list, kept apart from the reasons of probes.

A page that cannot be read says nothing about the provider, so these have no fault. Words shared with
`faults.REASONS` mean the same here as there.
"""

from __future__ import annotations

from collections.abc import Sequence

PAGE_REASONS: dict[str, str] = {
    "dns_error": "The resolver failed or timed out.",
    "dns_not_found": "The name of the page's host does not exist.",
    "connect_refused": "The page's host refused the connection.",
    "connect_timeout": "The page's host did not take the connection in time.",
    "connect_unreachable": "There is no way to the page's host.",
    "tls_certificate": "The page's certificate is expired, revoked or for another host.",
    "tls_untrusted": "The page's certificate was issued by somebody we do not trust.",
    "tls_handshake": "The TLS handshake failed.",
    "proxy_error": "The configured proxy refused or failed.",
    "send_error": "Writing the request failed.",
    "server_disconnected": "The connection was closed without a byte of answer.",
    "stream_truncated": "The answer ended before it was whole.",
    "stream_reset": "The connection was reset in the middle of the answer.",
    "total_timeout": "The read did not end in time.",
    "server_error": "The page's server answered with an error of its own.",
    "edge_error": "The page's edge cannot reach its origin.",
    "rate_limited": "We ask too often.",
    "page_inactive": "The page is switched off, deleted or only for readers who signed in.",
    "forbidden": "The page refuses us.",
    "challenged": "A bot challenge stands before the page.",
    "endpoint_not_found": "There is no such document at this address.",
    "bad_request": "The page's server does not accept the request.",
    "redirected": "A redirect leads where we do not follow.",
    "unexpected_content_type": "HTML came where data was due.",
    "too_large": "The document is larger than we are willing to read.",
    "empty_answer": "The document is empty.",
    "malformed_response": "The document is not what the format says it should be.",
    "components_vanished": "The page lists no components where it had some: it was moved or rebuilt.",
    "identity_mismatch": "The document is about another page than the one asked for.",
    "format_unknown": "The page answers, in no format that we know.",
    "stale": "The document was made too long ago to be believed.",
    "prober_error": "A defect of ours, logged with its traceback.",
}

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


class PageFailure(Exception):  # noqa: N818  # the field's word: a read that did not succeed, not an error of ours
    """A page was not read, for a reason of `PAGE_REASONS`; raised below, caught where another way is left.

    `detail` is one sentence for a human, without secrets. `retry_after_seconds` is how long the server asks
    us to stay away, None if it does not say.
    """

    def __init__(self, reason: str, detail: str, *, retry_after_seconds: float | None = None) -> None:
        if reason not in PAGE_REASONS:
            raise ValueError(f"{reason!r} is not one of the reasons in pages.errors.PAGE_REASONS")
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.retry_after_seconds = retry_after_seconds


def most_specific(failures: Sequence[PageFailure]) -> PageFailure:
    """Of several that led to the same failure, the first that says more than that a document is not there."""
    return next((failure for failure in failures if failure.reason not in _SAY_LITTLE), failures[0])
