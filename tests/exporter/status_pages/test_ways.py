"""The ways to read a page in formats whose documents hang on its address."""

from __future__ import annotations

import pytest
from ai_provider_exporter.status_pages.formats import FORMATS

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
        pytest.param("cstate", f"{HOST}/", ((f"{HOST}/index.json",),), id="cstate"),
        pytest.param(
            "upptime",
            "https://github.com/acme/status",
            (("https://raw.githubusercontent.com/acme/status/HEAD/history/summary.json",),),
            id="upptime by its repository",
        ),
        pytest.param(
            "upptime",
            "https://acme.github.io/status/",
            (("https://raw.githubusercontent.com/acme/status/HEAD/history/summary.json",),),
            id="upptime by its page at GitHub",
        ),
        pytest.param("upptime", HOST, ((f"{HOST}/history/summary.json",),), id="upptime elsewhere"),
        pytest.param(
            "gatus",
            HOST,
            (
                (f"{HOST}/api/v1/endpoints/statuses?page=1&pageSize=1", f"{HOST}/api/v1/config"),
                (f"{HOST}/api/v1/endpoints/statuses?page=1&pageSize=1",),
            ),
            id="gatus with announcements, else without",
        ),
        pytest.param(
            "gatus",
            f"{HOST}/api/v1/endpoints/statuses?pageSize=50",
            ((f"{HOST}/api/v1/endpoints/statuses?pageSize=50",),),
            id="gatus by its document",
        ),
        pytest.param(
            "uptime_kuma",
            f"{HOST}/status/acme",
            ((f"{HOST}/api/status-page/acme", f"{HOST}/api/status-page/heartbeat/acme"),),
            id="uptime_kuma by its slug",
        ),
        pytest.param(
            "uptime_kuma",
            HOST,
            ((f"{HOST}/api/status-page/default", f"{HOST}/api/status-page/heartbeat/default"),),
            id="uptime_kuma by its host",
        ),
        pytest.param(
            "cachet",
            HOST,
            (
                (
                    f"{HOST}/api/v1/components?per_page=100",
                    f"{HOST}/api/v1/incidents?per_page=100&sort=id&order=desc",
                    f"{HOST}/api/v1/schedules?per_page=100&sort=id&order=desc",
                ),
                (
                    f"{HOST}/api/components?per_page=100",
                    f"{HOST}/api/incidents?per_page=100&include=components",
                    f"{HOST}/api/schedules?per_page=100",
                ),
                (
                    f"{HOST}/api/v1/components?per_page=100",
                    f"{HOST}/api/v1/incidents?per_page=100&sort=id&order=desc",
                ),
            ),
            id="cachet of version 2, of version 3, and of a version without schedules",
        ),
    ],
)
def test_a_page_is_read_where_its_format_has_its_documents(
    name: str, base: str, ways: tuple[tuple[str, ...], ...]
) -> None:
    assert FORMATS[name].documents(base) == ways
