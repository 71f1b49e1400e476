"""What probing may cost, as the configuration says it."""

from __future__ import annotations

from pydantic import Field

from ai_provider_exporter.schema.types import Options


class BudgetOptions(Options):
    daily_usd: float = Field(
        default=1.00,
        ge=0,
        allow_inf_nan=False,
        description="US dollars per UTC day; the max cost of a run is reserved before the request is sent",
    )
    monthly_usd: float | None = Field(
        default=None, ge=0, allow_inf_nan=False, description="US dollars per UTC calendar month; null: no monthly limit"
    )
    unpriced_runs_per_day: int = Field(
        default=200,
        ge=0,
        description="runs per UTC day of all probes and modules whose price nobody knows; further ones are skipped",
    )
    state_file: str | None = Field(
        default=None,
        min_length=1,
        description="JSON file that keeps the spending across restarts; null: a restart forgets it",
    )

    @property
    def notice(self) -> str:
        """What the user should know about these options; empty if nothing."""
        if self.state_file is not None:
            return ""
        return (
            "budget.state_file is not set: what was spent is kept in memory and forgotten at every restart; "
            "write the path of a file on a disk that survives"
        )
