from __future__ import annotations

import itertools
import re
import time
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

import pytest

from tests.tools.loopback import exposition
from tests.tools.monitoring import Prometheus, prometheus, until

if TYPE_CHECKING:
    from collections.abc import Iterator

TROUBLE = Template(Path(__file__).with_name("trouble.prom").read_text())
EMPTY = "ai_exporter_build_info 1\n"


def asked(query: str, job: str) -> str:
    """The query as Grafana would send it, with every value of the other variables chosen."""
    values = {"job": job, "instance": ".+", "provider": ".+", "location": ".*", "__rate_interval": "10s"}
    return re.sub(r"\$([a-z_]+)", lambda match: values[match[1]], query)


@pytest.fixture(name="server", scope="session")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A Prometheus that has seen job `trouble`, an exporter on a bad night, and job `empty`, one just started."""
    numbers = itertools.count(1)

    def trouble() -> str:
        return TROUBLE.substitute(n=next(numbers), now=time.time())

    with exposition(trouble) as bad, exposition(lambda: EMPTY) as new:
        jobs = {"trouble": [bad], "empty": [new]}
        with prometheus(tmp_path_factory.mktemp("dashboards"), jobs, every="200ms") as server:
            until(lambda: len(server.instant("count_over_time(ai_exporter_build_info[1m]) > 5")) == len(jobs))
            yield server
