"""Writes docs/past-outages.md from the runs of all stories: `python -m tests.history.table`.

`--check` writes nothing and says whether the page is up to date.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from tests.history.story import Story, stories
from tests.history.test_alerts import ROOT, firing
from tests.history.test_history import played

PAGE = ROOT / "docs" / "past-outages.md"
HEAD = """# Past outages, played again

Each row is a story of `tests/history/stories`: what a provider did to its callers and what its page said, minute by
minute. The tests play it on its real time scale through the exporter's own jobs, schedule, blame, verdict and board,
with one run a minute, and hand what `/metrics` would have shown to the shipped rules in the real promtool. Sources and
assumptions stand in each story. "Said" is the first verdict of trouble and how long after the first failure it came;
"paged" and "warned" are the first alerts of that severity. Made by `python -m tests.history.table`.

| story | what happened | certainty | said | after | paged | after | warned | after | lag of the page |
|---|---|---|---|---|---|---|---|---|---|
"""
CALM = {"operational", "unknown", "reported", "maintenance"}


def page() -> str:
    return HEAD + "".join(_row(name, story) for name, story in stories().items())


def _row(name: str, story: Story) -> str:
    cells = [f"`{name}`", story.what, story.certainty, *_said(name, story)]
    cells += [*_alert(name, story, "critical"), *_alert(name, story, "warning"), _lag(name)]
    return "| " + " | ".join(cells) + " |\n"


def _said(name: str, story: Story) -> Iterator[str]:
    """The first verdict that names the trouble; our own egress in trouble makes everything unknown."""
    calm = CALM if story.trouble else CALM - {"unknown"}
    for frame in played(name).frames:
        words = [judgement for judgement in frame.judgements.values() if judgement.verdict not in calm]
        if frame.minute > story.begins and words:
            yield f"`{words[0].verdict}`: {words[0].reason}"
            yield _minutes(frame.minute - story.begins)
            return
    yield from ("nothing", "-")


def _alert(name: str, story: Story, severity: str) -> Iterator[str]:
    fired = [(m, labels["alertname"]) for m, labels in firing(name) if labels.get("severity") == severity]
    first = min((found for found in fired if found[0] > story.begins), default=None)
    yield first[1].removeprefix("AIProvider") if first else "nobody"
    yield _minutes(first[0] - story.begins) if first else "-"


def _lag(name: str) -> str:
    """Of the last episode that has one, in the first location that fails."""
    lags = [
        agreement.lag_seconds
        for frame in played(name).frames
        for agreement in frame.state.agreements.values()
        if agreement.lag_seconds is not None
    ]
    return _minutes(lags[0] / 60) if lags else "cannot be said"


def _minutes(minutes: float) -> str:
    return f"{minutes:.0f} min"


def main() -> int | str:
    text = page()
    if "--check" in sys.argv:
        is_same = PAGE.exists() and PAGE.read_text("utf-8") == text
        return 0 if is_same else f"{PAGE} is out of date; python -m tests.history.table"
    PAGE.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
