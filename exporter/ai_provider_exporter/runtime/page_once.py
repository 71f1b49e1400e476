"""The verb `page`: one read of one status page, or of a saved document of one."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import ValidationError

from ai_provider_exporter.model.observation import PageObservation
from ai_provider_exporter.runtime import reading
from ai_provider_exporter.runtime.host_health import HostHealth
from ai_provider_exporter.schema import errors
from ai_provider_exporter.schema.types import suggestion
from ai_provider_exporter.status_pages import report
from ai_provider_exporter.status_pages.fetch import page_client
from ai_provider_exporter.status_pages.formats import FORMATS
from ai_provider_exporter.status_pages.options import REGIONAL, PageOptions
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.reader import PageReader
from ai_provider_exporter.status_pages.text import safe_url
from ai_provider_exporter.wire import event_loop


def main(arguments: argparse.Namespace) -> int:
    if arguments.format and arguments.format not in FORMATS:
        print(f"{arguments.format!r} is not a format; {suggestion(arguments.format, FORMATS)}", file=sys.stderr)
        return 2
    try:
        page = event_loop.run(page_once(arguments.target, arguments.format))
    except OSError as error:
        problem = f"{error.strerror or error}; name a file, or a URL with its https://"
        print(f"{arguments.target}: {problem}", file=sys.stderr)
        return 2
    except ValueError as error:
        print(f"{safe_url(arguments.target) or 'the URL'}: {error}", file=sys.stderr)
        return 2
    print(json.dumps(report.as_json(page)) if arguments.json else report.as_text(page))
    return 0 if page.up else 1


async def page_once(target: str, format_name: str | None) -> PageObservation:
    """Read the status page at a URL, or a saved document of one, once.

    Raises:
        OSError: there is no such file.
        ValueError: the URL is none that a page can be at; the message is a sentence.
    """
    if "://" not in target:
        payload = Payload(url="", content_type="", body=await asyncio.to_thread(Path(target).read_bytes))
        return await reading.saved_page(payload, Path(target).stem, format_name)
    host = urlsplit(target).hostname or "page"
    regions = ("*",) if format_name in REGIONAL else ()
    try:
        options = PageOptions(provider=host, url=target, format=format_name, regions=regions)
    except ValidationError as error:
        raise ValueError(errors.sentence(error.errors()[0], PageOptions)) from None
    async with page_client() as client:
        return await reading.page(PageReader(options, client, any_region=True), HostHealth())
