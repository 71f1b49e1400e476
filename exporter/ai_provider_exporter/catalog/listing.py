"""The verb `providers`, and the table of them in the reference."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping

from ai_provider_exporter.catalog import Provider, shipped


def main(arguments: argparse.Namespace) -> int:
    providers = shipped()
    if arguments.check:
        from ai_provider_exporter.catalog import check  # noqa: PLC0415  # the list alone needs no sockets

        return check.main(providers.values(), as_json=arguments.json)
    if arguments.json:
        print(json.dumps([provider.model_dump(mode="json") for provider in providers.values()]))
    else:
        print(as_text(providers))
    return 0


_HEADINGS = ("provider", "title", "format", "dialect", "key", "status page", "API")


def as_text(providers: Mapping[str, Provider]) -> str:
    """A table in columns, for terminals."""
    rows = [_HEADINGS, *map(_row, providers.values())]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def table(providers: Mapping[str, Provider]) -> str:
    """The same table in Markdown, for the README."""
    rows = [_HEADINGS, ("---",) * len(_HEADINGS), *map(_row, providers.values())]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _row(provider: Provider) -> tuple[str, ...]:
    api, pages = provider.api, provider.status
    formats = ", ".join(dict.fromkeys(page.format for page in pages))
    dialect, key, base_url = (api.dialect, api.key_env or "", api.base_url) if api else ("", "", "")
    return (provider.name, provider.title, formats, dialect, key, pages[0].url if pages else "", base_url)
