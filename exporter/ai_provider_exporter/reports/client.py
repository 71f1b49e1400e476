"""The HTTP client of the sources: sends the key, and fetches access tokens."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

import httpx2

from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes.access_tokens import DEFAULT_LIFETIME, AccessToken, AccessTokenCache
from ai_provider_exporter.probes.json_fields import amount
from ai_provider_exporter.schema.types import Secret
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.fetch import request_once
from ai_provider_exporter.status_pages.isolation import Run, run_here
from ai_provider_exporter.status_pages.payload import Payload


class ReportsClient:
    """Sends the requests of one source; caches its access token.

    `secret` reads a secret as it is now, `now` is Unix seconds, `run` parses what came where it does no harm.
    """

    def __init__(
        self,
        client: httpx2.AsyncClient,
        *,
        secret: Callable[[Secret], str],
        now: Callable[[], float],
        timeout: float,
        run: Run = run_here,
    ) -> None:
        self.now, self.run = now, run
        self._client = client
        self._secret = secret
        self._timeout = timeout
        self._tokens = AccessTokenCache()

    async def get(self, url: str, query: Mapping[str, str] | None = None, *, bearer: str = "") -> Payload:
        """Raises PageFailure, and Failure key_rejected where the server does not take the key."""
        headers = {"authorization": f"Bearer {bearer}"} if bearer else None
        try:
            return await request_once(self._client, _with(url, query), timeout=self._timeout, headers=headers)
        except PageFailure as failure:
            if failure.reason == "page_inactive":  # 401
                self._tokens = AccessTokenCache()
                raise Failure("key_rejected", f"{failure.detail}; check the key") from None
            raise

    def key(self, secret: Secret) -> str:
        """Raises Failure key_rejected if it cannot be read."""
        return self._secret(secret)

    async def token(self, url: str, client_id: Secret, client_secret: Secret) -> str:
        """The access token that a client is granted at `url` for its credentials, fetched before the last one ends.

        Raises:
            Failure: token_refused, or key_rejected if the credentials cannot be read.
            PageFailure: the token endpoint fails.
        """
        credentials = f"{self._secret(client_id)}:{self._secret(client_secret)}"
        now = self.now()

        async def fetch() -> AccessToken:
            return await self.run(_granted, await self._grant(url, credentials), now)

        return await self._tokens.get(url, credentials, now, fetch)

    async def _grant(self, url: str, credentials: str) -> Payload:
        basic = base64.b64encode(credentials.encode()).decode()
        headers = {"authorization": f"Basic {basic}"}
        target = _with(url, {"grant_type": "client_credentials"})
        try:
            return await request_once(self._client, target, timeout=self._timeout, method="POST", headers=headers)
        except PageFailure as failure:
            if failure.reason in {"page_inactive", "forbidden", "bad_request"}:
                raise Failure("token_refused", f"{failure.detail}; check client_id and client_secret") from None
            raise


def _with(url: str, query: Mapping[str, str] | None) -> str:
    return f"{url}?{urlencode(query)}" if query else url


def _granted(payload: Payload, now: float) -> AccessToken:
    answer = payload.object()
    token, seconds = answer.get("access_token"), amount(answer.get("expires_in"))
    if not isinstance(token, str) or not token.isascii() or not token.isprintable():
        raise PageFailure("malformed_response", "the token endpoint's answer holds no access_token")
    return AccessToken.lasting(token, seconds or DEFAULT_LIFETIME, now)
