"""How a plain request says who asks: a user and password, a token, or a token fetched with client credentials."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

from pydantic import Field

from ai_provider_exporter.model.measurement import Measurement
from ai_provider_exporter.probes import grants
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.probes.route import route_to
from ai_provider_exporter.schema.types import HttpUrl, Many, Options, Secret

if TYPE_CHECKING:
    from ai_provider_exporter.probes.http import HttpOptions


class BasicAuth(Options):
    """HTTP basic authentication."""

    username: str = Field(description="user name")
    password: Secret = Field(description="password")


class OAuth2(Options):
    """Client credentials: RFC 6749, section 4.4."""

    token_url: HttpUrl = Field(description="URL that issues access tokens")
    client_id: str = Field(description="ID of the client")
    client_secret: Secret = Field(description="secret of the client")
    scopes: Many[str] = Field(default=(), description="OAuth scopes to ask for")


async def authorization(options: HttpOptions, context: ProbeContext, measurement: Measurement) -> dict[str, str]:
    """The header `authorization`, if one is configured.

    Raises:
        Failure: key_rejected, a secret cannot be read; token_refused and the like.
    """
    if options.basic_auth is not None:
        credentials = f"{options.basic_auth.username}:{context.secret(options.basic_auth.password)}"
        return {"authorization": f"Basic {b64encode(credentials.encode()).decode()}"}
    if options.bearer_token is not None:
        return {"authorization": f"Bearer {context.secret(options.bearer_token)}"}
    if options.oauth2 is not None:
        return {"authorization": f"Bearer {await _token(options, options.oauth2, context, measurement)}"}
    return {}


async def _token(options: HttpOptions, oauth2: OAuth2, context: ProbeContext, measurement: Measurement) -> str:
    secret = context.secret(oauth2.client_secret)
    form = {"grant_type": "client_credentials", "client_id": oauth2.client_id, "client_secret": secret}
    form |= {"scope": " ".join(oauth2.scopes)} if oauth2.scopes else {}
    route = route_to(options.egress, options.tls, oauth2.token_url, context)
    now = context.now()
    return await context.access_tokens.get(
        oauth2, secret, now, lambda: grants.fetch(oauth2.token_url, form, route, measurement, now)
    )
