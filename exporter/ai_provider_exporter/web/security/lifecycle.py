"""`POST /-/reload`, where `--web.enable-lifecycle` allows it: whoever may ask for it can make this process work."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ai_provider_exporter.web.context import Reload, WebContext

_FORBIDDEN = (
    "Reloading by request is not enabled here; start with --web.enable-lifecycle, or send SIGHUP to the process."
)


def routes(context: WebContext) -> list[Route]:
    return [Route("/-/reload", _Reloads(context.reload).handle, methods=["POST"])]


class _Reloads:
    def __init__(self, reload: Reload | None) -> None:
        self._reload = reload

    async def handle(self, _: Request) -> Response:
        if self._reload is None:
            raise HTTPException(403, _FORBIDDEN)
        errors = await self._reload()
        if errors is not None:
            return PlainTextResponse(f"Not reloaded, the old configuration stays in force:\n{errors}\n", 500)
        return PlainTextResponse("Reloaded.\n")
