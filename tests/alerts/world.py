"""Worlds to judge the rules by: what probes did, as the series that an exporter would have shown of it.

    probe(minutes("30 ok, 10 server_error, 60 ok"), provider="acme", kind="chat")

Each minute is one scrape. A probe with a longer interval runs in the first minute of each.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from tests.contract import FAULTS
from tests.tools.monitoring import run

MINUTE: Final = 60
PATIENCE_SECONDS: Final = 300.0  # for the largest world, on a machine whose cores are all busy
OK: Final = "ok"

# The fault of each reason that the worlds use: typed by hand, as the exporter's own table is on trial here, too.
FAULT_OF: Final = {
    "server_error": "provider",
    "overloaded": "provider",
    "stream_truncated": "provider",
    "stream_stalled": "provider",
    "connect_timeout": "network",
    "dns_error": "network",
    "key_rejected": "ours",
    "token_refused": "ours",
    "quota_exhausted": "ours",
    "rate_limited": "ours",
    "bad_request": "ours",
    "model_not_found": "ours",
    "throttled": "unknown",
    "egress_down": "prober",
}

Series = dict[str, list[float | None]]


def minutes(story: str) -> list[str]:
    """`2 ok, 3*(1 server_error, 4 ok)` -> what a run in each minute ends with; `-` is a minute without a run."""
    flat = re.sub(r"(\d+)\*\(([^()]*)\)", lambda repeated: ", ".join([repeated[2]] * int(repeated[1])), story)
    parts = (part.split() for part in flat.split(","))
    return [outcome for count, outcome in parts for _ in range(int(count))]


def name_of(metric: str, labels: Mapping[str, str]) -> str:
    pairs = ", ".join(f"{key}={json.dumps(value)}" for key, value in labels.items() if value)
    return f"{metric}{{{pairs}}}"


def probe(outcomes: Sequence[str], interval: int = 1, region: str = "", **labels: str) -> Series:
    """The series of one probe whose run in minute i ends with outcomes[i]; `interval` in minutes."""
    identity = {"probe": f"{labels['provider']}-probe", "kind": "chat"} | labels
    runs = [outcome if index % interval == 0 else "-" for index, outcome in enumerate(outcomes)]
    made = _counters(runs, identity) | _gauges(runs, identity, interval)
    if region:
        made[name_of("ai_probe_info", identity | {"region": region})] = [1.0] * len(runs)
    return made


def _counters(runs: Sequence[str], identity: dict[str, str]) -> Series:
    attempts = [run != "-" for run in runs]
    made = {name_of("ai_probe_attempts_total", identity): _sums(attempts)}
    for fault in FAULTS:
        failed = [FAULT_OF.get(run) == fault for run in runs]
        made[name_of("ai_probe_failures_total", identity | {"fault": fault})] = _sums(failed)
    for reason in sorted(set(runs) - {OK, "-"}):
        labels = identity | {"reason": reason, "fault": FAULT_OF[reason]}
        counted = _sums([run == reason for run in runs])
        made[name_of("ai_probe_failure_reasons_total", labels)] = [value or None for value in counted]
    return made


def _gauges(runs: Sequence[str], identity: dict[str, str], interval: int) -> Series:
    last = _latest(runs)
    ran = _latest([index * MINUTE if run != "-" else "-" for index, run in enumerate(runs)])
    succeeded = _latest([index * MINUTE if run == OK else "-" for index, run in enumerate(runs)])
    made: Series = {
        name_of("ai_probe_success", identity): [None if run == "-" else float(run == OK) for run in last],
        name_of("ai_probe_last_run_timestamp_seconds", identity): _floats(ran),
        name_of("ai_probe_last_success_timestamp_seconds", identity): _floats(succeeded),
        name_of("ai_probe_interval_seconds", identity): [float(interval * MINUTE)] * len(runs),
    }
    for reason in sorted(set(runs) - {OK, "-"}):
        labels = identity | {"reason": reason, "fault": FAULT_OF[reason]}
        made[name_of("ai_probe_last_failure_info", labels)] = [1.0 if run == reason else None for run in last]
    return made


def _sums(counted: Sequence[bool]) -> list[float | None]:
    total, made = 0, []
    for one in counted:
        total += one
        made.append(float(total))
    return list(made)


def _latest(values: Sequence[Any]) -> list[Any]:
    """Each value once more until the next one; `-` before the first."""
    made, current = [], "-"
    for value in values:
        current = current if value == "-" else value
        made.append(current)
    return made


def _floats(values: Iterable[Any]) -> list[float | None]:
    return [None if value == "-" else float(value) for value in values]


def observed(outcomes: Iterable[Sequence[str]], **place: str) -> Series:
    """What the exporter's own status would be: 0 if no probe fails by the provider's fault, 4 if all do, else 2."""
    last = [_latest(runs) for runs in outcomes]
    statuses: list[float | None] = [
        _status([FAULT_OF.get(runs[index]) == "provider" for runs in last]) for index in range(len(last[0]))
    ]
    return {name_of("ai_provider_observed_status", place): statuses}


def _status(failing: Sequence[bool]) -> float:
    return 4.0 if all(failing) else 2.0 if any(failing) else 0.0


def written(series: Mapping[str, Sequence[float | None]]) -> list[dict[str, str]]:
    """As promtool's input_series; a run of equal values is written once."""
    return [{"series": name, "values": " ".join(_runs(values))} for name, values in series.items()]


def _runs(values: Sequence[float | None]) -> Iterable[str]:
    start = 0
    while start < len(values):
        value, end = values[start], start
        while end + 1 < len(values) and values[end + 1] == value:
            end += 1
        # A gap of a gauge is staleness: the exporter no longer shows the series.
        if value is not None:
            yield f"{value:.15g}x{end - start}"
        else:
            yield "stale" if end == start else f"stale _x{end - start}"
        start = end + 1


def promtool(directory: Path, rules: Path, tests: Sequence[Mapping[str, Any]], every: str = "1m") -> str:
    """What promtool finds wrong with the tests; empty if nothing is."""
    # In the order of the file: promtool's own is that of a map, another one in every run.
    order = [group["name"] for group in yaml.safe_load(rules.read_text())["groups"]]
    document = {
        "rule_files": [str(rules)],
        "evaluation_interval": every,
        "group_eval_order": order,
        "tests": list(tests),
    }
    path = directory / "tests.yaml"
    path.write_text(yaml.safe_dump(document))
    tested = run("promtool", "test", "rules", path, seconds=PATIENCE_SECONDS)
    return "" if tested.returncode == 0 else tested.stdout + tested.stderr
