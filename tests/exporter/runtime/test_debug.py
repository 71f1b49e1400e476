from __future__ import annotations

import asyncio
import logging

import pytest
from ai_provider_exporter.config.secrets import Secrets
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.probes.http import HttpOptions
from ai_provider_exporter.runtime import runner
from ai_provider_exporter.runtime.host_health import HostHealth
from ai_provider_exporter.schema.types import Secret

from tests.exporter.wire.loopback import serving

KEY = "k-0123456789"


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    head = (
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-ratelimit-remaining-tokens: 7\r\n"
        f"set-cookie: session=1\r\nx-echo: {KEY}\r\nx-api-key: other\r\n\r\nok"
    )
    writer.write(head.encode())
    await writer.drain()


def _run(*names: str, debug: str) -> None:
    secrets = Secrets({"KEY": KEY})

    async def run() -> None:
        async with serving(_answer) as port:
            for name in names:
                options = HttpOptions(
                    name=name,
                    provider="acme",
                    url=f"http://127.0.0.1:{port}/",
                    headers={"x-key": Secret(env="KEY")},
                    debug=name == debug,
                )
                await runner.probe(options, ProbeContext(secret=secrets.read), HostHealth(redact=secrets.redact))

    asyncio.run(run())


def test_a_probe_that_is_debugged_logs_each_run_with_its_phases_and_the_headers_of_the_answer(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "ai_provider_exporter")

    _run("seen", "quiet", debug="seen")

    (said,) = [record.getMessage() for record in caplog.records]
    assert said.startswith("probe seen: ok; http status 200; duration ")
    for phase in ("connect", "send", "headers", "stream"):
        assert f"; {phase} " in said
    assert "; header x-ratelimit-remaining-tokens: 7" in said


def test_what_is_debugged_shows_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "ai_provider_exporter")

    _run("seen", debug="seen")

    assert KEY not in caplog.text
    assert "session=1" not in caplog.text
    assert "header set-cookie: <secret>" in caplog.text
    assert "header x-api-key: <secret>" in caplog.text


def test_without_debug_a_run_that_succeeds_logs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "ai_provider_exporter")

    _run("quiet", "quiet-too", debug="")

    assert caplog.records == []
