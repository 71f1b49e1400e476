"""YAML and environment in, frozen and strict settings out. The only reader of both.

A probe arrives complete: `defaults` and the catalog's facts are merged under what the user wrote, then the options
of its kind check the whole. Without a file, every status page of the catalog is read, and each provider whose
key variable is set gets one cheap probe.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from ai_provider_exporter.catalog import Provider, StatusSource, shipped
from ai_provider_exporter.config import merge
from ai_provider_exporter.config.files import beside
from ai_provider_exporter.config.merge import Raw, not_listed
from ai_provider_exporter.config.options import Defaults, File
from ai_provider_exporter.config.settings import Settings
from ai_provider_exporter.config.warnings import warnings
from ai_provider_exporter.probes import KINDS
from ai_provider_exporter.probes.egress_options import ProxyOptions
from ai_provider_exporter.probes.module import NOT_ITS_OWN, UNAIMED, Frame, Module, module_conflicts, target_key
from ai_provider_exporter.probes.options import ProbeOptions
from ai_provider_exporter.reports import SOURCES
from ai_provider_exporter.reports.options import ReportsOptions
from ai_provider_exporter.schema import errors
from ai_provider_exporter.schema.errors import ConfigError, ConfigErrors
from ai_provider_exporter.schema.types import Options, format_duration, near, suggestion
from ai_provider_exporter.schema.yaml import Document
from ai_provider_exporter.status_pages.options import REGIONAL, SAVED_ONLY, PageOptions

Key = tuple[str | int, ...]
Model = TypeVar("Model", bound=Options)

MISSING = {
    "kind": "is missing; write what to probe, such as kind: chat",
    "source": "is missing; write who reports, such as source: hackernews",
}
NOT_A_BLOCK = "must be a mapping of keys to values; indent `key: value` lines below it"
SOURCE = {"url", "format", "components", "regions", "identity"}


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
        document = replace(document, data=beside(document.data, path.parent))
    reader = _Reader(name, document, catalog, environ)
    settings = reader.settings()
    notes = warnings(settings, catalog, environ) if path is not None else ()
    return replace(settings, warnings=tuple(errors.at(name, document, key, text) for key, text in notes))


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
    """Checks one document; collects every error before it gives up."""

    def __init__(
        self, path: str, document: Document, catalog: Mapping[str, Provider], environ: Mapping[str, str]
    ) -> None:
        self.path, self.document, self.catalog, self.environ = path, document, catalog, environ
        self.errors: list[ConfigError] = []

    def settings(self) -> Settings:
        file = self._file(self.document.data or {})
        egress = merge.from_environment(file.egress, self.environ)
        probes = [self._probe(raw, ("probes", at), file.defaults, egress) for at, raw in enumerate(file.probes)]
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
            egress=egress,
            probes=tuple(probe for probe in probes if probe),
            pages=tuple(page for page in pages if page),
            reports=tuple(source for source in reports if source),
            pauses=file.pauses,
            modules={name: module for name, module in modules.items() if module},
            otel=file.otel,
        )

    def _file(self, raw: Any) -> File:
        """The top of the file. Blocks with errors are left out, so that those of the others are found as well."""
        file = self._check(raw, File, ())
        if file is not None:
            return file
        wrong = {error.key.partition(".")[0].partition("[")[0] for error in self.errors}
        if not isinstance(raw, dict) or "" in wrong:
            raise ConfigErrors(self.errors)
        return self._check({key: value for key, value in raw.items() if key not in wrong}, File, ()) or File()

    def _check(self, raw: Any, model: type[Model], under: Key) -> Model | None:
        try:
            # By way of JSON, whose strict reading takes a list for a tuple and nothing else for anything else.
            return model.model_validate_json(json.dumps(raw, default=str))
        except ValidationError as error:
            self.errors += errors.of(self.path, self.document, error, model, under)
            return None

    def _entry(self, raw: Any, under: Key, *keys: str) -> Raw | None:
        """`raw` with each of `keys` under its right name, for much follows from them; None if it is no mapping."""
        if not isinstance(raw, dict):
            self._error(under, NOT_A_BLOCK)
            return None
        entry: Raw = raw
        for key in keys:
            misspelt = None if key in entry else near(key, entry)
            if misspelt is not None:
                self._error((*under, misspelt), f"is not a known key; did you mean {key}?")
                entry = {(key if name == misspelt else name): value for name, value in entry.items()}
        return entry

    def _choice(self, raw: Raw, key: str, choices: Mapping[str, Any], under: Key) -> Any | None:
        """What the word at `key`, `kind` or `source`, stands for; None if it is wrong, which is noted."""
        if key not in raw:
            self._error((*under, key), MISSING[key])
            return None
        choice = choices.get(str(raw[key]))
        if choice is None:
            self._error((*under, key), f"is not a {NOUNS[key]}; {suggestion(str(raw[key]), choices)}")
        return choice

    def _probe(self, raw: Any, under: Key, defaults: Defaults, egress: ProxyOptions) -> ProbeOptions | None:
        raw = self._entry(raw, under, "kind", "provider")
        kind = self._choice(raw, "kind", KINDS, under) if raw else None
        if raw is None or kind is None:
            return None
        model: type[ProbeOptions] = kind.OPTIONS
        filled = merge.merged(raw, model, defaults, self.catalog, egress)
        problems = dict(merge.problems(filled, model, self.catalog))
        for key, problem in problems.items():
            self._error((*under, key), problem)
        before = len(self.errors)
        options = self._check(filled, model, under)
        implied_by = {"base_url", "model"} if problems else set()
        self.errors[before:] = [
            error for error in self.errors[before:] if error.key.rpartition(".")[2] not in implied_by
        ]
        if problems:
            return None
        if options and options.timeout > options.interval:
            longer = f"is longer than the interval of {format_duration(options.interval)}"
            self._error((*under, "timeout"), f"{longer}; a run must end before the next begins")
        return options

    def _module(self, name: str, raw: Any, defaults: Defaults) -> Module | None:
        under: Key = ("modules", name)
        raw = self._entry(raw, under, "kind", "provider")
        kind = self._choice(raw, "kind", KINDS, under) if raw else None
        if raw is None or kind is None:
            return None
        for key in (key for key in raw if key in NOT_ITS_OWN):
            self._error((*under, key), "is not a key of modules; the scrape names the target and sets the pace")
        aim = target_key(kind.OPTIONS)
        if aim is None:
            self._error((*under, "kind"), "has no target; write another kind")
            return None
        own, rest = _parted(raw, set(Frame.model_fields))
        frame = self._check(own, Frame, under) or Frame(hosts=("nowhere.invalid",))
        filled: Raw = {"timeout": min(defaults.timeout, frame.min_interval)}
        filled |= {key: value for key, value in rest.items() if key not in NOT_ITS_OWN}
        filled |= {"name": name, aim: UNAIMED[aim], "interval": frame.min_interval}
        # Its targets are servers of our own: the common proxy leads away from them.
        options = self._probe(filled, under, defaults, ProxyOptions())
        if options is None:
            return None
        for key, problem in module_conflicts(options, frame.hosts):
            self._error((*under, key), problem)
        limits = frame.model_dump(include={"paths", "budget_share", "max_runs_per_minute"})
        return Module(options, frame.hosts, **limits)

    def _page(self, raw: Any, under: Key, defaults: Defaults) -> PageOptions | None:
        raw = self._entry(raw, under, "provider")
        if raw is None:
            return None
        provider = self.catalog.get(str(raw.get("provider", "")))
        filled = {"interval": defaults.interval, **raw}
        if "url" not in raw and "provider" in raw:
            sources = readable_sources(provider) if provider else []
            if not sources:
                self._error((*under, "provider"), self._no_page(str(raw["provider"])))
                return None
            filled["sources"] = [source.model_dump(mode="json", include=SOURCE) for source in sources]
        if provider and provider.status:
            filled.setdefault("concerns", provider.status[0].model_dump(mode="json")["concerns"])
        return self._check(filled, PageOptions, under)

    def _no_page(self, name: str) -> str:
        if name in self.catalog:
            return f"the catalog has no status page of {name}; write its url"
        return not_listed(name, self.catalog, "url")

    def _reports(self, raw: Any, under: Key) -> ReportsOptions | None:
        raw = self._entry(raw, under, "source", "provider")
        source = self._choice(raw, "source", SOURCES, under) if raw else None
        if raw is None or source is None:
            return None
        provider = self.catalog.get(str(raw.get("provider", "")))
        words = list(provider.words) if provider else []
        filled = {"words": words} if words and "words" in source.OPTIONS.model_fields else {}
        return self._check(filled | raw, source.OPTIONS, under)

    def _unique(self, block: str, names: Iterable[str | None], key: str) -> None:
        taken: set[str] = set()
        for index, name in enumerate(names):
            if name in taken:
                self._error((block, index, key), f"{name!r} is taken by an earlier entry; choose another")
            taken |= {name} if name else set()

    def _error(self, key: Key, problem: str) -> None:
        self.errors.append(errors.at(self.path, self.document, key, problem))


NOUNS = {"kind": "kind of probe", "source": "source"}


def _parted(raw: Raw, keys: set[str]) -> tuple[Raw, Raw]:
    """What of `raw` is under `keys`, and the rest."""
    return {k: v for k, v in raw.items() if k in keys}, {k: v for k, v in raw.items() if k not in keys}
