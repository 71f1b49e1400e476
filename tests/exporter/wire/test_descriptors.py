from __future__ import annotations

import errno
import resource

import pytest
from ai_provider_exporter.wire.descriptors import Descriptors, for_probes


@pytest.mark.parametrize(
    ("limit", "used", "expected"),
    [
        pytest.param(1024, 20, 956, id="usual"),
        pytest.param(64, 20, 28, id="few: a quarter stays for the web side"),
        pytest.param(16, 20, 1, id="fewer than are open already"),
        pytest.param(resource.RLIM_INFINITY, 20, float("inf"), id="no limit"),
    ],
)
def test_probes_leave_descriptors_for_the_web_side(limit: int, used: int, expected: float) -> None:
    assert for_probes(limit, used) == expected


def test_a_connection_beyond_the_part_of_the_probes_is_refused_as_the_kernel_would() -> None:
    descriptors = Descriptors(2)
    descriptors.take()
    descriptors.take()
    with pytest.raises(OSError, match="2 connections of probes are open") as refused:
        descriptors.take()
    descriptors.give_back()
    descriptors.take()

    assert refused.value.errno == errno.EMFILE
