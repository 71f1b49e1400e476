from __future__ import annotations

import pytest
from ai_provider_exporter.model.observation import PageObservation
from ai_provider_exporter.status_pages.report import as_json, as_text

from tests.exporter.status_pages.saved import Saved


def read(format_name: str, state: str, **more: object) -> PageObservation:
    page = Saved(format_name, state).parse()
    return PageObservation(provider="acme", format=format_name, at=0.0, fetch_seconds=0.1, page=page, **more)  # type: ignore[arg-type]


FAILED = PageObservation(
    provider="acme", format="", at=0.0, fetch_seconds=0.1, reason="challenged", detail="https://a.example answered 403"
)


def test_a_page_that_was_not_read_is_unknown_and_says_why() -> None:
    assert as_json(FAILED) == {
        "provider": "acme",
        "format": None,
        "up": False,
        "reason": "challenged",
        "status": "unknown",
        "components": [],
        "incidents": [],
        "maintenances": [],
    }


@pytest.mark.parametrize(
    ("observed", "text"),
    [
        pytest.param(FAILED, "acme: not read: challenged: https://a.example answered 403", id="not read"),
        pytest.param(
            read("incidentio", "widget_partial_outage", missing_components=("Sora",)),
            """\
acme (incidentio): partial_outage
  partial_outage        APIs / Chat
  under_maintenance     APIs / Batch
  monitoring, impact major: Requests fail, since unknown https://status.acme.example/incidents/01HZX0NC900000000000000000
  investigating, impact minor: Slow answers, since unknown https://status.acme.example/incidents/01HZX0NCA00000000000000000
  maintenance in_progress: Batch moves, 2026-02-03T18:00:00Z to 2026-02-03T22:00:00Z
  maintenance scheduled: Login moves, 2026-02-10T04:00:00Z to 2026-02-10T05:00:00Z
  missing: Sora is configured, but the page does not have it""",
            id="a bad day",
        ),
        pytest.param(
            read("statuspage", "operational"),
            """\
acme (statuspage): operational
  operational           Platform / API
  operational           Platform / Console
  operational           Docs""",
            id="a good day",
        ),
    ],
)
def test_a_human_reads_a_line_for_each_thing(observed: PageObservation, text: str) -> None:
    assert as_text(observed) == text
