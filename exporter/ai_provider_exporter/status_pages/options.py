"""What can be said about a status page in the configuration and the catalog."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, model_validator

from ai_provider_exporter.schema.types import Duration, Many, Name, Options, split_http_url, suggestion
from ai_provider_exporter.status_pages.formats import FORMATS

REGIONAL = frozenset({"aws"})
"""Clouds that always have trouble in one region or another: who reads them must say which regions count."""


SAVED_ONLY = frozenset({"aistudio"})
"""Formats of pages that answer no plain request: the verb `page` reads them from a saved answer, nobody else does."""


def _page_url(value: str) -> str:
    url = split_http_url(value, example="https://status.example.com")
    if url.username is not None or url.password is not None:
        raise ValueError("holds a user or password; take it out, for everybody sees where a page is read")
    return value


def _known(name: str) -> str:
    if name not in FORMATS:
        raise ValueError(f"{name!r} is not a format; {suggestion(name, FORMATS)} Left out, it is detected")
    if name in SAVED_ONLY:
        raise ValueError(
            f"{name!r} answers no plain request; leave the page out, or read a saved answer with: page FILE"
        )
    return name


_Url = Annotated[str, AfterValidator(_page_url)]


class Source(Options):
    """One address to read a page at. A `format` left out is detected.

    `components` are globs over ids, names and `group/name`, `regions` are region names; both left out: all.
    `identity` are hosts or ids that the page may rightly call itself by, besides the host of `url`.
    """

    url: _Url
    format: Annotated[str, AfterValidator(_known)] | None = None
    components: Many[str] = ()
    regions: Many[str] = ()
    identity: Many[str] = ()


class PageOptions(Options):
    """One status page. With a `url` it is read there, else at the first of `sources` that answers.

    `components`, `regions` and `identity` given here stand in for those of each source. `allow_http` follows
    redirects to plain HTTP; `prefer_feed` reads the page's feed before its JSON, for those who keep to the
    robots.txt of Statuspage.
    """

    provider: Name
    url: _Url | None = None
    format: Annotated[str, AfterValidator(_known)] | None = None
    sources: Many[Source] = ()
    interval: Duration = 60.0
    timeout: Duration = 15.0
    components: Many[str] = ()
    regions: Many[str] = ()
    identity: Many[str] = ()
    allow_http: bool = False
    prefer_feed: bool = False

    @model_validator(mode="after")
    def _has_a_place(self) -> Self:
        if self.url is None and not self.sources:
            raise ValueError(f"the catalog knows no status page of {self.provider!r}; write its url")
        return self

    @model_validator(mode="after")
    def _names_regions(self) -> Self:
        if any(place.format in REGIONAL and not place.regions for place in self.places):
            raise ValueError("AWS has always trouble somewhere; write your regions, such as regions: [us-east-1]")
        return self

    @property
    def places(self) -> tuple[Source, ...]:
        """Where to read, in order, with what was said for the page as a whole filled in."""
        sources = self.sources if self.url is None else (Source(url=self.url, format=self.format),)
        said = {key: getattr(self, key) for key in ("components", "regions", "identity")}
        given = {key: value for key, value in said.items() if value}
        return tuple(source.model_copy(update=given) for source in sources)
