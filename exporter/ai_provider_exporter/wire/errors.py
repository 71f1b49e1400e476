"""What can go wrong in an exchange beyond what Python raises by itself.

Natural exceptions stay as they are: `socket.gaierror`, the `OSError` family, `ssl.SSLError`, `TimeoutError`.
Where it happened stands in `Measurement.phase`; the runner's table makes a reason of type and phase.
"""
# ruff: noqa: N818  # names say what happened on the wire

from __future__ import annotations


class WireError(Exception):
    """What is common to the classes below. The text is one sentence without secrets."""


class InvalidRequest(WireError):
    """It cannot be written as HTTP: an unusable URL, a line break in a header. Nothing was sent."""


class TlsUnusable(WireError):
    """The files or the system that TLS depends on here are missing or broken. Nothing was sent."""


class IncompleteChain(WireError):
    """The server sent its certificate without the one that issued it."""


class Disconnected(WireError):
    """The server closed a connection without a byte of answer."""


class Truncated(WireError):
    """The server closed in an orderly way before the answer was whole."""


class StreamReset(WireError):
    """The body broke off: a reset, or chunk framing that is none."""


class ProxyFailed(WireError):
    """The configured proxy could not be reached, refused us or broke the tunnel."""


class TargetUnreachable(WireError, OSError):
    """The proxy works, and could not reach the target."""


class TargetTimeout(WireError, TimeoutError):
    """The proxy works, and gave the target up after a while."""


class TargetRefused(WireError, ConnectionRefusedError):
    """The proxy works, and the target refused the connection."""


class BadResponse(WireError):
    """What came is not HTTP."""


class TooLarge(WireError):
    """The head or the body is larger than allowed; the rest was not read."""


class FrameTooLarge(WireError, ValueError):
    """One event, line or frame is larger than a reader keeps; the stream cannot be followed any further."""


class BadFrame(WireError, ValueError):
    """A frame contradicts itself: a wrong checksum or length."""
