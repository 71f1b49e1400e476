"""The closed list of reasons a probe may fail for, and whose fault each is.

A reader can audit the two tables below: exporter/README.md prints them, and nothing else decides a fault.
"""

from __future__ import annotations

from enum import StrEnum

OK = "ok"


class Fault(StrEnum):
    """Who can mend it."""

    PROVIDER = "provider"
    OURS = "ours"  # key, bill, quota, request, configuration
    NETWORK = "network"  # the way between
    PROBER = "prober"  # this process or its host
    UNKNOWN = "unknown"


REASONS: dict[str, Fault] = {
    "dns_error": Fault.NETWORK,
    "dns_not_found": Fault.PROVIDER,
    "connect_refused": Fault.PROVIDER,
    "connect_timeout": Fault.NETWORK,
    "connect_unreachable": Fault.NETWORK,
    "tls_certificate": Fault.PROVIDER,
    "tls_untrusted": Fault.OURS,
    "tls_handshake": Fault.NETWORK,
    "proxy_error": Fault.OURS,
    "send_error": Fault.NETWORK,
    "headers_timeout": Fault.PROVIDER,
    "server_disconnected": Fault.PROVIDER,
    "first_token_timeout": Fault.PROVIDER,
    "stream_stalled": Fault.PROVIDER,
    "total_timeout": Fault.PROVIDER,
    "stream_truncated": Fault.PROVIDER,
    "stream_reset": Fault.NETWORK,
    "stream_error": Fault.PROVIDER,
    "overloaded": Fault.PROVIDER,
    "server_error": Fault.PROVIDER,
    "edge_error": Fault.PROVIDER,
    "malformed_response": Fault.PROVIDER,
    "empty_answer": Fault.PROVIDER,
    "rate_limited": Fault.OURS,
    "throttled": Fault.UNKNOWN,
    "quota_exhausted": Fault.OURS,
    "key_rejected": Fault.OURS,
    "token_refused": Fault.OURS,
    "forbidden": Fault.OURS,
    "model_not_found": Fault.OURS,
    "endpoint_not_found": Fault.OURS,
    "bad_request": Fault.OURS,
    "redirected": Fault.OURS,
    "content_filtered": Fault.OURS,
    "answer_budget_too_small": Fault.OURS,
    "challenged": Fault.NETWORK,
    "unexpected_content_type": Fault.NETWORK,
    "assertion_failed": Fault.PROVIDER,
    "egress_down": Fault.PROBER,
    "prober_overloaded": Fault.PROBER,
    "prober_error": Fault.PROBER,
}


MEANINGS: dict[str, str] = {
    "dns_error": "the resolver failed or timed out",
    "dns_not_found": "the name does not exist, while other names resolve",
    "connect_refused": "the host refused the connection",
    "connect_timeout": "no connection in time",
    "connect_unreachable": "no route to the host",
    "tls_certificate": "the certificate is expired, revoked or for another host",
    "tls_untrusted": "the issuer is unknown here: a proxy in between, or a missing CA bundle",
    "tls_handshake": "timeout, alert or reset in the handshake",
    "proxy_error": "the configured proxy refused or failed",
    "send_error": "writing the request failed",
    "headers_timeout": "connected, and no answer begun in time",
    "server_disconnected": "closed without a byte of answer on a fresh connection",
    "first_token_timeout": "the answer began, and no token came in time; comments and pings do not count",
    "stream_stalled": "tokens began, then a gap longer than `timeouts.stall`",
    "total_timeout": "content was still flowing at the deadline",
    "stream_truncated": "ended without the dialect's end marker",
    "stream_reset": "reset or broken chunking in mid-stream",
    "stream_error": "an error inside a 200 answer",
    "overloaded": "503 or 529 overloaded, a 429 for want of capacity, the same inside a stream",
    "server_error": "any other 5xx, 408, 424",
    "edge_error": "520 to 527, 530: the edge cannot reach the origin",
    "malformed_response": "not JSON, not HTTP, or not the dialect",
    "empty_answer": "finished normally, with no text",
    "rate_limited": "429 by our own limits",
    "throttled": "a 429 that cannot be told apart; it never pages",
    "quota_exhausted": "402, spend limits, no credits, in each provider's dialect",
    "key_rejected": "401 and its dialects, or the key is not there to be sent",
    "token_refused": "the OAuth, Entra or STS endpoint refused us",
    "forbidden": "403: permission, region, allow-list",
    "model_not_found": "retired, or no access to it",
    "endpoint_not_found": "no such path at this base URL",
    "bad_request": "the request is not one that the API takes",
    "redirected": "the API answered with a redirect",
    "content_filtered": "refused or filtered",
    "answer_budget_too_small": "only hidden reasoning fitted into `max_output_tokens`",
    "challenged": "a bot challenge: our address's reputation, not an outage",
    "unexpected_content_type": "HTML or a captive portal where JSON was due",
    "assertion_failed": "kinds http, tcp and dns: the answer is not what `expect` says",
    "egress_down": "our own way out is down; stands in for dns, connect and tls reasons while it lasts",
    "prober_overloaded": "the event loop was late by more than the sample can bear; the sample is dropped",
    "prober_error": "a defect of ours, logged with its traceback",
}


class Failure(Exception):  # noqa: N818  # the field's word: a run that did not succeed, not an error of ours
    """A run failed for a reason of `REASONS`; raised below, caught only by the runner.

    `detail` is one sentence for a human, without secrets.
    """

    def __init__(self, reason: str, detail: str) -> None:
        if reason not in REASONS:
            raise ValueError(f"{reason!r} is not one of the reasons in faults.REASONS")
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
