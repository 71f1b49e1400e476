"""The table: the first row that applies names the reason.

1. Somebody between us and the API answered: their marks prove it, whatever the status.
2. What the body says: capacity first, then the bill, our limits, the key, the content, permission, the model.
3. What the status and the headers say, where the body says nothing that we know.

`evidence.py` has the words and codes, `edges.py` the marks of edges and proxies.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass

from ai_provider_exporter.probes.blame import edges, evidence
from ai_provider_exporter.probes.blame.case import Case
from ai_provider_exporter.probes.blame.evidence import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Applies where everything that it states holds; what it leaves out does not matter."""

    reason: str
    says: Evidence | None = None
    status: Container[int] | None = None
    dialect: str | None = None
    when: Callable[[Case], bool] | None = None

    def applies(self, case: Case) -> bool:
        return (
            (self.status is None or case.status in self.status)
            and (self.dialect is None or self.dialect == case.dialect)
            and (self.says is None or self.says.holds(case.statement))
            and (self.when is None or self.when(case))
        )


_IN_STREAM = 0  # an error inside a stream that names no status
_LIMITING = {_IN_STREAM, 403, 429, *range(500, 600)}  # the other 4xx speak of limits that a request must keep

RULES: tuple[Rule, ...] = (
    # --- 1. somebody between us and the API ---
    Rule(reason="challenged", when=edges.is_challenge),
    Rule(reason="unexpected_content_type", status={511}),  # RFC 6585: a captive portal
    Rule(reason="proxy_error", status={407}),
    Rule(reason="unexpected_content_type", when=edges.is_proxy_page),
    Rule(reason="challenged", when=edges.is_ngrok_warning),
    Rule(reason="edge_error", when=edges.is_ngrok_error),
    Rule(reason="throttled", when=edges.is_cloudflare_limit),
    Rule(reason="challenged", when=edges.is_cloudflare_block),
    Rule(reason="edge_error", when=edges.is_cloudflare_error),
    Rule(reason="challenged", when=edges.is_waf_page),
    Rule(reason="redirected", status=range(300, 400)),
    Rule(reason="edge_error", status={*range(520, 528), 530}),
    # --- 2. what the body says: whose capacity ---
    Rule(reason="rate_limited", says=evidence.OUR_CAPACITY),
    Rule(reason="overloaded", says=evidence.CAPACITY, when=lambda case: not case.has_quota_details),
    # --- what was sent, where its sizes sound like limits ---
    Rule(reason="answer_budget_too_small", says=evidence.ANSWER_BUDGET),
    Rule(reason="bad_request", says=evidence.REQUEST_SIZE),
    # --- the bill, then what comes back within the hour ---
    Rule(reason="quota_exhausted", says=evidence.QUOTA_CODES),
    Rule(reason="quota_exhausted", says=evidence.BILL),
    Rule(reason="quota_exhausted", says=evidence.LONG_PERIOD, status=_LIMITING, when=lambda case: case.is_limit),
    Rule(reason="throttled", when=lambda case: "slow_down" in case.statement.codes),  # the ramp: theirs or ours
    Rule(reason="throttled", when=lambda case: "policies.ratelimit.spikearrestviolation" in case.statement.codes),
    Rule(reason="rate_limited", says=evidence.OUR_LIMIT_CODES, status=_LIMITING),
    Rule(reason="rate_limited", says=evidence.OUR_LIMIT, status=_LIMITING, when=lambda case: case.is_limit),
    Rule(reason="quota_exhausted", says=evidence.QUOTA),
    Rule(reason="quota_exhausted", status={402}),
    Rule(reason="rate_limited", says=evidence.SOME_LIMIT, when=lambda case: case.nothing_remains),
    Rule(reason="throttled", says=evidence.SOME_LIMIT),
    # --- the key ---
    Rule(reason="key_rejected", says=evidence.KEY),
    # --- content, permission, model ---
    Rule(reason="content_filtered", says=evidence.FILTER),
    Rule(reason="model_not_found", says=evidence.MODEL_CODES),
    Rule(reason="forbidden", says=evidence.FORBIDDEN),
    Rule(reason="model_not_found", says=evidence.MODEL),
    # --- 3. the status, with its headers ---
    Rule(reason="key_rejected", status={401}),
    Rule(reason="key_rejected", status={498}, dialect="cohere"),
    Rule(reason="rate_limited", status={429}, when=lambda case: case.nothing_remains),
    Rule(reason="throttled", status={429}),
    Rule(reason="model_not_found", status={410}),
    Rule(reason="model_not_found", status={404}, when=lambda case: "resourcenotfoundexception" in case.statement.codes),
    Rule(reason="endpoint_not_found", status={404, 405}),
    Rule(reason="challenged", status={403}, when=edges.is_unsigned_page),
    Rule(reason="forbidden", status={403}),
    Rule(reason="overloaded", status={498, 503, 529}),
    Rule(reason="server_error", status={408, 424, 499}),  # 499: they say that we hung up, and we did not
    Rule(reason="bad_request", status={501}),  # what the server cannot do it will not do tomorrow
    Rule(reason="server_error", says=evidence.SERVER_ERROR, status={_IN_STREAM, 400}),
    Rule(reason="server_error", status=range(500, 600)),
    Rule(reason="bad_request", status={_IN_STREAM}, says=evidence.BAD_REQUEST),
    Rule(reason="bad_request", status=range(400, 500)),
    Rule(reason="server_error"),
)
