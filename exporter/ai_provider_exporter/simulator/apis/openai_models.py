"""The model list of OpenAI, with `shutdown_date` where a model has one (OpenAPI document of 2026-08-21)."""

from ai_provider_exporter.simulator.apis import openai
from ai_provider_exporter.simulator.apis.api import Api, ApiRequest, Reply, Route, json_reply
from ai_provider_exporter.simulator.scenario import ModelCard

CREATED = 1_767_225_600  # 2026-01-01


def models(request: ApiRequest) -> Reply:
    data = [entry(card) for card in request.provider.models if card.lifecycle != "retired"]
    return openai.with_headers(request, json_reply({"object": "list", "data": data}))


def model(request: ApiRequest) -> Reply:
    wanted = request.captured["model"]
    cards = [card for card in request.provider.models if card.id == wanted and card.lifecycle != "retired"]
    if not cards:
        return openai.refuse(request, "model_not_found", f"The model `{wanted}` does not exist.")
    return openai.with_headers(request, json_reply(entry(cards[0])))


def entry(card: ModelCard) -> dict[str, object]:
    retires = card.retires.isoformat() if card.retires else None
    return {
        "id": card.id, "object": "model", "created": CREATED, "owned_by": "system", "shutdown_date": retires,
    }  # fmt: skip


API = Api(
    base=openai.BASE,
    routes=(Route("GET", "/models", "models", models), Route("GET", "/models/{model}", "models", model)),
    identify=openai.identify,
    refuse=openai.refuse,
)
