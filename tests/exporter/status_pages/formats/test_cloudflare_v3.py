from __future__ import annotations

import pytest
from ai_provider_exporter.model.observation import Status
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.filtering import filter_page
from ai_provider_exporter.status_pages.formats import cloudflare_v3
from ai_provider_exporter.status_pages.payload import Payload

from tests.exporter.status_pages.saved import Saved


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"success": false, "result": null, "errors": [{"code": 1000}]}', id="an error"),
        pytest.param(b'{"success": true, "result": {"components": [], "active_incidents": null}}', id="no list"),
    ],
)
def test_what_does_not_say_that_it_is_an_answer_is_none(body: bytes) -> None:
    with pytest.raises(PageFailure, match="does not say that it is an answer"):
        cloudflare_v3.parse(Payload(body=body))


def test_a_place_in_maintenance_is_no_trouble_of_a_component_elsewhere() -> None:
    page, _ = filter_page(
        cloudflare_v3.parse(*Saved("cloudflare_v3", "maintenance_of_a_place").payloads), ("*Example AI*",)
    )

    assert page.status is Status.OPERATIONAL
