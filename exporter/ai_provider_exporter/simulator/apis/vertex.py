"""Vertex AI: Gemini under the paths of a project and a region, for holders of an OAuth token.

Source: Vertex AI REST reference, https://cloud.google.com/vertex-ai/docs/reference/rest, read 2026-11.
"""

from dataclasses import replace

from ai_provider_exporter.simulator.apis import gemini
from ai_provider_exporter.simulator.apis.api import ApiRequest, Reply, json_reply
from ai_provider_exporter.simulator.apis.oauth import by_token
from ai_provider_exporter.simulator.scenario import Refused

NO_TOKEN = "Request had invalid authentication credentials. Expected OAuth 2 access token."  # noqa: S105


def refuse(request: ApiRequest, how: Refused, message: str) -> Reply:
    """Refuse as Gemini does, but for who has no token: they are not told of API keys."""
    if how != "key_rejected":
        return gemini.refuse(request, how, message)
    error = {"code": 401, "message": NO_TOKEN, "status": "UNAUTHENTICATED"}
    return json_reply({"error": error}, status=401)


API = replace(
    gemini.API,
    base="/v1/projects/{project}/locations/{region}/publishers/google",
    identify=by_token(),
    refuse=refuse,
)
