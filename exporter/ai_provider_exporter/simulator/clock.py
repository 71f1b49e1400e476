"""How times are written."""

from datetime import UTC, datetime


def rfc3339(unix: float) -> str:
    """Return `unix` seconds as `2026-02-03T00:00:00.000Z`."""
    return datetime.fromtimestamp(unix, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
