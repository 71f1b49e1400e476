"""The budget on disk: one small JSON file, replaced as a whole, and held by one process at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from ai_provider_exporter.schema.types import Options


class BudgetError(Exception):
    """The state file cannot be used; the message is one sentence: what, where, how to fix."""


class BudgetBusy(BudgetError):  # noqa: N818  # a state of the world, not a mistake in it
    """Another running instance holds the state file."""


class Spent(Options):
    """US dollars, and runs whose cost nobody knows, by UTC day."""

    days: Mapping[date, Annotated[Decimal, Field(ge=0)]] = {}
    unpriced: Mapping[date, Annotated[int, Field(ge=0)]] = {}


class _State(Options):
    version: Literal[1]
    days: dict[date, Annotated[Decimal, Field(ge=0)]]
    unpriced: Mapping[date, Annotated[int, Field(ge=0)]] = {}


class StateFile:
    """The budget on disk, held by one process at a time; the lock dies with the process, however it dies."""

    def __init__(self, path: Path) -> None:
        self._path = path.resolve()  # through links: the lock and the rename must mean the file itself
        self._temporary = self._path.with_name(self._path.name + ".tmp")
        self._lock = self._take_lock()

    def read(self) -> Spent:
        """What was spent; nothing if there is no file yet."""
        try:
            state = _State.model_validate_json(self._path.read_bytes())
            return Spent(days=state.days, unpriced=state.unpriced)
        except FileNotFoundError:
            return Spent()
        except ValidationError as error:
            wrong = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(str(part) for part in wrong["loc"]) or "the file"
            raise BudgetError(
                f"budget.state_file: {self._path} does not hold a budget ({place}: {wrong['msg']}); "
                "put a good copy back, or move it away to begin again with nothing spent"
            ) from None
        except OSError as error:
            raise self._unusable("read", error) from error

    def replace(self, spent: Spent) -> None:
        """Put `spent` on disk: after a return it survives a power cut, after an error what was there may."""
        state = _State(version=1, days=dict(spent.days), unpriced=spent.unpriced)
        left_out = set() if state.unpriced else {"unpriced"}
        try:
            with self._temporary.open("wb") as file:
                file.write(state.model_dump_json(exclude=left_out).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
            self._temporary.replace(self._path)
            self._sync_directory()
        except OSError as error:
            raise self._unusable("write", error) from error

    def close(self) -> None:
        os.close(self._lock)

    def _sync_directory(self) -> None:
        directory = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)

    def _take_lock(self) -> int:
        """A file of its own, never removed: the state file is a new one after every write."""
        with ExitStack() as undo:
            try:
                lock = os.open(f"{self._path}.lock", os.O_RDWR | os.O_CREAT, 0o644)
                undo.callback(os.close, lock)
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BudgetBusy(
                    f"budget.state_file: {self._path} is in use by another running instance; "
                    "stop that one, or give each instance a state file of its own"
                ) from None
            except OSError as error:
                raise self._unusable("lock", error) from error
            undo.pop_all()
        return lock

    def _unusable(self, verb: str, error: OSError) -> BudgetError:
        return BudgetError(
            f"budget.state_file: cannot {verb} {self._path}: {error.strerror}; "
            "its directory must exist, have room, and be writable by this process"
        )
