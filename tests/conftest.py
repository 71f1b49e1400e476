"""What holds for all tests: no example of a property has a deadline, as the cores may be busy with something else."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")
