"""The server side of a WebSocket, as far as a greeting needs it (RFC 6455)."""

import asyncio
import base64
import hashlib
import struct

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, 1.3
TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
FINAL, MASKED = 0x80, 0x80
TWO_BYTES, EIGHT_BYTES = 126, 127


def handshake(key: str) -> dict[str, str]:
    """Return the headers that accept a client's `key`."""
    digest = hashlib.sha1((key + GUID).encode()).digest()  # noqa: S324 - the RFC wants this one
    accept = base64.b64encode(digest).decode()
    return {"upgrade": "websocket", "connection": "upgrade", "sec-websocket-accept": accept}


def message(payload: bytes, opcode: int = TEXT) -> bytes:
    """Return one whole message, unmasked as a server's is."""
    length = len(payload)
    if length < TWO_BYTES:
        head = struct.pack(">BB", FINAL | opcode, length)
    elif length < 1 << 16:
        head = struct.pack(">BBH", FINAL | opcode, TWO_BYTES, length)
    else:
        head = struct.pack(">BBQ", FINAL | opcode, EIGHT_BYTES, length)
    return head + payload


async def listen(reader: asyncio.StreamReader, transport: asyncio.Transport) -> None:
    """Answer pings until the client says goodbye, and say goodbye too; what else it says goes unheard."""
    while True:
        opcode, payload = await _read(reader)
        if opcode == PING:
            transport.write(message(payload, PONG))
        elif opcode == CLOSE:
            transport.write(message(payload[:2], CLOSE))
            transport.close()
            return


async def _read(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    first, second = await reader.readexactly(2)
    length = second & ~MASKED
    if length == TWO_BYTES:
        (length,) = struct.unpack(">H", await reader.readexactly(2))
    elif length == EIGHT_BYTES:
        (length,) = struct.unpack(">Q", await reader.readexactly(8))
    mask = await reader.readexactly(4) if second & MASKED else bytes(4)
    payload = await reader.readexactly(length)
    return first & 0x0F, bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
