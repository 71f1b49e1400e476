"""The paths of the exporter, over one store of state. Nothing here waits for a probe or a page."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from pydantic import BaseModel, TypeAdapter
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from ai_provider_exporter import metrics
from ai_provider_exporter.metrics import ProbeLines, View, exposition
from ai_provider_exporter.web import process
from ai_provider_exporter.web.api import multitarget, openapi, schemas
from ai_provider_exporter.web.api import routes as api
from ai_provider_exporter.web.board.pages import Board
from ai_provider_exporter.web.context import WebContext
from ai_provider_exporter.web.errors import ErrorPages
from ai_provider_exporter.web.response import Body, SecurityHeaders, SnapshotCache, TimedCache, reply, tagged
from ai_provider_exporter.web.security import lifecycle
from ai_provider_exporter.web.security.cross_site import SameSiteOnly

__all__ = ["WebContext", "application"]

SCRAPE_SECONDS = 0.25  # so old a scrape may be: probes change the state dozens of times a second
MAX_LOOP_SILENCE_SECONDS = 30.0  # a healthy loop runs ten times a second
HTML = "text/html; charset=utf-8"
JSON = "application/json"
_STATIC = {"board.css": "text/css", "board.js": "text/javascript", "icon.svg": "image/svg+xml"}
Handler = Callable[[Request], Awaitable[Response]]
_TARGETS = TypeAdapter(list[schemas.TargetGroup])


def application(context: WebContext, prefix: str = "") -> Starlette:
    """All paths below `prefix`, which is empty or `/SOMETHING`; links are relative, so that proxies may add more."""
    board = Board(context)
    site = _Site(context, board, prefix)
    routes = site.routes()
    if prefix:
        routes = [Mount(prefix, routes=routes), Route("/", site.to_board), Route(prefix, site.to_board)]
    error_pages = ErrorPages(board, context)
    handlers = {HTTPException: error_pages.client_error, Exception: error_pages.server_error}
    app = Starlette(
        routes=routes, middleware=[Middleware(SecurityHeaders), Middleware(SameSiteOnly)], exception_handlers=handlers
    )
    app.router.redirect_slashes = False  # it would send clients to what we take our own name to be
    app.state.preload = partial(preload, board)
    return app


def preload(board: Board) -> None:
    """Import and read what the first scrape and the first page need; later there may be no file descriptor for it."""
    deque(process.families(), maxlen=0)
    board.load()


class _Site:
    """The handlers; what they have in common is the context, and what was rendered last."""

    def __init__(self, context: WebContext, board: Board, prefix: str) -> None:
        self._context = context
        self._board = board
        self._prefix = prefix
        self._latest = SnapshotCache()
        self._scrapes = TimedCache(SCRAPE_SECONDS)
        self._probe_lines = ProbeLines(metrics.TABLE)

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/", self.board),
            Route("/providers/{name}", self.provider),
            Route("/probes/{name}", self.probe),
            Route("/metrics", self.metrics),
            Route("/config", self.config),
            Route("/-/healthy", self.healthy),
            Route("/-/ready", self.ready),
            *lifecycle.routes(self._context),
            *multitarget.routes(self._context),
            Route("/api/v1/providers", self.json_of(api.providers)),
            Route("/api/v1/probes", self.json_of(api.probes)),
            Route("/api/v1/incidents", self.json_of(api.incidents)),
            Route("/api/v1/sd", self.targets),
            Route("/api/v1/openapi.json", _constant(Body(json.dumps(openapi.document()).encode(), JSON))),
            *(Route(f"/static/{name}", _fixed(name, content_type)) for name, content_type in _STATIC.items()),
        ]

    async def board(self, request: Request) -> Response:
        view = self._context.view()
        return tagged(request, self._latest.get(view, "/", lambda: Body(self._board.board(view).encode(), HTML)))

    async def provider(self, request: Request) -> Response:
        return self._page_of("provider", self._board.provider, request)

    async def probe(self, request: Request) -> Response:
        return self._page_of("probe", self._board.probe, request)

    def _page_of(self, noun: str, render: Callable[[str, View], str | None], request: Request) -> Response:
        name, view = request.path_params["name"], self._context.view()

        def make() -> Body:
            page = render(name, view)
            if page is None:
                raise HTTPException(
                    404, f"There is no {noun} called {name!r} here; the board shows those that there are."
                )
            return Body(page.encode(), HTML)

        return tagged(request, self._latest.get(view, (noun, name), make))

    async def metrics(self, request: Request) -> Response:
        view = self._context.view()
        content_type = exposition.negotiate(request.headers.get("accept", ""))
        body = self._scrapes.get(view, content_type, lambda: scrape(view, content_type, self._probe_lines))
        return reply(request, body, vary="Accept, Accept-Encoding")

    async def config(self, _: Request) -> Response:
        return Response(self._context.config(), media_type="application/yaml")

    async def healthy(self, _: Request) -> Response:
        """Unhealthy is what a restart may cure: the loop that probes no longer runs."""
        silence = self._context.loop_silence()
        if silence > MAX_LOOP_SILENCE_SECONDS:
            return PlainTextResponse(f"Unhealthy: the probing loop has not run for {silence:.0f} s.\n", 503)
        return PlainTextResponse("Healthy.\n")

    async def ready(self, _: Request) -> Response:
        if self._context.ready():
            return PlainTextResponse("Ready.\n")
        return PlainTextResponse("Not ready: the first schedule is not laid yet.\n", status_code=503)

    def json_of(self, build: Callable[[View, WebContext], BaseModel]) -> Handler:
        async def handle(request: Request) -> Response:
            view = self._context.view()
            body = self._latest.get(view, build, lambda: _json(build(view, self._context)))
            return tagged(request, body)

        return handle

    async def targets(self, request: Request) -> Response:
        path = f"{self._prefix}/metrics"
        groups = api.targets(self._context.view(), self._context, address(request), path, request.scope["scheme"])
        return Response(_TARGETS.dump_json(groups), media_type=JSON)

    async def to_board(self, request: Request) -> Response:
        """Relative, because only the client knows under what name it came here."""
        *_, last = self._prefix.split("/")
        return RedirectResponse(f"{self._prefix[1:] if request.scope['path'] == '/' else last}/")


def scrape(view: View, content_type: str, probe_lines: ProbeLines) -> Body:
    families = [*metrics.families(view, probe_lines), *process.families()]
    return Body(exposition.write(families, content_type), content_type)


def address(request: Request) -> str:
    """HOST:PORT that we were asked at; our own, if what the client says cannot be one."""
    host = request.headers.get("host", "")
    if re.fullmatch(r"[\w.-]+(:\d+)?|\[[\da-fA-F:.]+\](:\d+)?", host):
        return host
    name, port = request.scope["server"]
    return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"


def _fixed(name: str, content_type: str) -> Handler:
    """A file that belongs to the program."""
    return _constant(Body((Path(__file__).parent / "board" / "static" / name).read_bytes(), content_type))


def _constant(body: Body) -> Handler:
    async def handle(request: Request) -> Response:
        return tagged(request, body)

    return handle


def _json(build: BaseModel) -> Body:
    return Body(build.model_dump_json().encode(), JSON)
