"""Marks of what stands between us and an API: bot challenges, web application firewalls, proxies, portals, tunnels.

Sources, read 2026-11: Cloudflare's 1xxx page (developers.cloudflare.com/support/troubleshooting/http-status-codes/
cloudflare-1xxx-errors), AWS WAF, ngrok's error index (ngrok.com/docs/errors), Squid's X-Squid-Error, and the block
pages of Akamai, Imperva, F5, Fortinet, Palo Alto, Zscaler, Sucuri, DataDome and Alibaba Cloud.
"""

from __future__ import annotations

import re

from ai_provider_exporter.probes.blame.case import Case

_CHALLENGE_HEADERS = {
    "cf-mitigated": ("challenge",),
    "x-amzn-waf-action": ("challenge", "captcha"),
    "x-vercel-mitigated": ("challenge", "deny"),
}
_CHALLENGE_PAGE = re.compile(
    r"just a moment|attention required|checking your browser|are (?:you )?human|captcha-delivery|px-captcha|captcha"
    r"|security check(?:point)?|enable javascript and cookies"
)
_WAF_PAGE = re.compile(
    r"request has been blocked|the requested url was rejected|incapsula incident|request blocked"
    r"|sucuri website firewall|potential threats to the server|web application firewall"
    r"|blocked by (?:\w+ ){0,3}(?:security|firewall|waf)"
    r"|you have been blocked|access to this page has been denied"
)
_AKAMAI_DENIAL = re.compile(r"access denied.{0,400}reference (?:&#32;)?(?:#|&#35;)", re.DOTALL)
_PROXY_PAGE = re.compile(
    r"squid|zscaler|blue ?coat|fortiguard|fortinet|forcepoint|websense|netskope|umbrella|mcafee web gateway|sophos"
    r"|web page blocked|palo alto networks|proxy (?:server )?(?:error|authentication)|captive portal|hotspot"
    r"|network authentication required|network error \("
)
_DEFAULT_PAGE = re.compile(
    r"<(?:center|address|hr)[^>]{0,40}>\s{0,4}(?:<\w+>)?\s{0,4}"
    r"(?:nginx|openresty|apache|tengine|caddy|envoy|haproxy|microsoft-iis)"
)
_CLOUDFLARE_NUMBER = re.compile(
    r"error code: (1\d{3})\b|error (1\d{3})\b|cf-error-code\">(1\d{3})<|error_code\":\s?(1\d{3})\b"
)
_LIMITED = {1015}
# Our address, country or browser is unwelcome.
_BLOCKED = {1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1020, 1106}


def is_challenge(case: Case) -> bool:
    by_header = any(case.headers.get(name, "").lower() in words for name, words in _CHALLENGE_HEADERS.items())
    marked = "x-datadome" in case.headers and case.status == 403  # noqa: PLR2004
    page = case.is_html and case.status in {403, 405, 406, 429, 503} and _CHALLENGE_PAGE.search(case.statement.page)
    return by_header or marked or bool(page)


def is_waf_page(case: Case) -> bool:
    """A firewall in front of the API does not like our request; it answers in HTML or text, with many statuses."""
    if case.status not in {400, 403, 405, 406, 429, 493, 501, 503} or not case.statement.page:
        return False
    return bool(_WAF_PAGE.search(case.statement.page) or _AKAMAI_DENIAL.search(case.statement.page))


def is_proxy_page(case: Case) -> bool:
    """A proxy or portal on our side of the way wrote this page, whoever was asked."""
    if "x-squid-error" in case.headers or "zscaler" in case.headers.get("server", "").lower():
        return True
    return case.is_html and bool(_PROXY_PAGE.search(case.statement.page))


def is_ngrok_warning(case: Case) -> bool:
    return case.headers.get("ngrok-error-code", "").endswith("_6024")


def is_ngrok_error(case: Case) -> bool:
    return "ngrok-error-code" in case.headers or "err_ngrok_" in case.statement.page


def is_cloudflare_limit(case: Case) -> bool:
    return _cloudflare_number(case) in _LIMITED


def is_cloudflare_block(case: Case) -> bool:
    return _cloudflare_number(case) in _BLOCKED


def is_cloudflare_error(case: Case) -> bool:
    """Any other number: the edge does not find or reach its customer's server."""
    return _cloudflare_number(case) != 0


def is_unsigned_page(case: Case) -> bool:
    """HTML where an API was asked, and no web server's own page: somebody between us may have written it."""
    return bool(case.dialect) and case.is_html and not _DEFAULT_PAGE.search(case.statement.page)


def _cloudflare_number(case: Case) -> int:
    """The number of a Cloudflare error page, also as text or JSON; 0 if it is none."""
    is_cloudflare = "cf-ray" in case.headers or "cloudflare" in case.headers.get("server", "") + case.statement.page
    if "cloudflare_error" in case.statement.codes:
        is_cloudflare = True
    if not is_cloudflare and not case.statement.page.startswith("error code: 1"):
        return 0
    numbers = [code.removeprefix("error_code/") for code in case.statement.codes if code.startswith("error_code/1")]
    match = _CLOUDFLARE_NUMBER.search(case.statement.page)
    code = next(filter(None, match.groups() if match else numbers), "0")
    return int(code)
