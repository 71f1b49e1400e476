"""A mapping that is changed by making another, which shares all but the change: no copy of five thousand entries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Generic, TypeVar

from immutables import Map

K = TypeVar("K")
V = TypeVar("V")


class PersistentMap(Mapping[K, V], Generic[K, V]):
    """Keeps the order in which keys came. To set a key again costs the same however many there are."""

    def __init__(self, entries: Map[K, V] | None = None, keys: tuple[K, ...] = ()) -> None:
        self._entries: Map[K, V] = Map() if entries is None else entries
        self._keys = keys

    @classmethod
    def of(cls, entries: Mapping[K, V]) -> PersistentMap[K, V]:
        return cls(Map(entries), tuple(entries))

    def set(self, key: K, value: V) -> PersistentMap[K, V]:
        keys = self._keys if key in self._entries else (*self._keys, key)
        return PersistentMap(self._entries.set(key, value), keys)

    def without(self, key: K) -> PersistentMap[K, V]:
        if key not in self._entries:
            return self
        return PersistentMap(self._entries.delete(key), tuple(other for other in self._keys if other != key))

    def __getitem__(self, key: K) -> V:
        return self._entries[key]

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def __iter__(self) -> Iterator[K]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)

    @cached_property
    def _values(self) -> tuple[V, ...]:
        return tuple(map(self._entries.__getitem__, self._keys))

    def values(self) -> tuple[V, ...]:  # type: ignore[override]  # a tuple serves for every view of the values
        """In order; made once, as a scrape goes through them for each metric."""
        return self._values
