"""The table: the first rule that applies names the reason; the unmistakable before the general.

Sources, read 2026-11-22: the error pages of OpenAI (platform.openai.com/docs/guides/error-codes), Anthropic
(docs.anthropic.com/en/api/errors), Google (ai.google.dev/gemini-api/docs/troubleshooting and Vertex AI's
error page), AWS Bedrock (botocore's service model), Azure OpenAI, Mistral, Cohere, Groq, DeepSeek, xAI,
Together, Fireworks, Perplexity, OpenRouter, Hugging Face and Ollama; for the edge, Cloudflare's 5xx page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass

from ai_provider_exporter.probes.blame.vocabulary import Said


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`status` is 0 for an error inside a stream that names none."""

    status: int
    headers: Mapping[str, str]
    said: Said
    dialect: str
    is_html: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Applies where everything that it states holds; what it leaves out does not matter.

    Codes are compared in lower case; `says` is searched for in the sentence, without regard to case.
    """

    reason: str
    status: Container[int] | None = None
    codes: frozenset[str] | None = None
    says: re.Pattern[str] | None = None
    dialect: str | None = None
    when: Callable[[Case], bool] | None = None

    def applies(self, case: Case) -> bool:
        return (
            (self.status is None or case.status in self.status)
            and (self.codes is None or not self.codes.isdisjoint(case.said.codes))
            and (self.says is None or self.says.search(case.said.message) is not None)
            and (self.dialect is None or self.dialect == case.dialect)
            and (self.when is None or self.when(case))
        )


def _codes(names: str) -> frozenset[str]:
    return frozenset(names.lower().split())


def _says(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(phrases), re.IGNORECASE)


def _is_challenge(case: Case) -> bool:
    return case.headers.get("cf-mitigated", "").lower() == "challenge"


def _is_html(case: Case) -> bool:
    return case.is_html


def _is_limited(case: Case) -> bool:
    """Our own limit has run out: the provider says when to come back, or that nothing remains."""
    spent = (
        name.partition("ratelimit")[1] and "remaining" in name and value.strip() in {"0", "0.0"}
        for name, value in case.headers.items()
    )
    return "retry-after" in case.headers or "retry-after-ms" in case.headers or any(spent)


def _is_daily(case: Case) -> bool:
    """Google names the quota: a day's is not back in a minute."""
    return any("perday" in code for code in case.said.codes)


_IN_STREAM = {0}  # an error inside a stream names its status seldom

RULES: tuple[Rule, ...] = (
    # --- the edge in front of the provider ---
    Rule(reason="challenged", when=_is_challenge),
    Rule(reason="challenged", status={403, 429}, when=_is_html),
    Rule(
        reason="challenged",
        status={503},
        says=_says(r"just a moment", r"attention required", r"checking your browser", r"are (?:you )?human"),
        when=_is_html,
    ),
    Rule(reason="redirected", status=range(300, 400)),
    Rule(reason="edge_error", status={*range(520, 528), 530}),
    # --- the bill ---
    Rule(reason="quota_exhausted", status={402}),
    Rule(
        reason="quota_exhausted",
        codes=_codes(
            "insufficient_quota credit_balance_exhausted organization_spend_limit_exceeded payment_required "
            "project_spend_limit_exceeded organization_usage_limit_exceeded billing_error billing_not_active "
            "enforced_spend_limit_reached contract_spend_limit_reached billing_hard_limit_reached "
            "ServiceQuotaExceededException"
        ),
    ),
    Rule(
        reason="quota_exhausted",
        status={400, 401, 403, 412, 429, *_IN_STREAM},
        says=_says(
            r"insufficient (?:balance|credits?|funds)",
            r"(?:used|exhausted) (?:all|your) .{0,30}credits?",
            r"credit balance is too low",
            r"out of credits",
            r"(?:monthly|spend|spending|usage) (?:spending |usage )?limits?\b.{0,40}(?:reached|exceeded)",
            r"(?:reached|exceeded|hit) .{0,40}(?:spend|spending|monthly|usage) (?:usage )?limit",
            r"billing (?:is not|has not been|must be|to be) ?(?:active|enabled)?",
            r"account .{0,20}suspended",
        ),
    ),
    Rule(reason="quota_exhausted", when=_is_daily),
    # --- the clock and the key ---
    Rule(reason="key_rejected", says=_says(r"signature (?:expired|not yet current)")),  # the host's clock is wrong
    Rule(reason="key_rejected", status={401}),
    Rule(reason="key_rejected", status={498}, dialect="cohere"),
    Rule(
        reason="key_rejected",
        codes=_codes(
            "invalid_api_key api_key_invalid authentication_error UnrecognizedClientException "
            "api_key_expired "
            "InvalidSignatureException ExpiredTokenException IncompleteSignatureException unauthenticated "
            "MissingAuthenticationTokenException expired_api_key"
        ),
    ),
    Rule(reason="key_rejected", status={400, 403}, says=_says(r"api key (?:not valid|expired|was reported)")),
    # --- what was asked ---
    Rule(
        reason="content_filtered",
        codes=_codes(
            "content_filter content_policy_violation ResponsibleAIPolicyViolation content_filtered "
            "moderation_blocked content_policy"
        ),
    ),
    Rule(
        reason="content_filtered",
        status={400, 403},
        says=_says(r"flagged (?:for|by|as)", r"content (?:policy|filter)"),
    ),
    Rule(
        reason="answer_budget_too_small",
        status={400},
        says=_says(r"max_tokens or model output limit was reached"),
    ),
    Rule(
        reason="bad_request",
        status={400, 403, 413, 422},
        says=_says(r"context (?:length|window)", r"(?:prompt|input|request) (?:is )?too (?:long|large)"),
    ),
    # --- capacity: theirs, also where it is worded as a 429 ---
    Rule(reason="overloaded", status={498, 529}),
    Rule(
        reason="overloaded",
        codes=_codes(
            "overloaded_error overloaded server_is_overloaded service_unavailable_error "
            "ModelNotReadyException 3505 "
            "provider_overloaded provider_unavailable capacity_exceeded "
            "serviceUnavailableException unavailable "
            "engine_overloaded engine_overloaded_error service_unavailable"
        ),
    ),
    Rule(
        reason="overloaded",
        status={429, 500, 503, *_IN_STREAM},
        says=_says(
            r"high demand",
            r"temporarily (?:unable|unavailable|overloaded)",
            r"(?:is|are|currently) overloaded",
            r"^overloaded",
            r"capacity exceeded",
            r"server (?:is )?busy",
            # Vertex pay-as-you-go shares its capacity
            r"resource (?:has been )?exhausted.{0,40}try again later",
        ),
        when=lambda case: "quotafailure" not in {code.rpartition(".")[2] for code in case.said.codes},
    ),
    # --- our limits ---
    Rule(reason="throttled", codes=_codes("slow_down")),  # was a 503 once: the ramp, theirs or ours
    Rule(
        reason="rate_limited",
        codes=_codes(
            "rate_limit_exceeded rate_limit_error rate_limited "
            "ThrottlingException TooManyRequestsException 1300 "
            "ramp_limit_exceeded tokens_limit_exceeded requests_limit_exceeded "
            "rate_limit_reached RateLimitReached"
        ),
    ),
    Rule(reason="rate_limited", codes=_codes("resource_exhausted")),
    Rule(
        reason="rate_limited",
        status={429, *_IN_STREAM},
        says=_says(r"rate.?limit", r"requests? per (?:second|minute|day)", r"limited to \d+ "),
    ),
    Rule(reason="rate_limited", status={429}, when=_is_limited),
    Rule(reason="throttled", status={429}),
    # --- the model and the place ---
    Rule(reason="forbidden", status={403}, codes=_codes("AccessDeniedException")),
    Rule(
        reason="model_not_found",
        codes=_codes(
            "model_not_found DeploymentNotFound model_decommissioned model_not_available model_retired "
            "invalid_model model_deprecated unknown_model"
        ),
    ),
    Rule(
        reason="model_not_found",
        status={400, 403, 404, 422, *_IN_STREAM},
        says=_says(
            r"\bmodels?\b.{0,120}(?:not exist|not found|deprecated|retired|decommissioned|end of its life)",
            r"(?:invalid|unknown|no such|unsupported) model\b",
            r"model identifier is invalid",
            r"not (?:a )?valid model",
            r"^model: ",  # Anthropic's whole sentence is `model: NAME`
            r"no (?:endpoints|allowed providers) (?:found|are available)",
            r"access to the model",
            r"does not have access to model",
        ),
    ),
    Rule(reason="model_not_found", status={410}),
    Rule(reason="model_not_found", status={404}, codes=_codes("ResourceNotFoundException")),
    Rule(reason="endpoint_not_found", status={404, 405}),
    # --- us, or our place in the world ---
    Rule(
        reason="forbidden",
        status={400, 403, *_IN_STREAM},
        codes=_codes("permission_error permission_denied AccessDeniedException unsupported_country_region_territory"),
    ),
    Rule(reason="forbidden", status={400, 403}, says=_says(r"location is not supported", r"country, region")),
    Rule(reason="forbidden", status={403}),
    # --- theirs ---
    Rule(reason="overloaded", status={503}),
    Rule(reason="server_error", status={408, 424, 499}),  # 499: they say that we hung up, and we did not
    Rule(reason="server_error", status=range(500, 600)),
    Rule(
        reason="bad_request",
        status={*_IN_STREAM},
        codes=_codes("invalid_request_error invalid_prompt validationException invalid_argument"),
    ),
    Rule(reason="bad_request", status=range(400, 500)),
    Rule(reason="server_error"),
)
