"""A past written as OpenMetrics, for `promtool tsdb create-blocks-from openmetrics`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from tests import contract
from tests.tools import monitoring

Value = float | None
Values = Sequence[Value] | float
Labels = Mapping[str, str]

# Blocks of 2 hours, which are its default, make promtool read the text once for each of them.
CREATE_BLOCKS: Final = ("tsdb", "create-blocks-from", "--quiet", "--max-block-duration=100d", "openmetrics")


class Recording:
    """Series over the same moments; a value of None is a moment without a sample."""

    def __init__(self, moments: Sequence[int]) -> None:
        self.moments = moments
        self._endings = [f" {moment}\n" for moment in moments]
        self._families: dict[str, list[str]] = {}

    def put(self, series: str, labels: Labels, values: Values) -> None:
        """Adds a series by its full name; one number stands for every moment.

        Raises:
            KeyError: no such series can be read.
            ValueError: it has labels that it cannot carry.
        """
        if ":" not in series and series != "ALERTS" and (strange := set(labels) - contract.labels(series)):
            raise ValueError(f"{series} does not carry {', '.join(sorted(strange))}")
        text = ",".join(f'{name}="{value}"' for name, value in labels.items() if value)
        self._families.setdefault(contract.family(series), []).append(self._lines(f"{series}{{{text}}} ", values))

    def _lines(self, head: str, values: Values) -> str:
        if isinstance(values, int | float):
            head = f"{head}{values:g}" if abs(values) < 1e5 else f"{head}{values:.3f}"
            return head + head.join(self._endings)
        return "".join(
            f"{head}{value:.12g}{ending}"
            for value, ending in zip(values, self._endings, strict=True)
            if value is not None
        )

    def write(self, path: Path) -> None:
        with path.open("w") as file:
            for name, series in self._families.items():
                file.write(f"# TYPE {name.removesuffix('_total')} {self._type(name)}\n")
                file.writelines(series)
            file.write("# EOF\n")

    @staticmethod
    def _type(name: str) -> str:
        return contract.READABLE.get(name, ("gauge", ""))[0]


def latest(values: Sequence[Value]) -> list[Value]:
    """At each moment the last value that there was until then."""
    filled: list[Value] = []
    for value in values:
        filled.append(value if value is not None or not filled else filled[-1])
    return filled


def create_blocks(text: Path, blocks: Path, job: str) -> None:
    """Blocks of a recording, every series of it with the labels of a scrape.

    Raises:
        RuntimeError: promtool could not read it.
    """
    labels = (f"--label=job={job}", f"--label=instance={job}:10190", "--label=cluster=test")
    done = monitoring.run("promtool", *CREATE_BLOCKS, *labels, text, blocks, seconds=300)
    if done.returncode:
        raise RuntimeError(f"{text}: {done.stdout}{done.stderr}")
