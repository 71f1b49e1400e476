"""The closed list of reasons a probe may fail for, and whose fault each is.

A reader can audit the table below: it is the same one that exporter/README.md prints.
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
