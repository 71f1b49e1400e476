"""What we know of the world: one YAML file per provider in this directory, each fact with its source and date.

A provider is data: a new one is a new file, checked against `schema.json` by any editor, and no Python.
`provider` is spelled like OpenTelemetry's `gen_ai.provider.name` where that has a value
(https://github.com/open-telemetry/semantic-conventions-genai, 2026-11-22), else in snake case after the product.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, ValidationError

from ai_provider_exporter import yamlfile
from ai_provider_exporter.options import Name, Options

DIRECTORY = Path(__file__).parent

Dialect = Literal["openai_chat", "openai_responses", "anthropic", "gemini", "bedrock", "cohere", "ollama"]
Auth = Literal["bearer", "x-api-key", "api-key", "x-goog-api-key", "sigv4", "none"]
Certainty = Literal["high", "medium", "low"]
Quirk = Literal["max_tokens_field", "no_stream_options", "reasoning"]
Format = Literal[
    "aistudio",
    "atom",
    "aws",
    "aws_rss",
    "azure_rss",
    "betterstack",
    "cachet",
    "checkly_rss",
    "cloudflare_v3",
    "cstate",
    "datadog",
    "firehydrant",
    "flashduty",
    "gatus",
    "gcp",
    "heroku",
    "ibm_rss",
    "incidentio",
    "instatus",
    "oci",
    "oneuptime",
    "onlineornot",
    "openstatus",
    "rootly",
    "rss",
    "salesforce",
    "slack",
    "statuscast",
    "statusio",
    "statuspage",
    "upptime",
    "uptime_kuma",
    "xai_rss",
]

_T = TypeVar("_T")
_Many = Annotated[tuple[_T, ...], Field(strict=False)]  # YAML has lists; ours are frozen
_Url = Annotated[str, Field(pattern=r"^(https://|http://(localhost|127\.0\.0\.1)[:/])\S+$")]
_Text = Annotated[str, Field(min_length=1)]
_BLANK = re.compile(r"\{([a-z_]+)\}")


class CatalogError(Exception):
    """A file of the catalog is wrong; the message has one `FILE:LINE:COL: key: problem` a line."""


class Fact(Options):
    """`source` is the public document or repository that says so, `checked` when somebody last looked there."""

    source: _Text
    checked: date


class Api(Fact):
    """How to ask a provider the cheapest question.

    `base_url` is what the dialect's path is appended to; a `{blank}` in it is for the user to fill in.
    `key_env` names the variable that its own SDK reads the key from. `model` is the cheapest that answers
    without hidden reasoning, None where the user's own deployment decides. `models_path` is appended to
    `base_url` too: the list of models, which costs nothing to read.
    """

    base_url: _Url
    dialect: Dialect
    auth: Auth = "bearer"
    key_env: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")] | None = None
    model: _Text | None = None
    max_output_tokens: Annotated[int, Field(ge=1)] = 16
    models_path: Annotated[str, Field(pattern=r"^/\S+$")] | None = None
    quirks: Mapping[Quirk, bool | str] = {}

    @property
    def blanks(self) -> tuple[str, ...]:
        """What the user must fill in before `base_url` is one: `("resource",)` for `https://{resource}.example`."""
        return tuple(_BLANK.findall(self.base_url))

    @property
    def is_ready(self) -> bool:
        """Whether a key is all that is missing: then a probe may be made without being configured."""
        return self.key_env is not None and self.model is not None and not self.blanks


class StatusSource(Fact):
    """One way to read a provider's status; the first that answers is taken.

    `components` are globs over names or ids (of products, where a cloud calls them so) and, like `regions`,
    narrow a page that speaks for more than this provider; left out: all.
    """

    url: _Url
    format: Format
    components: _Many[_Text] = ()
    regions: _Many[_Text] = ()
    certainty: Certainty


class Provider(Options):
    """`words` find the provider in what users write, in lower case."""

    name: Name
    title: _Text
    words: _Many[Annotated[str, Field(pattern=r"^[^A-Z]+$")]] = ()
    api: Api | None = None
    status: _Many[StatusSource] = ()

    @property
    def checked(self) -> date | None:
        """The date of its oldest fact, None if none is known."""
        facts: list[Fact] = [*self.status, *([self.api] if self.api else [])]
        return min((fact.checked for fact in facts), default=None)


def load(directory: Path = DIRECTORY) -> dict[str, Provider]:
    """Read every `*.yaml` of `directory`: provider name -> provider, in the order of the names.

    Raises:
        CatalogError: one file at least is wrong; all its problems are named.
    """
    return {path.stem: _read(path) for path in sorted(directory.glob("*.yaml"))}


def _read(path: Path) -> Provider:
    try:
        document = yamlfile.parse(path.read_text("utf-8"))
    except yamlfile.YamlError as error:
        raise CatalogError(f"{path}:{error.line}:{error.column}: {error.problem}") from None
    try:
        provider = Provider.model_validate(document.data)
    except ValidationError as error:
        raise CatalogError("\n".join(_problems(path, document, error))) from None
    if provider.name != path.stem:
        line, column = document.place(("name",))
        raise CatalogError(
            f"{path}:{line}:{column}: name: is {provider.name!r} in a file called {path.name}; make them the same"
        )
    return provider


def _problems(path: Path, document: yamlfile.Document, error: ValidationError) -> Iterator[str]:
    for problem in error.errors(include_url=False):
        line, column = document.place(problem["loc"])
        yield f"{path}:{line}:{column}: {_key(problem['loc'])}{_sentence(problem['type'], problem['msg'])}"


def _key(loc: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in loc) + ": " if loc else ""


def _sentence(kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return "is no key of the catalog; correct its spelling or take it out"
    if kind == "missing":
        return "is missing; write it"
    return message[0].lower() + message[1:]


def schema() -> dict[str, Any]:
    """The JSON Schema that `schema.json` holds, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Provider.model_json_schema()}
