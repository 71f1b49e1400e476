from __future__ import annotations

from ai_provider_exporter.model.observation import Status
from ai_provider_exporter.status_pages.filtering import filter_page
from ai_provider_exporter.status_pages.formats import aws

from tests.exporter.status_pages.saved import Saved

WIDE = Saved("aws", "disruption_in_two_regions")


def test_an_event_of_another_region_is_no_trouble() -> None:
    page, _ = filter_page(aws.parse(*WIDE.payloads), regions=("eu-central-1",))

    assert page.status is Status.OPERATIONAL
    assert page.open_incidents == ()


def test_a_component_is_a_service_in_a_region() -> None:
    page, _ = filter_page(aws.parse(*WIDE.payloads), components=("bedrock*",), regions=("us-*",))

    assert [(c.id, c.name, c.region, c.status) for c in page.components] == [
        ("bedrock-us-east-1", "Amazon Bedrock", "us-east-1", Status.MAJOR_OUTAGE)
    ]
    assert [incident.regions for incident in page.incidents] == [("us-east-1",)]


def test_a_service_that_has_recovered_is_no_longer_part_of_the_event() -> None:
    page, _ = filter_page(aws.parse(*WIDE.payloads), components=("sqs*",))

    assert page.status is Status.OPERATIONAL
    assert page.open_incidents == ()


def test_a_service_without_a_region_is_everywhere() -> None:
    page, _ = filter_page(aws.parse(*Saved("aws", "global_service").payloads), regions=("eu-central-1",))

    assert page.status is Status.DEGRADED_PERFORMANCE
