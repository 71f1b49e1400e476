from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ai_provider_exporter.web.api import openapi
from jsonschema import Draft202012Validator, FormatChecker

from tests.exporter import worlds
from tests.exporter.serving import Visit
from tests.exporter.worlds import WORLDS

PATHS = ("/api/v1/providers", "/api/v1/probes", "/api/v1/incidents", "/api/v1/sd")


def _schema(document: dict[str, Any], path: str, status: str = "200") -> dict[str, Any]:
    """What the document says of an answer, with all that it refers to."""
    said = document["paths"][path]["get"]["responses"][status]["content"]["application/json"]["schema"]
    return {"components": document["components"], **said}


def _wrong(schema: dict[str, Any], answer: Any) -> list[str]:
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    return [error.message for error in validator.iter_errors(answer)]


def _fields(schema: Any) -> Iterator[str]:
    """Every name of every object, as `Model.field`."""
    for name, model in schema["components"]["schemas"].items():
        for field in model.get("properties", {}):
            yield f"{name}.{field}"


@pytest.mark.parametrize("story", WORLDS)
def test_every_answer_is_what_the_document_says_it_is(story: str, visit: Visit) -> None:
    client = visit(WORLDS[story])
    document = client.get("/api/v1/openapi.json").json()

    for path in PATHS:
        answer = client.get(path)
        assert answer.headers["content-type"] == "application/json"
        assert _wrong(_schema(document, path), answer.json()) == []


def test_the_document_describes_itself_in_valid_schemas() -> None:
    document = openapi.document()

    assert document["openapi"] == "3.1.0"
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_the_document_names_every_path_of_the_api_and_no_other(visit: Visit) -> None:
    client = visit(worlds.empty)

    document = client.get("/api/v1/openapi.json").json()

    assert set(document["paths"]) == set(PATHS)
    assert document["servers"] == [{"url": "../.."}]


def test_a_schema_refuses_what_it_does_not_know() -> None:
    schema = _schema(openapi.document(), "/api/v1/incidents")

    assert _wrong(schema, {"incidents": [], "more": 1})
    assert _wrong(schema, {"incidents": [{"id": "x"}]})


# A field that is renamed or gone breaks somebody's script: this list may only grow.
STABLE = """
    Component.group Component.id Component.name Component.region Component.status
    Incident.components Incident.id Incident.impact Incident.name Incident.page_read_at Incident.provider
    Incident.regions Incident.stale Incident.started_at Incident.status Incident.updated_at Incident.updates
    Incident.url
    Incidents.incidents
    Maintenance.components Maintenance.ends_at Maintenance.id Maintenance.name Maintenance.starts_at Maintenance.status
    Maintenance.url
    ErrorMessage.error
    Page.changed_at Page.components Page.format Page.indicator Page.interval_seconds Page.maintenances Page.read_at
    Page.reason Page.stale Page.status Page.up Page.url
    Place.acknowledgement_lag_seconds Place.admitted_since Place.disagreement Place.disagreement_seconds
    Place.failing_since Place.location Place.observed Place.verdict Place.verdict_reason
    Probe.attempts Probe.backs_off Probe.cost_usd Probe.failing_since Probe.failures Probe.interval_seconds Probe.kind
    Probe.labels
    Probe.last_run Probe.last_success_at Probe.location Probe.model Probe.next_run_at Probe.probe Probe.provider
    Probe.skipped Probe.stale Probe.stands_in Probe.tier Probe.verdict
    Probes.probes
    Provider.explanation Provider.incidents Provider.locations Provider.observed Provider.official Provider.page
    Provider.parts Provider.probes Provider.provider Provider.reason Provider.reports Provider.since Provider.title
    Provider.verdict Provider.verdict_reason
    Providers.providers
    Reports.baseline Reports.count Reports.heard_at Reports.reason Reports.source Reports.stale Reports.status
    Reports.uptimes
    Run.answer_correct Run.cost_usd Run.detail Run.duration_seconds Run.fault Run.http_status Run.longest_stall_seconds
    Run.phases Run.reason Run.started_at Run.success Run.time_to_first_answer_seconds Run.time_to_first_token_seconds
    Run.tokens
    TargetGroup.labels TargetGroup.targets
"""


def test_the_names_of_fields_are_a_contract() -> None:
    assert sorted(_fields(openapi.document())) == sorted(STABLE.split())


def test_a_provider_is_told_as_on_the_board(visit: Visit) -> None:
    answer = visit(worlds.admitted).get("/api/v1/providers").json()

    openai = answer["providers"][0]
    (seen,) = [place for place in openai["locations"] if place["location"] == "fra1"]
    assert openai["title"] == "OpenAI"
    assert openai["verdict"] == "down"
    assert openai["since"].startswith("2026-02-03T20:27:")
    assert (openai["observed"], openai["official"]) == ("major_outage", "major_outage")
    assert openai["reason"] == "overloaded"
    assert openai["incidents"] == ["inc-Elevated"]
    assert seen["acknowledgement_lag_seconds"] == pytest.approx(945, abs=30)
    assert seen["disagreement"] is None
    assert seen["disagreement_seconds"]["unacknowledged"] > 600


def test_what_users_say_is_told_until_it_is_stale(visit: Visit) -> None:
    fresh = visit(worlds.admitted).get("/api/v1/providers").json()["providers"][0]["reports"]
    stale = visit(worlds.reported).get("/api/v1/providers").json()["providers"][0]["reports"]

    assert [(said["source"], said["count"], said["baseline"], said["stale"]) for said in fresh] == [
        ("downdetector", 13042, 121, False)
    ]
    assert [(said["count"], said["stale"], said["reason"]) for said in stale] == [(None, True, "server_error")]


def test_a_run_is_told_in_the_words_of_the_verb_probe(visit: Visit) -> None:
    answer = visit(worlds.unadmitted).get("/api/v1/probes").json()

    probe = answer["probes"][0]
    assert (probe["probe"], probe["tier"], probe["verdict"]) == ("openai-chat", "paid", "down")
    assert probe["labels"]["endpoint_host"] == "api.openai.example"
    assert probe["failures"] == {"provider": 24, "ours": 0, "network": 0, "prober": 0, "unknown": 0}
    assert probe["next_run_at"] == "2026-02-03T20:47:44Z"
    assert probe["last_run"]["reason"] == "overloaded"
    assert probe["last_run"]["fault"] == "provider"
    assert probe["last_run"]["phases"]["first_token"] is None


def test_an_incident_keeps_its_link_only_if_it_leads_to_the_web(visit: Visit) -> None:
    told = visit(worlds.admitted).get("/api/v1/incidents").json()["incidents"]
    hostile = visit(worlds.hostile).get("/api/v1/incidents").json()["incidents"]

    assert [incident["url"] for incident in told] == ["https://status.openai.example/incidents/1"] * 2
    assert [incident["url"] for incident in hostile] == [None]


def test_a_stand_in_says_that_it_is_one(visit: Visit) -> None:
    probes = visit(worlds.unfunded).get("/api/v1/probes").json()["probes"]

    assert [(p["probe"], p["kind"], p["stands_in"], p["stale"]) for p in probes] == [
        ("openai-chat", "chat", False, True),
        ("openai-chat", "models", True, False),
    ]


def test_an_answer_is_sent_again_only_when_it_has_changed(visit: Visit) -> None:
    client = visit(worlds.unadmitted)

    for path in ("/api/v1/providers", "/api/v1/probes", "/api/v1/incidents", "/api/v1/openapi.json"):
        answer = client.get(path)
        again = client.get(path, headers={"if-none-match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    ("method", "path", "status", "sentence"),
    [
        ("GET", "/api/v1/nothing", 404, "There is nothing at /api/v1/nothing; "),
        ("GET", "/api/v2/providers", 404, "There is nothing at /api/v2/providers; "),
        ("DELETE", "/api/v1/probes", 405, "DELETE is not allowed at /api/v1/probes; use "),
    ],
)
def test_a_mistake_is_told_as_json_in_a_sentence(
    method: str, path: str, status: int, sentence: str, visit: Visit
) -> None:
    answer = visit(worlds.empty).request(method, path)

    assert answer.status_code == status
    assert answer.json()["error"].startswith(sentence)
    assert _wrong(_schema(openapi.document(), "/api/v1/probes", "405"), answer.json()) == []


# --- Prometheus' HTTP service discovery --------------------------------------------------------------------


def test_each_configured_probe_is_a_target_whether_it_has_run_or_not(visit: Visit) -> None:
    client = visit(worlds.unknown)

    groups = client.get("/api/v1/sd").json()

    never = next(group for group in groups if group["labels"]["__meta_ai_probe_name"] == "openai-chat")
    assert never == {
        "targets": [client.base_url.netloc.decode()],
        "labels": {
            "__scheme__": "http",
            "__metrics_path__": "/metrics",
            "__meta_ai_probe_name": "openai-chat",
            "__meta_ai_probe_provider": "openai",
            "__meta_ai_probe_kind": "chat",
            "__meta_ai_probe_model": "small-1",
            "__meta_ai_probe_location": "fra1",
            "__meta_ai_probe_tier": "paid",
            "__meta_ai_probe_interval_seconds": "30",
            "__meta_ai_probe_endpoint_host": "api.openai.example",
        },
    }


def test_no_probe_is_an_empty_list_and_no_error(visit: Visit) -> None:
    answer = visit(worlds.empty).get("/api/v1/sd")

    assert (answer.status_code, answer.json()) == (200, [])


def test_a_stand_in_is_no_target_of_its_own(visit: Visit) -> None:
    assert len(visit(worlds.unfunded).get("/api/v1/sd").json()) == 1


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("exporter.example:10190", "exporter.example:10190"),
        ("[::1]:10190", "[::1]:10190"),
        ("evil/../x", None),
        ("", None),
    ],
)
def test_a_target_is_where_prometheus_asked_us(host: str, expected: str | None, visit: Visit) -> None:
    client = visit(worlds.ours, "/ai")

    (group,) = client.get("/ai/api/v1/sd", headers={"host": host}).json()

    assert group["targets"] == [expected or client.base_url.netloc.decode()]
    assert group["labels"]["__metrics_path__"] == "/ai/metrics"
