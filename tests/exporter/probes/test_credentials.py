from __future__ import annotations

import asyncio
import json
from base64 import urlsafe_b64decode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import pytest
from ai_provider_exporter.model.observation import ProbeObservation
from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes import KINDS, sigv4
from ai_provider_exporter.probes.access_tokens import AccessToken, AccessTokenCache
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.runtime import runner
from ai_provider_exporter.runtime.host_health import HostHealth
from ai_provider_exporter.schema.types import Secret
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.exporter import idle_time
from tests.exporter.probes.played import NOW, Played, head
from tests.exporter.wire.loopback import leaving_nothing, serving

JSON = head(content_type="application/json")
MODELS = b'{"data":[{"id":"m"}]}'
SECRETS = {"KEY": "secret-key-1", "AKID": "AKIDEXAMPLE", "ASECRET": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}
AWS = {"region": "us-east-1", "access_key_id": {"env": "AKID"}, "secret_access_key": {"env": "ASECRET"}}

# The first two cases of the test suite that AWS publishes with Signature Version 4.
VECTORS = {
    "GET": "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    "POST": "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
}


class World:
    """An API and a token endpoint, one server each, kept for several runs with the same context."""

    def __init__(self, api: Any, token: Any = None, secrets: dict[str, str] | None = None) -> None:
        self.api, self.token = api, token or Played([])
        self.secrets = SECRETS | (secrets or {})
        self.now = NOW

    def runs(
        self, count: int, options: Callable[[str], dict[str, Any]], *, at_once: bool = False
    ) -> list[ProbeObservation]:
        observations: list[ProbeObservation] = idle_time.run(
            leaving_nothing(self._runs(count, options, at_once=at_once))
        )
        return observations

    async def _runs(self, count: int, options: Any, *, at_once: bool) -> list[ProbeObservation]:
        async with serving(self.api) as port, serving(self.token) as token_port:
            raw = {"name": "p", "provider": "x", "kind": "models", "base_url": f"http://127.0.0.1:{port}/v1"}
            settings = KINDS["models"].OPTIONS.model_validate(raw | options(f"http://127.0.0.1:{token_port}/token"))
            context = ProbeContext(secret=self._read, now=lambda: self.now)
            runs = [runner.probe(settings, context, HostHealth()) for _ in range(count)]
            return await asyncio.gather(*runs) if at_once else [await run for run in runs]

    def _read(self, secret: Secret) -> str:
        return self.secrets[secret.env or ""]


def sent(options: dict[str, Any], secrets: dict[str, str] | None = None) -> str:
    """The head of the request that reaches the API."""
    api = Played([JSON, MODELS])
    (run,) = World(api, secrets=secrets).runs(1, lambda _: options)
    assert run.success, run.detail
    return api.asked[0].decode()


@pytest.mark.parametrize(
    ("options", "header"),
    [
        ({"api_key": {"env": "KEY"}}, "authorization: Bearer secret-key-1"),
        ({"api_key": {"env": "KEY"}, "dialect": "anthropic"}, "x-api-key: secret-key-1"),
        ({"api_key": {"env": "KEY"}, "dialect": "gemini"}, "x-goog-api-key: secret-key-1"),
        ({"api_key": {"env": "KEY"}, "auth": "api-key"}, "api-key: secret-key-1"),
        ({"api_key": {"env": "KEY"}, "auth": "bearer", "dialect": "anthropic"}, "authorization: Bearer secret-key-1"),
    ],
    ids=["bearer", "anthropic", "gemini", "azure", "told otherwise"],
)
def test_a_key_goes_where_the_dialect_or_the_user_says(options: dict[str, Any], header: str) -> None:
    assert f"\r\n{header}\r\n" in sent(options)


def test_without_a_key_nothing_is_sent() -> None:
    assert "authorization" not in sent({})


@pytest.mark.parametrize("method", VECTORS)
def test_a_signature_is_the_one_that_aws_publishes(method: str) -> None:
    keys = sigv4.Keys(access_key_id=SECRETS["AKID"], secret_access_key=SECRETS["ASECRET"])
    now = datetime(2015, 8, 30, 12, 36, tzinfo=UTC).timestamp()
    scope = sigv4.Scope(region="us-east-1", service="service")
    signed = sigv4.sign(method, "https://example.amazonaws.com/", b"", {}, keys, scope, now)

    assert signed["authorization"].endswith(f"Signature={VECTORS[method]}")
    assert signed["x-amz-date"] == "20150830T123600Z"


def test_an_encoded_path_is_encoded_once_more_for_the_signature() -> None:
    keys = sigv4.Keys(access_key_id="a", secret_access_key="b")
    scope = sigv4.Scope(region="r", service="bedrock")
    one, other = (
        sigv4.sign("POST", f"https://h/model/{model}/converse", b"{}", {}, keys, scope, NOW)["authorization"]
        for model in ("m%3A0", "m%253A0")
    )

    assert one != other


def test_a_request_is_signed_with_the_keys_and_the_session() -> None:
    request = sent({"aws": AWS | {"session_token": {"env": "KEY"}}})

    assert "x-amz-security-token: secret-key-1\r\n" in request
    assert "authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260921/us-east-1/bedrock/aws4_request, " in request
    assert SECRETS["ASECRET"] not in request


def granted(token: str, seconds: int = 3600) -> bytes:
    return json.dumps({"access_token": token, "expires_in": seconds, "token_type": "Bearer"}).encode()


def entra(url: str) -> dict[str, Any]:
    authority = url.removesuffix("/token")
    return {"entra": {"tenant_id": "t-1", "client_id": "app", "client_secret": {"env": "KEY"}, "authority": authority}}


def google(url: str) -> dict[str, Any]:
    return {"google": {"service_account": {"env": "ACCOUNT"}, "token_url": url}}


def test_a_token_is_fetched_once_and_used_until_shortly_before_its_end() -> None:
    api, token = Played([JSON, MODELS]), Played([JSON, granted("tok-1")])
    world = World(api, token)
    runs = world.runs(3, entra)

    assert all(run.success for run in runs), runs[0].detail
    assert len(token.asked) == 1
    assert all(b"authorization: Bearer tok-1\r\n" in request for request in api.asked)


def test_a_token_request_is_the_grant_of_a_client() -> None:
    token = Played([JSON, granted("tok-1")])
    World(Played([JSON, MODELS]), token).runs(1, entra)
    request, _, form = token.asked[0].decode().partition("\r\n\r\n")

    assert request.startswith("POST /t-1/oauth2/v2.0/token HTTP/1.1\r\n")
    assert parse_qs(form) == {
        "grant_type": ["client_credentials"],
        "client_id": ["app"],
        "client_secret": ["secret-key-1"],
        "scope": ["https://ai.azure.com/.default"],
    }


def test_probes_that_start_at_once_fetch_one_token() -> None:
    token = Played([0.1, JSON, granted("tok-1")])
    runs = World(Played([JSON, MODELS]), token).runs(5, entra, at_once=True)

    assert all(run.success for run in runs)
    assert len(token.asked) == 1


def test_the_time_for_a_token_is_not_the_latency_of_the_api() -> None:
    (run,) = World(Played([JSON, MODELS]), Played([0.3, JSON, granted("tok-1")])).runs(1, entra)

    assert run.duration_seconds < 0.25


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        (
            [head(401, "application/json"), b'{"error":"invalid_client","error_description":"AADSTS7000215"}'],
            "token_refused",
        ),
        ([head(400, "application/json"), b'{"error":"invalid_grant"}'], "token_refused"),
        ([JSON, b'{"error":"invalid_grant"}'], "token_refused"),
        ([head(400, "application/json"), b'{"error":"temporarily_unavailable"}'], "overloaded"),
        ([head(400, "application/json"), b'{"error":"server_error"}'], "server_error"),
        ([head(429, "application/json"), b"{}"], "throttled"),
        ([head(200, "text/html"), b"<html>Welcome to the hotel"], "unexpected_content_type"),
        ([JSON, b"<html>Your request is being inspected"], "unexpected_content_type"),
        ([head(503, "application/json"), b"{}"], "overloaded"),
        ([head(500, "text/html"), b"<p>"], "server_error"),
        ([JSON, b'{"token_type":"Bearer"}'], "malformed_response"),
        ([JSON, b"nope"], "malformed_response"),
        ([], "server_disconnected"),
    ],
    ids=[
        "401",
        "400",
        "an error in a 200",
        "ill, says a 400",
        "broken, says a 400",
        "429",
        "a portal",
        "a proxy's page",
        "503",
        "500",
        "no token",
        "no JSON",
        "hung up",
    ],
)
def test_a_token_that_cannot_be_had_has_its_reason(steps: list[Any], reason: str) -> None:
    api = Played([JSON, MODELS])
    (run,) = World(api, Played(steps)).runs(1, entra)

    assert run.reason == reason, run.detail
    assert api.asked == []


def test_a_refused_token_is_explained_in_the_words_of_the_endpoint() -> None:
    body = b'{"error":"invalid_client","error_description":"AADSTS7000222: The client secret has expired"}'
    (run,) = World(Played([JSON, MODELS]), Played([head(401, "application/json"), body])).runs(1, entra)

    assert "AADSTS7000222" in run.detail


def test_a_refused_token_is_fetched_anew() -> None:
    api, token = Played([head(401, "application/json"), b"{}"]), Played([JSON, granted("tok-1")])
    World(api, token).runs(2, entra)

    assert len(token.asked) == 2


def test_a_service_account_signs_for_its_token() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    account = {"client_email": "probe@p.example", "private_key": pem, "private_key_id": "k1"}
    api, token = Played([JSON, MODELS]), Played([JSON, granted("ya-1")])
    (run,) = World(api, token, {"ACCOUNT": json.dumps(account, indent=2)}).runs(1, google)
    form = parse_qs(token.asked[0].partition(b"\r\n\r\n")[2].decode())
    header, claims, signature = (urlsafe_b64decode(part + "==") for part in form["assertion"][0].split("."))
    signed = form["assertion"][0].rpartition(".")[0].encode()
    key.public_key().verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())

    assert run.success, run.detail
    assert b"authorization: Bearer ya-1\r\n" in api.asked[0]
    assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    assert json.loads(header) == {"alg": "RS256", "typ": "JWT", "kid": "k1"}
    assert json.loads(claims) == {
        "iss": "probe@p.example",
        "scope": "https://www.googleapis.com/auth/cloud-platform",
        "aud": "https://oauth2.googleapis.com/token",
        "iat": int(NOW),
        "exp": int(NOW) + 3600,
    }


@pytest.mark.parametrize(
    "account", ["{}", "[1]", "not JSON", '{"client_email":"x","private_key":"y"}', '{"client_email":1}']
)
def test_a_file_that_is_no_service_account_says_so_and_shows_nothing(account: str) -> None:
    (run,) = World(Played([JSON, MODELS]), secrets={"ACCOUNT": account}).runs(1, google)

    assert run.reason == "token_refused"
    assert account not in run.detail


class Mint:
    """Mints a token a time, or fails."""

    def __init__(self, now: float, *, lifetime: float = 3600.0) -> None:
        self.count, self.now, self.lifetime, self.fails = 0, now, lifetime, False

    async def __call__(self) -> AccessToken:
        self.count += 1
        if self.fails:
            raise Failure("server_error", "down")
        return AccessToken.lasting(f"t{self.count}", self.lifetime, self.now)


def test_a_token_is_refreshed_five_minutes_early() -> None:
    tokens, mint = AccessTokenCache(), Mint(0.0)
    got = [asyncio.run(tokens.get("who", "s", now, mint)) for now in (0.0, 3299.0)]
    mint.now = 3301.0
    got.append(asyncio.run(tokens.get("who", "s", 3301.0, mint)))

    assert got == ["t1", "t1", "t2"]


def test_a_failed_refresh_uses_what_still_holds_and_no_longer() -> None:
    tokens, mint = AccessTokenCache(), Mint(0.0)
    asyncio.run(tokens.get("who", "s", 0.0, mint))
    mint.fails = True

    assert asyncio.run(tokens.get("who", "s", 3500.0, mint)) == "t1"
    with pytest.raises(Failure):
        asyncio.run(tokens.get("who", "s", 3600.0, mint))


def test_a_rotated_secret_gets_a_token_of_its_own() -> None:
    tokens, mint = AccessTokenCache(), Mint(0.0)
    got = [asyncio.run(tokens.get("who", secret, 0.0, mint)) for secret in ("a", "a", "b")]

    assert got == ["t1", "t1", "t2"]


def test_a_token_shows_itself_to_nobody() -> None:
    assert "t1" not in repr(AccessToken.lasting("t1", 60.0, 0.0))
