"""Where each format has its documents."""

from __future__ import annotations

import pytest
from ai_provider_exporter.pages import FORMATS

HOST = "https://status.acme.example"


@pytest.mark.parametrize(
    ("name", "base", "ways"),
    [
        pytest.param(
            "oneuptime",
            HOST,
            ((f"{HOST}/status-page-api/overview/status.acme.example",),),
            id="oneuptime by the host of the page",
        ),
        pytest.param(
            "oneuptime",
            "https://oneuptime.example/status-page-api/overview/5f0ab1e0",
            (("https://oneuptime.example/status-page-api/overview/5f0ab1e0",),),
            id="oneuptime by its id",
        ),
        pytest.param(
            "openstatus",
            "https://acme.openstatus.dev",
            (("https://acme.openstatus.dev/feed/json",), ("https://api.openstatus.dev/public/status/acme",)),
            id="openstatus by its feed, else by its word",
        ),
        pytest.param(
            "openstatus", HOST, ((f"{HOST}/feed/json",),), id="openstatus at a host of its own, whose word is not told"
        ),
    ],
)
def test_a_page_is_read_where_its_format_has_its_documents(
    name: str, base: str, ways: tuple[tuple[str, ...], ...]
) -> None:
    assert FORMATS[name].documents(base) == ways
