from __future__ import annotations

import pytest
from ai_provider_exporter.web import prefix


@pytest.mark.parametrize(
    ("external", "written", "expected"),
    [
        pytest.param(None, None, "", id="neither"),
        pytest.param("https://ops.example", None, "", id="no path"),
        pytest.param("https://ops.example/", None, "", id="the root"),
        pytest.param("https://ops.example/team/ai/", None, "/team/ai", id="a path"),
        pytest.param("https://ops.example/ai", "", "", id="a proxy that takes the path off"),
        pytest.param("https://ops.example/ai", "/other", "/other", id="both"),
    ],
)
def test_the_prefix_is_the_written_one_else_the_path_of_the_external_url(
    external: str | None, written: str | None, expected: str
) -> None:
    assert prefix.chosen(external, written) == expected


@pytest.mark.parametrize("text", ["ai", "/ai", "ai/", "/ai/"])
def test_a_prefix_is_understood_with_and_without_its_slashes(text: str) -> None:
    assert prefix.route_prefix(text) == "/ai"


@pytest.mark.parametrize("text", ["/{name}", "/a b", "/a?b", "/a//b", "https://x.example/"])
def test_what_is_no_path_is_no_prefix(text: str) -> None:
    with pytest.raises(ValueError, match="is no prefix; write a path"):
        prefix.route_prefix(text)


@pytest.mark.parametrize("text", ["ops.example/ai", "ftp://ops.example", "https://", "https://ops.example/?a=b"])
def test_an_external_url_is_one(text: str) -> None:
    with pytest.raises(ValueError, match="is not a URL to be reached by"):
        prefix.external_url(text)
