from __future__ import annotations

from typing import Any

import httpx2
import pytest

pytestmark = pytest.mark.anyio

SCENARIO = """\
name: pages
description: the same company twice
providers:
  old:
    apis: [openai_chat]
    page: &page
      format: statuspage
      name: Acme
      components:
        - {name: Chat, group: API}
        - {name: Embeddings, group: API}
        - {name: Console}
  new:
    apis: [openai_chat]
    page: {<<: *page, format: incidentio}
"""
INCIDENT = {
    "id": "one",
    "name": "Elevated errors",
    "status": "investigating",
    "impact": "major",
    "components": {"Chat": "partial_outage"},
    "text": "We are looking into it.",
}
RESOLVED = {"id": "one", "status": "resolved", "components": {"Chat": "operational"}}


async def read(client: httpx2.AsyncClient, path: str) -> Any:
    response = await client.get(path)

    assert response.status_code == 200
    return response.json()


def open_incident(simulator: Any, provider: str, *more: Any) -> None:
    for incident in (INCIDENT, *more):
        simulator.apply({"provider": provider, "page": {"incidents": [incident]}})


async def test_statuspage_shows_groups_as_parents_of_their_members(play: Any) -> None:
    _, client = await play(SCENARIO)

    rows = (await read(client, "/old/status/api/v2/summary.json"))["components"]
    parent = rows[0]

    assert [(row["name"], row["group"]) for row in rows] == [
        ("API", True), ("Chat", False), ("Embeddings", False), ("Console", False),
    ]  # fmt: skip
    assert parent["components"] == [rows[1]["id"], rows[2]["id"]]
    assert [row["group_id"] for row in rows] == [None, parent["id"], parent["id"], None]


async def test_statuspage_tells_an_open_incident_with_its_components(play: Any) -> None:
    simulator, client = await play(SCENARIO, epoch=1_770_076_800.0, clock=lambda: 0.0)
    open_incident(simulator, "old")

    summary = await read(client, "/old/status/api/v2/summary.json")
    (incident,) = summary["incidents"]

    assert summary["status"]["indicator"] == "major"
    assert (incident["status"], incident["impact"]) == ("investigating", "major")
    assert incident["started_at"] == "2026-02-03T00:00:00.000Z"
    assert [row["name"] for row in incident["components"]] == ["Chat"]


async def test_statuspage_lists_a_resolved_incident_only_in_its_history(play: Any) -> None:
    simulator, client = await play(SCENARIO)
    open_incident(simulator, "old", RESOLVED)

    summary = await read(client, "/old/status/api/v2/summary.json")
    history = await read(client, "/old/status/api/v2/incidents.json")

    assert summary["incidents"] == []
    assert summary["status"]["indicator"] == "none"
    assert [update["status"] for update in history["incidents"][0]["incident_updates"]] == [
        "resolved", "investigating",
    ]  # fmt: skip


async def test_incidentio_names_only_what_is_in_trouble(play: Any) -> None:
    simulator, client = await play(SCENARIO)
    before = (await read(client, "/new/status/proxy/status.acme.example"))["summary"]
    open_incident(simulator, "new")
    after = (await read(client, "/new/status/proxy/status.acme.example"))["summary"]

    assert before["affected_components"] == before["ongoing_incidents"] == []
    assert after["affected_components"] == [{"component_id": after["components"][0]["id"], "status": "partial_outage"}]
    assert [item.get("group", item.get("component"))["name"] for item in after["structure"]["items"]] == [
        "API", "Console",
    ]  # fmt: skip


async def test_an_impact_of_incidentio_ends_when_the_component_is_well_again(play: Any) -> None:
    clock = [0.0]
    simulator, client = await play(SCENARIO, epoch=1_770_076_800.0, clock=lambda: clock[0])
    worse = {"id": "one", "status": "identified", "components": {"Chat": "major_outage"}}
    for incident in (INCIDENT, worse, RESOLVED):
        simulator.apply({"provider": "new", "page": {"incidents": [incident]}})
        clock[0] += 60.0

    (incident,) = (await read(client, "/new/status/proxy/acme/incidents"))["incidents"]
    impacts = [(known["status"], known["start_at"], known["end_at"]) for known in incident["component_impacts"]]

    assert impacts == [
        ("partial_outage", "2026-02-03T00:00:00.000Z", "2026-02-03T00:01:00.000Z"),
        ("full_outage", "2026-02-03T00:01:00.000Z", "2026-02-03T00:02:00.000Z"),
    ]
    assert incident["affected_components"][0]["status"] == "full_outage"
    assert incident["affected_components"][0]["current_status"] == "operational"
    assert [update["to_status"] for update in incident["updates"]] == [
        "investigating", "identified", "resolved",
    ]  # fmt: skip


async def test_the_emulation_leaves_out_what_incidentio_leaves_out(play: Any) -> None:
    simulator, client = await play(SCENARIO)
    quiet = await read(client, "/new/status/api/v2/summary.json")
    open_incident(simulator, "new")
    (incident,) = (await read(client, "/new/status/api/v2/incidents.json"))["incidents"]

    assert "incidents" not in quiet
    assert "time_zone" not in quiet["page"]
    assert "group_id" not in quiet["components"][0]
    assert (incident["components"], incident["shortlink"]) == ([], None)
    assert (await client.get("/new/status/api/v2/incidents/unresolved.json")).status_code == 404


@pytest.mark.parametrize(
    ("provider", "path", "word"),
    [("old", "history.atom", "<strong>Investigating</strong>"), ("new", "feed.atom", "Chat (Partial outage)")],
)
async def test_a_feed_tells_the_incident_in_the_words_of_its_platform(
    play: Any, provider: str, path: str, word: str
) -> None:
    simulator, client = await play(SCENARIO)
    open_incident(simulator, provider)

    text = (await client.get(f"/{provider}/status/{path}")).text

    assert word.replace("<", "&lt;").replace(">", "&gt;") in text


async def test_a_maintenance_touches_its_components_only_while_it_goes_on(play: Any) -> None:
    simulator, client = await play(SCENARIO, epoch=1_770_076_800.0, clock=lambda: 0.0, speed=60)
    seen = []
    for status in ("scheduled", "in_progress", "completed"):
        said = {"id": "m", "status": status, "components": ["Console"], "starts_in": "1h", "lasts": "30m"}
        simulator.apply({"provider": "old", "page": {"maintenances": [said]}})
        summary = await read(client, "/old/status/api/v2/summary.json")
        seen.append((summary["components"][-1]["status"], len(summary["scheduled_maintenances"])))
    history = await read(client, "/old/status/api/v2/scheduled-maintenances.json")

    assert seen == [("operational", 1), ("under_maintenance", 1), ("operational", 0)]
    assert history["scheduled_maintenances"][0]["scheduled_for"] == "2026-02-03T00:01:00.000Z"
    assert history["scheduled_maintenances"][0]["scheduled_until"] == "2026-02-03T00:01:30.000Z"


async def test_incidentio_tells_a_maintenance_in_its_own_words(play: Any) -> None:
    simulator, client = await play(SCENARIO)
    seen = []
    for status in ("scheduled", "in_progress", "verifying", "completed"):
        said = {"id": "m", "status": status, "components": ["Console"]}
        simulator.apply({"provider": "new", "page": {"maintenances": [said]}})
        summary = (await read(client, "/new/status/proxy/acme"))["summary"]
        seen += [
            (known["type"], known["status"], known["affected_components"][0]["current_status"])
            for known in summary["scheduled_maintenances"]
        ]

    assert seen == [
        ("maintenance", "maintenance_scheduled", "operational"),
        ("maintenance", "maintenance_in_progress", "under_maintenance"),
        ("maintenance", "maintenance_in_progress", "under_maintenance"),
    ]


async def test_statuspage_lists_maintenances_by_whether_they_have_begun(play: Any) -> None:
    simulator, client = await play(SCENARIO)
    base, seen = "/old/status/api/v2/scheduled-maintenances", []
    for status in ("scheduled", "in_progress", "completed"):
        said = {"id": "m", "status": status}
        simulator.apply({"provider": "old", "page": {"maintenances": [said]}})
        documents = [await read(client, f"{base}{path}") for path in ("/upcoming.json", "/active.json", ".json")]
        seen.append(tuple(len(document["scheduled_maintenances"]) for document in documents))

    assert seen == [(1, 0, 1), (0, 1, 1), (0, 0, 1)]


async def test_a_page_names_itself_by_the_address_it_was_asked_at(play: Any) -> None:
    simulator, client = await play(SCENARIO)

    page = (await read(client, "/old@us-east/status/api/v2/status.json"))["page"]

    assert page["url"] == f"{simulator.url}/old@us-east/status"


async def test_the_root_of_a_page_is_for_people(play: Any) -> None:
    _, client = await play(SCENARIO)

    answer = await client.get("/old/status/")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")


async def test_the_indicator_may_contradict_the_components(play: Any) -> None:
    simulator, client = await play(SCENARIO)
    open_incident(simulator, "old")
    simulator.apply({"provider": "old", "page": {"indicator": "none"}})

    summary = await read(client, "/old/status/api/v2/summary.json")

    assert summary["status"]["indicator"] == "none"
    assert len(summary["incidents"]) == 1


@pytest.mark.parametrize(
    ("mode", "status", "kind", "body"),
    [
        ("html", 200, "text/html; charset=utf-8", "<!doctype html>"),
        ("unauthorized", 401, "application/json", "page inactive"),
        ("server_error", 500, "text/html; charset=utf-8", "<!doctype html>"),
        ("empty", 200, "application/json", "{}"),
        ("other_identity", 200, "application/json; charset=utf-8", "https://status.another.example"),
    ],
)
@pytest.mark.parametrize("path", ["old/status/api/v2/summary.json", "new/status/proxy/acme"])
async def test_a_page_misbehaves_as_told(play: Any, path: str, mode: str, status: int, kind: str, body: str) -> None:
    simulator, client = await play(SCENARIO)
    simulator.apply({"provider": path[:3], "page": {"mode": mode}})

    response = await client.get(path)

    assert (response.status_code, response.headers["content-type"]) == (status, kind)
    assert body in response.text


async def test_a_page_may_close_without_a_word(play: Any) -> None:
    simulator, client = await play(SCENARIO)
    simulator.apply({"provider": "old", "page": {"mode": "close"}})

    with pytest.raises(httpx2.RemoteProtocolError):
        await client.get("/old/status/api/v2/summary.json")


async def test_a_stale_page_shows_the_past_until_it_wakes_up(play: Any) -> None:
    simulator, client = await play(SCENARIO)
    simulator.apply({"provider": "old", "page": {"mode": "stale"}})
    open_incident(simulator, "old")
    stale = await read(client, "/old/status/api/v2/summary.json")
    simulator.apply({"provider": "old", "page": {"mode": "ok"}})
    fresh = await read(client, "/old/status/api/v2/summary.json")

    assert [len(document["incidents"]) for document in (stale, fresh)] == [0, 1]


async def test_an_unchanged_page_is_not_sent_twice(play: Any) -> None:
    simulator, client = await play(SCENARIO)
    first = await client.get("/old/status/api/v2/summary.json")
    known = {"if-none-match": first.headers["etag"]}

    assert (await client.get("/old/status/api/v2/summary.json", headers=known)).status_code == 304

    open_incident(simulator, "old")

    assert (await client.get("/old/status/api/v2/summary.json", headers=known)).status_code == 200


async def test_a_provider_without_a_page_has_none(play: Any) -> None:
    _, client = await play("name: n\ndescription: d\nproviders: {acme: {apis: [openai_chat]}}\n")

    assert (await client.get("/acme/status/api/v2/summary.json")).status_code == 404
