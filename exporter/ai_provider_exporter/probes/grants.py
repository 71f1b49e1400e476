"""How an access token is fetched: at Google with a signed assertion, at Entra with a client secret.

Token endpoints go through the measuring client, so that a failed step of the connection is named as for any other.
"""

from __future__ import annotations

import asyncio
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from importlib import import_module
from typing import Any
from urllib.parse import urlencode

from ai_provider_exporter import wire
from ai_provider_exporter.model.measurement import Measurement
from ai_provider_exporter.model.reasons import Failure, Fault, fault_of
from ai_provider_exporter.probes import blame
from ai_provider_exporter.probes.access_tokens import DEFAULT_LIFETIME, AccessToken
from ai_provider_exporter.probes.json_fields import amount, encode, parse, text
from ai_provider_exporter.probes.side_exchange import side_exchange

_TIMEOUT = 10.0  # seconds for a token endpoint
_MAX_BYTES = 64 * 1024
_AUDIENCE = "https://oauth2.googleapis.com/token"
_ASSERTION_SECONDS = 3600
_JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


async def fetch(
    url: str, form: Mapping[str, str], route: wire.Route, measurement: Measurement, now: float
) -> AccessToken:
    """Fetch a token.

    Raises:
        Failure: token_refused, the endpoint rejects our credential; another reason where the endpoint itself fails.
    """
    headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
    request = wire.Request(method="POST", url=url, headers=headers, body=urlencode(form).encode())
    with side_exchange(measurement) as side:
        async with asyncio.timeout(_TIMEOUT), wire.exchange(request, route, side, max_bytes=_MAX_BYTES) as response:
            body = await response.read(_MAX_BYTES)
    return _granted(response.status, response.headers, body, now)


def _granted(status: int, headers: Mapping[str, str], body: bytes, now: float) -> AccessToken:
    if status != 200:  # noqa: PLR2004  # the only answer that holds a token
        raise refusal(status, headers, body)
    if "html" in headers.get("content-type", "") or body.lstrip()[:1] == b"<":
        raise Failure(
            "unexpected_content_type", "the token endpoint answered with a web page: a proxy or portal in between"
        )
    document = parse(body)
    if document.get("error"):
        raise refusal(400, headers, body)  # RFC 6749 section 5.2 says that errors have this status
    token, seconds = text(document.get("access_token")), amount(document.get("expires_in"))
    if not token or not token.isascii() or not token.isprintable():
        raise Failure("malformed_response", "the token endpoint's answer holds no access_token")
    return AccessToken.lasting(token, DEFAULT_LIFETIME if seconds is None else seconds, now)


def refusal(status: int, headers: Mapping[str, str], body: bytes) -> Failure:
    """Whatever is ours to mend is a refused token; a limit and what is not ours are blamed as anywhere."""
    blamed = blame.refusal(status, headers, body)
    is_ours = fault_of(blamed.reason) == Fault.OURS and blamed.reason not in {"rate_limited", "proxy_error"}
    return Failure("token_refused" if is_ours else blamed.reason, f"the token endpoint says {blamed.detail}")


def google_form(account: str, scope: str, now: float) -> dict[str, str]:
    """The grant of a service account, whose key file is `account`.

    https://developers.google.com/identity/protocols/oauth2/service-account#httprest (2026-11-22).

    Raises:
        Failure: token_refused; it is no key file.
    """
    try:
        key = json.loads(account)
        claims = {"iss": key["client_email"], "scope": scope, "aud": key.get("token_uri", _AUDIENCE)}
        header = {"alg": "RS256", "typ": "JWT", "kid": key.get("private_key_id", "")}
        signed = _signed(header, claims | {"iat": int(now), "exp": int(now) + _ASSERTION_SECONDS}, key["private_key"])
    except (ValueError, TypeError, KeyError, AttributeError):
        # Whatever is wrong with it, its text is a secret.
        raise Failure("token_refused", "google.service_account is not the JSON key file of a service account") from None
    return {"grant_type": _JWT_GRANT, "assertion": signed}


def _signed(header: dict[str, Any], claims: dict[str, Any], pem: str) -> str:
    # Loaded when first needed: few probes sign, and the library takes its time.
    hashes = import_module("cryptography.hazmat.primitives.hashes")
    serialization = import_module("cryptography.hazmat.primitives.serialization")
    padding = import_module("cryptography.hazmat.primitives.asymmetric.padding")
    text = ".".join(_base64(encode(part)) for part in (header, claims))
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    return f"{text}.{_base64(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
