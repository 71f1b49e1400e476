from __future__ import annotations

import pytest
from ai_provider_exporter.model.observation import Status
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.filtering import filter_page
from ai_provider_exporter.status_pages.formats import oci
from ai_provider_exporter.status_pages.payload import Payload

from tests.exporter.status_pages.saved import Saved


def test_a_component_is_a_service_in_a_region() -> None:
    page = oci.parse(*Saved("oci", "incident_of_two_regions").payloads)

    filtered, _ = filter_page(page, ("Generative AI",), ("eu-frankfurt-1",))

    assert [(c.name, c.region, c.status) for c in filtered.components] == [
        ("Generative AI", "eu-frankfurt-1", Status.PARTIAL_OUTAGE)
    ]


def test_each_document_must_be_one_of_this_page() -> None:
    status, _ = Saved("oci", "operational").payloads

    with pytest.raises(PageFailure, match="none of these: status, regionHealthReports"):
        oci.parse(status, Payload(body=b'{"error": "gone"}'))
