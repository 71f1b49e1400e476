from __future__ import annotations

from datetime import datetime

import pytest
from ai_provider_exporter.config.mute_times import Pause, is_paused
from ai_provider_exporter.model.observation import ProbeId
from pydantic import ValidationError

OPENAI = ProbeId(probe="openai-chat", provider="openai", kind="chat")


def _at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


@pytest.mark.parametrize(
    ("pause", "now", "expected"),
    [
        pytest.param({}, "2026-11-22T12:00Z", True, id="no hours: always"),
        pytest.param({"weekdays": ["sun"]}, "2026-11-22T12:00Z", True, id="a Sunday"),
        pytest.param({"weekdays": ["sun"]}, "2026-11-23T00:00Z", False, id="Monday has begun"),
        pytest.param({"start": "09:00", "end": "10:00"}, "2026-11-22T09:00Z", True, id="the start belongs to it"),
        pytest.param({"start": "09:00", "end": "10:00"}, "2026-11-22T10:00Z", False, id="the end does not"),
        pytest.param({"start": "22:00", "end": "06:00"}, "2026-11-22T23:00Z", True, id="before midnight"),
        pytest.param({"start": "22:00", "end": "06:00"}, "2026-11-22T05:59Z", True, id="after midnight"),
        pytest.param({"start": "22:00", "end": "06:00"}, "2026-11-22T12:00Z", False, id="by day"),
        pytest.param(
            {"start": "22:00", "end": "06:00", "weekdays": ["fri"]},
            "2026-11-21T05:00Z",
            True,
            id="Friday's night ends on Saturday",
        ),
        pytest.param(
            {"start": "22:00", "end": "06:00", "weekdays": ["fri"]},
            "2026-11-20T05:00Z",
            False,
            id="and does not begin on Thursday",
        ),
        pytest.param(
            {"start": "09:00", "end": "10:00", "zone": "Europe/Zurich"}, "2026-07-01T07:30Z", True, id="summer time"
        ),
        pytest.param(
            {"start": "09:00", "end": "10:00", "zone": "Europe/Zurich"}, "2026-12-01T08:30Z", True, id="winter time"
        ),
    ],
)
def test_a_pause_holds_in_its_hours_and_its_zone(pause: dict[str, object], now: str, expected: object) -> None:
    assert Pause.model_validate({"probes": ["*"], **pause}).holds(_at(now)) is expected


@pytest.mark.parametrize(
    ("pause", "expected"),
    [
        pytest.param(Pause(probes=("openai-*",)), True, id="a glob of probes"),
        pytest.param(Pause(providers=("openai",)), True, id="its provider"),
        pytest.param(Pause(probes=("groq-*",), providers=("groq",)), False, id="somebody else"),
    ],
)
def test_a_pause_concerns_whom_it_names(pause: Pause, expected: object) -> None:
    assert is_paused([pause], OPENAI, _at("2026-11-22T12:00Z")) is expected


@pytest.mark.parametrize(
    ("pause", "sentence"),
    [
        ({}, "pauses no probe; write probes or providers"),
        ({"probes": ["*"], "zone": "Mars/Base"}, "is no time zone known here"),
        ({"probes": ["*"], "start": "25:00"}, "is no time of day; write one in quotes"),
    ],
    ids=["nobody", "no zone", "no time"],
)
def test_a_pause_that_cannot_be_is_refused_in_a_sentence(pause: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        Pause.model_validate(pause)
