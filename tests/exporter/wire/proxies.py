"""Proxies on loopback: one that speaks HTTP, one that speaks SOCKS5. Each remembers what it was asked."""

from __future__ import annotations

import asyncio
import ipaddress
import struct

from tests.exporter.wire.loopback import answer, asked


async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(1 << 16):
        writer.write(data)
    writer.close()


async def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    """Be a tunnel to `port` until the server has said all."""
    onward = await asyncio.open_connection("127.0.0.1", port)
    upstream = asyncio.create_task(pipe(reader, onward[1]))
    try:
        await pipe(onward[0], writer)
    finally:
        upstream.cancel()
        onward[1].transport.abort()


class HttpProxy:
    """Opens tunnels and forwards, and remembers the heads it was sent."""

    def __init__(self) -> None:
        self.heads: list[str] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await asked(reader)).decode()
        self.heads.append(head)
        method, target, _ = head.split("\r\n")[0].split(" ")
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await join(reader, writer, int(target.rpartition(":")[2]))
        else:
            writer.write(answer(f"forwarded {target}".encode()))
            await writer.drain()


class SocksProxy:
    """SOCKS5 (RFC 1928, RFC 1929) that knows every name as this machine, and remembers what it was asked for."""

    def __init__(self, *, method: int = 0, reply: int = 0) -> None:
        self.method = method
        self.reply = reply
        self.credentials: list[bytes] = []
        self.asked_for: list[str] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, count = await reader.readexactly(2)
        await reader.readexactly(count)
        writer.write(bytes([5, self.method]))
        if self.method == 2:
            await self._log_in(reader, writer)
        host = await self._destination(reader)
        (port,) = struct.unpack("!H", await reader.readexactly(2))
        self.asked_for.append(host)
        writer.write(bytes([5, self.reply, 0, 1, 0, 0, 0, 0, 0, 0]))
        if self.reply == 0:
            await join(reader, writer, port)

    async def _log_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(2):
            length = (await reader.readexactly(1 if self.credentials else 2))[-1]
            self.credentials.append(await reader.readexactly(length))
        writer.write(b"\x01\x00")

    async def _destination(self, reader: asyncio.StreamReader) -> str:
        *_, kind = await reader.readexactly(4)
        if kind == 1:
            return str(ipaddress.ip_address(await reader.readexactly(4)))
        (length,) = await reader.readexactly(1)
        return (await reader.readexactly(length)).decode()
