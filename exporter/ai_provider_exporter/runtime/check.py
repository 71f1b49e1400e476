"""The verb `check-config`: what a configuration would run, and what that may cost."""

from __future__ import annotations

import argparse
import os
import sys
import time

from ai_provider_exporter import catalog
from ai_provider_exporter.config.load import load_settings
from ai_provider_exporter.probes import prices
from ai_provider_exporter.probes.options import ApiOptions
from ai_provider_exporter.probes.prices import Price
from ai_provider_exporter.runtime.cost import plan
from ai_provider_exporter.schema.errors import ConfigErrors


def main(arguments: argparse.Namespace) -> int:
    try:
        settings = load_settings(arguments.config, os.environ)
    except ConfigErrors as error:
        print(error, file=sys.stderr)
        return 1
    over = (f"budget.{key}: {problem}" for key, problem in plan.over_budget(settings, _price).items())
    for warning in (*settings.warnings, *over):
        print(f"warning: {warning}", file=sys.stderr)
    print(plan.as_text(settings, _price))
    return 0


def _price(options: ApiOptions) -> Price | None:
    """What the model of a probe costs now, None if nobody knows."""
    return prices.quote(
        options.price,
        provider=options.provider,
        base_url=options.base_url,
        model=options.model,
        now=time.time(),
        catalog=catalog.price_of,
    ).price
