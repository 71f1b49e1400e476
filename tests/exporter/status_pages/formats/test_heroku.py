from __future__ import annotations

import json
from typing import Any

import pytest
from ai_provider_exporter.model.observation import Impact
from ai_provider_exporter.status_pages.formats import heroku
from ai_provider_exporter.status_pages.payload import Payload


def impact_and_components(*systems: Any) -> tuple[Impact, tuple[str, ...]]:
    document = {
        "status": [{"system": "Dynos", "status": "red"}, {"system": "Builds", "status": "yellow"}],
        "incidents": [{"id": 7, "title": "Builds wait", "state": "open", "systems": systems}],
        "scheduled": [],
    }
    (incident,) = heroku.parse(Payload(body=json.dumps(document).encode())).incidents
    return incident.impact, incident.components


@pytest.mark.parametrize(
    ("system", "impact"),
    [
        pytest.param("Builds", Impact.MINOR, id="a name, as bad as the system is"),
        pytest.param({"name": "Builds"}, Impact.MINOR, id="an object, as bad as the system is"),
        pytest.param({"name": "Builds", "status": "red"}, Impact.CRITICAL, id="an object, as bad as it says"),
        pytest.param({"name": "Builds", "status": "plaid"}, Impact.MINOR, id="a colour that nobody knows"),
    ],
)
def test_an_incident_names_its_systems_in_both_ways(system: Any, impact: Impact) -> None:
    assert impact_and_components(system) == (impact, ("Builds",))


def test_an_incident_without_systems_weighs_as_the_worst() -> None:
    assert impact_and_components() == (Impact.CRITICAL, ())
