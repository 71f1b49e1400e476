"""Thirty days of 200 probes that fail at random, and the stretches of them that could page.

    python -m tests.alerts.noise        judge every such stretch of thirty days (make noise)

promtool would need hours for 43,200 evaluations of 200 probes. But no page is possible without four failures of one
probe, by one fault, within an hour (the value `failures`; the longest window that counts them is an hour), or a burn
rate that random failures never come near, which is computed here. So only the stretches with four are judged, each
with all probes of its provider, and those of many providers at once, side by side.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.alerts.world import FAULT_OF, OK, Series, observed, probe, promtool, written

DAYS: Final = 30
PROVIDERS: Final = 20
PLACES: Final = ("fra1", "us-east")
MODELS: Final = ("m0", "m1", "m2", "m3", "m4")
SHARE: Final = 0.01
REASONS: Final = ("server_error", "overloaded", "stream_truncated", "connect_timeout", "rate_limited", "throttled")

HOUR: Final = 60
FAILURES: Final = 4
BEFORE: Final = 70
AFTER: Final = 40
SLACK: Final = 10  # the longest wait of an alert that pages, and more
BATCH: Final = 10
BURN_HOUR: Final = 0.144  # 14.4 times the budget of 99 %
RULES: Final = Path(__file__).parents[2] / "alerts" / "rules" / "ai-provider.yaml"
PAGES: Final = 'ALERTS{alertstate="firing", severity="critical"}'

Runs = dict[tuple[str, str], list[str]]  # (model, location) -> what each minute's run ended with


@dataclass(frozen=True)
class Stretch:
    """`worst` failures of one probe within an hour that ends at minute `end`."""

    provider: int
    end: int
    worst: int


def quiet_runs(chance: random.Random, length: int) -> Runs:
    """Ten probes of one provider that fail at random."""
    return {
        (model, place): [OK if chance.random() > SHARE else chance.choice(REASONS) for _ in range(length)]
        for model in MODELS
        for place in PLACES
    }


def series(name: str, runs: Runs) -> Series:
    made: Series = {}
    for (model, place), outcomes in runs.items():
        tier, region = ("free" if model == "m4" else "paid"), ("r0" if model == "m0" else "r1")
        labels = {"provider": name, "model": model, "location": place, "tier": tier, "probe": f"{name}-{model}-{place}"}
        made |= probe(outcomes, 1, region, **labels)
    for place in PLACES:
        made |= observed([runs[model, place] for model in MODELS], provider=name, location=place)
    return made


def stretches(provider: int, runs: Runs) -> Iterator[Stretch]:
    """Where a page would be possible; what lies within AFTER of an earlier one is judged with that one."""
    crowded = [
        (end, worst)
        for outcomes in runs.values()
        for fault in sorted(set(FAULT_OF.values()))
        for end, worst in _crowded([index for index, run in enumerate(outcomes) if FAULT_OF.get(run) == fault])
    ]
    judged_until = -1
    for end, worst in sorted(crowded):
        if end > judged_until:
            judged_until = end + AFTER - SLACK
            yield Stretch(provider, end, worst)


def _crowded(failures: Sequence[int]) -> Iterator[tuple[int, int]]:
    for index in range(FAILURES - 1, len(failures)):
        first = index - FAILURES + 1
        if failures[index] - failures[first] <= HOUR:
            yield failures[index], sum(failures[index] - minute <= HOUR for minute in failures[: index + 1])


def highest_burn(runs: Runs) -> float:
    """The largest share of failed runs of a provider within an hour."""
    failed = [sum(run != OK for run in minute) for minute in zip(*runs.values(), strict=True)]
    window, highest = 0, 0
    for index, count in enumerate(failed):
        window += count - (failed[index - HOUR] if index >= HOUR else 0)
        highest = max(highest, window)
    return highest / (HOUR * len(runs))


def month() -> tuple[list[tuple[Stretch, Runs]], float]:
    """Every stretch of thirty days, worst first, with the runs around it; and the highest burn of any provider."""
    chance = random.Random(30)  # noqa: S311  the same month in every run
    pairs, burn = [], 0.0
    for provider in range(PROVIDERS):
        runs = quiet_runs(chance, DAYS * 24 * HOUR)
        burn = max(burn, highest_burn(runs))
        pairs += [(stretch, _around(runs, stretch.end)) for stretch in stretches(provider, runs)]
    return sorted(pairs, key=lambda pair: -pair[0].worst), burn


def _around(runs: Runs, end: int) -> Runs:
    first = max(0, end - BEFORE)
    return {key: outcomes[first : first + BEFORE + AFTER] for key, outcomes in runs.items()}


def judged(batch: Sequence[tuple[Stretch, Runs]]) -> str:
    """What promtool finds wrong with: nobody is paged in any of these stretches."""
    world: Series = {}
    for index, (_, runs) in enumerate(batch):
        world |= series(f"p{index}", runs)
    length = BEFORE + AFTER
    trial: dict[str, Any] = {
        "name": "noise",
        "interval": "1m",
        "input_series": written(world),
        "promql_expr_test": [{"expr": f"count_over_time({PAGES}[{length}m])", "eval_time": f"{length - 1}m"}],
    }
    with tempfile.TemporaryDirectory() as directory:
        return promtool(Path(directory), RULES, [trial])


def main() -> str:
    pairs, burn = month()
    batches = [pairs[start : start + BATCH] for start in range(0, len(pairs), BATCH)]
    wrong = [problem for batch in batches if (problem := judged(batch))]
    summary = (
        f"{DAYS} days, {PROVIDERS * len(MODELS) * len(PLACES)} probes, {SHARE:.0%} random failures: {len(pairs)} "
        f"stretches with {FAILURES} failures of a probe within an hour, {len(wrong)} of {len(batches)} batches paged; "
        f"highest burn of an hour {burn:.1%} of {BURN_HOUR:.1%}\n"
    )
    return summary + "\n".join(wrong)


if __name__ == "__main__":
    sys.stdout.write(main())
