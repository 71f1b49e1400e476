"""The values of an installation: the defaults of values.yaml, and what the user puts over them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

DEFAULTS: Final = Path(__file__).with_name("values.yaml")
UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
DURATION: Final = r"(\d+)([smhd])"

# Window: (its least length, how many probes it must hold).
WINDOWS: Final = {
    "short_window": ("10m", 5),
    "long_window": ("1h", 15),
    "page_short": ("5m", 3),
    "page2_short": ("30m", 3),
    "ticket_short": ("2h", 3),
}
# The long window of a burn-rate pair is this many times its short one (SRE Workbook, chapter 5).
LONG_OF_SHORT: Final = {"page_long": "page_short", "page2_long": "page2_short", "ticket_long": "ticket_short"}
LONGER: Final = 12
LEAST_PROBES: Final = 3

Duration = Field(default="", pattern=rf"^({DURATION})?$")


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AlertValues(BaseModel):
    """What one alert may be given. Any other key must be a value that its rule names."""

    model_config = ConfigDict(extra="allow", frozen=True)

    enabled: bool = True
    severity: str | None = Field(default=None, pattern="^(critical|warning|info)$")
    for_: str | None = Field(default=None, alias="for", pattern=rf"^{DURATION}$")
    keep_firing_for: str | None = Field(default=None, pattern=rf"^{DURATION}$")
    labels: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)

    @property
    def own(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


class Values(Strict):
    """One installation. Field by field explained in values.yaml; durations are text such as `10m`."""

    selector: str
    group_labels: list[str]
    job: str
    labels: dict[str, str]
    annotations: dict[str, str]
    runbook_prefix: str
    dashboard_prefix: str
    board_prefix: str
    team_provider: str
    team_ours: str
    team_network: str
    team_prober: str
    team_unknown: str
    probe_interval: str = Field(pattern=rf"^{DURATION}$")
    short_window: str = Duration
    long_window: str = Duration
    page_short: str = Duration
    page_long: str = Duration
    page2_short: str = Duration
    page2_long: str = Duration
    ticket_short: str = Duration
    ticket_long: str = Duration
    failures: int = Field(ge=2)  # 1 would page for a single failed probe
    down_share: float = Field(gt=0, le=1)
    part_share: float = Field(gt=0, le=1)
    objective: float = Field(gt=0, lt=1)
    grafana_datasource: str
    grafana_folder: str
    alerts: dict[str, AlertValues]

    def texts(self) -> dict[str, str]:
        """Placeholder -> text, with every window filled in; lists and matchers end in a comma if there are any."""
        simple = {key: str(value) for key, value in self if isinstance(value, str | int | float)}
        lists = {
            # Single quotes, because queries stand in strings of annotations, too.
            "selector": f"{self.selector}, ".replace('"', "'") if self.selector else "",
            "group_labels": "".join(f"{label}, " for label in self.group_labels),
        }
        return simple | lists | self._windows()

    def _windows(self) -> dict[str, str]:
        interval = seconds(self.probe_interval)
        filled = {
            name: getattr(self, name) or _duration(max(seconds(least), probes * interval))
            for name, (least, probes) in WINDOWS.items()
        }
        for name, short in LONG_OF_SHORT.items():
            filled[name] = getattr(self, name) or _duration(LONGER * seconds(filled[short]))
        for name, window in filled.items():
            if seconds(window) < LEAST_PROBES * interval:
                raise ValueError(
                    f"{name}: {window} holds fewer than {LEAST_PROBES} probes at probe_interval {self.probe_interval}; "
                    f"write {_duration(LEAST_PROBES * interval)} or more"
                )
        return filled


def seconds(duration: str) -> int:
    """Read a duration such as `10m`."""
    number, unit = re.fullmatch(DURATION, duration).groups()  # type: ignore[union-attr]  # the schema has checked it
    return int(number) * UNITS[unit]


def _duration(total: int) -> str:
    unit = next(unit for unit in "dhms" if total % UNITS[unit] == 0)
    return f"{total // UNITS[unit]}{unit}"


def load(files: list[Path], settings: list[str]) -> Values:
    """Read the defaults, then each file, then each KEY=VALUE over them.

    Raises:
        ValueError: a key does not exist or a value is wrong; the message is one line for each.
    """
    merged: dict[str, Any] = {}
    for path in [DEFAULTS, *files]:
        merged = _merged(merged, yaml.safe_load(path.read_text()) or {})
    for setting in settings:
        merged = _merged(merged, _setting(setting))
    try:
        values = Values.model_validate(merged)
    except ValidationError as error:
        raise ValueError("\n".join(_problem(problem) for problem in error.errors())) from None
    values.texts()
    return values


def _setting(setting: str) -> dict[str, Any]:
    path, equals, text = setting.partition("=")
    if not equals:
        raise ValueError(f"--set {setting}: write KEY=VALUE, such as objective=0.999")
    value: Any = yaml.safe_load(text)
    for key in reversed(path.split(".")):
        value = {key: value}
    nested: dict[str, Any] = value
    return nested


def _merged(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    both = {
        key: _merged(under[key], over[key]) for key in under.keys() & over.keys()
        if isinstance(under[key], dict) and isinstance(over[key], dict)
    }  # fmt: skip
    return under | over | both


def _problem(error: Any) -> str:
    place = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"{place}: no such value; alerts/src/values.yaml lists them"
    return f"{place}: {error['msg']}"
