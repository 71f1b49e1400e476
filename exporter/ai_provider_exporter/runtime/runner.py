"""One run, one observation: the deadline, the duration, and what each exception means.

The only place that catches. Below it everything raises; above it nothing does.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import MappingProxyType

from ai_provider_exporter.model.measurement import Measurement
from ai_provider_exporter.model.observation import PageObservation, PhaseName, ProbeObservation, ReportsObservation
from ai_provider_exporter.model.reasons import OK, REASONS, Failure
from ai_provider_exporter.probes import KINDS, report
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.probes.options import ProbeOptions
from ai_provider_exporter.reports.reader import ReportsReader
from ai_provider_exporter.schema.types import format_duration
from ai_provider_exporter.status_pages.detect import recognize
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.formats import FORMATS
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.reader import PageReader
from ai_provider_exporter.wire import errors as wire
from ai_provider_exporter.wire.certificates import FLAWS

log = logging.getLogger(__name__)

TOLERABLE_LAG_SECONDS = 0.25

Rule = tuple[tuple[PhaseName | None, ...], type[BaseException], str]
_ANYWHERE: tuple[PhaseName | None, ...] = (
    None,
    "dns",
    "connect",
    "tls",
    "send",
    "headers",
    "first_token",
    "stream",
)
_ANSWER: tuple[PhaseName | None, ...] = ("headers", "first_token", "stream")

# The first row whose phase and type fit names the reason: where it happened says more than what was raised.
RULES: tuple[Rule, ...] = (
    (_ANYWHERE, wire.InvalidRequest, "bad_request"),
    (_ANYWHERE, wire.TlsUnusable, "tls_untrusted"),
    (_ANYWHERE, wire.ProxyFailed, "proxy_error"),
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


async def _never(_: ProbeOptions) -> bool:
    return False


async def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class HostHealth:
    """What the runner must know of the host it runs on.

    `worst_lag(since)` is how late the event loop has been since that `perf_counter` stamp, in seconds;
    `egress_down(options)` whether the way out that this probe takes is down; `names_resolve()` whether any other name
    does; `redact` takes secrets out of text.
    """

    wall: Callable[[], float] = time.time
    worst_lag: Callable[[float], float] = lambda _: 0.0
    egress_down: Callable[[ProbeOptions], Awaitable[bool]] = _never
    names_resolve: Callable[[], Awaitable[bool]] = _always
    redact: Callable[[str], str] = lambda text: text


async def probe(options: ProbeOptions, context: ProbeContext, health: HostHealth) -> ProbeObservation:
    """Run one probe once. Cancellation passes through; everything else becomes an observation."""
    started_at = health.wall()
    measurement = Measurement()
    reason, detail = OK, ""
    try:
        async with asyncio.timeout(options.timeout):
            await KINDS[options.kind].run(options, context, measurement)
    except Exception as error:  # the one place that may: any exception is an outcome of the run
        reason, detail = explain(error, measurement.phase, options)
        if reason == "prober_error":
            log.exception("probe %s failed through a defect of this program", options.name)
    if measurement.ended is None:
        measurement.end()
    measurement.redact(health.redact)
    reason, detail = await _reconsider(reason, detail, options, measurement, health)
    run = observe(options, started_at, measurement, reason, health.redact(detail))
    if options.debug:
        log.info("probe %s", health.redact(report.as_line(run, measurement.headers)))
    return run


def explain(error: BaseException, phase: PhaseName | None, options: ProbeOptions) -> tuple[str, str]:
    """The reason for an exception raised in `phase`, and a sentence about it."""
    if isinstance(error, Failure):
        return error.reason, error.detail
    if isinstance(error, ssl.SSLCertVerificationError):
        return _certificate(error)
    if isinstance(error, socket.gaierror) and error.errno in {socket.EAI_NONAME, socket.EAI_NODATA}:
        return "dns_not_found", "the name does not exist"
    for phases, kind, reason in RULES:
        if phase in phases and isinstance(error, kind):
            return reason, _sentence(error, phase, options)
    return "prober_error", f"{type(error).__name__}: {error}"


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
    """Blame ourselves before others: a late event loop or a dead uplink explains what looked like their fault."""
    if health.worst_lag(measurement.started) > TOLERABLE_LAG_SECONDS:
        return "prober_overloaded", "the event loop was too late for this sample to mean anything"
    if reason.startswith(("dns_", "connect_", "tls_handshake")) and await health.egress_down(options):
        return "egress_down", f"our own way out is down ({reason}: {detail})"
    # The kind dns asks a resolver of its own, which says nothing about the one that other names go to.
    if reason == "dns_not_found" and options.kind != "dns" and not await health.names_resolve():
        return "dns_error", "no name resolves here, not only this one"
    return reason, detail


def observe(options: ProbeOptions, started_at: float, seen: Measurement, reason: str, detail: str) -> ProbeObservation:
    """Freeze what was measured; stamps become seconds since the start of the run."""

    def since_start(stamp: float | None) -> float | None:
        return None if stamp is None else stamp - seen.started

    return ProbeObservation(
        id=options.id,
        started_at=started_at,
        duration_seconds=since_start(seen.ended) or 0.0,
        reason=reason,
        fault=REASONS.get(reason),
        detail=detail,
        http_status=seen.http_status,
        phases=MappingProxyType(dict(seen.phases)),
        time_to_first_token_seconds=since_start(seen.first_token),
        time_to_first_answer_seconds=since_start(seen.first_answer),
        time_per_output_token_seconds=seen.time_per_output_token_seconds,
        output_tokens_per_second=seen.output_tokens_per_second,
        longest_stall_seconds=seen.longest_stall_seconds,
        server_reported_seconds=MappingProxyType(dict(seen.server_reported_seconds)),
        tokens=MappingProxyType(dict(seen.tokens)),
        cost_usd=seen.cost_usd,
        answer_correct=seen.answer_correct,
        rate_limits=MappingProxyType(dict(seen.rate_limits)),
        retry_after_seconds=seen.retry_after_seconds,
        certificate_expires_at=seen.certificate_expires_at,
        response_model=seen.response_model,
        fingerprint=seen.fingerprint,
        models=seen.models,
        connection=seen.connection,
    )


async def page(reader: PageReader, health: HostHealth) -> PageObservation:
    """Read one status page once."""
    at, started = health.wall(), time.perf_counter()
    try:
        read = await reader.read()
    except Exception as error:  # noqa: BLE001  # as above: whatever happened, the page was not read
        reason, detail = _page_failure(error, reader.provider)
        return PageObservation(
            provider=reader.provider,
            format=reader.format,
            at=at,
            fetch_seconds=time.perf_counter() - started,
            reason=reason,
            detail=health.redact(detail),
        )
    return PageObservation(
        provider=reader.provider,
        format=read.format,
        at=at,
        fetch_seconds=time.perf_counter() - started,
        page=read.page,
        not_modified=read.not_modified,
        bytes_received=read.bytes_received,
        missing_components=read.missing_components,
    )


def saved_page(payload: Payload, provider: str, format_name: str | None) -> PageObservation:
    """What a saved document says, read as that format or as the first that is sure of it."""
    name = format_name or recognize(payload) or ""
    reason, detail, said = "format_unknown", "no format was recognized; write its --format if you know it", None
    try:
        if name:
            said, reason, detail = FORMATS[name].parse(payload), OK, ""
    except Exception as error:  # noqa: BLE001  # as above
        reason, detail = _page_failure(error, provider)
    return PageObservation(
        provider=provider, format=name, at=time.time(), fetch_seconds=0.0, reason=reason, detail=detail, page=said
    )


def _page_failure(error: Exception, provider: str) -> tuple[str, str]:
    if isinstance(error, PageFailure):
        return error.reason, error.detail
    log.error("reading the status page of %s failed through a defect of this program", provider, exc_info=error)
    return "prober_error", f"{type(error).__name__}: {error}"


async def reports(reader: ReportsReader, health: HostHealth) -> ReportsObservation:
    """Ask one source of reports once."""
    at = health.wall()
    try:
        said = await reader.read()
    except Exception as error:  # noqa: BLE001  # as above
        reason, detail = _reports_failure(error, reader)
        detail = health.redact(detail)
        return ReportsObservation(provider=reader.provider, source=reader.source, at=at, reason=reason, detail=detail)
    return ReportsObservation(provider=reader.provider, source=reader.source, at=at, reports=said)


def _reports_failure(error: Exception, reader: ReportsReader) -> tuple[str, str]:
    if isinstance(error, PageFailure | Failure):
        return error.reason, error.detail
    about = f"{reader.source} about {reader.provider}"
    log.error("asking %s failed through a defect of this program", about, exc_info=error)
    return "prober_error", f"{type(error).__name__}: {error}"
