"""Downdetector as the simulator plays it, which shares no code with its reader."""

from __future__ import annotations

import httpx2
import pytest
from ai_provider_exporter.model.observation import Reports
from ai_provider_exporter.reports.downdetector import DowndetectorOptions
from ai_provider_exporter.reports.reader import ReportsReader
from ai_provider_exporter.simulator import Simulator
from ai_provider_exporter.simulator.loading import parse

SCENARIO = """\
name: reports
description: users complain
providers:
  acme: {apis: [openai_chat], reports: {company_id: 7, baseline: 20, token: sim-token}}
"""


@pytest.mark.anyio
async def test_a_rise_of_reports_in_the_simulator_is_read(client: httpx2.AsyncClient) -> None:
    async with Simulator(parse(SCENARIO, "test.yaml")) as simulator:
        options = DowndetectorOptions.model_validate(
            {
                "provider": "acme",
                "source": "downdetector",
                "company_id": 7,
                "api_key": {"env": "TOKEN"},
                "base_url": f"{simulator.url}/acme/reports/v2",
            }
        )
        reader = ReportsReader(options, client, secret=lambda _: "sim-token")
        before = await reader.read()
        simulator.apply({"provider": "acme", "reports": 13050})
        after = await reader.read()

    assert before == Reports(count=20.0, baseline=20.0)
    assert after == Reports(count=13050.0, baseline=20.0)
