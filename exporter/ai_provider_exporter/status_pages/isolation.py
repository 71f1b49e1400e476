"""Parses what strangers sent in another process, where it can neither hold the event loop nor fill the memory."""

from __future__ import annotations

import asyncio
import pickle
import sys
from collections.abc import Awaitable, Callable
from typing import ParamSpec, Protocol, Self, TypeVar, cast

from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.parser_process import MAX_MEMORY, SIZE, main, read_size, write_size

DEADLINE = 5.0  # seconds for one document set; the largest that is read takes a fifth of it
PAUSE = 600.0  # seconds for which a page is left alone that overran: it has held up all others

P = ParamSpec("P")
T = TypeVar("T")


class Run(Protocol):
    """Calls a pure function of a module with arguments that can be pickled."""

    def __call__(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]: ...


async def run_here(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """In this process: for verbs that read one page and end."""
    return function(*args, **kwargs)


class ParserProcess:
    """One process for all pages, started at the first call. One that overruns is killed; the next call starts another.

    It ends when its standard input does, so that it never outlives this process.
    """

    def __init__(self, deadline: float = DEADLINE) -> None:
        self._deadline = deadline
        self._one_at_a_time = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._kill()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def __call__(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """What `function` returns or raises.

        Raises:
            PageFailure: malformed_response; it took too long or too much memory.
            RuntimeError: a defect ended the process.
        """
        request = pickle.dumps((function, args, kwargs))
        async with self._one_at_a_time:
            is_done = False
            try:
                process = self._process or await self._start()
                async with asyncio.timeout(self._deadline):
                    reply = await _exchange(process, request)
                is_done = True
            except TimeoutError:
                raise _overrun(f"took longer than {self._deadline:g} s") from None
            except (asyncio.IncompleteReadError, ConnectionError):
                raise await self._ended() from None
            finally:
                if not is_done:
                    await self._kill()
        succeeded, value = pickle.loads(reply)  # noqa: S301  # our own process wrote it
        if not succeeded:
            raise value
        result: T = value
        return result

    async def _start(self) -> asyncio.subprocess.Process:
        """Return when it is ready: on a host that is slow, that is no fault of the page."""
        process = self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            f"from {main.__module__} import main; main()",  # by its own name, which pickles refer to
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,  # a Ctrl-C is for the exporter, which then closes the pipe
        )
        await _reply(process)
        return process

    async def _ended(self) -> Exception:
        """Why the process has ended: by a signal it was too large for the host, else a defect ended it."""
        if self._process is not None and await self._process.wait() > 0:
            return RuntimeError("the parser process ended by a defect; its traceback is on standard error")
        return _overrun(f"took more than {MAX_MEMORY >> 20} MiB of memory")

    async def _kill(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()


async def _exchange(process: asyncio.subprocess.Process, request: bytes) -> bytes:
    requests = cast("asyncio.StreamWriter", process.stdin)
    requests.write(write_size(len(request)) + request)
    await requests.drain()
    return await _reply(process)


async def _reply(process: asyncio.subprocess.Process) -> bytes:
    replies = cast("asyncio.StreamReader", process.stdout)
    return await replies.readexactly(read_size(await replies.readexactly(SIZE)))


def _overrun(what: str) -> PageFailure:
    return PageFailure("malformed_response", f"parsing the page {what} and was given up", retry_after_seconds=PAUSE)
