from __future__ import annotations

import ast
import asyncio
import logging
from pathlib import Path

import ai_provider_exporter
import pytest
from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.runtime.outcome import failure_of, outcome
from ai_provider_exporter.status_pages.errors import PageFailure

PACKAGE = Path(ai_provider_exporter.__file__).parent


async def _raise(error: BaseException) -> None:
    raise error


def test_whatever_is_raised_is_an_outcome() -> None:
    error = ZeroDivisionError("division by zero")

    assert asyncio.run(outcome(_raise(error))) is error
    assert asyncio.run(outcome(asyncio.sleep(0, "read"))) == "read"


def test_cancellation_is_no_outcome() -> None:
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(outcome(_raise(asyncio.CancelledError())))


@pytest.mark.parametrize(
    "error", [Failure("overloaded", "busy"), PageFailure("stale", "too old")], ids=["a probe's", "a page's"]
)
def test_a_failure_says_its_own_reason(error: Failure | PageFailure) -> None:
    assert failure_of(error, "probe a") == (error.reason, error.detail)


def test_a_defect_of_ours_is_logged_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR, "ai_provider_exporter")

    assert failure_of(ValueError("oops"), "probe a") == ("prober_error", "ValueError: oops")

    assert "probe a failed through a defect of this program" in caplog.text
    assert caplog.records[0].exc_info


def test_one_place_in_the_program_catches_every_exception() -> None:
    found = [
        str(path.relative_to(PACKAGE))
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ExceptHandler) and (node.type is None or ast.unparse(node.type) == "Exception")
    ]

    assert found == ["runtime/outcome.py"]
