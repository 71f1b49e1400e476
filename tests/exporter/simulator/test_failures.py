"""How an answer goes wrong, as a client on the other side of the socket sees it."""

from __future__ import annotations

from typing import Any, get_args

import httpx2
import pytest
from ai_provider_exporter.simulator.scenario import Foreign, Refused

from tests.exporter.wire.loopback import HANG

pytestmark = pytest.mark.anyio

SCENARIO = """\
name: trouble
description: one provider
providers:
  acme:
    apis: [openai_chat]
    keys: [{key: sk-paid, tier: paid}, {key: sk-free, tier: free}]
    pace: {headers: 0s, first_token: 5ms, gap: 1ms}
    answer: {tokens: 6}
"""
BODY = {"model": "m", "messages": [{"role": "user", "content": "Reply with exactly: OK"}], "stream": True}


async def ask(client: Any, key: str = "sk-paid", place: str = "acme", patience: float = HANG) -> httpx2.Response:
    headers = {"authorization": f"Bearer {key}"}
    url = f"/{place}/v1/chat/completions"
    response: httpx2.Response = await client.post(url, json=BODY, headers=headers, timeout=patience)
    return response


async def test_every_refusal_has_its_status_and_says_so_in_the_providers_words(play: Any) -> None:
    simulator, client = await play(SCENARIO)
    seen = {}
    for how in get_args(Refused):
        simulator.apply({"provider": "acme", "fail": [{"how": how}]})
        response = await ask(client)
        seen[how] = (response.status_code, response.json()["error"]["code"])

    assert seen == {
        "key_rejected": (401, "invalid_api_key"),
        "forbidden": (403, "unsupported_country_region_territory"),
        "quota_exhausted": (429, "credit_balance_exhausted"),
        "rate_limited": (429, "rate_limit_exceeded"),
        "throttled": (429, None),
        "model_not_found": (404, "model_not_found"),
        "bad_request": (400, None),
        "overloaded": (503, "server_is_overloaded"),
        "server_error": (500, None),
    }


async def test_a_scenario_may_word_the_answer_itself(play: Any) -> None:
    simulator, client = await play(SCENARIO)
    fail = {"how": "http", "status": 402, "body": '{"error": "pay"}', "headers": {"retry-after": "7"}}
    simulator.apply({"provider": "acme", "fail": [fail]})

    response = await ask(client)

    assert (response.status_code, response.json()) == (402, {"error": "pay"})
    assert response.headers["retry-after"] == "7"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("{}", "application/json"),
        ("<h1>Sorry</h1>", "text/html; charset=utf-8"),
        ("try later", "text/plain; charset=utf-8"),
    ],
)
async def test_a_body_of_the_scenario_has_the_type_that_it_looks_like(play: Any, body: str, kind: str) -> None:
    simulator, client = await play(SCENARIO)
    simulator.apply({"provider": "acme", "fail": [{"how": "http", "status": 500, "body": body}]})

    assert (await ask(client)).headers["content-type"] == kind


@pytest.mark.parametrize(
    ("how", "status", "header"),
    [
        ("html", 200, ("content-type", "text/html; charset=utf-8")),
        ("challenge", 403, ("cf-mitigated", "challenge")),
        ("edge_error", 522, ("server", "cloudflare")),
        ("redirect", 307, ("location", "/elsewhere")),
        ("malformed", 200, ("content-type", "application/json")),
    ],
)
async def test_an_answer_may_come_from_somebody_else(play: Any, how: str, status: int, header: tuple[str, str]) -> None:
    simulator, client = await play(SCENARIO)
    simulator.apply({"provider": "acme", "fail": [{"how": how}]})

    response = await ask(client)

    assert (response.status_code, response.headers[header[0]]) == (status, header[1])


@pytest.mark.parametrize(
    ("how", "error"),
    [
        ("disconnect", httpx2.RemoteProtocolError),
        ("hang", httpx2.ReadTimeout),
        ("stall", httpx2.ReadTimeout),
        ("cut", httpx2.RemoteProtocolError),
        ("reset", httpx2.ReadError),
    ],
)
async def test_a_connection_breaks_in_the_way_that_was_asked_for(play: Any, how: str, error: type[Exception]) -> None:
    simulator, client = await play(SCENARIO)
    simulator.apply({"provider": "acme", "fail": [{"how": how}]})

    with pytest.raises(error):
        await ask(client, patience=0.1)

    assert simulator.truth[0].outcome == how


async def test_a_silent_stream_sends_comments_and_no_token(play: Any) -> None:
    simulator, client = await play(SCENARIO + "    keepalive: 5ms\n")
    simulator.apply({"provider": "acme", "fail": [{"how": "silent"}]})
    heard = b""
    headers = {"authorization": "Bearer sk-paid"}
    async with client.stream("POST", "/acme/v1/chat/completions", json=BODY, headers=headers) as response:
        async for data in response.aiter_raw():
            heard += data
            if heard.count(b"keep-alive") == 3:
                break

    assert b"data:" not in heard


@pytest.mark.parametrize(
    ("how", "ending"),
    [
        ("truncate", '"finish_reason": null}]}'),
        ("stream_error", '"type": "server_error", "param": null, "code": null}}'),
        ("stream_overloaded", '"param": null, "code": "server_is_overloaded"}}'),
    ],
)
async def test_a_stream_ends_early_inside_a_200(play: Any, how: str, ending: str) -> None:
    simulator, client = await play(SCENARIO)
    simulator.apply({"provider": "acme", "fail": [{"how": how, "after": 2}]})

    response = await ask(client)

    assert response.status_code == 200
    assert response.text.rstrip().endswith(ending)
    assert response.text.count('"delta": {"content"') == 2


@pytest.mark.parametrize(
    ("how", "absent", "present"),
    [
        ("empty_answer", '"delta": {"content"', '"finish_reason": "stop"'),
        ("content_filtered", '"delta": {"content"', '"finish_reason": "content_filter"'),
        ("answer_budget_too_small", '"delta": {"content"', '"finish_reason": "length"'),
        ("wrong_answer", "OK", '"content": " no"'),
    ],
)
async def test_an_answer_may_be_whole_and_yet_worth_nothing(play: Any, how: str, absent: str, present: str) -> None:
    simulator, client = await play(SCENARIO)
    simulator.apply({"provider": "acme", "fail": [{"how": how}]})

    text = (await ask(client)).text

    assert absent not in text
    assert present in text
    assert text.endswith("data: [DONE]\n\n")


async def test_an_endless_answer_goes_on_until_the_client_leaves(play: Any) -> None:
    simulator, client = await play(SCENARIO)
    simulator.apply({"provider": "acme", "fail": [{"how": "endless"}]})

    headers = {"authorization": "Bearer sk-paid"}
    async with client.stream("POST", "/acme/v1/chat/completions", json=BODY, headers=headers) as response:
        heard = 0
        async for data in response.aiter_raw():
            heard += data.count(b'"delta": {"content"')
            if heard > 30:
                break

    assert heard > 30


@pytest.mark.parametrize(
    ("step", "paid", "free", "abroad"),
    [
        pytest.param({}, 500, 500, 500, id="everybody"),
        pytest.param({"tier": "free"}, 200, 500, 200, id="one tier"),
        pytest.param({"location": "us-east"}, 200, 200, 500, id="one location"),
        pytest.param({"operation": "embeddings"}, 200, 200, 200, id="another operation"),
    ],
)
async def test_a_step_hits_whom_it_names(play: Any, step: dict[str, str], paid: int, free: int, abroad: int) -> None:
    simulator, client = await play(SCENARIO)
    simulator.apply({"provider": "acme", "fail": [{"how": "server_error"}], **step})

    assert (await ask(client)).status_code == paid
    assert (await ask(client, "sk-free")).status_code == free
    assert (await ask(client, place="acme@us-east")).status_code == abroad


async def test_the_narrower_step_decides_and_recovery_takes_the_narrower_ones_along(play: Any) -> None:
    simulator, client = await play(SCENARIO)
    simulator.apply({"provider": "acme", "tier": "free", "fail": [{"how": "overloaded"}]})
    simulator.apply({"provider": "acme", "fail": [{"how": "server_error"}]})

    assert [(await ask(client, key)).status_code for key in ("sk-free", "sk-paid")] == [503, 500]

    simulator.apply({"provider": "acme", "recover": True})

    assert [(await ask(client, key)).status_code for key in ("sk-free", "sk-paid")] == [200, 200]


async def test_what_is_refused_anyway_is_not_spoilt(play: Any) -> None:
    simulator, client = await play(SCENARIO)
    simulator.apply({"provider": "acme", "fail": [{"how": "truncate"}]})

    response = await ask(client, "sk-wrong")

    assert response.json()["error"]["code"] == "invalid_api_key"
    assert simulator.truth[0].outcome == "refused"


async def test_an_answer_that_is_not_streamed_can_be_cut_too(play: Any) -> None:
    simulator, client = await play(SCENARIO)
    simulator.apply({"provider": "acme", "fail": [{"how": "truncate"}]})
    body = BODY | {"stream": False}

    with pytest.raises(httpx2.RemoteProtocolError):
        await client.post("/acme/v1/chat/completions", json=body, headers={"authorization": "Bearer sk-paid"})


def test_no_word_means_two_things() -> None:
    assert not set(get_args(Refused)) & set(get_args(Foreign))
