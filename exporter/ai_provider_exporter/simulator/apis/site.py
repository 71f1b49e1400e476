"""A web site, such as the chat page that people use without any API."""

from dataclasses import replace
from http import HTTPStatus

from ai_provider_exporter.simulator.apis import openai
from ai_provider_exporter.simulator.apis.api import Api, ApiRequest, Frame, Reply, Route, anybody
from ai_provider_exporter.simulator.scenario import Refused

HTML = "text/html; charset=utf-8"


def page(request: ApiRequest) -> Reply:
    body = b"" if request.failure == "empty_answer" else b"<!doctype html><title>Chat</title><h1>Ask anything</h1>"
    return Reply((Frame(body),), content_type=HTML)


def refuse(request: ApiRequest, how: Refused, message: str) -> Reply:
    """Refuse with the status that OpenAI's API has for it, in HTML."""
    refused = openai.refuse(request, how, message)
    words = HTTPStatus(refused.status).phrase
    return replace(refused, frames=(Frame(f"<!doctype html><h1>{words}</h1>".encode()),), content_type=HTML)


API = Api(
    base="/site",
    routes=(Route("GET", "", "site", page), Route("GET", "/", "site", page)),
    identify=anybody,
    refuse=refuse,
)
