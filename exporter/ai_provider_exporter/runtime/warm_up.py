"""What is paid once, paid before anything is timed: or the first sample would carry it."""

from __future__ import annotations

import asyncio
import gc
import ssl
from collections.abc import Sequence
from contextlib import suppress

from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.probes.options import ApiOptions, ProbeOptions
from ai_provider_exporter.probes.route import tls_context


async def warm_up(probes: Sequence[ProbeOptions], context: ProbeContext) -> None:
    """Load price list (a second), TLS contexts (up to 65 ms each) and codecs, and start a resolver thread."""
    await asyncio.to_thread(_load, probes, context)
    with suppress(OSError):
        await context.resolve("localhost", 0, 0)


def clear_up() -> None:
    """Once, at the start: what was loaded stays for good.

    Kept out of the garbage collector's sight, it is not gone through again and again: that took 45 ms in the midst of
    whatever was being timed. Never again after that: what a reload leaves behind would stay for good, too.
    """
    gc.collect()
    gc.freeze()


def _load(probes: Sequence[ProbeOptions], context: ProbeContext) -> None:
    ssl.cert_time_to_seconds("Jan  1 00:00:00 2030 GMT")  # what reads dates is imported by whoever reads the first
    for options in probes:
        if isinstance(options, ApiOptions):
            context.price(options)
        if options.tls_options is not None:
            with suppress(Failure):  # its own run will say so
                tls_context(options.tls_options, context)
