"""The paths of the exporter, over one store of state. Nothing here waits for a probe or a page."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ai_provider_exporter import exposition, metrics
from ai_provider_exporter.metrics import View
from ai_provider_exporter.web import process

GZIP_LEVEL = 1  # measured by others and by us: a fifth larger than level 9, a tenth of its time


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """All that the web side may look through: `view` is the state of this moment, `config` the settings shown."""

    view: Callable[[], View]
    config: Callable[[], str]
    ready: Callable[[], bool]


def application(window: Window) -> Starlette:
    async def show_metrics(request: Request) -> Response:
        return metrics_response(window.view(), request)

    async def show_config(_: Request) -> Response:
        return Response(window.config(), media_type="application/yaml")

    async def healthy(_: Request) -> Response:
        return PlainTextResponse("Healthy.\n")

    async def ready(_: Request) -> Response:
        if window.ready():
            return PlainTextResponse("Ready.\n")
        return PlainTextResponse("Not ready: the first schedule is not laid yet.\n", status_code=503)

    routes = [
        Route("/metrics", show_metrics),
        Route("/config", show_config),
        Route("/-/healthy", healthy),
        Route("/-/ready", ready),
    ]
    return Starlette(routes=routes)


def metrics_response(view: View, request: Request) -> Response:
    """One scrape: the format that was asked for, compressed if that is welcome."""
    content_type = exposition.negotiate(request.headers.get("accept", ""))
    body = exposition.write([*metrics.families(view), *process.families()], content_type)
    headers = {"content-type": content_type, "vary": "Accept, Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
        body = gzip.compress(body, GZIP_LEVEL)
    return Response(body, headers=headers)
