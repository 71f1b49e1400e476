"""What users report, as the Enterprise API of Downdetector tells it.

Source: https://downdetectorapi.com/v2/docs and its public clients, read 2026-11. Whether a bare count is
wrapped is not documented there; here it is a bare number.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ai_provider_exporter.simulator import scenario
from ai_provider_exporter.simulator.apis.api import Reply, json_reply
from ai_provider_exporter.simulator.routing import Address
from ai_provider_exporter.simulator.server import Request

BUCKET = 900.0  # seconds
BUCKETS = 96  # a day of them
WARNING, DANGER = 3, 10  # times the baseline


@dataclass(slots=True)
class Reports:
    """Counts for 15 minutes: `history` says from which Unix second on which count is in force."""

    setup: scenario.Reports
    history: list[tuple[float, int]] = field(default_factory=list)

    @classmethod
    def of(cls, setup: scenario.Reports) -> "Reports":
        return cls(setup, [(0.0, setup.baseline)])

    @property
    def now(self) -> int:
        return self.history[-1][1]

    @property
    def status(self) -> str:
        times = self.now / max(1, self.setup.baseline)
        return "danger" if times >= DANGER else "warning" if times >= WARNING else "success"

    def apply(self, count: int, unix: float) -> None:
        self.history.append((unix, count))

    def at(self, unix: float) -> int:
        return [count for since, count in self.history if since <= unix][-1]


def answer(reports: Reports, request: Request, address: Address, unix: float) -> Reply:
    """Answer a request for `/v2/companies/<id>` or one of its parts."""
    if reports.setup.token and request.headers.get("authorization") != f"Bearer {reports.setup.token}":
        return json_reply({"message": "Unauthorized"}, status=401)
    base = f"/reports/v2/companies/{reports.setup.company_id}"
    part = DOCUMENTS.get(address.rest.removeprefix(base)) if address.rest.startswith(base) else None
    if request.method != "GET" or part is None:
        return json_reply({"message": "Not found"}, status=404)
    document = part(reports, address, unix)
    fields = request.query.get("fields")
    if fields and isinstance(document, dict):
        document = {name: value for name, value in document.items() if name in fields.split(",")}
    return json_reply(document)


def _company(reports: Reports, address: Address, unix: float) -> dict[str, Any]:
    return {
        "id": reports.setup.company_id,
        "name": address.provider,
        "slug": address.provider,
        "status": reports.status,
        "baseline_current": reports.setup.baseline,
        "baseline": [reports.setup.baseline] * BUCKETS,
        "stats_24": [reports.at(unix - BUCKET * age) for age in reversed(range(BUCKETS))],
    }


DOCUMENTS: dict[str, Callable[[Reports, Address, float], Any]] = {
    "": _company,
    "/last_15": lambda reports, *_: reports.now,
    "/baseline/current": lambda reports, *_: reports.setup.baseline,
    "/status": lambda reports, *_: reports.status,
}
