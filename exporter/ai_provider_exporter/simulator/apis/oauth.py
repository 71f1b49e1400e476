"""Token endpoints: Google takes a signed JWT, Entra a client secret; both hand out a Bearer token.

Sources: https://developers.google.com/identity/protocols/oauth2/service-account and
https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow, read 2026-11.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from ai_provider_exporter.simulator.apis.api import Api, ApiRequest, Reply, Route, anybody, json_reply
from ai_provider_exporter.simulator.scenario import Key, Refused
from ai_provider_exporter.simulator.server import Request

LIFETIME = 3599  # seconds; said, not enforced
LONGEST_JWT = 3600  # seconds from iat to exp
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
GOOGLE_AUDIENCE = "https://oauth2.googleapis.com/token"
# What stands before the hash in a PKCS #1 v1.5 signature with SHA-256 (RFC 8017, 9.2).
SHA256_PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")
RSA_EXPONENT = 65537

# status, error
ERRORS: dict[Refused, tuple[int, str]] = {
    "key_rejected": (401, "invalid_client"),
    "forbidden": (403, "access_denied"),
    "quota_exhausted": (429, "rate_limit_exceeded"),
    "rate_limited": (429, "rate_limit_exceeded"),
    "throttled": (429, "rate_limit_exceeded"),
    "model_not_found": (404, "not_found"),
    "bad_request": (400, "invalid_grant"),
    "overloaded": (503, "temporarily_unavailable"),
    "server_error": (500, "server_error"),
}


def access_token(key: Key) -> str:
    """Return the one token that `key` is ever given."""
    return f"token-{hashlib.sha256(f'{key.key}/{key.secret}'.encode()).hexdigest()}"


def by_token(*headers: str) -> Callable[[Request, Sequence[Key]], Key | None]:
    """Look for a token that was handed out, or for the key itself in one of `headers`."""

    def identify(request: Request, keys: Sequence[Key]) -> Key | None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        bare = {request.headers.get(name) for name in headers}
        return next((key for key in keys if key.key in bare or access_token(key) == given), None)

    return identify


def google(request: ApiRequest) -> Reply:
    form = dict(parse_qsl(request.http.body.decode("latin-1")))
    if form.get("grant_type") != JWT_GRANT:
        return refuse(request, "bad_request", "Unsupported grant_type")
    try:
        claims = _read_jwt(form.get("assertion", ""), request.provider.keys)
        _check_claims(claims, request)
    except JwtError as error:
        return refuse(request, "bad_request", str(error))
    key = next(key for key in request.provider.keys if key.key == claims["iss"])
    return json_reply({"access_token": access_token(key), "expires_in": LIFETIME, "token_type": "Bearer"})


def entra(request: ApiRequest) -> Reply:
    form = dict(parse_qsl(request.http.body.decode("latin-1")))
    if form.get("grant_type") != "client_credentials" or not form.get("scope", "").endswith("/.default"):
        return refuse(request, "bad_request", "AADSTS70011: The provided value for scope is not valid.")
    for key in request.provider.keys:
        if (key.key, key.secret) == (form.get("client_id"), form.get("client_secret")):
            document = {"token_type": "Bearer", "expires_in": LIFETIME, "ext_expires_in": LIFETIME}
            return json_reply(document | {"access_token": access_token(key)})
    return refuse(request, "key_rejected", "AADSTS7000215: Invalid client secret provided.")


def refuse(_: ApiRequest, how: Refused, message: str) -> Reply:
    status, error = ERRORS[how]
    return json_reply({"error": error, "error_description": message or error}, status=status)


class JwtError(Exception):
    """The assertion is not one that Google would take; the text says why."""


def _read_jwt(text: str, keys: Sequence[Key]) -> dict[str, Any]:
    try:
        head, body, signature = text.split(".")
        header, claims = json.loads(_decode(head)), json.loads(_decode(body))
        signed = _decode(signature)
    except (ValueError, binascii.Error):
        raise JwtError("Invalid JWT: it is not three parts of base64url") from None
    key = next((key for key in keys if key.key == claims.get("iss")), None)
    if key is None:
        raise JwtError("Invalid grant: account not found")
    if header.get("alg") != "RS256" or not _is_signed(f"{head}.{body}".encode(), signed, key):
        raise JwtError("Invalid JWT Signature.")
    return dict(claims)


def _check_claims(claims: Mapping[str, Any], request: ApiRequest) -> None:
    issued, expires = claims.get("iat", 0), claims.get("exp", 0)
    if not issued <= request.unix + 60 <= expires + 60 or expires - issued > LONGEST_JWT:
        raise JwtError("Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe")
    own = f"http://{request.http.headers.get('host', '')}{request.http.path}"
    if claims.get("aud") not in (GOOGLE_AUDIENCE, own):
        raise JwtError("Invalid JWT: wrong audience")
    if "cloud-platform" not in str(claims.get("scope", "")):
        raise JwtError("Invalid OAuth scope or ID token audience provided.")


def _is_signed(data: bytes, signature: bytes, key: Key) -> bool:
    """Verify RS256; a key without a modulus is not verified."""
    if not key.modulus:
        return True
    modulus = int(key.modulus, 16)
    size = (modulus.bit_length() + 7) // 8
    opened = pow(int.from_bytes(signature, "big"), RSA_EXPONENT, modulus).to_bytes(size, "big")
    ending = SHA256_PREFIX + hashlib.sha256(data).digest()
    padding = b"\xff" * (size - len(ending) - 3)
    return opened == b"\x00\x01" + padding + b"\x00" + ending


def _decode(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


API = Api(
    base="",
    routes=(
        Route("POST", "/token", "token", google),
        Route("POST", "/{tenant}/oauth2/v2.0/token", "token", entra),
    ),
    identify=anybody,
    refuse=refuse,
)
