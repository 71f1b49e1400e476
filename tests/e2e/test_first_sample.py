"""What a process pays once is paid before its first sample: that one is no slower than the rest."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from statistics import median

import pytest
import trustme
from ai_provider_exporter.probes.chat import ChatOptions
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.runtime import runner
from ai_provider_exporter.runtime.host_health import HostHealth

from tests.e2e.peers import CHAT, DONE, Case, Place, delta, outcomes, over_tls
from tests.exporter.probes.played import Played, head
from tests.exporter.wire.loopback import serving

pytestmark = pytest.mark.e2e

PROCESSES, SAMPLES = 9, 30
TOLERANCE = 0.005  # seconds
ATTEMPTS = 3
ANSWER = Played([head(), 0.02, delta("OK", "stop"), DONE])


def _later(place: Place, probe: dict[str, object]) -> list[float]:
    """Times to the first token of this process, which is not at its beginning any more."""

    async def samples() -> list[float]:
        async with place() as port, ProbeContext.opened(lambda _: "") as context:
            raw = CHAT | probe | {"timeout": 2.0, "base_url": str(probe["base_url"]).format(port=port)}
            options = ChatOptions.model_validate(raw)
            runs = [await runner.probe(options, context, HostHealth()) for _ in range(SAMPLES)]
            return [run.time_to_first_token_seconds or 0.0 for run in runs]

    return asyncio.run(samples())[SAMPLES // 3 :]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_first_sample_of_a_process_is_no_slower_than_the_rest(tmp_path: Path, scheme: str) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    ways: dict[str, Place] = {
        "http": partial(serving, ANSWER),
        "https": over_tls(ANSWER, authority.issue_cert("localhost")),
    }
    probe: dict[str, object] = {
        "base_url": f"{scheme}://localhost:{{port}}/v1",
        "tls": {"ca_file": str(tmp_path / "ca.pem")},
    }
    case = Case(place=ways[scheme], probe=probe)

    def is_slower() -> bool:
        fresh = outcomes({str(number): case for number in range(PROCESSES)}, tmp_path, at_once=1).values()
        first = [float(process.said["time_to_first_token_seconds"]) for process in fresh]
        return median(first) - median(_later(ways[scheme], probe)) > TOLERANCE

    # What else this machine does may make processes late; it never makes a slow one look quick.
    assert not all(is_slower() for _ in range(ATTEMPTS))
