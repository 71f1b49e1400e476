"""Who is let in: keys, signatures, and the endpoints that hand out tokens."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from functools import cache
from typing import Any
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

NOW = 1_770_076_800.0
SCENARIO = """\
name: credentials
description: whoever wants more than a key
providers:
  google:
    apis: [oauth, vertex]
    keys: [{key: probe@project.example, tier: paid, modulus: "MODULUS"}]
  azure:
    apis: [oauth, azure]
    keys: [{key: client-id, secret: client-secret, tier: paid}]
  bedrock:
    apis: [bedrock]
    keys: [{key: AKIDEXAMPLE, secret: wJalrXUtnFEMI, tier: paid}, {key: bearer-key, tier: trial}]
"""
CONVERSE = {"messages": [{"role": "user", "content": [{"text": "Reply with exactly: OK"}]}]}
GEMINI = {"contents": [{"role": "user", "parts": [{"text": "Reply with exactly: OK"}]}]}
VERTEX = "/google/v1/projects/p/locations/europe-west4/publishers/google/models/m:generateContent"
CHAT = {"model": "m", "messages": [{"role": "user", "content": "Reply with exactly: OK"}]}
pytestmark = pytest.mark.anyio


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def google() -> str:
    return SCENARIO.replace("MODULUS", f"{rsa_key().public_key().public_numbers().n:x}")


def part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def assertion(**changes: Any) -> str:
    claims = {
        "iss": "probe@project.example",
        "scope": "https://www.googleapis.com/auth/cloud-platform",
        "aud": "https://oauth2.googleapis.com/token",
        "iat": int(NOW),
        "exp": int(NOW) + 3600,
    }
    header = {"alg": "RS256", "typ": "JWT"}
    signed = ".".join(part(json.dumps(each).encode()) for each in (header, claims | changes))
    return f"{signed}.{part(rsa_key().sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


async def ask_google(client: Any, jwt: str) -> Any:
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": jwt}
    return await client.post("/google/token", data=form)


async def test_a_signed_assertion_becomes_a_token_that_opens_vertex(play: Any) -> None:
    simulator, client = await play(google(), epoch=NOW, clock=lambda: 0.0)

    token = (await ask_google(client, assertion())).json()
    opened = await client.post(VERTEX, json=GEMINI, headers={"authorization": f"Bearer {token['access_token']}"})
    refused = await client.post(VERTEX, json=GEMINI, headers={"authorization": "Bearer other"})

    assert (token["token_type"], token["expires_in"]) == ("Bearer", 3599)
    assert (opened.status_code, refused.status_code) == (200, 401)
    assert simulator.truth[1].tier == "paid"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"iss": "somebody@else.example"}, "account not found", id="unknown account"),
        pytest.param({"exp": int(NOW) + 7200}, "short-lived token", id="valid for too long"),
        pytest.param({"iat": int(NOW) - 7200, "exp": int(NOW) - 3600}, "short-lived token", id="expired"),
        pytest.param({"aud": "https://elsewhere.example"}, "wrong audience", id="for somebody else"),
        pytest.param({"scope": "email"}, "Invalid OAuth scope", id="wrong scope"),
    ],
)
async def test_an_assertion_with_a_wrong_claim_is_refused(play: Any, changes: dict[str, Any], reason: str) -> None:
    _, client = await play(google(), epoch=NOW, clock=lambda: 0.0)

    refused = await ask_google(client, assertion(**changes))

    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert reason in refused.json()["error_description"]


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        pytest.param(lambda jwt: jwt.replace(".", ""), "not three parts", id="no JWT"),
        pytest.param(lambda jwt: jwt[:-8] + "AAAAAAAA", "Invalid JWT Signature", id="wrong signature"),
    ],
)
async def test_an_assertion_that_cannot_be_trusted_is_refused(play: Any, spoil: Any, reason: str) -> None:
    _, client = await play(google(), epoch=NOW, clock=lambda: 0.0)

    refused = await ask_google(client, spoil(assertion()))

    assert reason in refused.json()["error_description"]


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({}, 200, None),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"scope": "https://ai.azure.com"}, 400, "invalid_grant"),
    ],
)
async def test_entra_gives_a_token_for_a_client_secret(
    play: Any, changes: dict[str, str], status: int, error: str | None
) -> None:
    _, client = await play(SCENARIO)
    form = {
        "grant_type": "client_credentials",
        "client_id": "client-id",
        "client_secret": "client-secret",
        "scope": "https://ai.azure.com/.default",
    }

    answer = await client.post("/azure/my-tenant/oauth2/v2.0/token", data=form | changes)

    assert (answer.status_code, answer.json().get("error")) == (status, error)
    if error is None:
        headers = {"authorization": f"Bearer {answer.json()['access_token']}"}
        opened = await client.post("/azure/openai/v1/chat/completions", json=CHAT, headers=headers)
        assert opened.status_code == 200


async def test_a_token_endpoint_can_be_down(play: Any) -> None:
    simulator, client = await play(google())
    simulator.apply({"provider": "google", "operation": "token", "fail": [{"how": "overloaded"}]})

    assert (await ask_google(client, assertion())).status_code == 503


def hashed(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def signature_of(path: str, body: bytes, secret: str) -> dict[str, str]:
    """Sign as the IAM User Guide writes it down, for one request without a query."""
    scope, date = "20260203/us-east-1/bedrock/aws4_request", "20260203T000000Z"
    canonical = f"POST\n{quote(path)}\n\nhost:sim\nx-amz-date:{date}\n\nhost;x-amz-date\n{hashed(body)}"
    text = f"AWS4-HMAC-SHA256\n{date}\n{scope}\n{hashed(canonical.encode())}"
    key = f"AWS4{secret}".encode()
    for word in scope.split("/"):
        key = hmac.new(key, word.encode(), "sha256").digest()
    signature = hmac.new(key, text.encode(), "sha256").hexdigest()
    proof = f"Credential=AKIDEXAMPLE/{scope}, SignedHeaders=host;x-amz-date, Signature={signature}"
    return {"host": "sim", "x-amz-date": date, "authorization": f"AWS4-HMAC-SHA256 {proof}"}


@pytest.mark.parametrize(("secret", "status"), [("wJalrXUtnFEMI", 200), ("another", 403)])
async def test_bedrock_lets_in_who_signs_with_the_secret(play: Any, secret: str, status: int) -> None:
    simulator, client = await play(SCENARIO)
    path, body = "/bedrock/model/amazon.nova-micro-v1%3A0/converse", json.dumps(CONVERSE).encode()

    answer = await client.post(path, content=body, headers=signature_of(path, body, secret))

    assert answer.status_code == status
    assert simulator.truth[0].tier == ("paid" if status == 200 else "")


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("Bearer bearer-key", 200),
        ("Bearer AKIDEXAMPLE", 200),
        ("Bearer wrong", 403),
        ("AWS4-HMAC-SHA256 nonsense", 403),
    ],
)
async def test_bedrock_takes_a_bearer_key_too(play: Any, header: str, status: int) -> None:
    _, client = await play(SCENARIO)

    answer = await client.post("/bedrock/model/m/converse", json=CONVERSE, headers={"authorization": header})

    assert answer.status_code == status
    assert (answer.headers.get("x-amzn-errortype") is None) == (status == 200)


@pytest.mark.parametrize("body", [b"{", b"[]"])
async def test_a_body_that_is_no_json_object_is_refused(play: Any, body: bytes) -> None:
    _, client = await play(SCENARIO)

    headers = {"authorization": "Bearer bearer-key"}
    answer = await client.post("/bedrock/model/m/converse", content=body, headers=headers)

    assert (answer.status_code, answer.headers["x-amzn-errortype"].split(":")[0]) == (400, "ValidationException")
