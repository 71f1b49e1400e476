"""The command line."""

from ai_provider_exporter.cli.verbs import main

__all__ = ["main"]
