from __future__ import annotations

from collections import Counter

import pytest
from ai_provider_exporter.model.shard import Shard, parse
from hypothesis import given
from hypothesis import strategies as st

PROVIDERS = [f"provider-{n}" for n in range(600)]


@given(st.text(), st.integers(min_value=1, max_value=20))
def test_a_provider_belongs_to_exactly_one_shard(provider: str, count: int) -> None:
    owners = [index for index in range(count) if Shard(index, count).owns(provider)]

    assert len(owners) == 1


def test_shards_carry_about_the_same() -> None:
    owned = Counter(index for index in range(3) for provider in PROVIDERS if Shard(index, 3).owns(provider))

    assert all(150 <= count <= 250 for count in owned.values())


def test_one_more_shard_takes_its_share_and_moves_nothing_between_the_others() -> None:
    before = {p: next(i for i in range(3) if Shard(i, 3).owns(p)) for p in PROVIDERS}
    after = {p: next(i for i in range(4) if Shard(i, 4).owns(p)) for p in PROVIDERS}

    moved = {after[p] for p in PROVIDERS if before[p] != after[p]}

    assert moved == {3}


@pytest.mark.parametrize("text", ["", "1", "3/3", "-1/3", "a/b", "1/0", "0/0"])
def test_a_shard_that_cannot_be_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="write I/N with I from 0 to N-1"):
        parse(text)


def test_a_shard_reads_back_as_it_was_written() -> None:
    assert str(parse("2/5")) == "2/5"
