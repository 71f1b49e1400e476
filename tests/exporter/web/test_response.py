from __future__ import annotations

from itertools import count

import pytest
from ai_provider_exporter.metrics import View
from ai_provider_exporter.model.state import State
from ai_provider_exporter.web.response import Body, SnapshotCache, takes_gzip
from starlette.datastructures import Headers

from tests.exporter import worlds
from tests.exporter.serving import Visit

STATE = State()
SEEN = View(state=STATE, now=100.2)


@pytest.mark.parametrize(
    ("view", "key", "made"),
    [
        pytest.param(View(state=STATE, now=100.9), "text", 1, id="the same second of the same state"),
        pytest.param(View(state=STATE, now=101.0), "text", 2, id="the next second"),
        pytest.param(View(state=State(), now=100.2), "text", 2, id="another state"),
        pytest.param(View(state=STATE, now=100.2), "openmetrics", 2, id="another content type"),
    ],
)
def test_a_body_is_made_once_for_all_who_ask_within_a_second_of_one_state(view: View, key: str, made: int) -> None:
    latest, numbers = SnapshotCache(), count(1)

    for seen, wanted in ((SEEN, "text"), (view, key)):
        body = latest.get(seen, wanted, lambda: Body(str(next(numbers)).encode(), "text/plain"))

    assert body.plain == str(made).encode()


def test_what_could_not_be_made_is_not_remembered() -> None:
    latest = SnapshotCache()

    def fail() -> Body:
        raise LookupError

    with pytest.raises(LookupError):
        latest.get(SEEN, "text", fail)

    assert latest.get(SEEN, "text", lambda: Body(b"made", "text/plain")).plain == b"made"


def test_scrapers_of_every_taste_get_the_same_samples(visit: Visit) -> None:
    client = visit(worlds.unadmitted)
    plain = client.get("/metrics", headers={"accept-encoding": "identity"})
    packed = client.get("/metrics", headers={"accept-encoding": "gzip"})
    modern = client.get("/metrics", headers={"accept": "application/openmetrics-text;version=1.0.0"})

    assert plain.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert plain.headers["vary"] == "Accept, Accept-Encoding"
    assert packed.headers["content-encoding"] == "gzip"
    samples = [line for line in plain.text.splitlines() if line.startswith("ai_")]
    assert samples
    assert [line for line in packed.text.splitlines() if line.startswith("ai_")] == samples
    assert [line for line in modern.text.splitlines() if line.startswith("ai_")] == samples
    assert modern.text.endswith("# EOF\n")


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ("gzip", True),
        ("br;q=1.0, GZIP ; q=0.8", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("xgzip", False),
        ("", False),
    ],
)
def test_only_who_likes_gzip_gets_it(accepted: str, *, expected: bool) -> None:
    assert takes_gzip(Headers({"accept-encoding": accepted})) is expected
