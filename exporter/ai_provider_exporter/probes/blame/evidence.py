# ruff: noqa: RUF001  # several vendors answer in Chinese
"""What bodies say, by what it proves: codes, compared whole, and words, searched for in all sentences.

Both in lower case. A code of digits is qualified by what holds it, see `statement.py`.

Sources, read 2026-11: the error pages of OpenAI (platform.openai.com/docs/guides/error-codes), Anthropic
(docs.anthropic.com/en/api/errors), Google (ai.google.dev/gemini-api/docs/troubleshooting, Vertex AI's error page,
google.rpc.ErrorInfo), AWS Bedrock (botocore's service model), Azure OpenAI and API Management, Mistral, Cohere, Groq,
Cerebras, DeepSeek, xAI, Together, Fireworks, Perplexity, OpenRouter, Hugging Face, Ollama, Cloudflare (Workers AI, AI
Gateway, 1xxx), Zhipu (docs.bigmodel.cn/cn/api/api-code), MiniMax (base_resp), Moonshot, DashScope, Volcengine Ark,
Baidu Qianfan, Apigee, Kong, LiteLLM, One API and llama.cpp.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ai_provider_exporter.probes.blame.statement import Statement


@dataclass(frozen=True, slots=True)
class Evidence:
    """Holds where a statement has one of the codes or says one of the words."""

    codes: frozenset[str]
    words: re.Pattern[str] | None

    def holds(self, statement: Statement) -> bool:
        return not self.codes.isdisjoint(statement.codes) or (
            self.words is not None and bool(self.words.search(statement.text))
        )


def _evidence(codes: str = "", *words: str) -> Evidence:
    return Evidence(frozenset(codes.lower().split()), re.compile("|".join(words)) if words else None)


# --- capacity ---------------------------------------------------------------------------------------------------

# What we reserved ourselves is our limit, also where it is called capacity.
OUR_CAPACITY = _evidence(
    "",
    r"exceed\w{0,9} (?:the |your )?provisioned.throughput",
    r"\byour (?:\w{1,30} ){0,3}(?:capacity|deployment)\b.{0,40}exceed",
)

CAPACITY = _evidence(
    "overloaded overloaded_error server_is_overloaded server_overloaded serveroverloaded model_overloaded model_busy "
    "engine_overloaded engine_overloaded_error system_busy server_busy queue_exceeded capacity_exceeded no_capacity "
    "model_capacity_exhausted nocapacity queue_full "
    "resource_unavailable unavailable unavailable_error service_unavailable "
    "service_unavailable_error serviceunavailable serviceunavailableexception serviceunavailableerror "
    "modelnotreadyexception model_loading modelloadingerror provider_overloaded provider_unavailable "
    "upstream_provider_shared_pool temporarily_unavailable insufficient_system_resource "
    "code/3505 errors/3040 error/1305 error/1312 error_code/2 error_code/336100",
    r"overload",
    r"(?:high|heavy|peak) (?:\w+ )?(?:demand|traffic|load|volume)",
    r"(?:surge|spike) (?:in|of) (?:\w+ )?(?:requests|demand)",
    r"\b(?:at|over|maximum|max|insufficient|no|out of|lack of|limited) (?:\w+ )?capacity",
    r"capacity (?:\w+ )?(?:exceeded|exhausted|reached|constraint|limit|unavailable)",
    r"temporarily (?:unable|unavailable|overloaded|out of|at capacity)",
    r"rate.?limited (?:by )?(?:the )?upstream",
    r"\b(?:server|service|model|system|engine|cluster|queue|worker|backend|infrastructure)s? (?:[\w./:-]+ ){0,3}"
    r"(?:busy|full|saturated|unavailable)\b(?! (?:in|for|to) (?:your|this))",
    r"(?:currently|momentarily) (?:\w+ )?(?:unavailable|not available|loading|busy)",
    r"(?:pending|queued) requests? (?:limit )?(?:exceeded|reached)|too many (?:pending|queued) requests",
    r"requests in (?:the )?queue|queue (?:is )?full",
    r"shared (?:\w+ )?(?:pool|capacity|quota)",
    r"\bno (?:healthy|available) (?:deployment|upstream|instance|replica|worker|backend|account|gpu|server|node)",
    r"\bno (?:\w+ )?(?:deployment|instance|replica|worker|backend|gpu|node)s? (?:are |is )?(?:currently )?"
    r"(?:available|healthy|left|online)",
    r"cooldown_list|all deployments",
    r"worker (?:\w{1,30} ){0,3}(?:request )?limit reached|no (?:\w+ )?resources (?:are )?available",
    r"\b(?:gpu|compute|hardware|worker|cluster)s? (?:\w{1,30} ){0,3}exhausted",
    r"data ?cent(?:er|re)s? (?:\w{1,30} ){0,4}(?:capacity|unavailable|limit|full|failed)",
    r"loading model|model is loading|warming up",
    r"resource (?:has been )?exhausted.{0,40}try again later",  # Vertex pay-as-you-go shares its capacity
    r"负载|饱和|繁忙|拥挤|过载|访问量过大|排队",
)

# --- the request ------------------------------------------------------------------------------------------------

ANSWER_BUDGET = _evidence("", r"max_tokens or model output limit was reached")

REQUEST_SIZE = _evidence(
    "context_length_exceeded contextwindowexceedederror string_above_max_length request_too_large",
    r"context (?:length|window|size)",
    r"(?:prompt|input|request) (?:is )?too (?:long|large)",
    r"maximum (?:context|prompt|input)",
)

BAD_REQUEST = _evidence(
    "invalid_request_error invalid_prompt validationexception invalid_argument badrequesterror not_supported_error "
    "invalid_parameter invalidparameter code/2013 base_resp/2013 error/1210 error/1213 error/1214 error_code/336003",
    r"(?:does|do) not support|not (?:supported|implemented) (?:by|on|for|in) this",
)

# --- the bill ---------------------------------------------------------------------------------------------------

QUOTA_CODES = _evidence(
    "insufficient_quota credit_balance_exhausted organization_spend_limit_exceeded payment_required quota_exceeded "
    "quotaexceeded quota_exhausted project_spend_limit_exceeded organization_usage_limit_exceeded billing_error "
    "billing_not_active billing_disabled enforced_spend_limit_reached contract_spend_limit_reached budget_exceeded "
    "budgetexceedederror billing_hard_limit_reached servicequotaexceededexception exceeded_current_quota_error "
    "insufficient_balance insufficient_credits insufficient_user_quota accountoverdueerror setlimitexceeded "
    "inferencelimitexceeded arrearage prepaidbilloverdue postpaidbilloverdue allocationquota.freetieronly "
    "error/1113 error/1304 error/1308 error/1309 error/1310 errors/3036 errors/4006 base_resp/1008 base_resp/2056 "
    "error_code/17 error_code/19 resource_exhausted_daily",
)

LONG_PERIOD = _evidence(
    "",
    r"per.?(?:day|month|week)|(?:requests|tokens|calls) ?/ ?(?:day|month|week)|\b(?:daily|weekly|monthly)\b",
    r"byday|86400s|今日|每日|每周|每月",
)

BILL = _evidence(
    "",
    r"insufficient (?:account )?(?:balance|credits?|funds|quota)|not enough (?:credits?|balance|funds)",
    r"(?:used|exhausted|used up) (?:all|your) .{0,40}(?:credits?|allocation|quota|balance)",
    r"free (?:\w{1,30} ){0,2}(?:quota|allocation|tier|credits?) (?:\w{1,30} ){0,2}(?:exceeded|exhausted|used up|ended)",
    r"key limit exceeded|balance is (?:too low|insufficient|not enough)",
    r"out of (?:credits?|call volume quota|quota)|no credits? (?:left|remaining)",
    r"credits? (?:have |has |are )?(?:been )?(?:expired|depleted|exhausted|used)",
    r"(?:monthly|spend|spending|usage|billing|hard) (?:spending |usage )?limits?\b.{0,40}(?:reached|exceeded)",
    r"(?:reached|exceeded|hit) .{0,40}(?:spend|spending|monthly|usage|billing|hard) (?:usage )?limit",
    r"budget (?:has been |was )?exceeded|(?:over|exceed\w{0,9}|reached) (?:\w{1,30} ){0,3}budget|max budget",
    r"billing (?:is not|has not been|must be|to be) ?(?:active|enabled)?|requires billing",
    r"(?:add|purchase|buy|top up) (?:\w{1,30} ){0,2}credits?|please (?:recharge|top up)",
    r"past due|overdue|in arrears",
    r"(?:subscription|trial|plan|license) (?:has |is )?(?:expired|ended|inactive|over)",
    r"account .{0,20}suspended",
    r"余额|欠费|充值|额度",
)

# Said of limits of any period, so only where no shorter one is named.
QUOTA = _evidence(
    "",
    r"quota (?:has been |was |is )?(?:exceeded|exhausted|reached|used up)|exceeded (?:\w{1,30} ){0,3}quota",
    r"check (?:your |the )?(?:plan|quota) and billing",
)

# --- our limits -------------------------------------------------------------------------------------------------

# Names our requests, tokens or plan. A bare `rate_limit_exceeded` or RESOURCE_EXHAUSTED does not.
OUR_LIMIT_CODES = _evidence(
    "google.rpc.quotafailure throttlingexception toomanyrequestsexception tokens_limit_exceeded "
    "requests_limit_exceeded "
    "rate_limit_reached ratelimitreached rate_limit_reached_error ramp_limit_exceeded rpm_rate_limit_exceeded "
    "tpm_rate_limit_exceeded request_quota_exceeded token_quota_exceeded too_many_concurrent_requests "
    "accountratelimitexceeded modelaccountrpmratelimitexceeded modelaccounttpmratelimitexceeded "
    "modelaccountipmratelimitexceeded throttling.ratequota throttling.allocationquota throttling.user "
    "throttling.burstrate limitrequests limit_requests limit_burst_rate "
    "policies.ratelimit.quotaviolation "
    "code/1300 error/1302 error/1303 error/1313 base_resp/1002 base_resp/1039 base_resp/1041 base_resp/2045 "
    "error_code/4 error_code/18 error_code/336501 error_code/336502",
)
OUR_LIMIT = _evidence(
    "requests tokens",  # OpenAI's `type`
    r"per[ _]?(?:second|minute|min|hour)(?![a-z])|per(?:minute|second|hour)per|/ ?(?:second|minute|min|hour|sec)\b",
    r"\b[rti]p[msh]\b|\b[io]tpm\b|\bq(?:ps|pm)\b|\brps\b",
    r"\byour (?:\w+['’]?s? ){0,4}(?:rate|requests?|tokens?|tier|limits?)\b",
    r"\byou(?:'ve| have| are|’ve)? (?:[\w'’]{1,30} ){0,3}(?:exceed\w{0,9}|reached|hit|sent|sending|making) "
    r"(?:[\w'’]{1,30} ){0,3}(?:limits?|requests?|tokens?|quickly)",
    r"limited to \d|\blimit:? ?[1-9]|rate limit of \d",
    r"too many tokens|concurren\w+|rate limit reached for|organization max|requests rate limit exceeded",
    r"request reached|for user\b|并发|频率",
)

# A limit, and nothing about whose.
SOME_LIMIT = _evidence(
    "rate_limit_exceeded rate_limit_error rate_limited ratelimiterror too_many_requests too_many_requests_error "
    "throttling",
    r"rate.?limit|too many requests|throttl|resource has been exhausted|请求过多",
)

# --- the key ----------------------------------------------------------------------------------------------------

_CREDENTIAL = r"(?:api|access|auth|authentication|authorization|bearer|session|security|x-api|secret|subscription)"
KEY = _evidence(
    "invalid_api_key api_key_invalid incorrect_api_key incorrect_api_key_error invalid_authentication "
    "invalid_authentication_error authentication_error authenticationerror unrecognizedclientexception "
    "api_key_expired expired_api_key invalidsignatureexception expiredtokenexception incompletesignatureexception "
    "unauthenticated missingauthenticationtokenexception invalidapikey access_token_expired "
    "oauth.v2.invalidapikey oauth.v2.failedtoresolveapikey keymanagement.service.invalid_access_token "
    "errors/10000 errors/9109 errors/10001 error/1000 error/1001 error/1002 error/1003 error/1004 base_resp/1004 "
    "base_resp/2049 error_code/110 error_code/111 error_code/336002",
    r"signature (?:expired|not yet current)",  # the host's clock is wrong
    rf"(?:invalid|incorrect|wrong|expired|missing|no|unknown|bad) (?:or \w+ )?{_CREDENTIAL}[- ]?"
    r"(?:key|token|credential)",
    rf"{_CREDENTIAL}[- ](?:key|token)s? (?:\w{{1,30}} ){{0,5}}(?:not valid|invalid|expired|revoked|missing|required"
    r"|disabled|not found|reported|leaked|incorrect)",
    r"token (?:seems |is |has |was )(?:been )?(?:invalid|expired|revoked|malformed)",
    r"authentication (?:failed|fails|error|required)|not authenticated|invalid (?:authentication|credential)",
    r"login fail|failed to resolve api key|could not validate credentials|cannot authenticate|unable to authenticate",
    r"^(?:error: ?|http 401:? ?|401:? ?)?unauthorized\b",
)

# --- content, permission, model ---------------------------------------------------------------------------------

FILTER = _evidence(
    "content_filter content_filtered content_policy content_policy_violation contentpolicyviolationerror "
    "responsibleaipolicyviolation moderation_blocked content_moderation data_inspection_failed datainspectionfailed "
    "sensitivecontentdetected inputtextsensitivecontentdetected outputtextsensitivecontentdetected content_blocked "
    "error/1301 base_resp/1026 base_resp/1027 errors/2016 errors/2017 prohibited_content",
    r"flagged (?:for|by|as)",
    r"content (?:policy|filter|moderation)|usage (?:policy|policies|guidelines)|safety (?:system|filter|policy)",
    r"(?:prompt|input|request|content) (?:was |is |has been )?blocked (?:by|due to|because|for)",
    r"(?:inappropriate|sensitive|unsafe|harmful) (?:content|information)|敏感|guardrail",
)

FORBIDDEN = _evidence(
    "permission_error permission_denied permissiondeniederror accessdeniedexception accessdenied access_denied "
    "unsupported_country_region_territory organization_restricted account_deactivated service_disabled "
    "api_key_service_blocked api_key_ip_address_blocked api_key_http_referrer_blocked consumer_suspended "
    "error/1110 error/1112 error/1121 error/1220 error/1311 error_code/6 forbidden",
    r"location is not supported|country, region|not (?:available|supported) in your (?:country|region)",
    r"(?:organization|account|project|team|user) (?:has been |is |was )"
    r"(?:disabled|restricted|deactivated|banned|blocked)",
    r"(?:does not|do not|don't) have (?:\w+ )?permission|permission denied|not authorized to",
    r"\bip\b.{0,60}not (?:authorized|allowed|permitted|whitelisted|in the)",
)

MODEL_CODES = _evidence(
    "model_not_found deploymentnotfound model_decommissioned model_not_available model_retired invalid_model "
    "model_deprecated unknown_model modelnotfound modelnotopen model.accessdenied notfounderror model_not_supported "
    "invalidendpointormodel.notfound error/1211 errors/5007 error_code/336001",
)

MODEL = _evidence(
    "",
    r"\bmodels?\b.{0,120}(?:not exist|not found|deprecated|retired|decommissioned|end of its life|was removed"
    r"|been removed|been shut down|no longer)",
    r"\bmodel ['\"`]?[\w./:@-]{1,80}['\"`]? is not (?:supported|available|allowed)",
    r"(?:invalid|unknown|no such|unsupported) model\b",
    r"model identifier is invalid|not (?:a )?valid model|could not find model",
    r"^model: ",  # Anthropic's whole sentence is `model: NAME`
    r"no (?:endpoints|allowed providers) (?:found|are available)",
    r"access to the model|does not have access to model",
)

# --- theirs -----------------------------------------------------------------------------------------------------

# Also what a token endpoint says of itself: RFC 6749 has `server_error`, Google `internal_failure`.
SERVER_ERROR = _evidence(
    "internal_failure server_error internal_error internal_server_error internalservererror internalserverexception "
    "modelstreamerrorexception modeltimeoutexception modelerrorexception apierror base_resp/1000 base_resp/1001 "
    "base_resp/1013 base_resp/1024 base_resp/1033 error/1234",
)
