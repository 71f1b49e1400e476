from __future__ import annotations

import pytest
from ai_provider_exporter.web.board import sentences


@pytest.mark.parametrize(
    ("titles", "expected"),
    [
        (["A"], "A"),
        (["A", "B"], "A and B"),
        (["A", "B", "C"], "A, B and C"),
        (["A", "B", "C", "D", "E"], "A, B and 3 more"),
    ],
)
def test_many_names_are_cut_short(titles: list[str], expected: str) -> None:
    assert sentences.named(titles) == expected
