"""Host and port as they are written in the configuration and in targets."""

from __future__ import annotations

import re

from ai_provider_exporter.wire.resolve import is_address

_ADDRESS = re.compile(r"\A(?:\[([0-9A-Fa-f:.]+(?:%[^\s\]]+)?)\]|([^\s:/@\[\]]+)):([0-9]{1,5})")


def split_address(address: str) -> tuple[str, int]:
    """Host and port of `host:port`, `[v6]:port` or `[v6%zone]:port`.

    Raises:
        ValueError: it is none of these; the message says what to write.
    """
    match = _ADDRESS.fullmatch(address)
    if match is None or not 0 < int(match[3]) < 65536:  # noqa: PLR2004  # ports have 16 bits
        raise ValueError(f"{address!r} is no address; write host:port, or [address]:port for IPv6")
    return match[1] or match[2], int(match[3])


def resolver_address(value: str, port: int) -> tuple[str, int]:
    """`9.9.9.9`, `9.9.9.9:53`, `2620:fe::fe` or `[2620:fe::fe]:53`; only an address, for a name would need a resolver.

    Raises:
        ValueError: it is none of these.
    """
    if is_address(value):
        return value, port
    host, port = split_address(value)
    if not is_address(host):
        raise ValueError(f"{value!r} is a name; write the resolver's address, such as 9.9.9.9")
    return host, port
