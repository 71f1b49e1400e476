"""Each reason a probe may fail for, made to happen on a real socket and named by the program itself."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
import trustme
from ai_provider_exporter.model.reasons import REASONS, fault_of
from ai_provider_exporter.probes.chat import ChatOptions
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.runtime import runner
from ai_provider_exporter.runtime.host_health import HostHealth

from tests.e2e.peers import (
    CHAT,
    DONE,
    FOREVER,
    NAMELESS,
    STOP,
    Case,
    Freezer,
    Outcome,
    closed,
    deaf,
    delta,
    event,
    failing_resolver,
    full,
    outcomes,
    over_tls,
    playing,
    refusing,
    resetting,
    streaming,
)
from tests.e2e.programs import running
from tests.exporter.probes.played import Played, Step, head
from tests.exporter.wire.loopback import serving
from tests.tools.monitoring import until

pytestmark = pytest.mark.e2e

FREEZER = Freezer(0.6)
IMPATIENT = {"timeouts": {"first_token": "500ms", "stall": "300ms"}}
SLOW_TOKENS: list[Step] = [delta("x"), 0.05] * 100
CLOSED_WAY = ("127.0.0.1:{port}", "localhost:{port}")


def _error(**fields: str) -> dict[str, object]:
    return {"error": fields}


PLAIN: dict[str, Case] = {
    # --- the way there ---
    "dns_error": Case(
        place=partial(serving, failing_resolver),
        probe={"kind": "dns", "query": "acme.example", "resolver": "127.0.0.1:{port}", "transport": "tcp"},
    ),
    "dns_not_found": Case(probe={"base_url": f"http://{NAMELESS}/v1"}),
    "connect_refused": Case(place=closed),
    "connect_timeout": Case(place=full, probe={"timeout": "500ms"}),
    "connect_unreachable": Case(probe={"base_url": "http://224.0.0.1:9/v1"}),  # to a group no TCP connection leads
    "tls_handshake": Case(place=playing(b"SSH-2.0-x\r\n"), probe={"base_url": "https://127.0.0.1:{port}/v1"}),
    "proxy_error": Case(place=refusing(407), probe={"egress": {"proxy": "http://127.0.0.1:{port}"}}),
    "egress_down": Case(probe={"base_url": f"http://{NAMELESS}/v1"}, hosts=CLOSED_WAY),
    # --- the exchange ---
    "send_error": Case(
        place=deaf,
        probe={"kind": "http", "url": "http://127.0.0.1:{port}/", "method": "POST", "body": "x" * (8 << 20)},
    ),
    "headers_timeout": Case(place=playing(FOREVER), probe=IMPATIENT),
    "server_disconnected": Case(place=playing()),
    "redirected": Case(place=refusing(301, location="https://elsewhere.example/")),
    "challenged": Case(place=refusing(403, "<html>Just a moment", "text/html", cf_mitigated="challenge")),
    "unexpected_content_type": Case(place=playing(head(content_type="text/html"), b"<html>Welcome to the hotel")),
    "assertion_failed": Case(
        place=refusing(404, "<html>gone", "text/html"), probe={"kind": "http", "url": "http://127.0.0.1:{port}/"}
    ),
    # --- error_pages ---
    "bad_request": Case(place=refusing(400, _error(type="invalid_request_error", message="no such field"))),
    "key_rejected": Case(place=refusing(401, _error(code="invalid_api_key"))),
    "quota_exhausted": Case(place=refusing(429, _error(code="insufficient_quota"))),
    "forbidden": Case(place=refusing(403, _error(code="unsupported_country_region_territory"))),
    "model_not_found": Case(place=refusing(404, _error(code="model_not_found"))),
    "endpoint_not_found": Case(place=refusing(404, {"detail": "Not Found"})),
    "rate_limited": Case(
        place=refusing(429, _error(code="rate_limit_exceeded"), retry_after="7", x_ratelimit_remaining_requests="0")
    ),
    "throttled": Case(place=refusing(429)),
    "server_error": Case(place=refusing(500, _error(type="server_error"))),
    "overloaded": Case(place=refusing(529, _error(type="overloaded_error"))),
    "edge_error": Case(place=refusing(522, "error code: 522", "text/plain")),
    "token_refused": Case(
        place=refusing(401, {"error": "invalid_client"}),
        probe={
            "entra": {
                "tenant_id": "acme",
                "client_id": "probe",
                "client_secret": {"env": "KEY"},
                "authority": "http://127.0.0.1:{port}",
            }
        },
    ),
    # --- the stream ---
    "first_token_timeout": Case(place=streaming(b": ping\n\n", FOREVER), probe=IMPATIENT),
    "stream_stalled": Case(place=streaming(delta("O"), b": ping\n\n", FOREVER), probe=IMPATIENT),
    "total_timeout": Case(place=streaming(*SLOW_TOKENS), probe={"timeout": "500ms"}),
    "stream_truncated": Case(place=streaming(delta("O"))),
    "stream_reset": Case(place=resetting(head(), delta("O"))),
    "stream_error": Case(place=streaming(delta("O"), event(_error(type="server_error")))),
    "malformed_response": Case(place=streaming(b"data: {]\n\n")),
    "empty_answer": Case(place=streaming(STOP, DONE)),
    "content_filtered": Case(place=streaming(delta("", "content_filter"), DONE)),
    "answer_budget_too_small": Case(place=streaming(delta("", "length"), DONE)),
    # --- ourselves ---
    "prober_overloaded": Case(place=partial(serving, FREEZER), froze=FREEZER),
}
WITH_CERTIFICATES = ["tls_certificate", "tls_untrusted"]
ON_STDERR = {"egress_down": r"egress down: none of \S+, \S+ reachable; [^\n]+\n"}  # of the others: nothing
NOT_WITHOUT_A_DEFECT = ["prober_error"]  # no peer brings it about, or there would be something to mend


def _with_certificates(directory: Path) -> dict[str, Case]:
    ours, strange = trustme.CA(), trustme.CA().create_child_ca()  # one that sends its chain is not incomplete
    ours.cert_pem.write_to_path(directory / "ca.pem")
    expired = ours.issue_cert("127.0.0.1", not_after=datetime.now(UTC) - timedelta(days=1))
    probe = {"base_url": "https://127.0.0.1:{port}/v1", "tls": {"ca_file": str(directory / "ca.pem")}}
    return {
        "tls_certificate": Case(place=over_tls(Played(), expired), probe=probe),
        "tls_untrusted": Case(place=over_tls(Played(), strange.issue_cert("127.0.0.1")), probe=probe),
    }


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    directory = tmp_path_factory.mktemp("reasons")
    return outcomes(PLAIN | _with_certificates(directory) | ELSEWHERE, directory)


@pytest.mark.parametrize("reason", [*PLAIN, *WITH_CERTIFICATES])
def test_what_happened_on_the_wire_is_named_with_its_fault(seen: dict[str, Outcome], reason: str) -> None:
    probe = seen[reason]

    assert re.fullmatch(ON_STDERR.get(reason, ""), probe.stderr)
    assert (probe.said["reason"], probe.said["fault"]) == (reason, fault_of(reason)), probe.said["detail"]
    assert probe.said["detail"]
    assert probe.said["success"] is False
    assert probe.status == 1


def test_every_reason_has_its_case() -> None:
    assert {*PLAIN, *WITH_CERTIFICATES, *NOT_WITHOUT_A_DEFECT} == set(REASONS)


def test_a_defect_of_ours_is_ours(caplog: pytest.LogCaptureFixture) -> None:
    """Brought about by a tool that breaks, in this process: nothing outside of the program can do it."""
    options = ChatOptions(name="p", provider="acme", model="m", base_url="http://127.0.0.1:9/v1")
    broken = ProbeContext(secret=lambda _: "", nonce=lambda: str(1 // 0))

    run = asyncio.run(runner.probe(options, broken, HostHealth()))

    assert (run.reason, run.fault) == ("prober_error", fault_of("prober_error"))
    assert "ZeroDivisionError" in caplog.text


# --- who is to blame depends on what else can be reached -----------------------------------------------------------

ELSEWHERE: dict[str, Case] = {
    "no name resolves": Case(
        probe={"base_url": f"http://{NAMELESS}/v1"}, hosts=(f"{NAMELESS}:443", "127.0.0.1:{open}")
    ),
    "the target is on this machine": Case(hosts=CLOSED_WAY),
    "the target is behind a proxy": Case(
        probe={"base_url": f"http://{NAMELESS}/v1", "egress": {"proxy": "http://127.0.0.1:{port}"}}, hosts=CLOSED_WAY
    ),
}


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("no name resolves", "dns_error"),
        ("the target is on this machine", "connect_refused"),
        ("the target is behind a proxy", "proxy_error"),
    ],
)
def test_blame_depends_on_what_else_can_be_reached(seen: dict[str, Outcome], what: str, reason: str) -> None:
    assert seen[what].said["reason"] == reason, seen[what].said["detail"]


def test_serve_looks_at_the_way_out_when_a_probe_fails_and_not_only_when_it_is_time(tmp_path: Path) -> None:
    probe = CHAT | {"base_url": f"http://{NAMELESS}/v1", "interval": "1s", "timeout": "1s"}
    egress = {"hosts": ["127.0.0.1:{port}", "localhost:{port}"], "interval": "1h"}
    config = tmp_path / "config.yaml"
    with socket.create_server(("127.0.0.1", 0)) as way:
        port = way.getsockname()[1]
        config.write_text(json.dumps({"egress": egress, "probes": [probe]}).replace("{port}", str(port)))
        with running(tmp_path, "serve", "--config.file", config) as exporter:
            until(lambda: exporter.metric("ai_exporter_egress_up") == 1)
            until(lambda: exporter.metric("ai_probe_failure_reasons_total", reason="dns_not_found"))
            way.close()
            until(lambda: exporter.metric("ai_probe_failure_reasons_total", reason="egress_down"))

            assert exporter.metric("ai_exporter_egress_up") == 0
