"""What one configuration has and another has not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Change(Generic[T]):
    """`gone` is to be stopped, `come` to be started; what was changed is in both."""

    gone: list[T]
    come: list[T]


def changed(old: Mapping[str, T], new: Mapping[str, T]) -> Change[T]:
    return Change(
        gone=[options for name, options in old.items() if new.get(name) != options],
        come=[options for name, options in new.items() if old.get(name) != options],
    )
