"""From a configuration to a metric: the sources that it names are asked, and no others."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
from ai_provider_exporter import catalog, metrics
from ai_provider_exporter.config import redacted
from ai_provider_exporter.config.load import load_settings
from ai_provider_exporter.config.secrets import Secrets
from ai_provider_exporter.config.settings import Settings
from ai_provider_exporter.metrics import exposition
from ai_provider_exporter.model.shard import WHOLE, Shard
from ai_provider_exporter.reports.reader import ReportsReader
from ai_provider_exporter.runtime import reading
from ai_provider_exporter.runtime.engine import Engine
from ai_provider_exporter.runtime.host_health import HostHealth
from ai_provider_exporter.runtime.jobs import ReportsJob
from ai_provider_exporter.runtime.store import Store
from ai_provider_exporter.schema.types import Secret

from tests.exporter.status_pages.served import Answer, PageServer, said
from tests.exporter.wire.loopback import HANG

pytestmark = pytest.mark.anyio
BROKEN = Answer(status=500)
COMPANY = said({"stats_24": [13050], "baseline_current": 12})
SOURCE = 'provider="openai",source="downdetector"'
CATALOG = catalog.load()
TOKEN = "dd-secret-token"  # made up


def settings(directory: Path, server: PageServer, company: int = 7, reports: str = "") -> Settings:
    address = server.url.removeprefix("http://")
    path = directory / "config.yaml"
    own = f"""
  - provider: openai
    source: downdetector
    company_id: {company}
    api_key: {{env: DD}}
    base_url: {server.url}/v2
"""
    egress = f"egress: {{hosts: ['{address}', 'localhost:{address.partition(':')[2]}']}}\n"
    path.write_text(f"{egress}reports: {reports or own}\n")
    return load_settings(path, {}, CATALOG)


@asynccontextmanager
async def running(chosen: Settings, shard: Shard = WHOLE) -> AsyncIterator[Engine]:
    async with Engine.opened(chosen, Secrets({"DD": TOKEN}), shard) as exporter:
        await exporter.begin()
        yield exporter


def sample(exporter: Engine, name: str) -> float | None:
    lines = exposition.write(metrics.families(exporter.view())).decode().splitlines()
    return next((float(line.rpartition(" ")[2]) for line in lines if line.startswith(f"{name}{{{SOURCE}}}")), None)


async def until(question: Callable[[], object]) -> None:
    async with asyncio.timeout(HANG):
        while not question():  # noqa: ASYNC110  # what is waited for happens on other tasks, and sets no event
            await asyncio.sleep(0.01)


async def test_what_users_report_becomes_a_metric_soon_after_the_start(tmp_path: Path, server: PageServer) -> None:
    server.anything = COMPANY

    async with running(settings(tmp_path, server)) as exporter:
        await until(lambda: sample(exporter, "ai_user_reports") is not None)

        assert sample(exporter, "ai_user_reports") == 13050
        assert sample(exporter, "ai_user_reports_baseline") == 12
    assert server.asked[0].headers["authorization"] == f"Bearer {TOKEN}"


async def test_no_source_is_asked_that_is_not_configured(tmp_path: Path, server: PageServer) -> None:
    chosen = settings(tmp_path, server, reports="[]")

    assert chosen.reports == ()
    assert load_settings(None, {}, CATALOG).reports == ()


async def test_a_source_that_is_no_longer_configured_leaves_no_series(tmp_path: Path, server: PageServer) -> None:
    server.anything = COMPANY
    async with running(settings(tmp_path, server)) as exporter:
        await until(lambda: sample(exporter, "ai_user_reports") is not None)

        await exporter.reload(settings(tmp_path, server, reports="[]"))

        assert sample(exporter, "ai_user_reports") is None


async def test_a_source_that_is_configured_anew_is_asked_anew(tmp_path: Path, server: PageServer) -> None:
    server.anything = COMPANY
    async with running(settings(tmp_path, server, reports="[]")) as exporter:
        await exporter.reload(settings(tmp_path, server))
        await until(lambda: any("/companies/7" in path for path in server.paths))

        await exporter.reload(settings(tmp_path, server, company=8))
        await until(lambda: any("/companies/8" in path for path in server.paths))

        await until(lambda: sample(exporter, "ai_user_reports") is not None)


async def test_a_source_that_does_not_answer_is_told_once_and_once_that_it_answers_again(
    client: httpx2.AsyncClient, server: PageServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "ai_provider_exporter")
    (options,) = settings(tmp_path, server).reports
    reader = ReportsReader(options, client, secret=Secrets({"DD": TOKEN}).read)
    is_egress_down = [True]
    job = ReportsJob(options, reader, health=HostHealth(), store=Store(), is_egress_down=lambda: is_egress_down[0])
    told = []

    for answer, egress_down in ((BROKEN, True), (BROKEN, False), (BROKEN, False), (COMPANY, False), (COMPANY, False)):
        server.anything, is_egress_down[0] = answer, egress_down
        await job.tick()
        told.append(len(caplog.records))

    assert told == [0, 1, 1, 2, 2]
    assert "downdetector about openai does not answer: server_error" in caplog.messages[0]
    assert caplog.messages[1] == "downdetector about openai answers again"
    assert TOKEN not in caplog.text


async def test_a_defect_in_a_source_is_a_reason_and_not_the_end(
    client: httpx2.AsyncClient, server: PageServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: Secret) -> str:
        raise ZeroDivisionError("a defect")

    (options,) = settings(tmp_path, server).reports

    asked = await reading.reports(ReportsReader(options, client, secret=broken), HostHealth())

    assert (asked.reason, asked.reports) == ("prober_error", None)
    assert "failed through a defect of this program" in caplog.text


async def test_a_source_belongs_to_the_shard_of_its_provider(tmp_path: Path, server: PageServer) -> None:
    chosen = settings(tmp_path, server)

    parts = [len(chosen.of(Shard(index, 3)).reports) for index in range(3)]

    assert sorted(parts) == [0, 0, 1]


async def test_the_settings_shown_name_the_source_and_not_the_key(tmp_path: Path, server: PageServer) -> None:
    text = redacted.as_yaml(settings(tmp_path, server))

    assert "source: downdetector" in text
    assert TOKEN not in text


def test_the_words_of_the_catalog_find_the_provider_in_posts(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("reports: [{provider: openai, source: reddit}]")

    (reports,) = load_settings(path, {}, CATALOG).reports

    assert "chatgpt" in reports.model_dump()["words"]
