"""A provider on loopback that answers as told, and a run against it as the runner would make it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ai_provider_exporter.model.observation import ProbeObservation
from ai_provider_exporter.probes import KINDS
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.runtime import runner
from ai_provider_exporter.runtime.host_health import HostHealth
from ai_provider_exporter.schema.types import Secret

from tests.exporter import idle_time
from tests.exporter.wire.loopback import leaving_nothing, serving

NOW = 1_790_000_000.0
KEY = "sk-test-0123456789abcdef"
Step = bytes | float
"""Bytes to send, or seconds to be silent."""


def read_secret(secret: Secret) -> str:
    assert secret.env == "KEY"
    return KEY


def head(status: int = 200, content_type: str = "text/event-stream", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} Words", f"content-type: {content_type}", "connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


@dataclass
class Played:
    """`asked` holds the requests as they came, head and body."""

    steps: Sequence[Step] = ()
    asked: list[bytes] = field(default_factory=list)

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        length = [line for line in request.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        body = await reader.readexactly(int(length[0].split(b":")[1])) if length else b""
        self.asked.append(request + body)
        for step in self.steps:
            if isinstance(step, float):
                await asyncio.sleep(step)
            else:
                writer.write(step)
                await writer.drain()


def observe(
    kind: str, *steps: Step, under: str = "/v1", context: dict[str, Any] | None = None, **options: Any
) -> ProbeObservation:
    """Run one probe of `kind` against a server that answers with `steps`."""
    return observe_all(kind, Played(steps), under=under, context=context, **options)


def observe_all(
    kind: str,
    server: Any,
    *,
    under: str = "/v1",
    context: dict[str, Any] | None = None,
    server_tls: ssl.SSLContext | None = None,
    host: str = "127.0.0.1",
    **options: Any,
) -> ProbeObservation:
    scheme = "http" if server_tls is None else "https"

    async def run() -> ProbeObservation:
        async with serving(server, server_tls) as port, ProbeContext.opened(read_secret) as opened:
            where = {"url" if kind == "http" else "base_url": f"{scheme}://{host}:{port}{under}"}
            raw = {"name": "p", "provider": "openai", "kind": kind, "timeout": 5.0} | where | options
            settings = KINDS[kind].OPTIONS.model_validate(raw)
            return await runner.probe(settings, _with(opened, context or {}), HostHealth(wall=lambda: NOW))

    observation: ProbeObservation = idle_time.run(leaving_nothing(run()))
    return observation


def _with(opened: ProbeContext, changes: dict[str, Any]) -> ProbeContext:
    return replace(opened, nonce=lambda: "7f3a", now=lambda: NOW, **changes)
