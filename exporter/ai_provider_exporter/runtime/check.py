"""The verb `check-config`: what a configuration would run, and what that may cost."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from ai_provider_exporter.config.load import load_settings
from ai_provider_exporter.probes import prices
from ai_provider_exporter.probes.options import ApiOptions
from ai_provider_exporter.probes.prices import Price
from ai_provider_exporter.runtime.cost import plan
from ai_provider_exporter.schema import errors
from ai_provider_exporter.schema.errors import ConfigErrors


def main(arguments: argparse.Namespace) -> int:
    try:
        print(check(arguments.config, os.environ))
    except ConfigErrors as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def check(config_file: Path, environ: Mapping[str, str]) -> str:
    """What a configuration would run, and what that may cost.

    Raises:
        ConfigErrors: it is wrong, or its probes may cost more than its budget.
    """
    settings = load_settings(config_file, environ)
    document = errors.read(config_file)
    over = plan.over_budget(settings, _price)
    if over:
        raise ConfigErrors(errors.at(config_file, document, ("budget", key), said) for key, said in over.items())
    return plan.as_text(settings, _price)


def _price(options: ApiOptions) -> Price | None:
    """What the model of a probe costs now, None if nobody knows."""
    return prices.quote(options.price, base_url=options.base_url, model=options.model, now=time.time()).price
