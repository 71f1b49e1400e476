"""Counters as values."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeVar

Key = TypeVar("Key")


def added(old: Mapping[Key, int], new: Mapping[Key, int]) -> Mapping[Key, int]:
    return MappingProxyType({**old, **{key: old.get(key, 0) + count for key, count in new.items()}})
