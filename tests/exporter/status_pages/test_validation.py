from __future__ import annotations

import pytest
from ai_provider_exporter.model.observation import Component, PageStatus, Status
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.validation import STALE_AFTER, check_fresh, check_identity, check_unchanged

NOW = 1770120000.0


@pytest.mark.parametrize(
    ("requested", "page_url", "page_id", "also"),
    [
        pytest.param("https://status.acme.example", "https://status.acme.example/", "k3v9", (), id="its own address"),
        pytest.param("https://status.acme.example/eu", "https://status.acme.example", "", (), id="under a path"),
        pytest.param("https://www.acme.example", "http://acme.example", "", (), id="with and without www"),
        pytest.param("https://k3v9.statuspage.io", "https://status.acme.example", "k3v9", (), id="by its id"),
        pytest.param("https://api.host.example/1.0/k3v9", "https://status.acme.example", "k3v9", (), id="id in a path"),
        pytest.param("https://old.example", "https://new.example", "", ("New.example",), id="by an allowed host"),
        pytest.param("https://old.example", "https://new.example", "K3V9", ("k3v9",), id="by an allowed id"),
        pytest.param("https://feed.example", "", "", (), id="it does not say"),
        pytest.param("https://feed.example", "http://[oops", "", (), id="it does not know"),
        pytest.param("http://127.0.0.1:8080", "https://status.acme.example", "", (), id="asked by number"),
        pytest.param("http://mirror:8080", "https://status.acme.example", "", (), id="asked by a name of our own"),
        pytest.param("http://127.0.0.1:8080", "http://127.0.0.1:8080/x", "", (), id="it calls itself by number"),
    ],
)
def test_a_page_that_calls_itself_what_was_asked_is_the_one(
    requested: str, page_url: str, page_id: str, also: tuple[str, ...]
) -> None:
    check_identity(PageStatus(page_url=page_url, page_id=page_id), requested=requested, final=requested, also=also)


@pytest.mark.parametrize(
    ("requested", "final", "page_url", "also"),
    [
        pytest.param("https://a.example", "https://a.example", "https://b.example", (), id="another page"),
        pytest.param("https://a.example", "https://b.example", "https://b.example", (), id="a redirect"),
        pytest.param(
            "https://acme.host.io", "https://acme.host.io", "https://status.acme.example", (), id="frozen mirror"
        ),
        pytest.param("http://127.0.0.1:1", "http://127.0.0.1:2", "https://b.example", (), id="a local redirect"),
        pytest.param("http://127.0.0.1:1", "http://127.0.0.1:1", "http://127.0.0.1:2", (), id="another local page"),
        pytest.param("http://127.0.0.1:1", "http://127.0.0.1:1", "https://b.example", ("a.example",), id="not allowed"),
    ],
)
def test_a_page_that_calls_itself_something_else_is_not(
    requested: str, final: str, page_url: str, also: tuple[str, ...]
) -> None:
    page = PageStatus(page_url=page_url, page_id="k3v9")

    with pytest.raises(PageFailure, match=r"shows the page of .*; if that is right, write") as failure:
        check_identity(page, requested=requested, final=final, also=also)

    assert failure.value.reason == "identity_mismatch"


@pytest.mark.parametrize(
    ("before", "now"),
    [
        pytest.param(PageStatus(page_id="a"), PageStatus(page_id="b"), id="another id"),
        pytest.param(PageStatus(page_url="https://a.example"), PageStatus(page_url="https://b.example"), id="host"),
    ],
)
def test_a_page_that_becomes_another_is_not_the_one(before: PageStatus, now: PageStatus) -> None:
    with pytest.raises(PageFailure, match="was that of a") as failure:
        check_unchanged(now, before)

    assert failure.value.reason == "identity_mismatch"


def test_a_page_with_the_same_id_may_change_its_name_and_address() -> None:
    before = PageStatus(page_id="a", page_name="Acme", page_url="https://a.example")

    check_unchanged(PageStatus(page_id="a", page_name="Acme Inc.", page_url="https://b.example"), before)


def test_components_that_vanish_all_at_once_are_no_recovery() -> None:
    before = PageStatus(components=(Component(id="a", name="API", status=Status.MAJOR_OUTAGE),))

    with pytest.raises(PageFailure, match="had 1 components and lists none now") as failure:
        check_unchanged(PageStatus(indicator=Status.OPERATIONAL), before)

    assert failure.value.reason == "components_vanished"


def test_where_only_trouble_is_listed_components_may_vanish() -> None:
    before = PageStatus(components=(Component(id="a", name="API", status=Status.MAJOR_OUTAGE),))

    check_unchanged(PageStatus(lists_only_trouble=True), before)


@pytest.mark.parametrize("made_at", [None, NOW, NOW - STALE_AFTER, NOW + 60.0], ids=["unknown", "now", "then", "ahead"])
def test_a_page_made_lately_is_believed(made_at: float | None) -> None:
    check_fresh(PageStatus(generated_at=made_at), NOW)


def test_a_page_made_long_ago_is_stale() -> None:
    with pytest.raises(PageFailure, match="was made 1h ago") as failure:
        check_fresh(PageStatus(generated_at=NOW - 3600.0), NOW)

    assert failure.value.reason == "stale"
