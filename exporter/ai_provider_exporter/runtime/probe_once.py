"""The verb `probe`: one run of one configured probe."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from functools import partial

from ai_provider_exporter import catalog
from ai_provider_exporter.config.load import load_settings
from ai_provider_exporter.config.secrets import Secrets
from ai_provider_exporter.config.settings import Settings
from ai_provider_exporter.model.observation import ProbeObservation
from ai_provider_exporter.probes import report
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.runtime import runner
from ai_provider_exporter.runtime.egress import EgressMonitor
from ai_provider_exporter.runtime.host_health import HostHealth
from ai_provider_exporter.runtime.loop_lag import LoopLag
from ai_provider_exporter.runtime.store import Store
from ai_provider_exporter.runtime.warm_up import clear_up, warm_up
from ai_provider_exporter.schema.errors import ConfigErrors
from ai_provider_exporter.wire import event_loop


def main(arguments: argparse.Namespace) -> int:
    secrets = Secrets(os.environ)
    try:
        settings = load_settings(arguments.config, os.environ)
        run = event_loop.run(probe_once(settings, arguments.name, secrets))
    except ConfigErrors as error:
        print(error, file=sys.stderr)
        return 2
    except LookupError:
        names = ", ".join(probe.name for probe in settings.probes) or "none; give a file with --config.file"
        print(f"no probe is called {arguments.name!r}; there are: {names}", file=sys.stderr)
        return 2
    print(json.dumps(report.as_json(run)) if arguments.json else report.as_text(run))
    return 0 if run.success else 1


async def probe_once(settings: Settings, name: str, secrets: Secrets) -> ProbeObservation:
    """Run one configured probe once; a dead egress and a late event loop are blamed as in `serve`.

    Raises:
        LookupError: there is none of that name.
    """
    options = next((probe for probe in settings.probes if probe.name == name), None)
    if options is None:
        raise LookupError(name)
    lag = LoopLag(lambda _: None)
    egress = EgressMonitor(
        settings.egress, settings.defaults.location, Store(), proxy_for=partial(secrets.proxy_for, settings.egress)
    )
    async with ProbeContext.opened(secrets.read, catalog.price_of) as context:
        await warm_up([options], context)
        clear_up()
        health = HostHealth(
            worst_lag=lag.worst,
            egress_down=egress.explains,
            names_resolve=egress.names_resolve,
            redact=secrets.redact,
        )
        watch = asyncio.create_task(lag.watch())
        try:
            return await runner.probe(options, context, health)
        finally:
            watch.cancel()
