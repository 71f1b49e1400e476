from __future__ import annotations

import pytest
from ai_provider_exporter.model.observation import (
    Component,
    Impact,
    Incident,
    IncidentStatus,
    Maintenance,
    MaintenanceStatus,
    PageStatus,
    Status,
)
from ai_provider_exporter.status_pages.filtering import filter_page


def component(name: str, group: str = "", region: str = "", status: Status = Status.OPERATIONAL) -> Component:
    return Component(id=f"id-{name}", name=name, group=group, region=region, status=status)


def incident(incident_id: str, *components: str, regions: tuple[str, ...] = ()) -> Incident:
    return Incident(
        id=incident_id,
        name="Trouble",
        status=IncidentStatus.IDENTIFIED,
        impact=Impact.MAJOR,
        components=components,
        regions=regions,
    )


PAGE = PageStatus(
    indicator=Status.MAJOR_OUTAGE,
    components=(
        component("API Chat", "API"),
        component("API Batch", "API", "us-east-1"),
        component("Login", "App", "eu-west-1", Status.MAJOR_OUTAGE),
    ),
    incidents=(
        incident("all"),
        incident("chat", "API Chat"),
        incident("login", "Login"),
        incident("eu", regions=("eu-west-1",)),
    ),
    maintenances=(
        Maintenance(id="m1", name="Work", status=MaintenanceStatus.SCHEDULED, components=("Login",)),
        Maintenance(id="m2", name="Work", status=MaintenanceStatus.SCHEDULED),
    ),
)


def test_without_a_wish_everything_is_kept() -> None:
    assert filter_page(PAGE) == (PAGE, ())


@pytest.mark.parametrize(
    ("globs", "kept"),
    [
        pytest.param(("API*",), ["API Chat", "API Batch"], id="by name"),
        pytest.param(("api chat",), ["API Chat"], id="in any case"),
        pytest.param(("id-Login",), ["Login"], id="by id"),
        pytest.param(("App/*",), ["Login"], id="by group"),
        pytest.param(("*Batch", "Log*"), ["API Batch", "Login"], id="by any of several"),
    ],
)
def test_components_are_kept_by_globs(globs: tuple[str, ...], kept: list[str]) -> None:
    page, missing = filter_page(PAGE, globs)

    assert [component.name for component in page.components] == kept
    assert missing == ()


def test_incidents_and_maintenances_stay_if_they_touch_what_was_kept_or_name_nothing() -> None:
    page, _ = filter_page(PAGE, ("API*",))

    assert [incident.id for incident in page.incidents] == ["all", "chat", "eu"]
    assert [work.id for work in page.maintenances] == ["m2"]


def test_regions_keep_what_is_in_them_or_in_none() -> None:
    page, missing = filter_page(PAGE, regions=("US-*",))

    assert [component.name for component in page.components] == ["API Chat", "API Batch"]
    assert [incident.id for incident in page.incidents] == ["all", "chat"]
    assert missing == ()


def test_the_indicator_of_a_narrowed_page_is_kept_but_does_not_count() -> None:
    quiet = PageStatus(indicator=Status.MAJOR_OUTAGE, components=PAGE.components)

    page, _ = filter_page(quiet, ("API*",))

    assert (page.indicator, page.status) == (Status.MAJOR_OUTAGE, Status.OPERATIONAL)


def test_what_was_asked_for_and_is_not_there_is_missing_and_never_operational() -> None:
    page, missing = filter_page(PageStatus(indicator=Status.OPERATIONAL, components=PAGE.components), ("Sora*",))

    assert missing == ("Sora*",)
    assert page.status is Status.UNKNOWN


def test_nothing_is_missing_where_only_trouble_is_listed() -> None:
    page, missing = filter_page(PageStatus(lists_only_trouble=True, incidents=(incident("login", "Login"),)), ("API*",))

    assert missing == ()
    assert page.status is Status.OPERATIONAL
