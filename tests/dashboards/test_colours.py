"""Colours that stand for different things can be told apart, also by those who see fewer colours.

The simulation is that of Machado, Oliveira and Fernandes 2009 (https://doi.org/10.1109/TVCG.2009.113), severity 1.0.
"""

from __future__ import annotations

import itertools

import pytest

from dashboards.src.looks import FAULTS, IMPACTS, STATUSES

Triple = tuple[float, float, float]
Matrix = tuple[Triple, Triple, Triple]

SIGHT: dict[str, Matrix] = {
    "full": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
XYZ: Matrix = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
WHITE: Triple = (0.9505, 1.0, 1.089)
JUST_APART = 15.0
"""Distance in CIE 1976 L*a*b*; about 2.3 is the least that can be noticed at all, side by side."""

SETS = {
    "statuses": [color for _, color in STATUSES.values()],
    "impacts": [color for _, color in IMPACTS.values()],
    "faults": list(FAULTS.values()),
}


def times(matrix: Matrix, vector: Triple) -> Triple:
    first, second, third = (sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)
    return (first, second, third)


def linear(color: str) -> Triple:
    red, green, blue = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    first, second, third = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (red, green, blue))
    return (first, second, third)


def lab(color: str, sight: Matrix) -> Triple:
    perceived = times(sight, linear(color))
    x, y, z = (max(part, 0) / white for part, white in zip(times(XYZ, perceived), WHITE, strict=True))
    fx, fy, fz = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in (x, y, z))
    return (116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz))


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("name", SETS)
def test_two_states_never_look_alike(name: str, sight: str) -> None:
    perceived = {color: lab(color, SIGHT[sight]) for color in SETS[name]}
    apart = {
        (one, other): sum((a - b) ** 2 for a, b in zip(perceived[one], perceived[other], strict=True)) ** 0.5
        for one, other in itertools.combinations(perceived, 2)
    }

    assert {pair: round(distance) for pair, distance in apart.items() if distance < JUST_APART} == {}
