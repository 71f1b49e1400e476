"""What every source has in common: keys, refusals and patience."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.reports.reader import ReportsReader
from ai_provider_exporter.status_pages.errors import PageFailure

from tests.exporter.status_pages.served import Answer, PageServer, html, said, sent_to

Reading = Callable[..., ReportsReader]
ISDOWN = {"source": "isdown", "service": "acme", "api_key": {"env": "KEY"}}
CLIENT = {"source": "downdetector", "company_id": 7, "client_id": {"env": "ID"}, "client_secret": {"env": "SECRET"}}
GOOD = said({"data": {"attributes": {"status": "ok"}}})
pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(Answer(status=500), "server_error", id="their defect"),
        pytest.param(Answer(status=403), "forbidden", id="forbidden"),
        pytest.param(Answer(status=404), "endpoint_not_found", id="not there"),
        pytest.param(html("Just a moment", status=403), "challenged", id="challenge"),
        pytest.param(html(), "unexpected_content_type", id="html"),
        pytest.param(said([1]), "malformed_response", id="another shape"),
        pytest.param(sent_to("https://other.example/"), "redirected", id="redirect"),
    ],
)
async def test_what_is_no_answer_has_a_reason(
    server: PageServer, reading: Reading, answer: Answer, reason: str
) -> None:
    server.anything = answer

    with pytest.raises(PageFailure) as failure:
        await reading(**ISDOWN).read()

    assert failure.value.reason == reason


async def test_a_key_that_is_not_accepted_is_ours_to_check(server: PageServer, reading: Reading) -> None:
    server.anything = Answer(status=401)

    with pytest.raises(Failure, match="answered 401; check the key") as failure:
        await reading(**ISDOWN).read()

    assert failure.value.reason == "key_rejected"
    assert "the KEY" not in failure.value.detail


@pytest.mark.parametrize(("status", "reason"), [(401, "token_refused"), (400, "token_refused"), (403, "token_refused")])
async def test_credentials_that_are_not_accepted_are_ours_to_check(
    server: PageServer, reading: Reading, status: int, reason: str
) -> None:
    server.anything = Answer(status=status)

    with pytest.raises(Failure, match="check client_id and client_secret") as failure:
        await reading(**CLIENT).read()

    assert failure.value.reason == reason


@pytest.mark.parametrize("answer", [said({}), said({"access_token": 1}), said({"access_token": "a\nb"})])
async def test_a_grant_without_a_token_is_refused(server: PageServer, reading: Reading, answer: Answer) -> None:
    server.anything = answer

    with pytest.raises(PageFailure, match="holds no access_token"):
        await reading(**CLIENT).read()


async def test_a_token_endpoint_that_is_ill_is_not_our_fault(server: PageServer, reading: Reading) -> None:
    server.anything = Answer(status=502)

    with pytest.raises(PageFailure) as failure:
        await reading(**CLIENT).read()

    assert failure.value.reason == "server_error"


async def test_a_token_that_is_no_longer_accepted_is_fetched_anew(server: PageServer, reading: Reading) -> None:
    server.answers["/api/tokens?grant_type=client_credentials"] = said({"access_token": "granted"})
    server.anything = Answer(status=401)
    reader = reading(**CLIENT)

    for _ in range(2):
        with pytest.raises(Failure):
            await reader.read()

    assert [path.partition("?")[0] for path in server.paths] == ["/api/tokens", "/api/companies/7"] * 2


async def test_a_source_that_has_had_enough_is_left_alone(server: PageServer, reading: Reading) -> None:
    now = [1000.0]
    server.anything = Answer(status=429, headers={"Retry-After": "600"})
    reader = reading(**ISDOWN, now=lambda: now[0])

    for pause in (0, 599, 1):
        now[0] += pause
        with pytest.raises(PageFailure) as failure:
            await reader.read()
        assert failure.value.reason == "rate_limited"

    assert len(server.asked) == 2


async def test_a_source_that_answers_again_is_read(server: PageServer, reading: Reading) -> None:
    reader = reading(**ISDOWN)
    server.anything = Answer(status=500)
    with pytest.raises(PageFailure):
        await reader.read()

    server.anything = GOOD

    assert (await reader.read()).status == 0
