from __future__ import annotations

from ai_provider_exporter.status_pages.formats import betterstack

from tests.exporter.status_pages.saved import Saved


def test_the_uptime_of_a_component_is_over_the_days_that_the_page_shows() -> None:
    page = betterstack.parse(*Saved("betterstack", "incidents").payloads)

    assert [dict(component.uptime) for component in page.components] == [{"2d": 0.97}, {"2d": 0.9991}, {"2d": 0.9991}]


def test_what_nobody_watches_is_no_component() -> None:
    page = betterstack.parse(*Saved("betterstack", "operational").payloads)

    assert "Old model" not in {component.name for component in page.components}
