"""Files that the configuration names: a relative path is beside the configuration, as Prometheus has it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

FILE_KEYS = {"file", "ca_file", "cert_file", "key_file", "audio_file", "state_file", "service_account_file"}
OPAQUE = {"body", "labels", "json_path"}
"""Mappings whose keys are the user's own."""


def beside(value: Any, directory: Path, key: str = "") -> Any:
    """`value` with every relative path of a file taken from `directory`."""
    if isinstance(value, dict):
        return {k: v if k in OPAQUE else beside(v, directory, str(k)) for k, v in value.items()}
    if isinstance(value, list):
        return [beside(item, directory) for item in value]
    return str(directory / value) if key in FILE_KEYS and isinstance(value, str) and value else value
