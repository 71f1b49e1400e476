from __future__ import annotations

import pytest
from ai_provider_exporter.model.observation import Status
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.formats import cachet
from ai_provider_exporter.status_pages.payload import Payload

from tests.exporter.status_pages.saved import Saved

COMPONENTS, INCIDENTS, SCHEDULES = Saved("cachet", "incidents").payloads
NOTHING = Payload(body=b'{"meta": {"pagination": {"total_pages": 1}}, "data": []}')


def test_a_document_alone_is_told_by_its_rows() -> None:
    components, incidents = cachet.parse(COMPONENTS), cachet.parse(INCIDENTS)

    assert (len(components.components), len(components.incidents)) == (2, 0)
    assert (len(incidents.components), len(incidents.incidents)) == (0, 2)
    assert incidents.status is Status.DEGRADED_PERFORMANCE


def test_a_page_whose_components_are_gone_is_no_page_without_trouble() -> None:
    with pytest.raises(PageFailure) as failure:
        cachet.parse(NOTHING, INCIDENTS, SCHEDULES)

    assert failure.value.reason == "components_vanished"
