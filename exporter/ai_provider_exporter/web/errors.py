"""What cannot be answered, said in a sentence: as JSON under `/api/`, as a page to browsers, as text to the rest."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from ai_provider_exporter.web.board.pages import Board
from ai_provider_exporter.web.context import WebContext


class ErrorPages:
    def __init__(self, board: Board, context: WebContext) -> None:
        self._board, self._context = board, context

    async def client_error(self, request: Request, error: Exception) -> Response:
        """For what the client got wrong."""
        status = getattr(error, "status_code", 500)
        return self._respond(request, _sentence(request, error), status, getattr(error, "headers", None))

    async def server_error(self, request: Request, _: Exception) -> Response:
        """For a defect of ours; the server logs its traceback. Plain, as rendering may be what is broken."""
        sentence = "This is a defect of the exporter; its log has the traceback."
        if _wants_json(request):
            return JSONResponse({"error": sentence}, 500)
        return PlainTextResponse(f"{sentence}\n", 500)

    def _respond(self, request: Request, sentence: str, status: int, headers: dict[str, str] | None) -> Response:
        if _wants_json(request):
            return JSONResponse({"error": sentence}, status, headers)
        if "text/html" in request.headers.get("accept", ""):
            page = self._board.error(sentence, status, self._context.view(), _root(request))
            return HTMLResponse(page, status, headers)
        return PlainTextResponse(f"{sentence}\n", status, headers)


def _sentence(request: Request, error: Exception) -> str:
    path = _path(request)
    if not isinstance(error, HTTPException):
        return str(error)
    if error.status_code == 405:  # noqa: PLR2004  # method not allowed
        return f"{request.method} is not allowed at {path}; use {(error.headers or {}).get('Allow', 'GET')}."
    if error.detail == "Not Found":
        return f"There is nothing at {path}; the board is at /, the JSON API at /api/v1/openapi.json."
    return error.detail


def _wants_json(request: Request) -> bool:
    return _path(request).startswith("/api/")


def _root(request: Request) -> str:
    """The way from the page that was asked for back to the board."""
    return "../" * (_path(request).count("/") - 1) or "./"


def _path(request: Request) -> str:
    """Below the prefix, if there is one."""
    return str(request.scope["path"]).removeprefix(request.scope.get("root_path", "")) or "/"
