from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from time import perf_counter

import pytest
from ai_provider_exporter import wire
from ai_provider_exporter.model.measurement import PhaseName
from ai_provider_exporter.model.reasons import REASONS, Failure, Fault
from ai_provider_exporter.probes.chat import ChatOptions
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.probes.options import ProbeOptions
from ai_provider_exporter.runtime import runner
from ai_provider_exporter.runtime.host_health import HostHealth
from ai_provider_exporter.runtime.runner import RULES, explain


def _options(url: str = "http://127.0.0.1:9/v1", timeout: float = 2.0) -> ChatOptions:
    return ChatOptions(name="acme-chat", provider="acme", base_url=url, model="small", timeout=timeout)


def _certificate_error(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, "said OpenSSL"
    return error


@pytest.mark.parametrize(
    ("phase", "error", "reason"),
    [
        ("dns", socket.gaierror(socket.EAI_AGAIN, "try again"), "dns_error"),
        ("dns", socket.gaierror(socket.EAI_NONAME, "no such name"), "dns_not_found"),
        ("dns", TimeoutError(), "dns_error"),
        ("connect", ConnectionRefusedError(111, "refused"), "connect_refused"),
        ("connect", TimeoutError(), "connect_timeout"),
        ("connect", OSError(101, "unreachable"), "connect_unreachable"),
        ("connect", wire.ProxyFailed("407"), "proxy_error"),
        ("tls", _certificate_error(10), "tls_certificate"),
        ("tls", _certificate_error(62), "tls_certificate"),
        ("tls", _certificate_error(19), "tls_untrusted"),
        ("tls", ssl.SSLError(1, "wrong version number"), "tls_handshake"),
        ("tls", ConnectionResetError(104, "reset"), "tls_handshake"),
        ("tls", TimeoutError(), "tls_handshake"),
        ("send", BrokenPipeError(32, "broken pipe"), "send_error"),
        ("headers", TimeoutError(), "headers_timeout"),
        ("headers", wire.Disconnected("closed"), "server_disconnected"),
        ("headers", wire.BadResponse("not HTTP"), "malformed_response"),
        ("headers", ssl.SSLError(1, "certificate required"), "tls_handshake"),
        (None, wire.InvalidRequest("a line break"), "bad_request"),
        ("first_token", TimeoutError(), "first_token_timeout"),
        ("stream", TimeoutError(), "total_timeout"),
        ("stream", wire.Truncated("cut"), "stream_truncated"),
        ("stream", wire.StreamReset("reset"), "stream_reset"),
        ("stream", wire.TooLarge("too large"), "malformed_response"),
        ("dns", OSError(errno.EMFILE, "too many open files"), "prober_overloaded"),
        ("connect", OSError(errno.ENFILE, "too many open files in system"), "prober_overloaded"),
        ("connect", OSError(errno.EADDRNOTAVAIL, "cannot assign requested address"), "prober_overloaded"),
        ("send", OSError(errno.ENOBUFS, "no buffer space available"), "prober_overloaded"),
        ("tls", OSError(errno.ENOMEM, "cannot allocate memory"), "prober_overloaded"),
        ("stream", MemoryError(), "prober_overloaded"),
        (None, Failure("rate_limited", "slow down"), "rate_limited"),
        ("stream", ZeroDivisionError("division by zero"), "prober_error"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_where_it_happened_and_what_was_raised_name_the_reason(
    phase: PhaseName | None, error: Exception, reason: str
) -> None:
    found, detail = explain(error, phase, _options())

    assert found == reason
    assert detail


def test_every_rule_names_a_reason_of_the_closed_list() -> None:
    assert {reason for _, _, reason in RULES} <= set(REASONS)


def test_a_failure_has_the_fault_of_its_reason_and_keeps_what_was_measured() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        observation = asyncio.run(
            runner.probe(_options(f"http://127.0.0.1:{port}/v1", 0.2), ProbeContext(secret=lambda _: ""), HostHealth())
        )

    assert (observation.reason, observation.fault) == ("headers_timeout", Fault.PROVIDER)
    assert observation.duration_seconds > 0.19  # the two clocks differ a little, and a busy machine makes it longer
    assert set(observation.phases) == {"connect", "send", "headers"}


def test_our_own_dead_uplink_is_blamed_before_the_provider() -> None:
    async def egress_down(_: ProbeOptions) -> bool:
        return True

    around = HostHealth(egress_down=egress_down)

    observation = asyncio.run(runner.probe(_options(), ProbeContext(secret=lambda _: ""), around))

    assert (observation.reason, observation.fault) == ("egress_down", Fault.PROBER)
    assert "connect_refused" in observation.detail


def test_a_sample_taken_while_the_event_loop_was_late_is_dropped() -> None:
    around = HostHealth(worst_lag=lambda since: 1.0 if since <= perf_counter() else 0.0)

    observation = asyncio.run(runner.probe(_options(), ProbeContext(secret=lambda _: ""), around))

    assert (observation.reason, observation.fault) == ("prober_overloaded", Fault.PROBER)


def test_cancelling_a_run_is_not_an_outcome() -> None:
    async def story() -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            options = _options(f"http://127.0.0.1:{server.getsockname()[1]}/v1")
            run = asyncio.create_task(runner.probe(options, ProbeContext(secret=lambda _: ""), HostHealth()))
            await asyncio.sleep(0.05)
            run.cancel()
            await run

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(story())


def test_secrets_are_taken_out_of_the_detail() -> None:
    around = HostHealth(redact=lambda text: text.replace("127.0.0.1", "<secret>"))

    observation = asyncio.run(runner.probe(_options(), ProbeContext(secret=lambda _: ""), around))

    assert "127.0.0.1" not in observation.detail


def test_a_name_that_is_not_known_where_no_name_is_known_is_the_resolvers_fault() -> None:
    async def none() -> bool:
        return False

    options = _options(f"http://{'x' * 64}.example/v1")
    context = ProbeContext(secret=lambda _: "")

    known = asyncio.run(runner.probe(options, context, HostHealth()))
    unknown = asyncio.run(runner.probe(options, context, HostHealth(names_resolve=none)))

    assert (known.reason, known.fault) == ("dns_not_found", Fault.PROVIDER)
    assert (unknown.reason, unknown.fault) == ("dns_error", Fault.NETWORK)


def test_a_request_that_cannot_be_written_is_ours() -> None:
    found, detail = explain(wire.InvalidRequest("a line break in a header"), None, _options())

    assert (found, detail) == ("bad_request", "a line break in a header")
