"""Is this the page that was asked for, and is it to be believed? Pages move, redirect and leave frozen mirrors."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from ai_provider_exporter.model.observation import PageStatus
from ai_provider_exporter.schema.types import format_duration
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.text import split_url

STALE_AFTER = 600.0  # seconds; pages that say when they were made are made every minute or so


def check_identity(page: PageStatus, *, requested: str, final: str, also: Iterable[str] = ()) -> None:
    """Compare what the page calls itself with the address that was asked, or one of `also`, hosts and ids.

    `final` is the URL after redirects. An address that is no public name, such as 127.0.0.1, says nothing
    about what the page may call itself, as long as it answers itself. A page that does not say who it is passes.

    Raises:
        PageFailure: identity_mismatch.
    """
    itself = _host(page.page_url)
    also = {_plain(name) for name in also}
    expected = {_host(requested), *also}
    is_named = itself in expected or page.page_id.lower() in expected or _is_part(page.page_id, requested)
    if not itself or is_named:
        return
    if not also and _is_local(requested) and _host(final) == _host(requested) and not _is_local(page.page_url):
        return
    raise PageFailure(
        "identity_mismatch",
        f"{_host(requested)} shows the page of {itself}; if that is right, write that address, or identity: [{itself}]",
    )


def check_unchanged(page: PageStatus, before: PageStatus, *, lists_components: bool = False) -> None:
    """Compare what the page calls itself, and whether it lists components, with the read before.

    `lists_components`: it lists some that the filter has taken out.

    Raises:
        PageFailure: identity_mismatch or components_vanished.
    """
    pairs = ((before.page_id, page.page_id), (_host(before.page_url), _host(page.page_url)))
    was, now = next(((was, now) for was, now in pairs if was and now), ("", ""))
    if was != now:
        raise PageFailure("identity_mismatch", f"the page was that of {was} and is now that of {now}")
    if before.components and not (page.components or lists_components) and not page.lists_only_trouble:
        problem = f"the page had {len(before.components)} components and lists none now; was it moved or rebuilt?"
        raise PageFailure("components_vanished", problem)


def check_fresh(page: PageStatus, now: float) -> None:
    """Compare when the page was made, if it says so, with `now`, Unix seconds.

    Raises:
        PageFailure: stale.
    """
    age = 0.0 if page.generated_at is None else now - page.generated_at
    if age > STALE_AFTER:
        raise PageFailure("stale", f"the document was made {format_duration(round(age))} ago; is it a frozen mirror?")


def _is_part(page_id: str, url: str) -> bool:
    """Statuspage has `https://ID.statuspage.io`, others have the id in the path."""
    return page_id != "" and page_id in url.replace(".", "/").split("/")


def _is_local(url: str) -> bool:
    """An address by number, or a name that only our own network knows."""
    host = split_url(url).hostname or ""
    try:
        return ipaddress.ip_address(host) is not None
    except ValueError:
        return "." not in host


def _host(url: str) -> str:
    """Without the `www.` that redirects put on and take off; of a local address with its port."""
    parts = split_url(url)
    return parts.netloc.rpartition("@")[2] if _is_local(url) else _plain(parts.hostname or "")


def _plain(name: str) -> str:
    return name.lower().removeprefix("www.")
