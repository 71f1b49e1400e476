"""A page server on loopback that answers as a test says, and remembers what it was asked."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

REASONS = {200: "OK", 304: "Not Modified"}


@dataclass(frozen=True, kw_only=True)
class Asked:
    path: str
    headers: Mapping[str, str]
    method: str = "GET"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`then`: what follows the answer: the end of the connection, a reset, or silence."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | None = None  # said, if it is not that of the body
    then: str = "close"

    def written(self) -> bytes:
        said = {"Content-Length": str(len(self.body) if self.length is None else self.length), "Connection": "close"}
        head = "".join(f"{name}: {value}\r\n" for name, value in {**said, **self.headers}.items())
        return f"HTTP/1.1 {self.status} {REASONS.get(self.status, 'Other')}\r\n{head}\r\n".encode() + self.body


@dataclass(frozen=True)
class Bytes(Answer):
    """Exactly these bytes, HTTP or not."""

    raw: bytes = b""

    def written(self) -> bytes:
        return self.raw


Answering = Answer | Callable[[Asked], Answer]
MISSING = Answer(status=404, body=b"<!doctype html><h1>Not found</h1>", headers={"Content-Type": "text/html"})


def said(document: Any, **headers: str) -> Answer:
    """A JSON answer."""
    kind = {"Content-Type": "application/json"}
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return Answer(body=body, headers={**kind, **headers})


def html(text: str = "<!doctype html><h1>All systems operational</h1>", status: int = 200) -> Answer:
    return Answer(status=status, body=text.encode(), headers={"Content-Type": "text/html; charset=utf-8"})


def sent_to(location: str, status: int = 302) -> Answer:
    return Answer(status=status, headers={"Location": location})


@dataclass
class PageServer:
    """`answers` by path; `anything` is for the paths that are not in it."""

    url: str = ""
    answers: dict[str, Answering] = field(default_factory=dict)
    anything: Answering = MISSING
    asked: list[Asked] = field(default_factory=list)

    @property
    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked = _parsed(await reader.readuntil(b"\r\n\r\n"))
            self.asked.append(asked)
            answering = self.answers.get(asked.path, self.anything)
            answer = answering if isinstance(answering, Answer) else answering(asked)
            writer.write(answer.written())
            await writer.drain()
            if answer.then == "silence":
                await reader.read()
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        else:
            if answer.then == "reset":
                writer.transport.abort()
        finally:
            writer.close()


@asynccontextmanager
async def page_server(tls: ssl.SSLContext | None = None) -> AsyncIterator[PageServer]:
    page = PageServer()
    server = await asyncio.start_server(page.serve, "127.0.0.1", 0, ssl=tls)
    host, port = server.sockets[0].getsockname()
    page.url = f"{'https' if tls else 'http'}://{host}:{port}"
    async with server:
        yield page


def _parsed(head: bytes) -> Asked:
    request, *lines = head.decode().split("\r\n")
    pairs = (line.split(": ", 1) for line in lines if line)
    method, path, _ = request.split()
    return Asked(path=path, headers={name.lower(): value for name, value in pairs}, method=method)
