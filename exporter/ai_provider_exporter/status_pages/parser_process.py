"""The other end of `isolation`: reads calls from standard input, and writes what they return to standard output.

A message is its size in eight bytes, and a pickle. A memory limit of its own makes Python raise MemoryError here, and
nowhere else. A defect ends this process, with its traceback on standard error.
"""

from __future__ import annotations

import copyreg
import pickle
import resource
import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, BinaryIO

from ai_provider_exporter.status_pages.errors import PageFailure

MAX_MEMORY = 512 << 20  # bytes of address space; a document of 4 MiB takes at most about 300
SIZE = 8  # bytes of the size


def write_size(size: int) -> bytes:
    return size.to_bytes(SIZE, "big")


def read_size(data: bytes) -> int:
    return int.from_bytes(data, "big")


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    copyreg.pickle(MappingProxyType, _reduce)
    requests, replies = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    replies.write(write_size(0))  # ready
    replies.flush()
    while request := _read(requests):
        reply = _reply(request)
        replies.write(write_size(len(reply)) + reply)
        replies.flush()


def _read(requests: BinaryIO) -> bytes:
    """The next request; empty at the end."""
    return requests.read(read_size(requests.read(SIZE)))


def _reply(request: bytes) -> bytes:
    try:
        function, args, kwargs = pickle.loads(request)  # noqa: S301  # our own process wrote it
        outcome: tuple[bool, Any] = True, function(*args, **kwargs)
    except MemoryError:
        outcome = False, PageFailure("malformed_response", f"the page takes more than {MAX_MEMORY >> 20} MiB to parse")
    except RecursionError:
        outcome = False, PageFailure("malformed_response", "the page is nested too deeply to parse")
    except PageFailure as failure:
        outcome = False, failure
    return pickle.dumps(outcome)


def _reduce(mapping: Mapping[str, Any]) -> tuple[Any, tuple[dict[str, Any]]]:
    return _frozen, (dict(mapping),)


def _frozen(mapping: dict[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(mapping)
