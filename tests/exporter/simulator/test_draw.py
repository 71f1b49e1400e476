from __future__ import annotations

import pytest
from ai_provider_exporter.simulator.draw import Draw
from ai_provider_exporter.simulator.scenario import Fail


def fate(seed: str, requests: int, **shares: float) -> list[str]:
    draw = Draw([Fail(how=how, share=share) for how, share in shares.items()], seed)  # type: ignore[arg-type]
    dealt = [draw.next() for _ in range(requests)]
    return [fail.how if fail else "ok" for fail in dealt]


@pytest.mark.parametrize("share", [0.0, 0.1, 1 / 3, 0.5, 0.95, 1.0])
@pytest.mark.parametrize("seed", ["a", "b", "c"])
def test_the_share_of_failures_is_never_off_by_a_whole_request(share: float, seed: str) -> None:
    dealt = fate(seed, 200, server_error=share)

    for count in range(1, 201):
        assert abs(dealt[:count].count("server_error") - share * count) < 1.0 + 1e-6


def test_several_failures_each_get_their_share() -> None:
    dealt = fate("a", 100, server_error=0.3, overloaded=0.2, hang=0.1)

    assert [dealt.count(how) for how in ("server_error", "overloaded", "hang", "ok")] == [30, 20, 10, 40]


def test_the_same_seed_deals_the_same_and_another_seed_starts_elsewhere() -> None:
    assert fate("a", 50, hang=0.3) == fate("a", 50, hang=0.3)
    assert len({tuple(fate(seed, 50, hang=0.3)) for seed in "abcdefgh"}) > 1
