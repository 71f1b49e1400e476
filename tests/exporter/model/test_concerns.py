from __future__ import annotations

from dataclasses import replace

import pytest
from ai_provider_exporter.model.concerns import first_said, globs_of, statements
from ai_provider_exporter.model.observation import Component, Impact, Incident, IncidentStatus, PageStatus, Status

CONCERNS = {"chat": ("*chat*",), "default": ("*api*",)}
SORA = Incident(
    id="s",
    name="Sora: elevated errors",
    status=IncidentStatus.INVESTIGATING,
    impact=Impact.MAJOR,
    components=("Video generation",),
)
PAGE = PageStatus(
    indicator=Status.PARTIAL_OUTAGE,
    components=(
        Component(id="v", name="Video generation", status=Status.PARTIAL_OUTAGE),
        Component(id="c", name="Chat Completions", status=Status.OPERATIONAL, group="APIs"),
    ),
    incidents=(SORA,),
)


@pytest.mark.parametrize(
    ("kinds", "globs"),
    [
        pytest.param(["chat"], ("*chat*",), id="its own"),
        pytest.param(["embeddings"], ("*api*",), id="the default"),
        pytest.param(["chat", "embeddings"], ("*chat*", "*api*"), id="both"),
    ],
)
def test_a_kind_has_its_components_or_those_of_all_others(kinds: list[str], globs: tuple[str, ...]) -> None:
    assert globs_of(CONCERNS, kinds) == globs


def test_where_one_kind_has_no_components_every_component_may_stand_for_it() -> None:
    assert globs_of({"chat": ("*chat*",)}, ["chat", "realtime"]) == ()


def test_another_products_incident_is_no_word_about_chat() -> None:
    assert statements(PAGE, ("*chat*",)) == ()
    assert set(statements(PAGE)) == {("incident", "s"), ("component", "v"), ("indicator", "")}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"components": ()}, id="it names no component"),
        pytest.param({"components": ("Chat Completions",)}, id="it names ours"),
        pytest.param({"name": "ChatGPT and API are down"}, id="its title does"),
        pytest.param({"components": ("Chat Completions",), "impact": Impact.NONE}, id="of impact none"),
    ],
)
def test_an_incident_that_may_be_about_it_is_a_word(change: dict[str, object]) -> None:
    page = replace(PAGE, incidents=(replace(SORA, **change),))  # type: ignore[arg-type]

    assert ("incident", "s") in statements(page, ("*chat*",))


def test_what_the_first_read_shows_may_be_old_and_what_comes_later_is_new() -> None:
    first = first_said(PAGE, {}, 100.0, is_first_read=True)
    dated = first_said(replace(PAGE, incidents=(replace(SORA, started_at=40.0),)), {}, 100.0, is_first_read=True)
    later = first_said(PAGE, {("component", "v"): 50.0}, 100.0, is_first_read=False)

    assert set(first.values()) == {0.0}
    assert dated["incident", "s"] == 40.0
    assert later == {("component", "v"): 50.0, ("incident", "s"): 100.0, ("indicator", ""): 100.0}
