"""Realtime of OpenAI: a WebSocket that greets with `session.created`; what it is told goes unheard.

Source: OpenAI API reference, https://platform.openai.com/docs/api-reference/realtime, read 2026-11.
"""

import json

from ai_provider_exporter.simulator import websocket
from ai_provider_exporter.simulator.apis import openai
from ai_provider_exporter.simulator.apis.api import Api, ApiRequest, BadRequestError, Frame, Reply, Route, has_model
from ai_provider_exporter.simulator.scenario import Refused


def connect(request: ApiRequest) -> Reply:
    headers = request.http.headers
    if headers.get("upgrade", "").lower() != "websocket" or "sec-websocket-key" not in headers:
        raise BadRequestError("The realtime API is reached by WebSocket.")
    model = request.http.query.get("model")
    if not has_model(request, model):
        return openai.refuse(request, "model_not_found", f"The model `{model}` does not exist.")
    session = {"type": "realtime", "id": request.id("sess_"), "object": "realtime.session", "model": model}
    greeting = {"type": "session.created", "event_id": request.id("event_"), "session": session}
    errors = {"stream_error": _error("server_error"), "stream_overloaded": _error("overloaded")}
    handshake = websocket.handshake(headers["sec-websocket-key"])
    frames = (Frame(json.dumps(greeting).encode()),)
    return Reply(frames, status=101, headers=handshake, websocket=True, errors=errors)


def _error(how: Refused) -> bytes:
    error = {"type": "error", "event_id": "event_0", "error": openai.error_object(how)}
    return json.dumps(error).encode()


API = Api(
    base=openai.BASE,
    routes=(Route("GET", "/realtime", "realtime", connect),),
    identify=openai.identify,
    refuse=openai.refuse,
)
