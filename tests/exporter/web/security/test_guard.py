from __future__ import annotations

import asyncio
import logging
import select
import socket
import time
from base64 import b64encode
from contextlib import closing
from pathlib import Path

import bcrypt
import pytest
from ai_provider_exporter.schema.errors import ConfigErrors
from ai_provider_exporter.web.response import SECURITY_HEADERS
from ai_provider_exporter.web.security.guard import Bucket
from ai_provider_exporter.web.security.passwords import Passwords, fake_hash, parse
from ai_provider_exporter.web.security.toolkit import RateLimit
from ai_provider_exporter.web.security.turns import MAX_WAITING_PER_CLIENT
from ai_provider_exporter.web.server import WebServer

from tests.exporter.serving import Run, Serve
from tests.exporter.wire.loopback import HANG


def _hash(password: str, cost: int = 4) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(cost)).decode()


ALICE = f"basic_auth_users: {{alice: {_hash('wonder')}}}\n"


def _file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "web.yml"
    path.write_text(text)
    return path


def _status(answer: str) -> int:
    return int(answer.split(" ", 2)[1])


def _basic(credentials: str) -> str:
    return "Basic " + b64encode(credentials.encode()).decode()


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        pytest.param(["--user", "alice:wonder"], 200, id="right"),
        pytest.param(["--user", "alice:wander"], 401, id="wrong-password"),
        pytest.param(["--user", "alice:"], 401, id="empty-password"),
        pytest.param(["--user", "bob:wonder"], 401, id="unknown-user"),
        pytest.param([], 401, id="no-credentials"),
        pytest.param(["--header", "Authorization: Bearer wonder"], 401, id="another-scheme"),
        pytest.param(["--header", "Authorization: Basic %%%"], 401, id="not-base64"),
        pytest.param(["--header", "Authorization: Basic YWxpY2U="], 401, id="no-colon"),
        pytest.param(["--header", "Authorization: Basic /////w=="], 401, id="not-utf-8"),
    ],
)
def test_only_a_user_with_the_right_password_is_let_in(
    serve: Serve, curl: Run, tmp_path: Path, arguments: list[str], status: int
) -> None:
    url = serve(_file(tmp_path, ALICE)).url

    first, again = curl(*arguments, url), curl(*arguments, url)

    assert (_status(first), _status(again)) == (status, status)


def test_who_is_not_let_in_is_told_how_to_ask(serve: Serve, curl: Run, tmp_path: Path) -> None:
    answer = curl(serve(_file(tmp_path, ALICE)).url)

    assert answer.startswith("HTTP/1.1 401 Unauthorized\n")
    assert '\nwww-authenticate: Basic realm="ai-provider-exporter", charset="UTF-8"\n' in answer
    assert answer.endswith("\n\nUnauthorized\n")


@pytest.mark.parametrize("path", ["/metrics", "/-/healthy", "/no/such/path"])
def test_every_path_asks_for_the_password(serve: Serve, curl: Run, tmp_path: Path, path: str) -> None:
    assert _status(curl(serve(_file(tmp_path, ALICE)).url + path)) == 401


def test_a_changed_password_counts_from_the_next_request(serve: Serve, curl: Run, tmp_path: Path) -> None:
    url = serve(_file(tmp_path, ALICE)).url
    before = [_status(curl("--user", f"alice:{word}", url)) for word in ("wonder", "rabbit")]
    _file(tmp_path, f"basic_auth_users: {{alice: {_hash('rabbit')}}}\n")
    after = [_status(curl("--user", f"alice:{word}", url)) for word in ("wonder", "rabbit")]

    assert before == [200, 401]
    assert after == [401, 200]


def test_a_password_can_be_added_and_taken_away_while_serving(serve: Serve, curl: Run, tmp_path: Path) -> None:
    url = serve(_file(tmp_path, "{}")).url
    statuses = [_status(curl(url))]
    for text in (ALICE, "{}"):
        _file(tmp_path, text)
        statuses.append(_status(curl(url)))

    assert statuses == [200, 401, 200]


def test_an_unknown_user_costs_as_many_rounds_as_a_wrong_password(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds: list[bytes] = []
    check = bcrypt.checkpw

    def checkpw(password: bytes, hashed: bytes) -> bool:
        rounds.append(hashed[:7])
        return check(password, hashed)

    monkeypatch.setattr(bcrypt, "checkpw", checkpw)
    server = serve(_file(tmp_path, f"basic_auth_users: {{cheap: {_hash('x')}, alice: {_hash('wonder', 6)}}}"))
    for credentials in ("alice:wrong", "nobody:wrong"):
        _ask(server, credentials)

    assert rounds == [b"$2b$06$"] * 2


def _ask(server: WebServer, credentials: str) -> bytes:
    with closing(_send(server, credentials)) as connection:
        return connection.recv(1000)


def _send(server: WebServer, credentials: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=HANG)
    connection.sendall(f"GET / HTTP/1.1\r\nHost: x\r\nAuthorization: {_basic(credentials)}\r\n\r\n".encode())
    return connection


def test_a_costly_password_stalls_nobody_else(serve: Serve, tmp_path: Path) -> None:
    users = f"basic_auth_users: {{alice: {_hash('wonder')}, carol: {_hash('deep', 13)}}}"
    server = serve(_file(tmp_path, users))
    assert _ask(server, "alice:wonder").startswith(b"HTTP/1.1 200 ")
    with closing(_send(server, "carol:wrong")) as slow:
        others = [_ask(server, "alice:wonder") for _ in range(5)]
        answered_early, _, _ = select.select([slow], [], [], 0)

        assert all(answer.startswith(b"HTTP/1.1 200 ") for answer in others)
        assert not answered_early
        assert slow.recv(1000).startswith(b"HTTP/1.1 401 ")


def test_stopping_waits_for_no_costly_password(serve: Serve, tmp_path: Path) -> None:
    endless = _hash("x").replace("$04$", "$20$")
    server = serve(_file(tmp_path, f"basic_auth_users: {{alice: {_hash('wonder')}, carol: {endless}}}"))
    with closing(_send(server, "carol:wrong")):
        _ask(server, "")  # answered without bcrypt, after carol's request has been read
        began = time.monotonic()
        server.stop(grace=0.2)

        assert time.monotonic() - began < HANG


def test_wrong_passwords_of_clients_that_left_do_not_delay_the_right_one(serve: Serve, tmp_path: Path) -> None:
    cost = 9
    server = serve(_file(tmp_path, f"basic_auth_users: {{alice: {_hash('wonder', cost)}}}"))
    began = time.perf_counter()
    _ask(server, "alice:first")
    one = time.perf_counter() - began
    for number in range(200):
        _send(server, f"alice:wrong{number}").close()
    began = time.perf_counter()
    answer = _ask(server, "alice:wonder")

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert time.perf_counter() - began < 100 * one, "it waited for hashes that nobody waits for"


def test_beyond_its_share_of_the_queue_a_client_is_told_when_to_come_back(serve: Serve, tmp_path: Path) -> None:
    server = serve(_file(tmp_path, f"basic_auth_users: {{alice: {_hash('wonder', 12)}}}"))
    waiting = [_send(server, f"alice:wrong{number}") for number in range(MAX_WAITING_PER_CLIENT + 2)]
    answers = [connection.recv(1000) for connection in select.select(waiting, [], [], 10)[0]]
    for connection in waiting:
        connection.close()

    assert any(answer.startswith(b"HTTP/1.1 503 ") and b"\r\nretry-after: 1\r\n" in answer for answer in answers)


def test_a_refusal_carries_the_security_headers_too(serve: Serve, curl: Run, tmp_path: Path) -> None:
    answer = curl(serve(_file(tmp_path, ALICE)).url)

    assert all(f"\n{name}: {value}\n" in answer for name, value in SECURITY_HEADERS.items())


def test_headers_are_on_every_answer_of_the_application(serve: Serve, curl: Run, tmp_path: Path) -> None:
    headers = "http_server_config: {headers: {X-Frame-Options: sameorigin, X-XSS-Protection: 0}}\n"
    url = serve(_file(tmp_path, ALICE + headers)).url
    answers = [curl(url), curl("--user", "alice:wonder", url)]

    assert [_status(answer) for answer in answers] == [401, 200]
    assert all("\nx-frame-options: sameorigin\nx-xss-protection: 0\n" in answer for answer in answers)


def test_requests_beyond_the_rate_are_refused(serve: Serve, tmp_path: Path) -> None:
    server = serve(_file(tmp_path, "rate_limit: {interval: 1h, burst: 2}"))
    statuses = [_status(_ask(server, "").decode()) for _ in range(3)]

    assert statuses == [200, 200, 429]


def test_the_rate_comes_before_the_password_and_the_headers(serve: Serve, curl: Run, tmp_path: Path) -> None:
    headers = "http_server_config: {headers: {X-Frame-Options: deny}}\n"
    answer = curl(serve(_file(tmp_path, ALICE + headers + "rate_limit: {interval: 1h, burst: 0}")).url)

    assert answer.startswith("HTTP/1.1 429 Too Many Requests\n")
    assert "x-frame-options" not in answer
    assert "www-authenticate" not in answer


def test_a_broken_file_answers_500_until_it_is_mended(
    serve: Serve, curl: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "ai_provider_exporter.web")
    url = serve(_file(tmp_path, ALICE)).url
    path = _file(tmp_path, "basic_auth_users: {alice: \n")
    broken = [curl("--user", "alice:wonder", url) for _ in range(3)]
    path.unlink()
    gone = curl("--user", "alice:wonder", url)
    _file(tmp_path, ALICE)
    mended = curl("--user", "alice:wonder", url)

    assert [_status(answer) for answer in [*broken, gone, mended]] == [500, 500, 500, 500, 200]
    assert broken[0].endswith("\n\nInternal Server Error\n")
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR", "INFO"]
    assert f"{path}:2:1: " in caplog.text
    assert "good again" in caplog.text


def test_a_file_that_is_broken_at_the_start_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigErrors, match=r"web\.yml:1:20: basic_auth_users\.alice: is not a bcrypt hash"):
        WebServer(lambda *_: None, "127.0.0.1:0", _file(tmp_path, "basic_auth_users: {alice: wonder}"))  # type: ignore[arg-type]


def test_a_bucket_starts_full_and_never_overflows() -> None:
    now = [0.0]
    bucket = Bucket(RateLimit(interval="1s", burst=2), lambda: now[0])  # type: ignore[arg-type]
    taken = []
    for now[0] in (0, 0, 0, 0.9, 1.1, 1.2, 100, 100, 100):
        taken.append(bucket.take())

    assert taken == [True, True, False, False, True, False, True, True, False]


@pytest.mark.parametrize("burst", [0, 5])
def test_no_interval_is_no_limit(burst: int) -> None:
    bucket = Bucket(RateLimit(interval="0", burst=burst), lambda: 0.0)  # type: ignore[arg-type]

    assert all(bucket.take() for _ in range(100))


@pytest.mark.anyio
async def test_the_fake_hash_lets_nobody_in() -> None:
    users = {"alice": _hash("wonder")}
    passwords = Passwords()
    admitted = [
        await passwords.admit(users, _basic(f"bob:{word}"), "192.0.2.1")
        for word in ("", "fakepassword", fake_hash(users))
    ]

    assert admitted == [False, False, False]


def test_the_fake_hash_is_as_costly_as_the_costliest() -> None:
    assert fake_hash({"a": _hash("x", 4), "b": _hash("x", 6)}).startswith("$2b$06$")


@pytest.mark.anyio
async def test_what_was_right_for_one_hash_is_not_right_for_another() -> None:
    passwords = Passwords()
    old, new = {"alice": _hash("wonder")}, {"alice": _hash("rabbit")}
    admitted = [await passwords.admit(users, _basic("alice:wonder"), "192.0.2.1") for users in (old, old, new, old)]

    assert admitted == [True, True, False, True]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("right", "tried"),
    [
        pytest.param(("alice", "wonder"), ("alic", "ewonder"), id="moved-between-name-and-password"),
        pytest.param(("alice", "wonder"), ("alice:", "wonder"), id="colon"),
        pytest.param(("alice", "wonder"), ("alice", "wonder\0"), id="end-of-string"),
    ],
)
async def test_a_remembered_password_answers_for_no_other_credentials(
    right: tuple[str, str], tried: tuple[str, str]
) -> None:
    passwords = Passwords()
    users = {right[0]: _hash(right[1])}
    first = await passwords.admit(users, _basic(":".join(right)), "192.0.2.1")

    assert first
    assert not await passwords.admit(users, _basic(":".join(tried)), "192.0.2.1")


@pytest.mark.anyio
async def test_credentials_spelled_like_remembered_ones_and_their_hash_are_others() -> None:
    passwords = Passwords()
    fake = fake_hash({"alice": _hash("any")})
    users = {"alice": _hash(f"{fake}x")}
    first = await passwords.admit(users, _basic(f"alice:{fake}x"), "192.0.2.1")

    assert first
    assert not await passwords.admit(users, _basic(f"alice{users['alice']}:x"), "192.0.2.1")


@pytest.mark.anyio
async def test_a_password_longer_than_bcrypt_reads_is_compared_as_far_as_it_does() -> None:
    users = {"alice": _hash("x" * 72)}

    assert await Passwords().admit(users, _basic(f"alice:{'x' * 80}"), "192.0.2.1")


@pytest.mark.anyio
async def test_a_hash_that_bcrypt_cannot_read_lets_nobody_in_and_nobody_wait() -> None:
    async with asyncio.timeout(5):
        admitted = await Passwords().admit({"alice": "$2b$04$unreadable"}, _basic("alice:wonder"), "192.0.2.1")

    assert not admitted


@pytest.mark.anyio
async def test_no_more_than_a_hundred_right_passwords_are_remembered() -> None:
    passwords = Passwords()
    for number in range(110):
        assert await passwords.admit({"alice": _hash(str(number))}, _basic(f"alice:{number}"), "192.0.2.1")

    assert len(passwords._right) == 100


@pytest.mark.parametrize(
    ("header", "credentials"),
    [
        ("Basic YTpi", ("a", b"b")),
        ("basic YTpi", ("a", b"b")),
        ("BASIC  YTpiOmM=", ("a", b"b:c")),
        ("Basic Og==", ("", b"")),
        ("Basic", None),
        ("", None),
        ("Digest YTpi", None),
    ],
)
def test_credentials_are_a_name_a_colon_and_the_rest(header: str, credentials: tuple[str, bytes] | None) -> None:
    assert parse(header) == credentials
