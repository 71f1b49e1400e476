"""What can be said about a status page in the configuration and the catalog."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from ai_provider_exporter.schema.types import Duration, KeyedError, Many, Name, Options, split_http_url, suggestion
from ai_provider_exporter.status_pages.formats import FORMATS

REGIONAL = frozenset({"aws"})
"""Clouds that always have trouble in one region or another: who reads them must say which regions count."""


SAVED_ONLY = frozenset({"aistudio"})
"""Formats of pages that answer no plain request: the verb `page` reads them from a saved answer, nobody else does."""


def _page_url(value: str) -> str:
    split_http_url(value, example="https://status.example.com")
    return value


def _format(name: str) -> str:
    if name not in FORMATS:
        raise ValueError(f"{name!r} is not a format; {suggestion(name, FORMATS)} Left out, it is detected")
    if name in SAVED_ONLY:
        raise ValueError(
            f"{name!r} answers no plain request; leave the page out, or read a saved answer with: page FILE"
        )
    return name


_Url = Annotated[str, AfterValidator(_page_url)]
_Format = Annotated[
    str, AfterValidator(_format), WithJsonSchema({"type": "string", "enum": sorted(set(FORMATS) - SAVED_ONLY)})
]


class Source(Options):
    """One address to read a page at. A `format` left out is detected.

    `components` are globs over ids, names and `group/name`, `regions` are region names; both left out: all.
    `identity` are hosts or ids that the page may rightly call itself by, besides the host of `url`.
    """

    url: _Url = Field(description="URL of the page")
    format: _Format | None = Field(default=None, description="page format; null: detected")
    components: Many[str] = Field(default=(), description="globs over ids, names and `group/name`; empty: all")
    regions: Many[str] = Field(default=(), description="names of regions; empty: all")
    identity: Many[str] = Field(
        default=(), description="hosts or ids that the page may call itself by, besides the host of `url`"
    )


class PageOptions(Options):
    """One status page. With a `url` it is read there, else at the first of `sources` that answers.

    `components`, `regions` and `identity` given here stand in for those of each source. `allow_http` follows
    redirects to plain HTTP; `prefer_feed` reads the page's feed before its JSON, for those who keep to the
    robots.txt of Statuspage.
    """

    provider: Name = Field(description="name of a catalog entry, or of your own; the `provider` label")
    url: _Url | None = Field(default=None, description="URL of the page; null: as the catalog has it")
    format: _Format | None = Field(default=None, description="page format; null: detected")
    sources: Many[Source] = Field(
        default=(), description="addresses to read the page at, in order; filled in by the catalog"
    )
    interval: Duration = Field(default=60.0, description="time between two reads; left out: as in `defaults`")
    timeout: Duration = Field(default=15.0, description="longest duration of one read, without the parsing")
    components: Many[str] = Field(
        default=(), description="globs over ids, names and `group/name` of components; empty: all"
    )
    regions: Many[str] = Field(default=(), description="names of regions, for the clouds; empty: all")
    identity: Many[str] = Field(
        default=(), description="hosts or ids that the page may call itself by, besides the host of its URL"
    )
    concerns: Mapping[str, Many[str]] = Field(
        default={},
        description="kind of probe, or `default` -> globs over the components that stand for it; empty: all do",
    )
    allow_http: bool = Field(default=False, description="true: follow redirects to plain HTTP")
    prefer_feed: bool = Field(
        default=False,
        description="true: read the feed of the page before its JSON, as the robots.txt of Statuspage asks",
    )

    @model_validator(mode="after")
    def _has_a_place(self) -> Self:
        if self.url is None and not self.sources:
            raise KeyedError("url", f"is missing, and the catalog has no status page of {self.provider}; write it")
        return self

    @model_validator(mode="after")
    def _names_regions(self) -> Self:
        if any(place.format in REGIONAL and not place.regions for place in self.places):
            raise KeyedError(
                "regions", "is missing: AWS always has trouble somewhere; write yours, such as [us-east-1]"
            )
        return self

    @property
    def places(self) -> tuple[Source, ...]:
        """Where to read, in order, with what was said for the page as a whole filled in."""
        sources = self.sources if self.url is None else (Source(url=self.url, format=self.format),)
        shared = {key: getattr(self, key) for key in ("components", "regions", "identity")}
        given = {key: value for key, value in shared.items() if value}
        return tuple(source.model_copy(update=given) for source in sources)
