"""The user's settings: YAML and environment in, frozen and strict settings out. The only reader of both.

A probe arrives complete: `defaults` and the catalog's facts are merged under what the user wrote, then the options
of its kind check the whole. Without a file, every status page of the catalog is read, and each provider whose
key variable is set gets one cheap probe.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self, TypeVar

from pydantic import ValidationError, field_validator, model_validator

from ai_provider_exporter.catalog import Provider, StatusSource
from ai_provider_exporter.config.budget_options import BudgetOptions
from ai_provider_exporter.config.mute_times import Pause
from ai_provider_exporter.metrics.otel.options import OtelOptions
from ai_provider_exporter.model.shard import Shard
from ai_provider_exporter.probes import KINDS
from ai_provider_exporter.probes.module import NOT_ITS_OWN, TARGET_KEYS, UNAIMED, Frame, Module, target_key, unfit
from ai_provider_exporter.probes.options import ProbeOptions
from ai_provider_exporter.probes.tcp import split_address
from ai_provider_exporter.reports import SOURCES
from ai_provider_exporter.reports.options import ReportsOptions
from ai_provider_exporter.schema import errors as mistakes
from ai_provider_exporter.schema.errors import Mistake, Mistakes
from ai_provider_exporter.schema.types import Options, PositiveDuration, format_duration, suggestion
from ai_provider_exporter.schema.yaml import Document
from ai_provider_exporter.status_pages.options import REGIONAL, SAVED_ONLY, PageOptions

Raw = dict[str, Any]
Key = tuple[str | int, ...]
Model = TypeVar("Model", bound=Options)

MISSING_KIND = "is missing; write how to ask, such as kind: chat"
MISSING_SOURCE = "is missing; write who reports, such as source: hackernews"
SOURCE = {"url", "format", "components", "regions", "identity"}
API = {"base_url", "dialect", "auth", "model", "max_output_tokens", "models_path", "quirks"}


class Defaults(Options):
    """What each probe has unless it says otherwise; `interval` holds for status pages too."""

    interval: PositiveDuration = 60.0
    timeout: PositiveDuration = 30.0
    location: str = ""


class EgressCheck(Options):
    """How to tell our own outage from theirs: it is ours when none of `hosts` can be reached."""

    hosts: tuple[str, ...] = ("one.one.one.one:443", "dns.google:443", "www.wikipedia.org:443")
    interval: PositiveDuration = 30.0
    timeout: PositiveDuration = 5.0

    @field_validator("hosts")
    @classmethod
    def _have_ports(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            split_address(host)
        return hosts

    @model_validator(mode="after")
    def _at_least_two(self) -> Self:
        if len(set(self.hosts)) < 2:  # noqa: PLR2004  # one host down must not look like us being cut off
            raise ValueError("needs two different hosts at least; write a list such as [a.example:443, b.example:443]")
        return self


class File(Options):
    """The top of the file; probes and pages are checked one by one, against the options of their kind."""

    defaults: Defaults = Defaults()
    budget: BudgetOptions = BudgetOptions()
    egress: EgressCheck = EgressCheck()
    probes: tuple[dict[str, Any], ...] = ()
    status_pages: tuple[dict[str, Any], ...] = ()
    reports: tuple[dict[str, Any], ...] = ()
    pauses: tuple[Pause, ...] = ()
    modules: Mapping[str, dict[str, Any]] = {}
    otel: OtelOptions = OtelOptions()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    defaults: Defaults
    budget: BudgetOptions
    egress: EgressCheck
    probes: tuple[ProbeOptions, ...]
    pages: tuple[PageOptions, ...]
    reports: tuple[ReportsOptions, ...] = ()
    pauses: tuple[Pause, ...] = ()
    modules: Mapping[str, Module] = field(default_factory=lambda: MappingProxyType({}))
    otel: OtelOptions = field(default_factory=OtelOptions)

    def of(self, shard: Shard) -> Settings:
        """What of it one shard runs; what it is asked for, each of them can answer."""
        return replace(
            self,
            probes=tuple(probe for probe in self.probes if shard.owns(probe.provider)),
            pages=tuple(page for page in self.pages if shard.owns(page.provider)),
            reports=tuple(reports for reports in self.reports if shard.owns(reports.provider)),
        )


def load(path: Path | None, environ: Mapping[str, str], catalog: Mapping[str, Provider]) -> Settings:
    """Read the user's file, or make what goes without one.

    Raises:
        Mistakes: each with file, line, column, key and the fix.
    """
    if path is None:
        document, name = Document(implied(environ, catalog), {}), "(no file)"
    else:
        document, name = mistakes.read(path), str(path)
    return _Reader(name, document, catalog).settings()


def implied(environ: Mapping[str, str], catalog: Mapping[str, Provider]) -> Raw:
    """What a file would say if there were one."""
    ready = [p for p in catalog.values() if p.api and p.api.is_ready and environ.get(p.api.key_env or "")]
    return {
        "probes": [{"name": f"{p.name}-chat", "provider": p.name, "kind": "chat"} for p in ready],
        "status_pages": [page for p in catalog.values() if (page := _implied_page(p, environ))],
    }


def _implied_page(provider: Provider, environ: Mapping[str, str]) -> Raw | None:
    """The provider's page, if it has one; that of a cloud only where its own clients would find a region."""
    sources = readable(provider)
    if not any(source.format in REGIONAL and not source.regions for source in sources):
        return {"provider": provider.name} if sources else None
    region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")
    return {"provider": provider.name, "regions": [region]} if region else None


def readable(provider: Provider) -> list[StatusSource]:
    """The sources of a provider's status that answer a plain request."""
    return [source for source in provider.status if source.format not in SAVED_ONLY]


class _Reader:
    """Checks one document; collects every mistake before it gives up."""

    def __init__(self, path: str, document: Document, catalog: Mapping[str, Provider]) -> None:
        self.path, self.document, self.catalog = path, document, catalog
        self.found: list[Mistake] = []

    def settings(self) -> Settings:
        file = self._check(self.document.data or {}, File, ())
        if file is None:
            raise Mistakes(self.found)
        probes = [self._probe(raw, ("probes", at), file.defaults) for at, raw in enumerate(file.probes)]
        pages = [self._page(raw, ("status_pages", at), file.defaults) for at, raw in enumerate(file.status_pages)]
        reports = [self._reports(raw, ("reports", at)) for at, raw in enumerate(file.reports)]
        modules = {name: self._module(name, raw, file.defaults) for name, raw in file.modules.items()}
        self._unique("probes", [probe.name if probe else None for probe in probes], "name")
        self._unique("status_pages", [page.provider if page else None for page in pages], "provider")
        self._unique("reports", [source.name if source else None for source in reports], "source")
        if self.found:
            raise Mistakes(self.found)
        return Settings(
            defaults=file.defaults,
            budget=file.budget,
            egress=file.egress,
            probes=tuple(probe for probe in probes if probe),
            pages=tuple(page for page in pages if page),
            reports=tuple(source for source in reports if source),
            pauses=file.pauses,
            modules={name: module for name, module in modules.items() if module},
            otel=file.otel,
        )

    def _check(self, raw: Any, model: type[Model], under: Key) -> Model | None:
        try:
            # By way of JSON, whose strict reading takes a list for a tuple and nothing else for anything else.
            return model.model_validate_json(json.dumps(raw, default=str))
        except ValidationError as error:
            self.found += mistakes.of(self.path, self.document, error, model, under)
            return None

    def _probe(self, raw: Raw, under: Key, defaults: Defaults) -> ProbeOptions | None:
        kind = KINDS.get(str(raw.get("kind")))
        if kind is None:
            said = f"is not a kind of probe; {suggestion(str(raw['kind']), KINDS)}" if "kind" in raw else MISSING_KIND
            self._mistake((*under, "kind"), said)
            return None
        options = self._check(merged(raw, kind.OPTIONS, defaults, self.catalog), kind.OPTIONS, under)
        if options and options.timeout > options.interval:
            longer = f"is longer than the interval of {format_duration(options.interval)}"
            self._mistake((*under, "timeout"), f"{longer}; a run must end before the next begins")
        return options

    def _module(self, name: str, raw: Raw, defaults: Defaults) -> Module | None:
        under: Key = ("modules", name)
        for key in (key for key in raw if key in NOT_ITS_OWN):
            self._mistake((*under, key), "is not for a module to say; its target and pace come from who asks")
        kind = KINDS.get(str(raw.get("kind")))
        aim = target_key(kind.OPTIONS) if kind else TARGET_KEYS[0]
        if aim is None:
            self._mistake((*under, "kind"), "asks no URL; write a kind that does, such as chat or http")
            return None
        own, rest = _parted(raw, set(Frame.model_fields))
        frame = self._check(own, Frame, under) or Frame(hosts=("nowhere.invalid",))
        filled: Raw = {"timeout": min(defaults.timeout, frame.min_interval)}
        filled |= {key: value for key, value in rest.items() if key not in NOT_ITS_OWN}
        filled |= {"name": name, aim: UNAIMED, "interval": frame.min_interval}
        options = self._probe(filled, under, defaults)
        if options is None:
            return None
        for key, problem in unfit(options, frame.hosts):
            self._mistake((*under, key), problem)
        return Module(options, frame.hosts)

    def _page(self, raw: Raw, under: Key, defaults: Defaults) -> PageOptions | None:
        provider = self.catalog.get(str(raw.get("provider", "")))
        filled = {"interval": defaults.interval, **raw}
        if "url" not in raw:
            sources = readable(provider) if provider else []
            if not sources:
                self._mistake(under, "the catalog knows no status page of this provider; write its url")
                return None
            filled["sources"] = [source.model_dump(mode="json", include=SOURCE) for source in sources]
        return self._check(filled, PageOptions, under)

    def _reports(self, raw: Raw, under: Key) -> ReportsOptions | None:
        source = SOURCES.get(str(raw.get("source")))
        if source is None:
            said = f"is not a source; {suggestion(str(raw['source']), SOURCES)}" if "source" in raw else MISSING_SOURCE
            self._mistake((*under, "source"), said)
            return None
        provider = self.catalog.get(str(raw.get("provider", "")))
        words = list(provider.words) if provider else []
        known = {"words": words} if words and "words" in source.OPTIONS.model_fields else {}
        return self._check(known | raw, source.OPTIONS, under)

    def _unique(self, block: str, names: Iterable[str | None], key: str) -> None:
        seen: set[str] = set()
        for index, name in enumerate(names):
            if name in seen:
                self._mistake((block, index, key), f"{name!r} is taken by an earlier entry; choose another")
            seen |= {name} if name else set()

    def _mistake(self, key: Key, problem: str) -> None:
        self.found.append(mistakes.at(self.path, self.document, key, problem))


def _parted(raw: Raw, keys: set[str]) -> tuple[Raw, Raw]:
    """What of `raw` is under `keys`, and the rest."""
    return {k: v for k, v in raw.items() if k in keys}, {k: v for k, v in raw.items() if k not in keys}


def merged(raw: Raw, options: type[ProbeOptions], defaults: Defaults, catalog: Mapping[str, Provider]) -> Raw:
    """What the user wrote, over what the catalog knows of the provider, over the defaults."""
    provider = catalog.get(str(raw.get("provider", "")))
    known: Raw = defaults.model_dump()
    if provider is not None and provider.api is not None:
        api = provider.api
        facts = api.model_dump(mode="json", exclude_none=True, include=API)
        if not options.CHATS:
            facts.pop("model", None)  # the catalog knows a model to chat with, which is of no use to other kinds
        if api.key_env and "base_url" not in raw:
            # A key of the catalog's goes to the host of the catalog's, never to one that the user chose.
            facts["api_key"] = {"env": api.key_env}
        known |= facts
    return {key: value for key, value in known.items() if key in options.model_fields} | raw
