"""The closed list of reasons that a probe or the read of a status page may fail for, and whose fault each is.

A reader can audit the table: exporter/README.md prints it, and nothing else decides a fault.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

OK = "ok"

Ownership = Literal["provider", "ours"]
"""Who runs the server that is probed."""


class Fault(StrEnum):
    """Who can fix it."""

    PROVIDER = "provider"
    OURS = "ours"  # key, bill, quota, request, configuration
    NETWORK = "network"  # the way between
    PROBER = "prober"  # this process or its host
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Reason:
    """`meaning` is that for a probe, `page` that for the read of a status page; empty where it cannot fail so.

    `fault` is None where only a page can: that it cannot be read is nobody's fault in the provider's availability.
    """

    fault: Fault | None
    meaning: str
    page: str = ""


_TABLE: dict[str, Reason] = {
    "dns_error": Reason(Fault.NETWORK, "the resolver failed or timed out", "The resolver failed or timed out."),
    "dns_not_found": Reason(
        Fault.PROVIDER,
        "the name does not exist, while other names resolve",
        "The name of the page's host does not exist.",
    ),
    "connect_refused": Reason(
        Fault.PROVIDER,
        "the host refused the connection",
        "The page's host refused the connection.",
    ),
    "connect_timeout": Reason(
        Fault.NETWORK,
        "no connection in time",
        "The page's host did not take the connection in time.",
    ),
    "connect_unreachable": Reason(Fault.NETWORK, "no route to the host", "There is no way to the page's host."),
    "tls_certificate": Reason(
        Fault.PROVIDER,
        "the certificate is expired, revoked or for another host",
        "The page's certificate is expired, revoked or for another host.",
    ),
    "tls_untrusted": Reason(
        Fault.OURS,
        "the issuer is unknown here: a proxy in between, or a missing CA bundle",
        "The page's certificate was issued by somebody we do not trust.",
    ),
    "tls_handshake": Reason(Fault.NETWORK, "timeout, alert or reset in the handshake", "The TLS handshake failed."),
    "proxy_error": Reason(
        Fault.OURS,
        "the configured proxy refused or failed",
        "The configured proxy refused or failed.",
    ),
    "send_error": Reason(Fault.NETWORK, "writing the request failed", "Writing the request failed."),
    "headers_timeout": Reason(Fault.PROVIDER, "connected, and no answer begun in time"),
    "server_disconnected": Reason(
        Fault.PROVIDER,
        "closed without a byte of answer on a fresh connection",
        "The connection was closed without a byte of answer.",
    ),
    "first_token_timeout": Reason(
        Fault.PROVIDER,
        "the answer began, and no token came in time; comments and pings do not count",
    ),
    "stream_stalled": Reason(Fault.PROVIDER, "tokens began, then a gap longer than `timeouts.stall`"),
    "total_timeout": Reason(
        Fault.PROVIDER,
        "content was still flowing at the deadline",
        "The read did not end in time.",
    ),
    "stream_truncated": Reason(
        Fault.PROVIDER,
        "ended without the dialect's end marker",
        "The answer ended before it was whole.",
    ),
    "stream_reset": Reason(
        Fault.NETWORK,
        "reset or broken chunking in mid-stream",
        "The connection was reset in the middle of the answer.",
    ),
    "stream_error": Reason(Fault.PROVIDER, "an error inside a 200 answer"),
    "overloaded": Reason(Fault.PROVIDER, "503 or 529 overloaded, a 429 for want of capacity, the same inside a stream"),
    "server_error": Reason(
        Fault.PROVIDER,
        "any other 5xx, 408, 424",
        "The page's server answered with an error of its own.",
    ),
    "edge_error": Reason(
        Fault.PROVIDER,
        "520 to 527, 530: the edge cannot reach the origin",
        "The page's edge cannot reach its origin.",
    ),
    "malformed_response": Reason(
        Fault.PROVIDER,
        "not JSON, not HTTP, or not the dialect",
        "The document is not what the format says it should be.",
    ),
    "empty_answer": Reason(Fault.PROVIDER, "finished normally, with no text", "The document is empty."),
    "rate_limited": Reason(Fault.OURS, "429 by our own limits", "We ask too often."),
    "throttled": Reason(Fault.UNKNOWN, "a 429 that cannot be told apart; it never pages"),
    "quota_exhausted": Reason(Fault.OURS, "402, spend limits, no credits, in each provider's dialect"),
    "key_rejected": Reason(Fault.OURS, "401 and its dialects, or the key is not there to be sent"),
    "token_refused": Reason(Fault.OURS, "the OAuth, Entra or STS endpoint refused us"),
    "forbidden": Reason(Fault.OURS, "403: permission, region, allow-list", "The page refuses us."),
    "model_not_found": Reason(Fault.OURS, "retired, or no access to it"),
    "endpoint_not_found": Reason(
        Fault.OURS,
        "no such path at this base URL",
        "There is no such document at this address.",
    ),
    "bad_request": Reason(
        Fault.OURS,
        "the request is not one that the API takes",
        "The page's server does not accept the request.",
    ),
    "redirected": Reason(Fault.OURS, "the API answered with a redirect", "A redirect leads where we do not follow."),
    "content_filtered": Reason(Fault.OURS, "refused or filtered"),
    "answer_budget_too_small": Reason(Fault.OURS, "only hidden reasoning fitted into `max_output_tokens`"),
    "challenged": Reason(
        Fault.NETWORK,
        "a bot challenge: our address's reputation, not an outage",
        "A bot challenge stands before the page.",
    ),
    "unexpected_content_type": Reason(
        Fault.NETWORK,
        "HTML or a captive portal where JSON was due",
        "HTML came where data was due.",
    ),
    "assertion_failed": Reason(Fault.PROVIDER, "kinds http, tcp and dns: the answer is not what `expect` says"),
    "egress_down": Reason(
        Fault.PROBER,
        "our own egress is down; replaces the dns, connect and tls reasons while it lasts",
    ),
    "prober_overloaded": Reason(
        Fault.PROBER,
        "the event loop was too late, or descriptors, memory or local ports ran out here; the sample says nothing",
    ),
    "prober_error": Reason(
        Fault.PROBER,
        "a defect of ours, logged with its traceback",
        "A defect of ours, logged with its traceback.",
    ),
    # what only a status page can fail for: it says nothing about the provider
    "page_inactive": Reason(None, "", "The page is switched off, deleted or only for readers who signed in."),
    "too_large": Reason(None, "", "The document is larger than we are willing to read."),
    "components_vanished": Reason(None, "", "The page lists no components where it had some: it was moved or rebuilt."),
    "identity_mismatch": Reason(None, "", "The document is about another page than the one asked for."),
    "format_unknown": Reason(None, "", "The page answers, in no format that we know."),
    "stale": Reason(None, "", "The document was made too long ago to be believed."),
}

REASONS: Mapping[str, Reason] = {name: reason for name, reason in _TABLE.items() if reason.fault is not None}
PAGE_REASONS: Mapping[str, str] = {name: reason.page for name, reason in _TABLE.items() if reason.page}


def fault_of(reason: str, ownership: Ownership = "provider") -> Fault | None:
    """None for `ok`. Where the server is ours, what would be the provider's fault is our own."""
    fault = REASONS[reason].fault if reason != OK else None
    return Fault.OURS if fault is Fault.PROVIDER and ownership == "ours" else fault


class Failure(Exception):  # noqa: N818  # the field's word: a run that did not succeed, not an error of ours
    """A run failed for a reason of `REASONS`; raised below, caught only by the runner.

    `detail` is one sentence for a human, without secrets.
    """

    def __init__(self, reason: str, detail: str) -> None:
        if reason not in REASONS:
            raise ValueError(f"{reason!r} is not one of the reasons in model.reasons.REASONS")
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
