"""AWS Signature Version 4, for requests whose whole body is at hand.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html (2026-11-22).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote, urlsplit

_ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """`session_token` is empty for keys that last."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    region: str
    service: str


def sign(
    method: str, url: str, body: bytes, headers: Mapping[str, str], keys: Keys, scope: Scope, now: float
) -> dict[str, str]:
    """The headers that make a request ours. `headers` (names in lower case) are signed too; `now` is Unix seconds."""
    parts = urlsplit(url)
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
    added = {"x-amz-date": stamp}
    if keys.session_token:
        added["x-amz-security-token"] = keys.session_token
    signed = dict(sorted({"host": _host(parts.hostname or "", parts.port, parts.scheme), **headers, **added}.items()))
    names = ";".join(signed)
    canonical = "\n".join([
        method,
        quote(parts.path or "/", safe="/-_.~"),  # the path is encoded already, and once more for the signature
        _query(parts.query),
        *(f"{name}:{' '.join(value.split())}" for name, value in signed.items()),
        "",
        names,
        hashlib.sha256(body).hexdigest(),
    ])  # fmt: skip
    place = f"{stamp[:8]}/{scope.region}/{scope.service}/aws4_request"
    text = "\n".join([_ALGORITHM, stamp, place, hashlib.sha256(canonical.encode()).hexdigest()])
    key = f"AWS4{keys.secret_access_key}".encode()
    for part in place.split("/"):
        key = _mac(key, part)
    signature = _mac(key, text).hex()
    credential = f"{keys.access_key_id}/{place}"
    added["authorization"] = f"{_ALGORITHM} Credential={credential}, SignedHeaders={names}, Signature={signature}"
    return added


def _mac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def _host(name: str, port: int | None, scheme: str) -> str:
    is_default = port is None or (scheme, port) in {("https", 443), ("http", 80)}
    return name if is_default else f"{name}:{port}"


def _query(query: str) -> str:
    pairs = sorted(
        (quote(key, safe="-_.~"), quote(value, safe="-_.~")) for key, value in parse_qsl(query, keep_blank_values=True)
    )
    return "&".join(f"{key}={value}" for key, value in pairs)
