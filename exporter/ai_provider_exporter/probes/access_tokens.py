"""Access tokens that are fetched once and used until shortly before they end."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field

from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.wire import WireError

DEFAULT_LIFETIME = 3600.0  # seconds, of a token whose endpoint does not say: what Google, Entra and others grant
_EARLIEST_REFRESH = 300.0  # seconds before the end; a tenth of the lifetime if that is less


@dataclass(frozen=True, slots=True)
class AccessToken:
    """`ends_at` is Unix seconds."""

    text: str = field(repr=False)
    ends_at: float
    fresh_until: float

    @classmethod
    def lasting(cls, text: str, seconds: float, now: float) -> AccessToken:
        return cls(text, now + seconds, now + seconds - min(_EARLIEST_REFRESH, seconds / 10))


@dataclass(slots=True)
class _Slot:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    secret: bytes = b""
    token: AccessToken | None = None


class AccessTokenCache:
    """One slot for each credential, shared by all probes that use it; one of them fetches, the others wait."""

    def __init__(self) -> None:
        self._slots: dict[Hashable, _Slot] = {}

    async def get(
        self, credential: Hashable, secret: str, now: float, fetch: Callable[[], Awaitable[AccessToken]]
    ) -> str:
        """The token of `credential`, fetched if there is none, it is nearly over, or the secret has changed.

        Raises what `fetch` raises, unless the token that we have still holds.
        """
        slot = self._slots.setdefault(credential, _Slot())
        digest = hashlib.sha256(secret.encode()).digest()
        async with slot.lock:
            if slot.secret != digest:
                slot.token = None
            if slot.token is None or slot.token.fresh_until <= now:
                slot.token = await self._fetched(slot.token, now, fetch)
                slot.secret = digest
            return slot.token.text

    async def _fetched(
        self, old: AccessToken | None, now: float, fetch: Callable[[], Awaitable[AccessToken]]
    ) -> AccessToken:
        if old is None or old.ends_at <= now:
            return await fetch()
        try:
            return await fetch()
        except (Failure, OSError, WireError):
            return old  # early enough to try again next time

    def forget(self, credential: Hashable) -> None:
        """The token of `credential` was refused although it should hold: fetch another next time."""
        if credential in self._slots:
            self._slots[credential].token = None
