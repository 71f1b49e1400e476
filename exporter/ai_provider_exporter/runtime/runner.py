"""One run, one observation: the deadline, the duration, and what each exception means."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import ssl

from ai_provider_exporter.model.measurement import PHASES, Measurement, PhaseName
from ai_provider_exporter.model.observation import ProbeObservation
from ai_provider_exporter.model.reasons import OK
from ai_provider_exporter.probes import KINDS, report
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.probes.options import ProbeOptions
from ai_provider_exporter.runtime.host_health import HostHealth
from ai_provider_exporter.runtime.outcome import failure_of, outcome
from ai_provider_exporter.schema.types import format_duration
from ai_provider_exporter.wire import errors as wire
from ai_provider_exporter.wire.certificates import CLIENT_CERTIFICATE_ALERTS, FLAWS

log = logging.getLogger(__name__)

TOLERABLE_LAG_SECONDS = 0.25
CUT_SHORT = ("server_disconnected", "stream_truncated")
"""What a proxy looks like that gives up: through one it is not known who closed the connection."""

# What this process or its host has run out of, whatever phase it shows in: descriptors, memory, local ports.
EXHAUSTED: dict[int, str] = {
    errno.EMFILE: "this process has no file descriptor left; raise its limit (ulimit -n, LimitNOFILE)",
    errno.ENFILE: "this host has no file descriptor left; raise fs.file-max",
    errno.ENOMEM: "this host has no memory left; give it more, or probe less",
    errno.ENOBUFS: "this host has no socket buffer left; probe less at once",
    errno.EADDRNOTAVAIL: "this host has no local port left, or no address to connect from; probe less at once",
}

Rule = tuple[tuple[PhaseName | None, ...], type[BaseException], str]
_ANYWHERE: tuple[PhaseName | None, ...] = (None, *PHASES)
_ANSWER: tuple[PhaseName | None, ...] = ("headers", "first_token", "stream")

# The first row whose phase and type fit names the reason: where it happened says more than what was raised.
RULES: tuple[Rule, ...] = (
    (_ANYWHERE, wire.InvalidRequest, "bad_request"),
    (_ANYWHERE, wire.TlsUnusable, "tls_untrusted"),
    (_ANYWHERE, wire.ProxyFailed, "proxy_error"),
    (_ANYWHERE, wire.IncompleteChain, "tls_certificate"),
    (("dns",), TimeoutError, "dns_error"),
    (("dns",), OSError, "dns_error"),
    (("connect",), ConnectionRefusedError, "connect_refused"),
    (("connect",), TimeoutError, "connect_timeout"),
    (("connect",), OSError, "connect_unreachable"),
    (("tls",), TimeoutError, "tls_handshake"),
    (("tls",), OSError, "tls_handshake"),
    (("tls",), wire.Disconnected, "tls_handshake"),
    (("send",), TimeoutError, "send_error"),
    (("send",), OSError, "send_error"),
    (("headers",), TimeoutError, "headers_timeout"),
    (("send", "headers"), wire.Disconnected, "server_disconnected"),
    (("headers",), ConnectionError, "server_disconnected"),
    (("headers",), ssl.SSLError, "tls_handshake"),  # TLS 1.3: only now does the server refuse our certificate
    (("first_token",), TimeoutError, "first_token_timeout"),
    (_ANYWHERE, TimeoutError, "total_timeout"),
    (_ANYWHERE, wire.Truncated, "stream_truncated"),
    (_ANYWHERE, wire.StreamReset, "stream_reset"),
    (_ANYWHERE, wire.BadResponse, "malformed_response"),
    (_ANYWHERE, wire.TooLarge, "malformed_response"),
    (_ANYWHERE, wire.FrameTooLarge, "malformed_response"),
    (_ANYWHERE, wire.BadFrame, "malformed_response"),
    (_ANSWER, OSError, "stream_reset"),
)


async def probe(options: ProbeOptions, context: ProbeContext, health: HostHealth) -> ProbeObservation:
    """Run one probe once. Cancellation passes through; everything else becomes an observation."""
    started_at, measurement = health.wall(), Measurement()
    error = await outcome(_within(options, context, measurement))
    reason, detail = OK, "; ".join(measurement.remarks)
    if error is not None:
        reason, detail = explain(error, measurement.phase, options)
    if measurement.ended is None:
        measurement.end()
    measurement.redact(health.redact)
    reason, detail = await _reconsider(reason, detail, options, measurement, health)
    run = ProbeObservation.of(
        measurement,
        id=options.id,
        started_at=started_at,
        reason=reason,
        detail=health.redact(detail),
        ownership=options.ownership,
    )
    if options.debug:
        log.info("probe %s", health.redact(report.as_line(run, measurement.headers)))
    return run


async def _within(options: ProbeOptions, context: ProbeContext, measurement: Measurement) -> None:
    async with asyncio.timeout(options.timeout):
        await KINDS[options.kind].run(options, context, measurement)


def explain(error: Exception, phase: PhaseName | None, options: ProbeOptions) -> tuple[str, str]:
    """The reason for an exception raised in `phase`, and a sentence about it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _certificate(error)
    if isinstance(error, socket.gaierror) and error.errno in {socket.EAI_NONAME, socket.EAI_NODATA}:
        return "dns_not_found", "the name does not exist"
    number = errno.ENOMEM if isinstance(error, MemoryError) else error.errno if isinstance(error, OSError) else 0
    if number in EXHAUSTED:
        return "prober_overloaded", EXHAUSTED[number]
    alert = CLIENT_CERTIFICATE_ALERTS.get(getattr(error, "reason", ""))
    if alert:
        return "key_rejected", f"the server {alert}"
    for phases, kind, reason in RULES:
        if phase in phases and isinstance(error, kind):
            return reason, _sentence(error, phase, options)
    return failure_of(error, f"probe {options.name}")


def _certificate(error: ssl.SSLCertVerificationError) -> tuple[str, str]:
    theirs = FLAWS.get(error.verify_code)
    if theirs:
        return "tls_certificate", f"the certificate is {theirs}: {error.verify_message}"
    return "tls_untrusted", f"the certificate's issuer is not trusted here: {error.verify_message}"


def _sentence(error: BaseException, phase: PhaseName | None, options: ProbeOptions) -> str:
    if isinstance(error, TimeoutError) and not str(error):
        return f"not done after {format_duration(options.timeout)}, in phase {phase or 'none'}"
    return str(error) or type(error).__name__


async def _reconsider(
    reason: str, detail: str, options: ProbeOptions, measurement: Measurement, health: HostHealth
) -> tuple[str, str]:
    """Blame ourselves before others: a late event loop or a dead egress explains what looked like their fault."""
    if health.worst_lag(measurement.started) > TOLERABLE_LAG_SECONDS:
        return "prober_overloaded", "the event loop was too late for this sample to mean anything"
    if reason.startswith(("dns_", "connect_", "tls_handshake")) and await health.egress_down(options):
        return "egress_down", f"our own egress is down ({reason}: {detail})"
    # The kind dns asks a resolver of its own, which says nothing about the one that other names go to.
    if reason == "dns_not_found" and options.kind != "dns" and not await health.names_resolve():
        return "dns_error", "no name resolves here, not only this one"
    if reason in CUT_SHORT and options.egress.proxy_for(options.endpoint_host) is not None:
        return "stream_reset", f"cut off by the proxy or behind it ({reason}: {detail})"
    return reason, detail
