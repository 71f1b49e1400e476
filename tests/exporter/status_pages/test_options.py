from __future__ import annotations

from typing import Any

import pytest
from ai_provider_exporter.status_pages.format import document_sets
from ai_provider_exporter.status_pages.options import PageOptions, Source
from pydantic import ValidationError

APPENDED = (("https://a.example/x.json",), ("https://a.example/y",))
URL = "https://status.acme.example"


def options(**more: Any) -> PageOptions:
    return PageOptions(provider="acme", **more)


def test_a_url_of_ones_own_stands_before_the_sources_of_the_catalog() -> None:
    given = options(url=URL, format="statuspage", sources=[{"url": "https://other.example", "format": "incidentio"}])

    assert given.places == (Source(url=URL, format="statuspage"),)


def test_what_is_said_for_the_page_holds_for_each_source_else_the_source_decides() -> None:
    sources = [{"url": URL, "components": ["A*"], "regions": ["eu"]}, {"url": URL, "identity": ["acme.example"]}]

    places = options(sources=sources, components=["B*"]).places

    assert [(place.components, place.regions, place.identity) for place in places] == [
        (("B*",), ("eu",), ()),
        (("B*",), (), ("acme.example",)),
    ]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        pytest.param({}, "the catalog has no status page of acme; write it", id="nowhere to read"),
        pytest.param({"url": URL, "format": "runes"}, "'runes' is not a format; .* it is detected", id="format"),
        pytest.param({"url": URL, "format": "aistudio"}, "'aistudio' answers no plain request", id="saved only"),
        pytest.param({"url": "status.acme.example"}, "write one such as https://", id="no scheme"),
        pytest.param({"url": "ftp://acme.example"}, "write one such as https://", id="another scheme"),
        pytest.param({"url": "https://a b.example"}, "holds a character that no URL has", id="a blank"),
        pytest.param({"url": f"{URL}:99999"}, "has a port that is no number up to 65535", id="no port"),
        pytest.param(
            {"url": "https://me:pw@acme.example"},
            "holds a user or password",
            id="a password",
        ),
        pytest.param({"url": URL, "components": "API"}, "should be a valid tuple", id="one glob is no list"),
        pytest.param({"url": URL, "intervall": 60}, "Extra inputs are not permitted", id="unknown key"),
    ],
)
def test_a_mistake_says_what_to_write(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        options(**wrong)


@pytest.mark.parametrize(
    ("base", "documents"),
    [
        pytest.param("https://a.example", APPENDED, id="a host"),
        pytest.param("https://a.example/", APPENDED, id="a slash"),
        pytest.param(
            "https://a.example/eu/", (("https://a.example/eu/x.json",), ("https://a.example/eu/y",)), id="path"
        ),
        pytest.param("https://a.example/?q", APPENDED, id="a query"),
        pytest.param("https://a.example/x.json", (("https://a.example/x.json",),), id="a document"),
        pytest.param("https://a.example/eu/y?z=1", (("https://a.example/eu/y?z=1",),), id="a document and a query"),
        pytest.param("https://a.example/z.json", (("https://a.example/z.json",),), id="another of its documents"),
    ],
)
def test_documents_are_appended_to_the_address_unless_it_is_one(
    base: str, documents: tuple[tuple[str, ...], ...]
) -> None:
    assert document_sets(base, ("/x.json",), ("/y",), also=("/z.json",)) == documents
