from __future__ import annotations

import asyncio
import logging
import os
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from ai_provider_exporter.app import ServeOptions, serve
from ai_provider_exporter.config.load import load_settings
from ai_provider_exporter.config.secrets import Secrets

from tests.exporter.wire.loopback import HANG

FILE = (
    "egress: {{hosts: ['127.0.0.1:9', 'localhost:9'], interval: 1h}}\n"
    "probes: [{{name: {}, provider: acme, kind: tcp, address: '127.0.0.1:9', interval: 1h}}]\n"
)


@pytest.fixture(name="switch_interval", autouse=True)
def _switch_interval() -> Iterator[None]:
    """`serve` sets it for its process, which is ours here."""
    before = sys.getswitchinterval()
    yield
    sys.setswitchinterval(before)


async def _url(caplog: pytest.LogCaptureFixture) -> str:
    """Where it listens, as its log says."""
    async with asyncio.timeout(HANG):
        while not (found := re.search(r"listening on (\S+):", caplog.text)):  # noqa: ASYNC110  # a log sets no event
            await asyncio.sleep(0.01)
    return found[1]


def test_serve_answers_reloads_on_sighup_and_ends_on_sigterm(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "ai_provider_exporter")
    path = tmp_path / "config.yaml"
    path.write_text(FILE.format("a"))
    options = ServeOptions(config_file=path, listen_addresses=("127.0.0.1:0",), enable_lifecycle=True)

    async def story() -> None:
        serving = asyncio.create_task(serve(options, load_settings(path, {}), Secrets({}), {}))
        url = await _url(caplog)
        async with httpx2.AsyncClient(trust_env=False) as client:
            assert (await client.get(f"{url}/-/ready")).status_code == 200
            path.write_text(FILE.format("b"))
            os.kill(os.getpid(), signal.SIGHUP)
            async with asyncio.timeout(HANG):
                while 'probe="b"' not in (await client.get(f"{url}/metrics")).text:  # noqa: ASYNC110  # as above
                    await asyncio.sleep(0.01)
            path.write_text(FILE.format("c"))
            assert (await client.post(f"{url}/-/reload")).status_code == 200
            assert 'probe="c"' in (await client.get(f"{url}/metrics")).text
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(serving, HANG)

    asyncio.run(story())
