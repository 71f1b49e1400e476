"""What is right in the file, but will not work here: a variable that is not set, a file that cannot be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from ai_provider_exporter.catalog import Provider
from ai_provider_exporter.config.file_reader import FileReader
from ai_provider_exporter.config.files import FILE_KEYS
from ai_provider_exporter.config.settings import Settings
from ai_provider_exporter.probes.options import ProbeOptions
from ai_provider_exporter.schema.types import Secret, near

Key = tuple[str | int, ...]
Note = tuple[Key, str]

_FILES = FileReader()  # one for all loads of the configuration


def warnings(settings: Settings, catalog: Mapping[str, Provider], environ: Mapping[str, str]) -> Iterator[Note]:
    """Key -> what is not as it should be; the configuration is in force all the same."""
    blocks: list[tuple[Key, BaseModel]] = [
        *((("probes", at), probe) for at, probe in enumerate(settings.probes)),
        *((("reports", at), source) for at, source in enumerate(settings.reports)),
        *((("modules", name), module.options) for name, module in settings.modules.items()),
        (("otel",), settings.otel),
        (("egress",), settings.egress),
    ]
    for key, block in blocks:
        yield from _of_block(block, key, environ)
    for at, probe in enumerate(settings.probes):
        yield from _of_provider(probe, ("probes", at, "provider"), catalog)


def _of_block(block: BaseModel, under: Key, environ: Mapping[str, str]) -> Iterator[Note]:
    for name in type(block).model_fields:
        yield from _of_value(getattr(block, name), (*under, name), environ)


def _of_value(value: Any, key: Key, environ: Mapping[str, str]) -> Iterator[Note]:
    if isinstance(value, Secret):
        yield from ((key, problem) for problem in _of_secret(value, environ))
    elif isinstance(value, BaseModel):
        yield from _of_block(value, key, environ)
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _of_value(inner, (*key, name), environ)
    elif key[-1] in FILE_KEYS and isinstance(value, str) and value:
        yield from ((key, problem) for problem in _of_file(value))


def _of_secret(secret: Secret, environ: Mapping[str, str]) -> Iterator[str]:
    name = secret.env
    if name is None:
        yield from _of_file(secret.file or "")
    elif name.startswith("$"):
        yield f"{name} is not the name of a variable; write {{env: {name.strip('${}')}}}"
    elif not environ.get(name, "").strip():
        meant = near(name, environ, cutoff=0.9)
        yield f"{name} is not set here" + (f"; did you mean {meant}?" if meant else "")


def _of_file(path: str) -> Iterator[str]:
    try:
        is_empty = not _FILES.read(path).strip()
    except TimeoutError:  # it is an OSError as well
        yield f"{path} cannot be read here: reading it hangs; is its file system reachable?"
        return
    except OSError as error:
        yield f"{path} cannot be read here: {error.strerror}"
        return
    if is_empty:
        yield f"{path} is empty"


def _of_provider(probe: ProbeOptions, key: Key, catalog: Mapping[str, Provider]) -> Iterable[Note]:
    """A provider of the user's own whose name is nearly one of the catalog's."""
    meant = None if probe.provider in catalog else near(probe.provider, catalog, cutoff=0.85)
    if meant is not None:
        yield key, f"{probe.provider!r} is not in the catalog; did you mean {meant}?"
