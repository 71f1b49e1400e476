from __future__ import annotations

import socket
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from ai_provider_exporter.web.server import WebServer
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from tests.exporter.serving import Pki, Run, Serve
from tests.exporter.wire.loopback import HANG

SERVER = "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n"
MUTUAL = SERVER + "  client_ca_file: ca.pem\n  client_auth_type: RequireAndVerifyClientCert\n"
BIG = 3 << 20


def _client(certificate: tuple[Path, Path], dashes: str = "--") -> list[str | Path]:
    return [f"{dashes}cert", certificate[0], f"{dashes}key", certificate[1]]


def _is_let_in(answer: str) -> bool:
    return answer.startswith("HTTP/1.1 200 OK\n") and "hello\n" in answer


@pytest.fixture(name="ask")
def _ask(pki: Pki, curl: Run) -> Run:
    """Curl that trusts the server's authority."""

    def ask(server: WebServer, *arguments: str | Path) -> str:
        return curl("--cacert", pki.directory / "ca.pem", *arguments, server.url)

    return ask


def test_a_certificate_and_key_from_files_are_served(serve: Serve, pki: Pki, ask: Run) -> None:
    server = serve(pki.web_config(SERVER))

    assert server.url == f"https://127.0.0.1:{server.port}"
    assert _is_let_in(ask(server))


def test_a_certificate_and_key_written_inline_are_served(serve: Serve, pki: Pki, ask: Run) -> None:
    cert, key = (
        "".join(f"    {line}\n" for line in pki.directory.joinpath(name).read_text().splitlines())
        for name in ("server.pem", "server.key")
    )

    assert _is_let_in(ask(serve(pki.web_config(f"tls_server_config:\n  cert: |\n{cert}  key: |\n{key}"))))


def test_a_certificate_and_key_in_one_file_are_served(serve: Serve, pki: Pki, ask: Run) -> None:
    both = pki.directory / "both.pem"
    both.write_bytes(b"".join(pki.directory.joinpath(name).read_bytes() for name in ("server.key", "server.pem")))

    assert _is_let_in(ask(serve(pki.web_config("tls_server_config: {cert_file: both.pem, key_file: both.pem}"))))


def test_the_issuers_between_are_sent_along(serve: Serve, pki: Pki, ask: Run) -> None:
    between = pki.authority.create_child_ca()
    Pki(pki.directory, between).issue("server", "localhost", "127.0.0.1")

    assert _is_let_in(ask(serve(pki.web_config(SERVER))))


def test_a_browser_that_offers_http2_is_answered_in_http1(serve: Serve, pki: Pki, ask: Run) -> None:
    config = pki.web_config(SERVER + "http_server_config: {http2: true}\n")

    assert ask(serve(config), "--http2").startswith("HTTP/1.1 200 OK\n")


def test_the_application_sees_https(serve: Serve, pki: Pki, ask: Run) -> None:
    async def scheme(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse(scope["scheme"])(scope, receive, send)

    assert ask(serve(pki.web_config(SERVER), app=scheme)).endswith("\n\nhttps")


def test_a_long_answer_and_a_body_pass_whole(serve: Serve, pki: Pki, ask: Run) -> None:
    async def much(scope: Scope, receive: Receive, send: Send) -> None:
        body = await Request(scope, receive).body()
        await Response(body[:1] * BIG)(scope, receive, send)

    answer = ask(serve(pki.web_config(SERVER), app=much), "--data", "y" * 60_000)

    assert answer.endswith("\n\n" + "y" * BIG)


def test_several_requests_share_a_connection(serve: Serve, pki: Pki, curl: Run) -> None:
    server = serve(pki.web_config(SERVER))
    answer = curl("--cacert", pki.directory / "ca.pem", "--write-out", "%{num_connects};", server.url, server.url)

    assert answer.count("hello\n") == 2
    assert answer.count("1;") == 1
    assert answer.count("0;") == 1


def test_plain_http_is_told_to_write_https(serve: Serve, pki: Pki, curl: Run) -> None:
    server = serve(pki.web_config(SERVER))
    answer = curl(f"http://127.0.0.1:{server.port}")

    assert answer.startswith("HTTP/1.0 400 Bad Request\n")
    assert answer.endswith("This port speaks HTTPS: write https:// in the address.\n")


def test_garbage_in_the_handshake_ends_the_connection(serve: Serve, pki: Pki, ask: Run) -> None:
    server = serve(pki.web_config(SERVER))
    with closing(socket.create_connection(("127.0.0.1", server.port), timeout=HANG)) as client:
        client.sendall(b"\x16" + b"\xff" * 100)
        received = client.recv(100)

    assert received[:1] in {b"", b"\x15"}
    assert _is_let_in(ask(server))


# Versions, ciphers, curves ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("versions", "offered", "spoken"),
    [
        pytest.param("", "-tls1_3", "TLSv1.3", id="1.3-by-default"),
        pytest.param("", "-tls1_2", "TLSv1.2", id="1.2-by-default"),
        pytest.param("", "-tls1_1", None, id="1.1-not-by-default"),
        pytest.param("  min_version: TLS12\n", "-tls1_1", None, id="1.1-below-the-minimum"),
        pytest.param("  min_version: TLS13\n", "-tls1_2", None, id="1.2-below-the-minimum"),
        pytest.param("  max_version: TLS12\n", "-tls1_3", None, id="1.3-above-the-maximum"),
        pytest.param("  min_version: TLS11\n", "-tls1_1", "TLSv1.1", id="1.1-allowed"),
        pytest.param("  min_version: TLS11\n", "-tls1", None, id="1.0-below-1.1"),
        pytest.param("  min_version: TLS10\n", "-tls1", "TLSv1", id="1.0-allowed"),
        pytest.param("  min_version: TLS10\n", "-tls1_3", "TLSv1.3", id="1.3-beside-1.0"),
    ],
)
def test_only_versions_within_the_bounds_are_spoken(
    serve: Serve, pki: Pki, s_client: Run, versions: str, offered: str, spoken: str | None
) -> None:
    server = serve(pki.web_config(SERVER + versions))
    said = s_client(server, offered, "-cipher", "ALL:@SECLEVEL=0")

    if spoken:
        assert f"\nNew, {_in_summary(spoken)}, Cipher is " in said
    else:
        assert "alert protocol version" in said


def _in_summary(version: str) -> str:
    """How s_client sums a session up: the version that first had the cipher."""
    return {"TLSv1.3": "TLSv1.3", "TLSv1.2": "TLSv1.2"}.get(version, "TLSv1.0")


GCM_128, GCM_256 = "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"
ONE_CIPHER = "  max_version: TLS12\n  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]\n"
TWO_CIPHERS = (
    "  max_version: TLS12\n  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, "
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]\n"
)
ONLY_13 = "  cipher_suites: [TLS_AES_128_GCM_SHA256]\n"


@pytest.mark.parametrize(
    ("ciphers", "offered", "chosen"),
    [
        pytest.param(ONE_CIPHER, ["-cipher", GCM_128], GCM_128, id="allowed"),
        pytest.param(ONE_CIPHER, ["-cipher", GCM_256], None, id="not-allowed"),
        pytest.param(TWO_CIPHERS, ["-cipher", f"{GCM_128}:{GCM_256}"], GCM_256, id="servers-order"),
        pytest.param(
            TWO_CIPHERS + "  prefer_server_cipher_suites: false\n",
            ["-cipher", f"{GCM_128}:{GCM_256}"],
            GCM_128,
            id="clients-order",
        ),
        pytest.param("", ["-tls1_2", "-cipher", "DHE:AES128-SHA"], None, id="never-without-ecdhe"),
        pytest.param(ONLY_13, ["-tls1_2"], None, id="only-1.3-suites-leave-nothing-for-1.2"),
        pytest.param(ONLY_13, [], "TLS_AES_256_GCM_SHA384", id="1.3-suites-are-not-chosen-among"),
    ],
)
def test_only_listed_ciphers_are_spoken(
    serve: Serve, pki: Pki, s_client: Run, ciphers: str, offered: list[str], chosen: str | None
) -> None:
    said = s_client(serve(pki.web_config(SERVER + ciphers)), *offered)

    assert (f"Cipher is {chosen}\n" if chosen else "alert ") in said
    assert chosen or "Cipher is (NONE)\n" in said


@pytest.mark.parametrize(
    ("curves", "offered", "spoken"),
    [
        pytest.param("[CurveP521]", "P-521", True, id="the-one-listed"),
        pytest.param("[CurveP521]", "P-384", False, id="one-not-listed"),
        pytest.param("[X25519, CurveP384]", "P-384", True, id="the-second-listed"),
        pytest.param("[X25519, CurveP384]", "X25519", True, id="the-first-listed"),
        pytest.param("[X25519, CurveP384]", "P-256", False, id="none-of-several"),
        pytest.param("[CurveP256, CurveP384, CurveP521, X25519]", "P-521", True, id="all"),
    ],
)
def test_only_listed_curves_are_spoken(
    serve: Serve, pki: Pki, s_client: Run, curves: str, offered: str, *, spoken: bool
) -> None:
    server = serve(pki.web_config(SERVER + f"  min_version: TLS13\n  curve_preferences: {curves}\n"))
    said = s_client(server, "-groups", offered)

    assert ("Cipher is TLS_" in said) is spoken
    assert ("alert handshake failure" in said) is not spoken


# Client certificates ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "without", "of_anyone", "of_ours"),
    [
        pytest.param("NoClientCert", True, True, True, id="NoClientCert"),
        pytest.param("RequestClientCert", True, True, True, id="RequestClientCert"),
        pytest.param("RequireAnyClientCert", False, True, True, id="RequireAnyClientCert"),
        pytest.param("RequireClientCert", False, True, True, id="RequireClientCert"),
        pytest.param("VerifyClientCertIfGiven", True, False, True, id="VerifyClientCertIfGiven"),
        pytest.param("RequireAndVerifyClientCert", False, False, True, id="RequireAndVerifyClientCert"),
    ],
)
def test_each_policy_lets_in_whom_go_would(
    serve: Serve, pki: Pki, ask: Run, kind: str, *, without: bool, of_anyone: bool, of_ours: bool
) -> None:
    ours = pki.issue("ours", "prometheus.example")
    anyones = Pki(pki.directory, trustme.CA()).issue("anyones", "prometheus.example")
    ca = "" if kind == "NoClientCert" else "  client_ca_file: ca.pem\n"
    server = serve(pki.web_config(SERVER + ca + f"  client_auth_type: {kind}\n"))
    answers = [ask(server), ask(server, *_client(anyones)), ask(server, *_client(ours))]

    assert [_is_let_in(answer) for answer in answers] == [without, of_anyone, of_ours]


@pytest.mark.parametrize(
    ("version", "without"),
    [
        pytest.param("1.2", "alert handshake failure", id="1.2"),
        pytest.param("1.3", "alert certificate required", id="1.3"),
    ],
)
def test_a_client_is_told_why_it_is_refused(
    serve: Serve, pki: Pki, ask: Run, s_client: Run, version: str, without: str
) -> None:
    now = datetime.now(UTC)
    before = {"not_before": now - timedelta(days=2), "not_after": now - timedelta(days=1)}
    expired = pki.issue("expired", "prometheus.example", **before)
    unknown = Pki(pki.directory, trustme.CA()).issue("unknown", "prometheus.example")
    server = serve(pki.web_config(MUTUAL))

    def refusal(client: tuple[Path, Path] | None) -> str:
        """TLS 1.3 refuses when the client is through: only one that reads on hears why. Curl does not say for 1.2."""
        if version == "1.3":
            return ask(server, *(_client(client) if client else []))
        return s_client(server, "-tls1_2", *(_client(client, "-") if client else []))

    assert "alert certificate expired" in refusal(expired)
    assert "alert unknown ca" in refusal(unknown)
    assert without in refusal(None)


def test_a_servers_certificate_is_none_of_a_client(serve: Serve, pki: Pki, ask: Run, openssl: Run) -> None:
    certificate, key = _self_signed(pki, openssl, "DNS:prometheus.example", "extendedKeyUsage=serverAuth")
    server = serve(pki.web_config(MUTUAL.replace("ca.pem", certificate.name)))

    assert "alert unsupported certificate" in ask(server, *_client((certificate, key)))


def test_a_certificate_may_be_its_own_authority(serve: Serve, pki: Pki, ask: Run, openssl: Run) -> None:
    own = _self_signed(pki, openssl, "DNS:prometheus.example")

    assert _is_let_in(ask(serve(pki.web_config(MUTUAL.replace("ca.pem", own[0].name))), *_client(own)))


def test_an_intermediate_may_be_trusted_by_itself(serve: Serve, pki: Pki, ask: Run) -> None:
    between = pki.authority.create_child_ca()
    pki.directory.joinpath("between.pem").write_bytes(between.cert_pem.bytes())
    client = Pki(pki.directory, between).issue("client", "prometheus.example")
    of_the_root = pki.issue("root-client", "prometheus.example")
    server = serve(pki.web_config(MUTUAL.replace("ca.pem", "between.pem")))

    assert _is_let_in(ask(server, *_client(client)))
    assert not _is_let_in(ask(server, *_client(of_the_root)))


def test_a_client_authority_can_be_written_inline(serve: Serve, pki: Pki, ask: Run) -> None:
    ca = pki.directory.joinpath("ca.pem").read_text().replace("\n", "\n    ").strip()
    inline = MUTUAL.replace("client_ca_file: ca.pem", f"client_ca: |\n    {ca}")

    assert _is_let_in(ask(serve(pki.web_config(inline)), *_client(pki.issue("ours", "prometheus.example"))))


def test_without_a_client_authority_the_systems_own_are_trusted_and_ours_is_not_among_them(
    serve: Serve, pki: Pki, ask: Run
) -> None:
    server = serve(pki.web_config(MUTUAL.replace("  client_ca_file: ca.pem\n", "")))

    assert "alert unknown ca" in ask(server, *_client(pki.issue("ours", "prometheus.example")))


def _self_signed(pki: Pki, openssl: Run, alternative_names: str, *extensions: str) -> tuple[Path, Path]:
    certificate, key = pki.directory / "own.pem", pki.directory / "own.key"
    added = [word for extension in extensions for word in ("-addext", extension)]
    openssl(
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=own",
        "-addext", f"subjectAltName={alternative_names}", *added, "-keyout", key, "-out", certificate,
    )  # fmt: skip
    return certificate, key


@pytest.mark.parametrize(
    ("names", "allowed", "let_in"),
    [
        pytest.param("DNS:prometheus.example", "prometheus.example", True, id="dns"),
        pytest.param("DNS:a.example,DNS:b.example", "b.example", True, id="one-of-several"),
        pytest.param("IP:192.0.2.7", "192.0.2.7", True, id="ipv4"),
        pytest.param("IP:2001:db8:0:0:0:0:0:7", "2001:db8::7", True, id="ipv6"),
        pytest.param("email:sre@example.org", "sre@example.org", True, id="email"),
        pytest.param("URI:spiffe://example.org/prometheus", "spiffe://example.org/prometheus", True, id="uri"),
        pytest.param("DNS:prometheus.example", "grafana.example", False, id="another"),
        pytest.param("DNS:prometheus.example", "PROMETHEUS.example", False, id="other-letters"),
        pytest.param("DNS:*.example", "prometheus.example", False, id="a-wildcard-is-no-match"),
        pytest.param("DNS:x.prometheus.example", "prometheus.example", False, id="below"),
    ],
)
def test_a_client_is_let_in_by_an_allowed_name_of_its_certificate(
    serve: Serve, pki: Pki, ask: Run, openssl: Run, names: str, allowed: str, *, let_in: bool
) -> None:
    own = _self_signed(pki, openssl, names)
    config = MUTUAL.replace("ca.pem", "own.pem") + f"  client_allowed_sans: [other.example, '{allowed}']\n"

    assert _is_let_in(ask(serve(pki.web_config(config)), *_client(own))) is let_in


@pytest.mark.parametrize("kind", ["RequestClientCert", "VerifyClientCertIfGiven"])
def test_a_list_of_allowed_names_asks_for_a_certificate_under_every_policy(
    serve: Serve, pki: Pki, ask: Run, kind: str
) -> None:
    sans = "  client_allowed_sans: [prometheus.example]\n"
    server = serve(pki.web_config(MUTUAL.replace("RequireAndVerifyClientCert", kind) + sans))
    right, wrong = pki.issue("right", "prometheus.example"), pki.issue("wrong", "grafana.example")

    assert [_is_let_in(ask(server, *arguments)) for arguments in ([], _client(wrong), _client(right))] == [
        False,
        False,
        True,
    ]


def test_the_common_name_is_no_allowed_name(serve: Serve, pki: Pki, ask: Run, openssl: Run) -> None:
    own = _self_signed(pki, openssl, "DNS:prometheus.example")
    config = MUTUAL.replace("ca.pem", "own.pem") + "  client_allowed_sans: [own]\n"

    assert not _is_let_in(ask(serve(pki.web_config(config)), *_client(own)))


# While serving ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sni", [("-servername", "localhost"), ("-noservername",)], ids=["sni", "no-sni"])
@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_a_new_certificate_is_served_from_the_next_connection(
    serve: Serve, pki: Pki, s_client: Run, sni: tuple[str, ...], version: str
) -> None:
    server = serve(pki.web_config(SERVER))
    before = s_client(server, *sni, version)
    pki.issue("server", "localhost", organization_name="after the rotation")
    after = s_client(server, *sni, version)

    assert "O = after the rotation" not in before
    assert "O = after the rotation" in after


def test_a_new_client_authority_counts_from_the_next_connection(serve: Serve, pki: Pki, ask: Run) -> None:
    old = pki.issue("old", "prometheus.example")
    successor = trustme.CA()
    new = Pki(pki.directory, successor).issue("new", "prometheus.example")
    pki.authority.cert_pem.write_to_path(str(pki.directory / "clients.pem"))
    server = serve(pki.web_config(MUTUAL.replace("ca.pem", "clients.pem")))
    before = [_is_let_in(ask(server, *_client(client))) for client in (old, new)]
    successor.cert_pem.write_to_path(str(pki.directory / "clients.pem"))
    after = [_is_let_in(ask(server, *_client(client))) for client in (old, new)]

    assert before == [True, False]
    assert after == [False, True]


def test_client_certificates_can_be_asked_for_while_serving(serve: Serve, pki: Pki, ask: Run) -> None:
    server = serve(pki.web_config(SERVER))
    answers = [ask(server)]
    pki.web_config(MUTUAL)
    answers.append(ask(server))

    assert [_is_let_in(answer) for answer in answers] == [True, False]


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param("tls_server_config: [", id="yaml"),
        pytest.param("{}", id="tls-has-gone"),
        pytest.param(SERVER.replace("server.key", "absent.key"), id="key-has-gone"),
    ],
)
def test_a_broken_file_refuses_handshakes_until_it_is_mended(serve: Serve, pki: Pki, ask: Run, broken: str) -> None:
    server = serve(pki.web_config(SERVER))
    pki.web_config(broken)
    refused = ask(server)
    pki.web_config(SERVER)

    assert "alert internal error" in refused
    assert _is_let_in(ask(server))


def test_a_half_replaced_pair_refuses_handshakes_until_it_is_whole(serve: Serve, pki: Pki, ask: Run) -> None:
    server = serve(pki.web_config(SERVER))
    old_key = pki.directory.joinpath("server.key").read_bytes()
    _, key = pki.issue("server", "localhost", "127.0.0.1")
    new_key = key.read_bytes()
    key.write_bytes(old_key)
    refused = ask(server)
    key.write_bytes(new_key)

    assert "alert internal error" in refused
    assert _is_let_in(ask(server))


def test_no_session_is_resumed_past_the_certificate_check(serve: Serve, pki: Pki, s_client: Run) -> None:
    server = serve(pki.web_config(SERVER))
    for version in ("-tls1_2", "-tls1_3"):
        session = pki.directory / "session"
        s_client(server, version, "-sess_out", session)
        again = s_client(server, version, "-sess_in", session) if session.exists() else "New"

        assert "Reused" not in again
        session.unlink(missing_ok=True)
