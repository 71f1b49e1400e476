from __future__ import annotations

import json

import pytest
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.formats import firehydrant
from ai_provider_exporter.status_pages.payload import Payload

from tests.exporter.status_pages.saved import Saved


def test_without_a_list_of_incidents_the_components_have_no_state() -> None:
    document = {**Saved("firehydrant", "operational").payloads[0].object(), "incidents": None}

    with pytest.raises(PageFailure, match="no list of incidents"):
        firehydrant.parse(Payload(body=json.dumps(document).encode()))
