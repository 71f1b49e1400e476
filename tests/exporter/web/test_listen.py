from __future__ import annotations

import errno
import os
import socket
from contextlib import closing

import pytest
from ai_provider_exporter.web.listen import Address, CannotListen, bind, parse, why


@pytest.mark.parametrize(
    ("text", "address"),
    [
        pytest.param(":10190", Address("", 10190), id="port-only"),
        pytest.param("127.0.0.1:0", Address("127.0.0.1", 0), id="ipv4"),
        pytest.param("[::]:10190", Address("::", 10190), id="ipv6-everywhere"),
        pytest.param("localhost:80", Address("localhost", 80), id="name"),
    ],
)
def test_an_address_is_host_and_port(text: str, address: Address) -> None:
    assert parse(text) == address


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        pytest.param("10190", "write HOST:PORT, :PORT or [IPV6]:PORT", id="no-colon"),
        pytest.param("::1:10190", "write HOST:PORT, :PORT or [IPV6]:PORT", id="ipv6-without-brackets"),
        pytest.param("", "write HOST:PORT, :PORT or [IPV6]:PORT", id="empty"),
        pytest.param(":http", "the port must be a number from 0 to 65535", id="port-name"),
        pytest.param(":65536", "the port must be a number from 0 to 65535", id="port-too-high"),
        pytest.param("192.0.2.1:0", "this machine has no such address", id="not-ours"),
        pytest.param("no-such-host.invalid:0", "cannot be resolved; write an IP address", id="unknown-host"),
    ],
)
def test_a_bad_address_is_one_sentence_that_says_what_to_write(text: str, hint: str) -> None:
    with pytest.raises(CannotListen) as caught:
        bind(text)

    assert str(caught.value).startswith(f"cannot listen on {text!r}: ")
    assert hint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_taken_port_is_named() -> None:
    with closing(bind("127.0.0.1:0")) as first:
        taken = f"127.0.0.1:{first.getsockname()[1]}"
        with pytest.raises(CannotListen, match=f"^cannot listen on '{taken}': the port is taken; stop the"):
            bind(taken)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        pytest.param(errno.EACCES, "this user may not take that port; choose one above 1023", id="forbidden"),
        pytest.param(errno.ENOBUFS, "No buffer space available; choose another address", id="anything-else"),
    ],
)
def test_a_refusal_of_the_kernel_says_what_to_do(code: int, sentence: str) -> None:
    assert why(OSError(code, os.strerror(code))) == sentence


@pytest.mark.parametrize("everywhere", [":0", "[::]:0"])
@pytest.mark.parametrize("client", ["127.0.0.1", "::1"])
def test_no_host_and_double_colon_take_ipv4_and_ipv6(everywhere: str, client: str) -> None:
    with closing(bind(everywhere)) as listener:
        connected = socket.create_connection((client, listener.getsockname()[1]), timeout=2)
        peer = connected.getpeername()[0]
        connected.close()

        assert peer == client
