"""Saved pages: `fixtures/FORMAT/STATE.json` (or .xml, .html) beside `STATE.expected.json`, what `page --json` prints.

A state of several documents has `STATE.1-NAME.json`, `STATE.2-NAME.json` in the order in which they are read.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ai_provider_exporter.model.observation import PageObservation, PageStatus
from ai_provider_exporter.status_pages.formats import FORMATS
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.report import as_json

FIXTURES = Path(__file__).parent / "fixtures"
EXPECTED = ".expected.json"


@dataclass(frozen=True)
class Saved:
    format: str
    state: str

    @property
    def expected(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((FIXTURES / self.format / f"{self.state}{EXPECTED}").read_text())
        return found

    @property
    def files(self) -> list[Path]:
        named = (FIXTURES / self.format).glob(f"{self.state}.*")
        return sorted(path for path in named if not path.name.endswith(EXPECTED))

    @property
    def payloads(self) -> tuple[Payload, ...]:
        return tuple(Payload(url=path.name, body=path.read_bytes()) for path in self.files)

    @property
    def is_json(self) -> bool:
        return all(path.suffix == ".json" for path in self.files)

    def parse(self, *payloads: Payload) -> PageStatus:
        return FORMATS[self.format].parse(*(payloads or self.payloads))


def saved_pages() -> list[Saved]:
    files = sorted(FIXTURES.glob(f"*/*{EXPECTED}"))
    return [Saved(path.parent.name, path.name.removesuffix(EXPECTED)) for path in files]


def printed(format_name: str, page: PageStatus) -> dict[str, Any]:
    """What `page --json` prints of a page read whole."""
    return as_json(PageObservation(provider="acme", format=format_name, at=0.0, fetch_seconds=0.0, page=page))
