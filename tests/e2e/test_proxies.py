"""Ways out through a proxy, as the configuration names them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
import trustme

from tests.e2e.peers import DONE, Case, Outcome, delta, outcomes, over_tls, playing
from tests.exporter.probes.played import Played, head
from tests.exporter.wire.loopback import answer, saying, serving
from tests.exporter.wire.proxies import HttpProxy, SocksProxy

pytestmark = pytest.mark.e2e

ANSWER = Played([head(), delta("OK", "stop"), DONE])
API = "api.example"  # a name that only a proxy on loopback can resolve
BEYOND = f"http://{API}:{{beyond}}/v1"

FAILING: dict[str, Case] = {
    "nobody there": Case(probe={"egress": {"proxy": "http://127.0.0.1:{port}"}}),
    "it wants a password to forward": Case(
        place=partial(serving, saying(answer(b"", status=b"407 Who are you"))),
        probe={"egress": {"proxy": "http://127.0.0.1:{port}"}, "base_url": BEYOND},
    ),
    "it wants a password for a tunnel": Case(
        place=partial(serving, saying(answer(b"", status=b"407 Who are you"))),
        probe={"egress": {"proxy": "http://127.0.0.1:{port}"}, "base_url": f"https://{API}/v1"},
    ),
    "it refuses a tunnel": Case(
        place=partial(serving, saying(answer(b"", status=b"403 No way"))),
        probe={"egress": {"proxy": "http://127.0.0.1:{port}"}, "base_url": f"https://{API}/v1"},
    ),
    "it is no proxy": Case(
        place=playing(b"SSH-2.0-x\r\n\r\n"),
        probe={"egress": {"proxy": "http://127.0.0.1:{port}"}, "base_url": f"https://{API}/v1"},
    ),
    "its certificate is not trusted": Case(
        place=over_tls(Played(), trustme.CA().issue_cert("127.0.0.1")),
        probe={"egress": {"proxy": "https://127.0.0.1:{port}"}, "base_url": BEYOND},
    ),
    "SOCKS refuses": Case(
        place=partial(serving, SocksProxy(reply=2)),
        probe={"egress": {"proxy": "socks5h://127.0.0.1:{port}"}, "base_url": BEYOND},
    ),
    "SOCKS wants a password": Case(
        place=partial(serving, SocksProxy(method=0xFF)),
        probe={"egress": {"proxy": "socks5h://127.0.0.1:{port}"}, "base_url": BEYOND},
    ),
    "it is no URL, and a secret": Case(
        probe={"egress": {"proxy": {"env": "PROXY"}}}, env={"PROXY": "vpn-us:1080:hunter2"}
    ),
}

NOT_OURS: dict[tuple[str, str], Case] = {
    ("connect_unreachable", "network"): Case(
        place=partial(serving, saying(answer(b"", status=b"502 Nobody there"))),
        probe={"egress": {"proxy": "http://127.0.0.1:{port}"}, "base_url": f"https://{API}/v1"},
    ),
    ("connect_timeout", "network"): Case(
        place=partial(serving, saying(answer(b"", status=b"504 Nobody answers"))),
        probe={"egress": {"proxy": "http://127.0.0.1:{port}"}, "base_url": f"https://{API}/v1"},
    ),
    ("connect_refused", "provider"): Case(
        place=partial(serving, SocksProxy(reply=5)),
        probe={"egress": {"proxy": "socks5h://127.0.0.1:{port}"}, "base_url": BEYOND},
    ),
}


def _working(directory: Path) -> dict[str, Case]:
    """`SSL_CERT_FILE` is how a system says whom it trusts; a proxy's certificate has no other place to be named."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(directory / "ca.pem")
    certificate = authority.issue_cert("127.0.0.1", API)
    trusting = {"SSL_CERT_FILE": str(directory / "ca.pem")}
    plain, secured = partial(serving, ANSWER), over_tls(ANSWER, certificate)
    target = f"https://{API}:{{beyond}}/v1"
    return {
        "CONNECT": Case(
            place=partial(serving, HttpProxy()),
            beyond=secured,
            probe={"egress": {"proxy": "http://127.0.0.1:{port}"}, "base_url": target},
            env=trusting,
        ),
        "CONNECT over TLS": Case(
            place=over_tls(HttpProxy(), certificate),
            beyond=secured,
            probe={"egress": {"proxy": "https://127.0.0.1:{port}"}, "base_url": target},
            env=trusting,
        ),
        "forwarded": Case(
            place=partial(serving, ANSWER),  # who forwards answers as the target would
            probe={"egress": {"proxy": "http://127.0.0.1:{port}"}, "base_url": BEYOND},
        ),
        "SOCKS that resolves": Case(
            place=partial(serving, SocksProxy()),
            beyond=plain,
            probe={"egress": {"proxy": "socks5h://127.0.0.1:{port}"}, "base_url": BEYOND},
        ),
        "SOCKS, resolved here": Case(
            place=partial(serving, SocksProxy()),
            beyond=plain,
            probe={"egress": {"proxy": "socks5://127.0.0.1:{port}"}, "base_url": "http://localhost:{beyond}/v1"},
        ),
        "SOCKS with a password": Case(
            place=partial(serving, SocksProxy(method=2)),
            beyond=plain,
            probe={"egress": {"proxy": {"env": "PROXY"}}, "base_url": BEYOND},
            env={"PROXY": "socks5h://user:hunter2@127.0.0.1:{port}"},
        ),
    }


PHASES = {
    "CONNECT": {"connect", "tls", "send", "headers", "first_token", "stream"},
    "CONNECT over TLS": {"connect", "tls", "send", "headers", "first_token", "stream"},
    "forwarded": {"connect", "send", "headers", "first_token", "stream"},
    "SOCKS that resolves": {"connect", "send", "headers", "first_token", "stream"},
    "SOCKS, resolved here": {"dns", "connect", "send", "headers", "first_token", "stream"},
    "SOCKS with a password": {"connect", "send", "headers", "first_token", "stream"},
}


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    directory = tmp_path_factory.mktemp("proxies")
    not_ours = {reason: case for (reason, _), case in NOT_OURS.items()}
    return outcomes(FAILING | not_ours | _working(directory), directory)


@pytest.mark.parametrize("way", PHASES)
def test_a_way_through_a_proxy_is_measured_step_by_step(seen: dict[str, Outcome], way: str) -> None:
    probe = seen[way]

    assert probe.said["success"] is True, probe.said["detail"]
    assert {phase for phase, seconds in probe.said["phases"].items() if seconds is not None} == PHASES[way]
    assert probe.said["answer_correct"] is True


@pytest.mark.parametrize("what", FAILING)
def test_whatever_is_wrong_with_a_proxy_is_told_as_ours(seen: dict[str, Outcome], what: str) -> None:
    probe = seen[what]

    assert probe.stderr == ""
    assert (probe.said["reason"], probe.said["fault"]) == ("proxy_error", "ours"), probe.said["detail"]
    assert "proxy" in probe.said["detail"]
    assert "hunter2" not in probe.said["detail"]


@pytest.mark.parametrize(("reason", "fault"), NOT_OURS)
def test_what_a_proxy_says_of_the_way_beyond_it_is_not_ours(seen: dict[str, Outcome], reason: str, fault: str) -> None:
    probe = seen[reason]

    assert probe.stderr == ""
    assert (probe.said["reason"], probe.said["fault"]) == (reason, fault), probe.said["detail"]
    assert "proxy" in probe.said["detail"]
