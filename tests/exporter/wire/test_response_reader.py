"""What the sockets of test_exchange cannot show: every way to cut an answer into deliveries."""

from itertools import pairwise

import pytest
from ai_provider_exporter.wire import BadResponse, TooLarge, Truncated
from ai_provider_exporter.wire.response_reader import ResponseReader
from hypothesis import given
from hypothesis import strategies as st

from tests.exporter.wire.loopback import answer, chunked

BODIES = st.lists(st.binary(min_size=1, max_size=40), max_size=6)
CUTS = st.lists(st.integers(min_value=0, max_value=400), max_size=12)


def cut(data: bytes, at: list[int]) -> list[bytes]:
    edges = sorted({0, len(data), *(edge for edge in at if edge < len(data))})
    return [data[start:end] for start, end in pairwise(edges)]


def fed(pieces: list[bytes], *, has_body: bool = True, max_bytes: int = 1 << 20) -> ResponseReader:
    """Piece number i arrives at second i."""
    incoming = ResponseReader(max_bytes=max_bytes, has_body=has_body)
    for at, piece in enumerate(pieces):
        incoming.feed(float(at), piece)
    return incoming


def body(incoming: ResponseReader) -> bytes:
    return b"".join(chunk.data for chunk in incoming.queue)


@given(bodies=BODIES, cuts=CUTS)
def test_chunks_are_the_same_however_they_are_cut(bodies: list[bytes], cuts: list[int]) -> None:
    incoming = fed(cut(chunked(*bodies), cuts))

    assert body(incoming) == b"".join(bodies)
    assert (incoming.complete, incoming.reusable, incoming.failure) == (True, True, None)


@given(content=st.binary(max_size=100), cuts=CUTS)
def test_a_sized_body_is_the_same_however_it_is_cut(content: bytes, cuts: list[int]) -> None:
    incoming = fed(cut(answer(content, b"x-name: value"), cuts))

    assert body(incoming) == content
    assert (incoming.complete, incoming.headers["X-Name"]) == (True, "value")


@given(content=st.binary(max_size=100), cuts=CUTS)
def test_a_body_until_the_end_is_the_same_however_it_is_cut(content: bytes, cuts: list[int]) -> None:
    incoming = fed(cut(b"HTTP/1.0 200 OK\r\n\r\n" + content, cuts))
    incoming.close(99.0, None)

    assert body(incoming) == content
    assert (incoming.complete, incoming.reusable, incoming.ended_at) == (True, False, 99.0)


@given(bodies=BODIES, kept=st.integers(min_value=0, max_value=400))
def test_an_answer_cut_anywhere_is_truncated_and_keeps_what_came(bodies: list[bytes], kept: int) -> None:
    whole = chunked(*bodies)
    incoming = fed([whole[: min(kept, len(whole) - 1)] or b"H"])
    incoming.close(99.0, None)

    assert isinstance(incoming.failure, Truncated)
    assert b"".join(bodies).startswith(body(incoming))


@given(junk=st.binary(min_size=1, max_size=100))
def test_junk_never_raises_out_of_the_parser(junk: bytes) -> None:
    incoming = fed([junk])
    incoming.close(1.0, None)

    assert incoming.over


def test_every_delivery_is_one_chunk_with_its_own_stamp() -> None:
    whole = chunked(b"a", b"b", b"c")
    middle = whole.index(b"1\r\nc")
    incoming = fed([whole[:middle], whole[middle:]])

    assert [(chunk.at, chunk.data) for chunk in incoming.queue] == [(0.0, b"ab"), (1.0, b"c")]
    assert incoming.headers_at == 0.0


def test_the_head_is_stamped_with_the_delivery_that_completed_it() -> None:
    whole = answer(b"hello")
    head = whole.index(b"\r\n\r\n") + 4
    incoming = fed([whole[: head - 1], whole[head - 1 : head], whole[head:]])

    assert (incoming.headers_at, incoming.ended_at) == (1.0, 2.0)


def test_a_body_over_the_limit_is_cut_at_the_limit() -> None:
    incoming = fed([answer(b"hello")], max_bytes=3)

    assert body(incoming) == b"hel"
    assert isinstance(incoming.failure, TooLarge)


def test_not_a_byte_comes_after_the_limit() -> None:
    whole = chunked(b"hello", b"world")
    incoming = fed([whole[: whole.index(b"5\r\nworld")], whole[whole.index(b"5\r\nworld") :]], max_bytes=5)

    assert body(incoming) == b"hello"
    assert isinstance(incoming.failure, TooLarge)


def test_a_body_of_exactly_the_limit_is_whole() -> None:
    incoming = fed([answer(b"hello")], max_bytes=5)

    assert (body(incoming), incoming.complete, incoming.failure) == (b"hello", True, None)


@pytest.mark.parametrize(
    "said",
    [
        pytest.param([answer(b"hello", b"connection: close")], id="the server says close"),
        pytest.param([b"HTTP/1.0 200 OK\r\ncontent-length: 5\r\n\r\nhello"], id="HTTP/1.0"),
        pytest.param([answer(b"hello") + answer(b"more")], id="a second answer at once"),
        pytest.param([answer(b"hello"), answer(b"more")], id="a second answer later"),
        pytest.param([answer(b"hello") + b"junk"], id="junk after it"),
        pytest.param([b"HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n"], id="101"),
    ],
)
def test_the_connection_is_not_used_again_after(said: list[bytes]) -> None:
    incoming = fed(said)

    assert (incoming.complete, incoming.reusable, incoming.failure) == (True, False, None)


def test_a_head_answer_ends_with_its_head_and_ignores_a_body() -> None:
    incoming = fed([answer(b"hello")], has_body=False)

    assert (incoming.complete, body(incoming)) == (True, b"")


def test_trailers_are_no_headers() -> None:
    incoming = fed([chunked(b"a")[:-2] + b"x-late: 1\r\n\r\n"])

    assert (incoming.complete, "x-late" in incoming.headers) == (True, False)


def test_both_lengths_at_once_are_refused_as_smuggling() -> None:
    incoming = fed([b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n"])

    assert isinstance(incoming.failure, BadResponse)
