"""YAML and environment in, frozen and strict settings out. The only reader of both.

A probe arrives complete: `defaults` and the catalog's facts are merged under what the user wrote, then the options
of its kind check the whole. Without a file, every status page of the catalog is read, and each provider whose
key variable is set gets one cheap probe.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from ai_provider_exporter.catalog import Provider, StatusSource, shipped
from ai_provider_exporter.config.options import Defaults, File
from ai_provider_exporter.config.settings import Settings
from ai_provider_exporter.probes import KINDS
from ai_provider_exporter.probes.module import (
    NOT_ITS_OWN,
    TARGET_KEYS,
    UNAIMED,
    Frame,
    Module,
    module_conflicts,
    target_key,
)
from ai_provider_exporter.probes.options import ProbeOptions
from ai_provider_exporter.reports import SOURCES
from ai_provider_exporter.reports.options import ReportsOptions
from ai_provider_exporter.schema import errors
from ai_provider_exporter.schema.errors import ConfigError, ConfigErrors
from ai_provider_exporter.schema.types import Options, format_duration, suggestion
from ai_provider_exporter.schema.yaml import Document
from ai_provider_exporter.status_pages.options import REGIONAL, SAVED_ONLY, PageOptions

Raw = dict[str, Any]
Key = tuple[str | int, ...]
Model = TypeVar("Model", bound=Options)

MISSING_KIND = "is missing; write how to ask, such as kind: chat"
MISSING_SOURCE = "is missing; write who reports, such as source: hackernews"
SOURCE = {"url", "format", "components", "regions", "identity"}
API = {"base_url", "dialect", "auth", "model", "max_output_tokens", "models_path", "quirks"}


def load_settings(
    path: Path | None, environ: Mapping[str, str], catalog: Mapping[str, Provider] | None = None
) -> Settings:
    """Read the user's file, or make what goes without one; `catalog` is the shipped one unless given.

    Raises:
        ConfigErrors: each with file, line, column, key and the fix.
    """
    catalog = shipped() if catalog is None else catalog
    if path is None:
        document, name = Document(implied(environ, catalog), {}), "(no file)"
    else:
        document, name = errors.read(path), str(path)
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
    sources = readable_sources(provider)
    if not any(source.format in REGIONAL and not source.regions for source in sources):
        return {"provider": provider.name} if sources else None
    region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")
    return {"provider": provider.name, "regions": [region]} if region else None


def readable_sources(provider: Provider) -> list[StatusSource]:
    """The sources of a provider's status that answer a plain request."""
    return [source for source in provider.status if source.format not in SAVED_ONLY]


class _Reader:
    """Checks one document; collects every mistake before it gives up."""

    def __init__(self, path: str, document: Document, catalog: Mapping[str, Provider]) -> None:
        self.path, self.document, self.catalog = path, document, catalog
        self.errors: list[ConfigError] = []

    def settings(self) -> Settings:
        file = self._check(self.document.data or {}, File, ())
        if file is None:
            raise ConfigErrors(self.errors)
        probes = [self._probe(raw, ("probes", at), file.defaults) for at, raw in enumerate(file.probes)]
        pages = [self._page(raw, ("status_pages", at), file.defaults) for at, raw in enumerate(file.status_pages)]
        reports = [self._reports(raw, ("reports", at)) for at, raw in enumerate(file.reports)]
        modules = {name: self._module(name, raw, file.defaults) for name, raw in file.modules.items()}
        self._unique("probes", [probe.name if probe else None for probe in probes], "name")
        self._unique("status_pages", [page.provider if page else None for page in pages], "provider")
        self._unique("reports", [source.name if source else None for source in reports], "source")
        if self.errors:
            raise ConfigErrors(self.errors)
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
            self.errors += errors.of(self.path, self.document, error, model, under)
            return None

    def _probe(self, raw: Raw, under: Key, defaults: Defaults) -> ProbeOptions | None:
        kind = KINDS.get(str(raw.get("kind")))
        if kind is None:
            said = f"is not a kind of probe; {suggestion(str(raw['kind']), KINDS)}" if "kind" in raw else MISSING_KIND
            self._error((*under, "kind"), said)
            return None
        options = self._check(merged(raw, kind.OPTIONS, defaults, self.catalog), kind.OPTIONS, under)
        if options and options.timeout > options.interval:
            longer = f"is longer than the interval of {format_duration(options.interval)}"
            self._error((*under, "timeout"), f"{longer}; a run must end before the next begins")
        return options

    def _module(self, name: str, raw: Raw, defaults: Defaults) -> Module | None:
        under: Key = ("modules", name)
        for key in (key for key in raw if key in NOT_ITS_OWN):
            self._error((*under, key), "is not for a module to say; its target and pace come from who asks")
        kind = KINDS.get(str(raw.get("kind")))
        aim = target_key(kind.OPTIONS) if kind else TARGET_KEYS[0]
        if aim is None:
            self._error((*under, "kind"), "asks no URL; write a kind that does, such as chat or http")
            return None
        own, rest = _parted(raw, set(Frame.model_fields))
        frame = self._check(own, Frame, under) or Frame(hosts=("nowhere.invalid",))
        filled: Raw = {"timeout": min(defaults.timeout, frame.min_interval)}
        filled |= {key: value for key, value in rest.items() if key not in NOT_ITS_OWN}
        filled |= {"name": name, aim: UNAIMED, "interval": frame.min_interval}
        options = self._probe(filled, under, defaults)
        if options is None:
            return None
        for key, problem in module_conflicts(options, frame.hosts):
            self._error((*under, key), problem)
        limits = frame.model_dump(include={"paths", "budget_share", "max_runs_per_minute"})
        return Module(options, frame.hosts, **limits)

    def _page(self, raw: Raw, under: Key, defaults: Defaults) -> PageOptions | None:
        provider = self.catalog.get(str(raw.get("provider", "")))
        filled = {"interval": defaults.interval, **raw}
        if "url" not in raw:
            sources = readable_sources(provider) if provider else []
            if not sources:
                self._error(under, "the catalog knows no status page of this provider; write its url")
                return None
            filled["sources"] = [source.model_dump(mode="json", include=SOURCE) for source in sources]
        return self._check(filled, PageOptions, under)

    def _reports(self, raw: Raw, under: Key) -> ReportsOptions | None:
        source = SOURCES.get(str(raw.get("source")))
        if source is None:
            said = f"is not a source; {suggestion(str(raw['source']), SOURCES)}" if "source" in raw else MISSING_SOURCE
            self._error((*under, "source"), said)
            return None
        provider = self.catalog.get(str(raw.get("provider", "")))
        words = list(provider.words) if provider else []
        known = {"words": words} if words and "words" in source.OPTIONS.model_fields else {}
        return self._check(known | raw, source.OPTIONS, under)

    def _unique(self, block: str, names: Iterable[str | None], key: str) -> None:
        seen: set[str] = set()
        for index, name in enumerate(names):
            if name in seen:
                self._error((block, index, key), f"{name!r} is taken by an earlier entry; choose another")
            seen |= {name} if name else set()

    def _error(self, key: Key, problem: str) -> None:
        self.errors.append(errors.at(self.path, self.document, key, problem))


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
