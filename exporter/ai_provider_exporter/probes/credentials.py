"""How an API knows us: the headers that carry a key, a signature or an access token."""

from __future__ import annotations

from collections.abc import Callable

from ai_provider_exporter.model.measurement import Measurement
from ai_provider_exporter.probes import grants, sigv4
from ai_provider_exporter.probes.access_tokens import AccessToken
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.probes.credential_options import Aws, Entra, Google
from ai_provider_exporter.probes.dialects.base import AuthStyle, Call
from ai_provider_exporter.probes.options import Endpoint
from ai_provider_exporter.probes.route import route_to

_STYLES: dict[AuthStyle, Callable[[str], dict[str, str]]] = {
    "bearer": lambda key: {"authorization": f"Bearer {key}"},
    "x-api-key": lambda key: {"x-api-key": key},
    "api-key": lambda key: {"api-key": key},
    "x-goog-api-key": lambda key: {"x-goog-api-key": key},
}


async def headers(
    options: Endpoint, call: Call, url: str, context: ProbeContext, measurement: Measurement
) -> dict[str, str]:
    """The headers to add to `call`. Secrets are read anew each time, so that a rotated one is used at once.

    Raises:
        Failure: a secret cannot be read, or no token can be had.
    """
    if options.api_key is not None:
        return _STYLES[options.auth_style](context.secret(options.api_key))
    if options.aws is not None:
        return _signature(options.aws, call, url, context)
    if options.google is not None:
        return _STYLES["bearer"](await _google(options.google, options, context, measurement))
    if options.entra is not None:
        return _STYLES["bearer"](await _entra(options.entra, options, context, measurement))
    return {}


def forget(options: Endpoint, context: ProbeContext) -> None:
    """Our token was refused: fetch another before the next run."""
    context.access_tokens.forget(options.google or options.entra)


def _signature(aws: Aws, call: Call, url: str, context: ProbeContext) -> dict[str, str]:
    keys = sigv4.Keys(
        access_key_id=context.secret(aws.access_key_id),
        secret_access_key=context.secret(aws.secret_access_key),
        session_token=context.secret(aws.session_token) if aws.session_token else "",
    )
    signed = {name: value for name, value in call.headers.items() if name == "content-type"}
    scope = sigv4.Scope(region=aws.region, service=aws.service)
    return sigv4.sign(call.method, url, call.body, signed, keys, scope, context.now())


async def _google(google: Google, options: Endpoint, context: ProbeContext, measurement: Measurement) -> str:
    account, now = context.secret(google.service_account), context.now()

    async def fetch() -> AccessToken:
        form = grants.google_form(account, google.scope, now)
        route = route_to(options.egress, options.tls, google.token_url, context)
        return await grants.fetch(google.token_url, form, route, measurement, now)

    return await context.access_tokens.get(google, account, now, fetch)


async def _entra(entra: Entra, options: Endpoint, context: ProbeContext, measurement: Measurement) -> str:
    """https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow (2026-11-22)."""
    secret, now = context.secret(entra.client_secret), context.now()
    url = f"{entra.authority}/{entra.tenant_id}/oauth2/v2.0/token"
    form = {"grant_type": "client_credentials", "client_id": entra.client_id, "scope": entra.scope}

    async def fetch() -> AccessToken:
        route = route_to(options.egress, options.tls, url, context)
        return await grants.fetch(url, form | {"client_secret": secret}, route, measurement, now)

    return await context.access_tokens.get(entra, secret, now, fetch)
