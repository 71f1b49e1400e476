"""Waiting for something on behalf of a client, and not longer than the client waits."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.types import Message, Receive

T = TypeVar("T")


class ClientLeftError(Exception):
    """The client closed its connection: no response is needed."""


class ReceiveBuffer:
    """ASGI's `receive`, watched for a disconnect and still whole for the application behind.

    Holds what the client sent meanwhile: at most `Limits.body_bytes`, as the connection ends beyond that.
    """

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._messages: list[Message] = []

    async def __call__(self) -> Message:
        return self._messages.pop(0) if self._messages else await self._receive()

    async def while_connected(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of `work`, which is cancelled when the client leaves.

        Raises:
            ClientLeftError: it left.
        """
        working, leaving = asyncio.ensure_future(work), asyncio.ensure_future(self._until_left())
        try:
            await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                return working.result()
            raise ClientLeftError
        finally:
            for task in (working, leaving):
                task.cancel()
            await asyncio.gather(working, leaving, return_exceptions=True)

    async def _until_left(self) -> None:
        while True:
            message = await self._receive()
            self._messages.append(message)
            if message["type"] == "http.disconnect":
                return
