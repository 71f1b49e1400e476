"""Checks AWS requests: a Bearer key, or a Signature Version 4 made with the secret of a key.

Source: "Create a signed AWS API request", IAM User Guide, https://docs.aws.amazon.com, read 2026-11.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence
from urllib.parse import parse_qsl, quote

from ai_provider_exporter.simulator.scenario import Key
from ai_provider_exporter.simulator.server import Request

AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/(?P<scope>[^,]+),\s*"
    r"SignedHeaders=(?P<signed>[^,]+),\s*Signature=(?P<signature>[0-9a-f]{64})"
)


def identify(request: Request, keys: Sequence[Key]) -> Key | None:
    """Return the key that this request proves to have."""
    given = request.headers.get("authorization", "")
    if given.startswith("Bearer "):
        return next((key for key in keys if f"Bearer {key.key}" == given), None)
    match = AUTHORIZATION.fullmatch(given)
    if match is None:
        return None
    return next((key for key in keys if key.key == match["key"] and _is_signed(request, match, key)), None)


def _is_signed(request: Request, match: re.Match[str], key: Key) -> bool:
    date, region, service, ending = match["scope"].split("/")
    secret = f"AWS4{key.secret}".encode()
    for part in (date, region, service, ending):
        secret = _sign(secret, part)
    canonical = _canonical(request, match["signed"].split(";"))
    text = "\n".join(
        ["AWS4-HMAC-SHA256", request.headers.get("x-amz-date", ""), match["scope"], _hash(canonical.encode())]
    )
    return hmac.compare_digest(_sign(secret, text).hex(), match["signature"])


def _canonical(request: Request, signed: Sequence[str]) -> str:
    """Return the request in canonical form; the path is encoded once more, as for all services but S3."""
    query = sorted(parse_qsl(request.raw_query, keep_blank_values=True))
    headers = [f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in signed]
    return "\n".join(
        [
            request.method,
            quote(request.path, safe="/-_.~"),
            "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in query),
            "".join(headers),
            ";".join(signed),
            _hash(request.body),
        ]
    )


def _sign(secret: bytes, text: str) -> bytes:
    return hmac.new(secret, text.encode(), hashlib.sha256).digest()


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
