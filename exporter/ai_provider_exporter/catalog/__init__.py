"""What we know of the world: one YAML file per provider beside this one, each fact with its source and date.

A provider is data: a new one is a new file, checked against `schema.json` by any editor, and no Python. What the
program reads is one file, into which `make reference` compiles them all.
Its name is spelled like OpenTelemetry's `gen_ai.provider.name` where that has a value
(https://github.com/open-telemetry/semantic-conventions-genai, 2026-11-22), else after its product in snake case.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError, WithJsonSchema

from ai_provider_exporter.model.reasons import Ownership
from ai_provider_exporter.probes.dialects import DialectName
from ai_provider_exporter.probes.dialects.base import AuthStyle, Quirks
from ai_provider_exporter.probes.options import Objectives
from ai_provider_exporter.probes.prices import Price
from ai_provider_exporter.schema import errors
from ai_provider_exporter.schema.errors import ConfigErrors
from ai_provider_exporter.schema.types import Many, Name, Options, suggestion
from ai_provider_exporter.status_pages.formats import FORMATS

DIRECTORY = Path(__file__).parent
COMPILED = DIRECTORY / "compiled.json"

Certainty = Literal["high", "medium", "low"]


def _format(name: str) -> str:
    if name not in FORMATS:
        raise ValueError(f"{name!r} is not a format; {suggestion(name, FORMATS)}")
    return name


Format = Annotated[str, AfterValidator(_format), WithJsonSchema({"type": "string", "enum": sorted(FORMATS)})]

_Url = Annotated[str, Field(pattern=r"^(https://|http://(localhost|127\.0\.0\.1)[:/])\S+$")]
_Text = Annotated[str, Field(min_length=1)]
_BLANK = re.compile(r"\{([a-z_]+)\}")


class Fact(Options):
    """`source` is the public document or repository that says so, `checked` the day somebody last looked there."""

    source: _Text
    checked: date


class ListPrice(Fact):
    """US dollars for a million tokens of the default model, 0 where it is free of charge."""

    input_per_mtok: Annotated[float, Field(ge=0)]
    output_per_mtok: Annotated[float, Field(ge=0)]


class Api(Fact):
    """How to ask a provider the cheapest question.

    `base_url` is what the dialect's path is appended to; a `{blank}` in it is for the user to fill in. `auth` is how
    the key is sent, None as the dialect does. `key_env` names the variable that the provider's own clients read the
    key from, None where there is no key. `model` is the cheapest that answers within `max_output_tokens`, None where
    nobody but the user can tell; `price` is what it costs. `models_path`, appended to `base_url` too, lists the models
    at no cost. `ownership` is `ours` for software that its users run themselves.
    """

    base_url: _Url
    dialect: DialectName
    auth: AuthStyle | None = None
    key_env: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")] | None = None
    model: _Text | None = None
    ownership: Ownership = "provider"
    price: ListPrice | None = None
    max_output_tokens: Annotated[int, Field(ge=1)] = 16
    models_path: Annotated[str, Field(pattern=r"^/\S+$")] | None = None
    quirks: Quirks = Quirks()
    objectives: Objectives | None = None

    @property
    def blanks(self) -> tuple[str, ...]:
        """What the user must fill in before `base_url` is one: `("resource",)` for `https://{resource}.example`."""
        return tuple(dict.fromkeys(_BLANK.findall(self.base_url)))

    def owns(self, base_url: str) -> bool:
        """Whether a URL is `base_url` with its blanks filled in, on a host whose domain the provider chose."""
        host = urlsplit(self.base_url).netloc
        if "." not in _BLANK.sub("", host):
            return False
        return (
            re.fullmatch(re.escape(_BLANK.sub("@", self.base_url)).replace("@", "[A-Za-z0-9_-]+"), base_url) is not None
        )

    @property
    def is_ready(self) -> bool:
        """Whether a key is all that is missing: then a probe may be made without being configured."""
        return self.key_env is not None and self.model is not None and not self.blanks


class StatusSource(Fact):
    """One way to read a provider's status; of several, the first that answers is taken.

    `components` are globs over names and ids (what a cloud calls products is among them) and, like `regions`,
    narrow a page that speaks for more than this provider; left out: all. `identity` are the ids or hosts that the
    page may rightly call itself by, besides the host of `url`. `concerns` maps a kind of probe, or `default`, to globs
    over the components that stand for it; left out: all do. `certainty` is high where several public readers of
    the page agree or one has said when it looked, medium where one says so or two disagree, low where it may be gone.
    """

    url: _Url
    format: Format
    components: Many[_Text] = ()
    regions: Many[_Text] = ()
    identity: Many[_Text] = ()
    concerns: Mapping[str, Many[_Text]] = {}
    certainty: Certainty


class Provider(Options):
    """`words` find the provider in what users write, in lower case. No `status`: a comment in the file says why."""

    name: Name
    title: _Text
    words: Many[Annotated[str, Field(pattern=r"^[^A-Z]+$")]] = ()
    api: Api | None = None
    status: Many[StatusSource] = ()


_PROVIDERS: TypeAdapter[dict[str, Provider]] = TypeAdapter(dict[str, Provider], config=ConfigDict(defer_build=True))


def load(directory: Path = DIRECTORY) -> dict[str, Provider]:
    """Read every `*.yaml` of `directory`: provider name -> provider, in the order of the names.

    Raises:
        ConfigErrors: of the first file that is wrong, all that is wrong in it.
    """
    return {path.stem: _read(path) for path in sorted(directory.glob("*.yaml"))}


@cache
def shipped() -> Mapping[str, Provider]:
    """The catalog of this release, from its compiled file: to read and check all YAML files takes nine times longer."""
    return _PROVIDERS.validate_json(COMPILED.read_bytes())


def price_of(provider: str, model: str) -> Price | None:
    """What the shipped catalog says that a provider's default model costs; through a gateway it is an estimate."""
    entry = shipped().get(provider)
    api = entry.api if entry is not None else None
    if api is None or api.price is None or api.model != model:
        return None
    return Price(input_per_mtok=api.price.input_per_mtok, output_per_mtok=api.price.output_per_mtok)


def compiled(providers: Mapping[str, Provider]) -> str:
    """What `COMPILED` holds: one provider a line, so that two changes of the catalog merge."""
    lines = (f'"{name}": {provider.model_dump_json(exclude_defaults=True)}' for name, provider in providers.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _read(path: Path) -> Provider:
    document = errors.read(path)
    try:
        provider = Provider.model_validate(document.data)
    except ValidationError as error:
        raise ConfigErrors(errors.of(path, document, error, Provider)) from None
    if provider.name != path.stem:
        problem = f"is {provider.name!r} in a file called {path.name}; make them the same"
        raise ConfigErrors([errors.at(path, document, ("name",), problem)])
    return provider


def schema() -> dict[str, Any]:
    """The JSON Schema that `schema.json` holds, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Provider.model_json_schema()}
