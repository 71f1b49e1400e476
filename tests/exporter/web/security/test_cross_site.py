from __future__ import annotations

import httpx2
import pytest
from ai_provider_exporter.web.security.cross_site import is_cross_site
from starlette.datastructures import Headers

from tests.exporter import worlds
from tests.exporter.serving import Visit


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        pytest.param({}, False, id="curl"),
        pytest.param({"sec-fetch-site": "same-origin"}, False, id="the board"),
        pytest.param({"sec-fetch-site": "none"}, False, id="typed by the user"),
        pytest.param({"sec-fetch-site": "cross-site"}, True, id="another site"),
        pytest.param({"sec-fetch-site": "same-site"}, True, id="another origin of the same site"),
        pytest.param(
            {"origin": "http://exporter:10190", "host": "exporter:10190"}, False, id="same origin, old browser"
        ),
        pytest.param(
            {"origin": "https://evil.example", "host": "exporter:10190"}, True, id="another origin, old browser"
        ),
        pytest.param({"origin": "null", "host": "exporter:10190"}, True, id="a sandboxed page"),
    ],
)
def test_a_browser_says_when_another_site_sends_a_request(headers: dict[str, str], expected: bool) -> None:  # noqa: FBT001
    assert is_cross_site(Headers(headers)) is expected


@pytest.mark.parametrize("path", ["/-/reload", "/", "/metrics"])
def test_another_site_cannot_post(visit: Visit, path: str) -> None:
    client: httpx2.Client = visit(worlds.admitted)
    response = client.post(path, headers={"sec-fetch-site": "cross-site"})

    assert (response.status_code, response.headers["x-content-type-options"]) == (403, "nosniff")


def test_another_site_may_link_to_the_board(visit: Visit) -> None:
    client: httpx2.Client = visit(worlds.admitted)

    assert client.get("/", headers={"sec-fetch-site": "cross-site"}).status_code == 200
