"""The APIs that can be played, by the word a scenario uses."""

from ai_provider_exporter.simulator.apis import (
    anthropic,
    azure,
    bedrock,
    cohere,
    gemini,
    oauth,
    ollama,
    openai_chat,
    openai_embeddings,
    openai_media,
    openai_models,
    openai_realtime,
    openai_responses,
    site,
    vertex,
)
from ai_provider_exporter.simulator.apis.api import Api
from ai_provider_exporter.simulator.scenario import ApiName

APIS: dict[ApiName, Api] = {
    "openai_chat": openai_chat.API,
    "openai_responses": openai_responses.API,
    "openai_embeddings": openai_embeddings.API,
    "openai_models": openai_models.API,
    "openai_media": openai_media.API,
    "openai_realtime": openai_realtime.API,
    "anthropic": anthropic.API,
    "gemini": gemini.API,
    "vertex": vertex.API,
    "bedrock": bedrock.API,
    "cohere": cohere.API,
    "ollama": ollama.API,
    "azure": azure.API,
    "oauth": oauth.API,
    "site": site.API,
}
