from itertools import pairwise

import pytest
from ai_provider_exporter.wire import FrameTooLarge, SseEvent, SseReader
from ai_provider_exporter.wire.sse import MAX_FRAME_BYTES
from hypothesis import given
from hypothesis import strategies as st

LINES = st.sampled_from(
    [
        b"data: one",
        b"data:two",
        b"data:  three",
        b"data",
        b"data:",
        b": comment",
        b":",
        b"event: ping",
        b"id: 1",
        b"retry: 10",
        b"",
        b"",
        b'{"error": 1}',
        "data: grün\u2028\u0085".encode(),
    ]
)
STREAMS = st.lists(st.tuples(LINES, st.sampled_from([b"\n", b"\r\n", b"\r"])), max_size=20).map(
    lambda lines: b"".join(line + end for line, end in lines)
)


def message(data: bytes) -> SseEvent:
    return SseEvent("message", data)


def read(*pieces: bytes) -> tuple[list[SseEvent], SseReader]:
    reader = SseReader()
    return [event for piece in pieces for event in reader.feed(piece)], reader


@given(stream=STREAMS, cuts=st.lists(st.integers(min_value=0, max_value=200), max_size=10))
def test_events_are_the_same_however_the_stream_is_cut(stream: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(stream)]
    whole, first = read(stream)
    parts, second = read(*(stream[start:end] for start, end in pairwise(edges)))
    singles, third = read(*(stream[i : i + 1] for i in range(len(stream))))

    assert whole == parts == singles
    assert first.comments == second.comments == third.comments
    assert first.rest == second.rest == third.rest


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        pytest.param(b"data: a\n\n", [message(b"a")], id="one line"),
        pytest.param(b"data: a\ndata: b\n\n", [message(b"a\nb")], id="two lines"),
        pytest.param(b"data:a\n\n", [message(b"a")], id="no blank after the colon"),
        pytest.param(b"data:  a \n\n", [message(b" a ")], id="only one blank is taken"),
        pytest.param(b"data\n\n", [message(b"")], id="no colon"),
        pytest.param(b"event: ping\ndata: {}\n\n", [SseEvent("ping", b"{}")], id="named"),
        pytest.param(b"event: ping\n\ndata: a\n\n", [message(b"a")], id="a name without data is forgotten"),
        pytest.param(b"\xef\xbb\xbfdata: a\n\n", [message(b"a")], id="byte order mark"),
        pytest.param(b"data: a\r\n\r\ndata: b\r\n\r\n", [message(b"a"), message(b"b")], id="CRLF"),
        pytest.param(b"data: a\r\rdata: b\r\r", [message(b"a"), message(b"b")], id="CR"),
        pytest.param(b"data: a\xe2\x80\xa8b\n\n", [message(b"a\xe2\x80\xa8b")], id="U+2028 ends no line"),
        pytest.param(b"id: 1\nretry: 5\n: hi\ndata: a\n\n", [message(b"a")], id="other fields"),
        pytest.param(b"data: a\n", [], id="without its blank line"),
        pytest.param(b"\n\n\n", [], id="blank lines"),
    ],
)
def test_a_stream_means_what_the_standard_says(stream: bytes, events: list[SseEvent]) -> None:
    assert read(stream)[0] == events


def test_an_event_is_there_with_the_byte_that_ends_it() -> None:
    reader = SseReader()

    assert reader.feed(b"data: a\r\n\r") == [message(b"a")]
    assert reader.feed(b"\ndata: b\n\n") == [message(b"b")]


def test_comments_are_counted_and_are_no_events() -> None:
    events, reader = read(b": ping\n\n: ping\n\n")

    assert (events, reader.comments) == ([], 2)


def test_what_is_no_event_stream_is_kept_for_whoever_knows_it() -> None:
    error = b'{\n  "error": {\n    "code": 503\n  }\n}'
    events, reader = read(b"data: a\n\n" + error)

    assert events == [message(b"a")]
    assert reader.rest == error


@pytest.mark.parametrize(
    "stream",
    [
        pytest.param([b"x" * 100_000] * 11, id="a line without an end"),
        pytest.param([b"data: " + b"x" * 100_000 + b"\n"] * 11, id="an event without an end"),
        pytest.param([b"<p>" + b"x" * 100_000 + b"\n\n"] * 11, id="no event stream at all"),
        pytest.param([b"data: " + b"x" * (MAX_FRAME_BYTES + 1) + b"\n\n"], id="at once"),
    ],
)
def test_what_grows_without_end_is_given_up(stream: list[bytes]) -> None:
    with pytest.raises(FrameTooLarge, match="larger than 131072 bytes"):
        read(*stream)


def test_many_events_and_comments_never_grow_too_large() -> None:
    events, reader = read(*[b": ping\n\ndata: " + b"x" * 100_000 + b"\n\n"] * 30)

    assert (len(events), reader.comments) == (30, 30)
