"""Prints what it costs to read 60 status pages each minute: CPU and bytes of a read, whole and not modified.

Run: .venv/bin/python tests/bench/pages.py [ROUNDS]

The server is a process of its own; it compresses, honours validators and closes each connection, as a page that is
asked once a minute would by the next. A read is all that a tick does: TLS, document, model, state and log.
"""

from __future__ import annotations

import asyncio
import gc
import gzip
import hashlib
import json
import multiprocessing
import os
import ssl
import sys
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import trustme
from ai_provider_exporter.model.page_state import PageState
from ai_provider_exporter.runtime.host_health import HostHealth
from ai_provider_exporter.runtime.jobs import PageJob
from ai_provider_exporter.runtime.store import Store
from ai_provider_exporter.status_pages.fetch import page_client
from ai_provider_exporter.status_pages.options import PageOptions
from ai_provider_exporter.status_pages.reader import PageReader
from ai_provider_exporter.wire.event_loop import Loop

from tests.exporter.status_pages.served import Answer, Asked, page_server

PAGES = 60
COMPONENTS = 40
ETAG = 'W/"as it was"'


def document() -> bytes:
    """A page of 40 components with two incidents and two maintenances: some 60 kB."""
    components = [_component(at) for at in range(COMPONENTS)]
    page = {"id": "k3v9x0q2m1tz", "name": "Acme", "url": "https://status.acme.example", "time_zone": "Etc/UTC"}
    summary = {
        "page": page,
        "components": components,
        "incidents": [_incident(f"inc{at}", "monitoring", components[at::4]) for at in range(2)],
        "scheduled_maintenances": [
            {
                **_incident(f"work{at}", "scheduled", components[at::2]),
                "scheduled_for": "2026-11-30T02:00:00.000Z",
                "scheduled_until": "2026-11-30T06:00:00.000Z",
            }
            for at in range(2)
        ],
        "status": {"indicator": "minor", "description": "Minor Service Outage"},
    }
    return json.dumps(summary).encode()


def _id(name: str) -> str:
    """Twelve letters as if by chance, as pages have them: they do not compress."""
    return hashlib.sha256(name.encode()).hexdigest()[:12]


def _component(at: int) -> dict[str, Any]:
    return {
        "id": _id(f"component {at}"),
        "name": f"Model {at} in the second region",
        "status": "operational",
        "created_at": "2024-05-01T09:00:00.000Z",
        "updated_at": "2026-02-03T18:20:00.000Z",
        "position": at,
        "description": "Requests to this model, answered as a whole or as a stream, from any of its zones.",
        "showcase": True,
        "start_date": "2024-05-01",
        "group_id": None,
        "page_id": "k3v9x0q2m1tz",
        "group": False,
        "only_show_if_degraded": False,
    }


def _incident(name: str, status: str, components: list[dict[str, Any]]) -> dict[str, Any]:
    updates = [
        {
            "id": _id(f"{name} {at}"),
            "status": status,
            "body": "We have found what makes some of the requests slow and are taking it out of service. " * 4,
            "incident_id": _id(name),
            "created_at": f"2026-11-22T1{at}:00:00.000Z",
            "updated_at": f"2026-11-22T1{at}:00:00.000Z",
            "display_at": f"2026-11-22T1{at}:00:00.000Z",
            "affected_components": [
                {"code": c["id"], "name": c["name"], "old_status": "operational", "new_status": "operational"}
                for c in components
            ],
            "deliver_notifications": True,
        }
        for at in reversed(range(2))
    ]
    return {
        "id": _id(name),
        "name": "Elevated errors",
        "status": status,
        "created_at": "2026-11-22T10:00:00.000Z",
        "updated_at": "2026-11-22T13:00:00.000Z",
        "impact": "minor",
        "shortlink": f"https://stspg.io/{name}",
        "started_at": "2026-11-22T10:00:00.000Z",
        "page_id": "k3v9x0q2m1tz",
        "incident_updates": updates,
        "components": components,
    }


# --- the server, in a process of its own ------------------------------------------------------------------


def serve(ours: Connection, certificate: Path) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip", "ETag": ETAG}
    whole = Answer(body=gzip.compress(document()), headers=headers)

    def answer(asked: Asked) -> Answer:
        """Pages under `/kept` have validators, those under `/new` are always new."""
        is_known = asked.path.startswith("/kept") and asked.headers.get("if-none-match") == ETAG
        return Answer(status=304, headers={"ETag": ETAG}) if is_known else whole

    async def main() -> None:
        async with page_server(tls) as server:
            server.anything = answer
            ours.send(server.url)
            await asyncio.Event().wait()

    asyncio.run(main())


# --- the pages ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cost:
    """Of one read."""

    cpu_seconds: float
    received: float

    def row(self, title: str) -> str:
        milliseconds, share = 1000 * self.cpu_seconds, 100 * self.cpu_seconds * PAGES / 60
        return (
            f"{title:14} {milliseconds:6.2f} ms CPU  {self.received:6.0f} bytes of documents  {share:5.2f} % of a core"
        )


async def cost(url: str, rounds: int) -> Cost:
    store, cheapest = Store(), float("inf")
    async with page_client() as client:
        jobs = []
        for at in range(PAGES):
            options = PageOptions(provider=f"acme-{at}", url=f"{url}/{at}", format="statuspage")
            store.add_page(PageState(provider=options.provider, interval=options.interval))
            reader = PageReader(options, client)
            jobs.append(PageJob(options, reader, health=HostHealth(), store=store, is_egress_down=lambda: False))
        await _round(jobs)
        before = _received(store)
        for _ in range(rounds):  # the fastest: the others had to share the machine
            cheapest = min(cheapest, await _round(jobs))
        assert all(page.last and page.last.up for page in store.state.pages.values())
    return Cost(cheapest / PAGES, (_received(store) - before) / rounds / PAGES)


async def _round(jobs: list[PageJob]) -> float:
    gc.collect()
    begun = process_time()
    for job in jobs:
        await job.tick()
    return process_time() - begun


def _received(store: Store) -> int:
    return sum(page.bytes_received for page in store.state.pages.values())


async def main(url: str, rounds: int) -> None:
    print(f"{PAGES} pages each minute, {len(document())} bytes each, {len(gzip.compress(document()))} compressed")
    print((await cost(f"{url}/new", rounds)).row("read whole"))
    print((await cost(f"{url}/kept", rounds)).row("not modified"))


if __name__ == "__main__":
    authority = trustme.CA()
    with TemporaryDirectory() as directory:
        certificate, trusted = Path(directory, "server.pem"), Path(directory, "authority.pem")
        authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(certificate))
        authority.cert_pem.write_to_path(str(trusted))
        os.environ["SSL_CERT_FILE"] = str(trusted)
        ours, theirs = multiprocessing.Pipe()
        server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs, certificate), daemon=True)
        server.start()
        with asyncio.Runner(loop_factory=Loop) as runner:
            runner.run(main(ours.recv(), int(sys.argv[1]) if len(sys.argv) > 1 else 5))
        server.terminate()
        server.join()
