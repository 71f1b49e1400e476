"""How an API knows us: the headers that carry a key, a signature or an access token."""

from __future__ import annotations

from collections.abc import Callable

from ai_provider_exporter.model.measurement import Measurement
from ai_provider_exporter.probes import grants, sigv4
from ai_provider_exporter.probes.context import Tools
from ai_provider_exporter.probes.dialects.base import AuthStyle, Call
from ai_provider_exporter.probes.options import Aws, Endpoint, Entra, Google
from ai_provider_exporter.probes.route import route
from ai_provider_exporter.probes.tokens import Token

_STYLES: dict[AuthStyle, Callable[[str], dict[str, str]]] = {
    "bearer": lambda key: {"authorization": f"Bearer {key}"},
    "x-api-key": lambda key: {"x-api-key": key},
    "api-key": lambda key: {"api-key": key},
    "x-goog-api-key": lambda key: {"x-goog-api-key": key},
}


async def headers(options: Endpoint, call: Call, url: str, tools: Tools, measurement: Measurement) -> dict[str, str]:
    """The headers to add to `call`. Secrets are read anew each time, so that a rotated one is used at once.

    Raises:
        Failure: a secret cannot be read, or no token can be had.
    """
    if options.api_key is not None:
        return _STYLES[options.auth_style](tools.secret(options.api_key))
    if options.aws is not None:
        return _signature(options.aws, call, url, tools)
    if options.google is not None:
        return _STYLES["bearer"](await _google(options.google, options, tools, measurement))
    if options.entra is not None:
        return _STYLES["bearer"](await _entra(options.entra, options, tools, measurement))
    return {}


def forget(options: Endpoint, tools: Tools) -> None:
    """Our token was refused: fetch another before the next run."""
    tools.tokens.forget(options.google or options.entra)


def _signature(aws: Aws, call: Call, url: str, tools: Tools) -> dict[str, str]:
    keys = sigv4.Keys(
        access_key_id=tools.secret(aws.access_key_id),
        secret_access_key=tools.secret(aws.secret_access_key),
        session_token=tools.secret(aws.session_token) if aws.session_token else "",
    )
    signed = {name: value for name, value in call.headers.items() if name == "content-type"}
    scope = sigv4.Scope(region=aws.region, service=aws.service)
    return sigv4.sign(call.method, url, call.body, signed, keys, scope, tools.now())


async def _google(google: Google, options: Endpoint, tools: Tools, measurement: Measurement) -> str:
    account, now = tools.secret(google.service_account), tools.now()

    async def fetch() -> Token:
        form = grants.google_form(account, google.scope, now)
        way = route(options.egress, options.tls, google.token_url, tools)
        return await grants.fetch(google.token_url, form, way, measurement, now)

    return await tools.tokens.get(google, account, now, fetch)


async def _entra(entra: Entra, options: Endpoint, tools: Tools, measurement: Measurement) -> str:
    """https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow (2026-11-22)."""
    secret, now = tools.secret(entra.client_secret), tools.now()
    url = f"{entra.authority}/{entra.tenant_id}/oauth2/v2.0/token"
    form = {"grant_type": "client_credentials", "client_id": entra.client_id, "scope": entra.scope}

    async def fetch() -> Token:
        way = route(options.egress, options.tls, url, tools)
        return await grants.fetch(url, form | {"client_secret": secret}, way, measurement, now)

    return await tools.tokens.get(entra, secret, now, fetch)
