"""Embeddings of OpenAI: a vector of the asked length, the same for the same text."""

import hashlib
import math

from ai_provider_exporter.simulator.apis import openai
from ai_provider_exporter.simulator.apis.api import (
    Api,
    ApiRequest,
    BadRequestError,
    Reply,
    Route,
    has_model,
    json_reply,
)
from ai_provider_exporter.simulator.truth import Tokens

DIMENSIONS = 1536  # of text-embedding-3-small, unless the request asks for fewer


def embeddings(request: ApiRequest) -> Reply:
    body = request.json
    if not has_model(request, body.get("model")):
        return openai.refuse(request, "model_not_found", f"The model `{body.get('model')}` does not exist.")
    if "input" not in body:
        raise BadRequestError("Missing required parameter: 'input'.")
    texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
    length = 0 if request.failure == "empty_answer" else body.get("dimensions", DIMENSIONS)
    data = [
        {"object": "embedding", "index": index, "embedding": vector(str(text), length)}
        for index, text in enumerate(texts)
    ]
    tokens = Tokens(input=sum(max(1, len(str(text)) // 4) for text in texts))
    document = {
        "object": "list",
        "data": data,
        "model": body.get("model"),
        "usage": {"prompt_tokens": tokens.input, "total_tokens": tokens.input},
    }
    return openai.with_headers(request, json_reply(document, tokens=tokens))


def vector(text: str, length: int) -> list[float]:
    """Return a vector of unit length made from a hash of `text`."""
    digest = hashlib.sha256(text.encode()).digest()
    raw = [digest[index % len(digest)] - 127.5 for index in range(length)]
    size = math.sqrt(sum(value * value for value in raw))
    return [round(value / size, 8) for value in raw]


API = Api(
    base=openai.BASE,
    routes=(Route("POST", "/embeddings", "embeddings", embeddings),),
    identify=openai.identify,
    refuse=openai.refuse,
)
