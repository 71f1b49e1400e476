"""`/probe?module=NAME&target=URL`: one run of a module at a target, as the metrics of that probe alone."""

from __future__ import annotations

import math
import time

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ai_provider_exporter import metrics
from ai_provider_exporter.metrics import View, exposition
from ai_provider_exporter.model.state import State
from ai_provider_exporter.probes import report
from ai_provider_exporter.runtime.targets import (
    ForbiddenTargetError,
    InvalidTargetError,
    ProbeRequest,
    TargetError,
    TargetNotReadyError,
    TooManyRunsError,
)
from ai_provider_exporter.web.context import ProbeTarget, WebContext
from ai_provider_exporter.web.response import Body, reply

SCRAPE_TIMEOUT = "x-prometheus-scrape-timeout-seconds"
OFFSET_SECONDS = 0.5  # for the answer to travel: as blackbox_exporter's --timeout-offset

_STATUS: dict[type[TargetError], int] = {
    InvalidTargetError: 400,
    ForbiddenTargetError: 403,
    TooManyRunsError: 429,
    TargetNotReadyError: 503,
}


def routes(context: WebContext) -> list[Route]:
    return [Route("/probe", _Probes(context.probe_target).handle)]


class _Probes:
    def __init__(self, probe_target: ProbeTarget | None) -> None:
        self._probe_target = probe_target

    async def handle(self, request: Request) -> Response:
        if self._probe_target is None:
            raise HTTPException(404, "Nothing can be probed on request here.")
        probe_request = ProbeRequest(
            module=request.query_params.get("module", ""),
            target=request.query_params.get("target", ""),
            hostname=request.query_params.get("hostname", ""),
            patience=timeout(request.headers.get(SCRAPE_TIMEOUT)),
        )
        try:
            state = await self._probe_target(probe_request)
        except TargetError as error:
            raise HTTPException(_STATUS[type(error)], str(error)) from None
        if request.query_params.get("debug") == "true":
            return PlainTextResponse(_debugged(state))
        content_type = exposition.negotiate(request.headers.get("accept", ""))
        families = metrics.probe_families(View(state=state, now=time.time()))
        return reply(
            request, Body(exposition.write(families, content_type), content_type), vary="Accept, Accept-Encoding"
        )


def _debugged(state: State) -> str:
    """The last run as `probe` prints it, and its metrics."""
    runs = [report.as_text(probe.last) for probe in state.probes.values() if probe.last]
    text = exposition.write(metrics.probe_families(View(state=state, now=time.time())), exposition.TEXT)
    return "\n".join([*runs, "", text.decode()])


def timeout(header: str | None) -> float | None:
    """Seconds of the scrape timeout, less the time for the response to travel.

    Raises:
        HTTPException: 400, it is no such time.
    """
    if header is None:
        return None
    try:
        seconds = float(header)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise HTTPException(400, f"{SCRAPE_TIMEOUT} must be seconds, and more than zero.")
    return max(seconds - OFFSET_SECONDS, seconds / 2)
