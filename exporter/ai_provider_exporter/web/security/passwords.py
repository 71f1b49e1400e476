"""Basic authentication against bcrypt hashes, without telling from the time it takes which users there are."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import secrets
from collections.abc import Mapping

import bcrypt

from ai_provider_exporter.web.security.turns import Turns, in_turn
from ai_provider_exporter.wire import daemon

REMEMBERED = 100
READ_BYTES = 72  # of a password; bcrypt ignores the rest, and its Python binding refuses it
_FAKE = "N9qo8uLOickgx2ZMRZoMye" + "." * 31  # salt and digest of a hash that no password has


class Passwords:
    """Checks one password at a time, in a thread of its own; remembers only what was right.

    Wrong passwords are always computed anew: nobody can crowd a good one out of the memory by guessing. Clients take
    turns, so that the wrong passwords of one do not keep the right one of another waiting.
    """

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._right: dict[bytes, None] = {}
        self._turns = Turns()

    async def admit(self, users: Mapping[str, str], authorization: str, client: str) -> bool:
        """Whether the `authorization` header of a request from `client` names one of `users` (name to bcrypt hash).

        Cancel it when the client has left.

        Raises:
            TooManyWaitingError: too many passwords of this client, or of all, wait to be checked.
        """
        credentials = parse(authorization)
        if credentials is None:
            return False
        name, password = credentials
        stored = users.get(name)
        hashed = stored if stored is not None else fake_hash(users)
        ticket = self._ticket(name.encode(), hashed.encode(), password)
        if ticket in self._right:
            return True

        def check() -> bool:
            return _matches(password, hashed)

        def begin() -> asyncio.Future[bool]:
            return _done() if ticket in self._right else asyncio.wrap_future(daemon.start(check, "bcrypt"))

        if not await in_turn(self._turns, client, begin) or stored is None:
            return False
        self._remember(ticket)
        return True

    def _ticket(self, *parts: bytes) -> bytes:
        """No plain password; and unambiguous, as each part has a fixed length once hashed (CVE-2022-46146)."""
        joined = b"".join(hashlib.sha256(part).digest() for part in parts)
        return hashlib.blake2b(joined, key=self._key).digest()

    def _remember(self, ticket: bytes) -> None:
        while len(self._right) >= REMEMBERED:
            del self._right[next(iter(self._right))]
        self._right[ticket] = None


def parse(authorization: str) -> tuple[str, bytes] | None:
    """User and password of a `Basic` header (RFC 7617), or None if it is something else."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, password = base64.b64decode(encoded.strip(), validate=True).partition(b":")
        return (name.decode(), password) if colon else None
    except (binascii.Error, UnicodeDecodeError):
        return None


def fake_hash(users: Mapping[str, str]) -> str:
    """What an unknown user's password is compared with: as costly as the costliest hash of a known one."""
    cost = max(hashed.split("$")[2] for hashed in users.values())
    return f"$2b${cost}${_FAKE}"


def _matches(password: bytes, hashed: str) -> bool:
    try:
        return bcrypt.checkpw(password[:READ_BYTES], hashed.encode())
    except ValueError:  # a hash that bcrypt cannot read is the hash of no password
        return False


def _done() -> asyncio.Future[bool]:
    """The request before this one has just checked the same password."""
    done = asyncio.get_running_loop().create_future()
    done.set_result(True)
    return done
