"""Modules by name, each imported when it is first asked for: who runs two kinds of probe does not pay for twelve."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TypeVar, cast

T_co = TypeVar("T_co", covariant=True)


class Lazily(Mapping[str, T_co]):
    """What the names stand for is told at once; what a module holds, when it is looked up."""

    def __init__(self, modules: Mapping[str, str]) -> None:
        self._modules = modules

    def __getitem__(self, name: str) -> T_co:
        return cast("T_co", import_module(self._modules[name]))

    def __contains__(self, name: object) -> bool:
        return name in self._modules

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)
