"""What a probe needs from the process it runs in: secrets, TLS, DNS, tokens, connections, prices."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Self

from ai_provider_exporter import wire
from ai_provider_exporter.model.measurement import TokenType
from ai_provider_exporter.probes import prices
from ai_provider_exporter.probes.access_tokens import AccessTokenCache
from ai_provider_exporter.probes.options import ApiOptions
from ai_provider_exporter.schema.types import Secret

_DAY = 86400.0


def _nonce() -> str:
    return secrets.token_hex(4)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeContext:
    """`secret` reads a secret as it is now; `now` is Unix seconds; `nonce` makes each prompt a new one.

    `catalog` has the price of a model that nobody configured.
    """

    secret: Callable[[Secret], str]
    tls: wire.TlsContexts = field(default_factory=wire.TlsContexts)
    resolve: wire.Resolver = wire.system_resolver
    nonce: Callable[[], str] = _nonce
    now: Callable[[], float] = time.time
    catalog: prices.Catalog = prices.no_catalog
    access_tokens: AccessTokenCache = field(default_factory=AccessTokenCache)
    connection_caches: dict[str, wire.ConnectionCache] = field(default_factory=dict)
    quotes: dict[tuple[str, str, str], tuple[int, prices.Quote]] = field(default_factory=dict)

    @classmethod
    @asynccontextmanager
    async def opened(
        cls, secret: Callable[[Secret], str], catalog: prices.Catalog = prices.no_catalog
    ) -> AsyncIterator[Self]:
        """A context whose connections are closed at the end of the block."""
        context = cls(secret=secret, catalog=catalog)
        try:
            yield context
        finally:
            for cache in context.connection_caches.values():
                cache.close()

    def connection_cache(self, probe: str) -> wire.ConnectionCache:
        """What keeps the connection of a warm probe between its runs."""
        return self.connection_caches.setdefault(probe, wire.ConnectionCache())

    def forget(self, probe: str) -> None:
        """Close what is cached for a probe that was removed."""
        cache = self.connection_caches.pop(probe, None)
        if cache is not None:
            cache.close()

    def cost(self, options: ApiOptions, tokens: Mapping[TokenType, int], reported_usd: float | None) -> float | None:
        return prices.cost(tokens, self.price(options), reported_usd=reported_usd)

    def price(self, options: ApiOptions) -> prices.Price | None:
        """What the model costs today; looked up once a day, for the list takes its time."""
        if options.price is not None:
            return options.price
        now = self.now()
        key, today = (options.provider, options.base_url, options.model), int(now // _DAY)
        day, quote = self.quotes.get(key, (None, None))
        if quote is None or day != today:
            provider, base_url, model = key
            quote = prices.quote(None, provider=provider, base_url=base_url, model=model, now=now, catalog=self.catalog)
            self.quotes[key] = today, quote
        return quote.price
