from itertools import pairwise

import pytest
from ai_provider_exporter.wire import FrameTooLarge, NdjsonReader
from hypothesis import given
from hypothesis import strategies as st

STREAMS = st.lists(st.sampled_from([b'{"a": 1}', "{“}\u2028".encode(), b"", b"\r", b"\n", b"\n"]), max_size=20).map(
    b"".join
)


def read(*pieces: bytes) -> tuple[list[bytes], bytes]:
    reader = NdjsonReader()
    return [line for piece in pieces for line in reader.feed(piece)], reader.rest


@given(stream=STREAMS, cuts=st.lists(st.integers(min_value=0, max_value=100), max_size=10))
def test_lines_are_the_same_however_the_stream_is_cut(stream: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(stream)]

    assert read(stream) == read(*(stream[start:end] for start, end in pairwise(edges)))
    assert read(stream) == read(*(stream[i : i + 1] for i in range(len(stream))))


@pytest.mark.parametrize(
    ("stream", "lines", "rest"),
    [
        pytest.param(b"{}\n[]\n", [b"{}", b"[]"], b"", id="two lines"),
        pytest.param(b"{}\r\n[]\r\n", [b"{}", b"[]"], b"", id="CRLF"),
        pytest.param(b"\n\n{}\n\n", [b"{}"], b"", id="blank lines are none"),
        pytest.param(b'{}\n{"half": ', [b"{}"], b'{"half": ', id="half a line"),
        pytest.param(b"", [], b"", id="nothing"),
    ],
)
def test_a_line_is_what_a_line_end_has_ended(stream: bytes, lines: list[bytes], rest: bytes) -> None:
    assert read(stream) == (lines, rest)


@pytest.mark.parametrize("pieces", [[b"x" * 100_000] * 11, [b"x" * 1_100_000 + b"\n"]], ids=["bit by bit", "at once"])
def test_a_line_without_an_end_is_given_up(pieces: list[bytes]) -> None:
    with pytest.raises(FrameTooLarge, match="longer than 131072 bytes"):
        read(*pieces)
