"""The APIs that can be played, by the word a scenario uses."""

from ai_provider_exporter.simulator.apis import openai_chat, openai_embeddings, openai_models
from ai_provider_exporter.simulator.apis.api import Api
from ai_provider_exporter.simulator.scenario import ApiName

APIS: dict[ApiName, Api] = {
    "openai_chat": openai_chat.API,
    "openai_embeddings": openai_embeddings.API,
    "openai_models": openai_models.API,
}
