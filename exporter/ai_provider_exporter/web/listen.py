"""Turns `--web.listen-address` into a bound socket, or into a sentence that says why that cannot be."""

from __future__ import annotations

import errno
import socket
from typing import NamedTuple

BACKLOG = 128
EVERYWHERE = ("", "::", "0.0.0.0")  # noqa: S104  # names of it; nothing is bound here
HIGHEST_PORT = 65535
UNSENT_FOR = 60_000
"""Milliseconds until the kernel gives up a client that takes no more bytes: TCP_USER_TIMEOUT of tcp(7)."""

_WHY: dict[int, str] = {
    errno.EADDRINUSE: "the port is taken; stop the program that has it, or choose another port",
    errno.EACCES: "this user may not take that port; choose one above 1023",
    errno.EPERM: "this user may not take that port; choose one above 1023",
    errno.EADDRNOTAVAIL: "this machine has no such address; choose one of its own, or leave the host out",
}


class CannotListen(Exception):  # noqa: N818  # what happened, in the words of whoever reads it
    """The address cannot be listened on; the message is one sentence that says why and what to do."""

    def __init__(self, address: str, problem: str) -> None:
        super().__init__(f"cannot listen on {address!r}: {problem}")


class Address(NamedTuple):
    host: str  # empty for every address of the machine
    port: int  # 0 for any free one


def parse(text: str) -> Address:
    """Split `HOST:PORT`, `:PORT` or `[IPV6]:PORT`.

    Raises:
        CannotListen: it is none of them.
    """
    host, colon, port = text.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    if not colon or (":" in host and not bracketed):
        raise CannotListen(text, "it is not an address; write HOST:PORT, :PORT or [IPV6]:PORT")
    if not (port.isascii() and port.isdigit() and int(port) <= HIGHEST_PORT):
        raise CannotListen(text, "the port must be a number from 0 to 65535; write for example :10190")
    return Address(host[1:-1] if bracketed else host, int(port))


def bind(text: str) -> socket.socket:
    """A listening socket; one without a host, or with `[::]`, takes IPv4 and IPv6 alike, as Go's do.

    Raises:
        CannotListen: the address is malformed, taken, forbidden or not of this machine.
    """
    address = parse(text)
    try:
        return _bind(address)
    except socket.gaierror:
        raise CannotListen(text, f"{address.host!r} cannot be resolved; write an IP address") from None
    except OSError as error:
        raise CannotListen(text, why(error)) from None


def why(error: OSError) -> str:
    """Why the kernel refused, and what to do."""
    return _WHY.get(error.errno or 0, f"{error.strerror or error}; choose another address")


def _bind(address: Address) -> socket.socket:
    if address.host in ("", "::"):
        try:
            return _listener(socket.AF_INET6, ("::", address.port))
        except OSError as error:
            if address.host or error.errno not in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL):
                raise
            return _listener(socket.AF_INET, ("0.0.0.0", address.port))  # noqa: S104  # a host without IPv6
    candidates = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, _, _, _, where = min(candidates, key=lambda entry: entry[0] != socket.AF_INET)  # IPv4 first, as Go
    return _listener(family, where)


def _listener(family: int, where: tuple[str | int, ...] | tuple[int, bytes]) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNSENT_FOR)  # connections inherit it
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(where[0] != "::"))
        listener.bind(where)
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener
