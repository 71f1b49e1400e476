"""What a module must have to be a source of reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from ai_provider_exporter.model.observation import Reports
from ai_provider_exporter.reports.options import ReportsOptions

if TYPE_CHECKING:  # spares the verbs that do not need it the import
    from ai_provider_exporter.reports.client import ReportsClient


class Source(Protocol):
    """Beside these it has a pure `parse`, which says what an answer means."""

    @property
    def OPTIONS(self) -> type[ReportsOptions]: ...  # noqa: N802  # a constant of the module

    async def read(self, options: Any, client: ReportsClient) -> Reports:
        """Ask once.

        Raises:
            PageFailure: no answer, or none that is understood.
            Failure: key_rejected or token_refused; it does not know us.
        """
