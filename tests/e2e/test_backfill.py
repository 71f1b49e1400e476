"""The past of a page in a real Prometheus: `backfill`, promtool, and a question about a night of last month."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.programs import run
from tests.exporter.status_pages.history.rows import HOUR, incident, statuspage, update
from tests.tools import monitoring
from tests.tools.loopback import Quiet, served

pytestmark = pytest.mark.e2e

DAY = 86400.0
BEGAN = (time.time() - 30 * DAY) // 60 * 60  # of an incident a month ago, on a minute
UPDATES = (
    update(0, "investigating", BEGAN, chat="partial_outage"),
    update(1, "identified", BEGAN, chat="major_outage"),
    update(2, "resolved", BEGAN, chat="operational"),
)
NIGHT = incident("night", *UPDATES)
RECENT = incident("recent", update(29 * 24, "investigating", BEGAN))
# Blocks of 2 hours, which are its default, make promtool read the text a thousand times.
CREATE_BLOCKS = ("tsdb", "create-blocks-from", "--max-block-duration=30d", "openmetrics")
PARTS = ("incidents", "summary", "scheduled-maintenances")
DOCUMENTS = {
    f"/api/v2/{name}.json": part.body.decode() for name, part in zip(PARTS, statuspage(RECENT, NIGHT), strict=True)
}


class _Page(Quiet):
    def do_GET(self) -> None:
        if self.path in DOCUMENTS:
            self._answer(DOCUMENTS[self.path])
        else:
            self.send_error(404)


@pytest.fixture(name="config")
def _config(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "config.yaml"
    with served(_Page) as url:
        path.write_text(f"status_pages: [{{provider: acme, url: '{url}', format: statuspage}}]")
        yield path


def test_prometheus_answers_for_a_night_that_nobody_watched(config: Path, tmp_path: Path) -> None:
    text, blocks = tmp_path / "past.om", tmp_path / "prometheus"

    done = run("backfill", "--provider", "acme", "--config.file", config, "--since", "90d", "--output", text)
    made = monitoring.run("promtool", *CREATE_BLOCKS, text, blocks)

    assert done.returncode == 0, done.stderr
    assert "samples of 2 incidents, from " in done.stderr
    assert made.returncode == 0, made.stdout + made.stderr
    with monitoring.prometheus(tmp_path, {}) as server:

        def value(expression: str, hours: float) -> float | None:
            found = server.instant(expression, at=BEGAN + hours * HOUR)
            assert len(found) < 2, found
            return found[0].last if found else None

        active = 'ai_incidents_active{provider="acme",impact="major"}'
        chat = 'ai_component_status{provider="acme",component="Chat",group="API"}'
        assert [value(active, hours) for hours in (-24, 0.5, 1.5, 3, 24)] == [0, 1, 1, 0, 0]
        assert [value(chat, hours) for hours in (-24, 0.5, 1.5, 3)] == [0, 3, 4, 0]
        assert [value('ai_status_page_status{provider="acme"}', hours) for hours in (-24, 0.5, 1.5, 3)] == [0, 3, 4, 0]
        (info,) = server.instant('ai_incident_info{provider="acme"}', at=BEGAN + 0.5 * HOUR)
        assert (info.labels["incident_id"], info.labels["status"]) == ("night", "investigating")
        assert value("ai_incident_info", 3) is None
        assert value(active, 29.5 * 24) == 1  # the other one is open until today
