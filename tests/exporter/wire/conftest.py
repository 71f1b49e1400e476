import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
import trustme
import uvloop

from tests.exporter.wire.loopback import Run, leaving_nothing


@pytest.fixture(params=[asyncio.SelectorEventLoop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Run:
    """Runs a coroutine to its end on either loop, and fails if it leaves a socket or a task behind."""

    def run(test: Coroutine[Any, Any, Any]) -> Any:
        with asyncio.Runner(loop_factory=request.param) as runner:
            return runner.run(leaving_nothing(test))

    return run


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def certificate(authority: trustme.CA) -> trustme.LeafCert:
    return authority.issue_cert("provider.test")
