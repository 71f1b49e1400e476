"""What is set up; panels of the Exporter board."""

from __future__ import annotations

from dashboards.src import grafana as g
from dashboards.src import looks
from dashboards.src.queries import exporter as promql

ABSENT = "no data: no exporter reports"


def exporters() -> g.Json:
    named = {
        "instance": "Instance",
        "version": "Version",
        "pythonversion": "Python",
        "shard": "Shard",
        "shards": "of",
        "Value #C": "Configuration read",
        "Value #D": "Probes",
        "Value #E": "Memory",
    }
    return g.table(
        21,
        "Exporters",
        "What runs where: version, shard, when the configuration in force was read, probes and memory.",
        [
            g.rows(expression)
            for expression in (
                promql.VERSIONS,
                promql.SHARDS,
                promql.RELOADED_AT,
                promql.PROBES_EACH,
                promql.MEMORY_NOW,
            )
        ],
        none=ABSENT,
        overrides=[
            g.column("Version", 80),
            g.column("Python", 80),
            g.column("Shard", 60),
            g.column("of", 50),
            g.column("Configuration read", 150, unit="dateTimeFromNow"),
            g.column("Probes", 70),
            g.column("Memory", 120, unit="bytes", noValue="not measured"),
        ],
        transformations=g.columns(named),
    )


def setup() -> g.Json:
    named = {
        "probe": "Probe",
        "provider": "Provider",
        "kind": "Kind",
        "model": "Model",
        "location": "Location",
        "tier": "Tier",
        "dialect": "Dialect",
        "endpoint_host": "Endpoint",
        "region": "Region",
        "connection": "Connection",
    }
    return g.table(
        22,
        "Probes as they are set up",
        "Each probe with its kind, model and place, the dialect that it speaks and the host that it asks.",
        [g.rows(promql.SETUP)],
        none="no probe is set up",
        overrides=[g.override("Provider", links=g.provider_link(g.OF_CELL)), g.like("Tier|Location")],
        transformations=g.columns(named),
    )


def certificates() -> g.Json:
    steps = looks.thresholds((None, looks.RED), (7 * 86400, looks.ORANGE), (21 * 86400, looks.GREEN))
    return g.bars(
        23,
        "Certificates, nearest expiry first",
        "Time until the first certificate of the chain that each probe's server sends expires, and until its own does.",
        [
            g.instant(f"sort({promql.CERTIFICATES})", "{{probe}} {{location}}"),
            g.instant(f"sort({promql.LEAF_CERTIFICATES})", "{{probe}} {{location}}: its own"),
        ],
        none="no certificate was met",
        unit="s",
        thresholds=steps,
    )
