"""The pages that people read: one Jinja template each, escaped, complete without a script."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

from ai_provider_exporter.metrics import View
from ai_provider_exporter.model.measurement import PHASES
from ai_provider_exporter.model.observation import Component, PageStatus, Status
from ai_provider_exporter.model.probe_state import RECENT_FAILURES, RECENT_SUCCESSES
from ai_provider_exporter.model.reasons import Fault
from ai_provider_exporter.model.verdict import Verdict
from ai_provider_exporter.web.board import charts, formatting, sentences
from ai_provider_exporter.web.board.verdict import probe_verdict, provider_verdict, provider_verdicts
from ai_provider_exporter.web.context import WebContext

if TYPE_CHECKING:
    from jinja2 import Environment

_OF_STATUS: dict[Status, Verdict | str] = {
    Status.UNKNOWN: Verdict.UNKNOWN,
    Status.OPERATIONAL: Verdict.OPERATIONAL,
    Status.UNDER_MAINTENANCE: Verdict.MAINTENANCE,
    Status.DEGRADED_PERFORMANCE: Verdict.DEGRADED,
    Status.PARTIAL_OUTAGE: "partial",
    Status.MAJOR_OUTAGE: Verdict.DOWN,
}
"""The look of a status: its shape and colour."""


class Board:
    """Renders pages from a view. `root` is the way from the page back to `/`, such as `../`."""

    def __init__(self, context: WebContext) -> None:
        self._context = context

    @cached_property
    def _templates(self) -> Environment:
        """Made after the start, as `load` says, or for the first page."""
        from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415

        templates = Environment(
            loader=PackageLoader("ai_provider_exporter.web.board"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        templates.globals |= {
            "Verdict": Verdict,
            "Fault": Fault,
            "Status": Status,
            "PHASES": PHASES,
            "charts": charts,
            "formatting": formatting,
            "sentences": sentences,
            "look": _OF_STATUS.__getitem__,
        }
        return templates

    def load(self) -> None:
        """Read every template, so that no page needs a file later."""
        for name in self._templates.list_templates(["html"]):
            self._templates.get_template(name)

    def board(self, view: View) -> str:
        verdicts = provider_verdicts(view, self._context)
        groups = {
            "trouble": [s for s in verdicts if s.verdict.is_trouble],
            "unknown": [s for s in verdicts if s.verdict is Verdict.UNKNOWN],
            "operational": [s for s in verdicts if s.verdict in {Verdict.MAINTENANCE, Verdict.OPERATIONAL}],
        }
        egress = dict(view.state.egress)
        headline, lead = sentences.headline(verdicts, egress), sentences.lead(verdicts, egress)
        return self._render("board.html", view, "./", title=headline, lead=lead, verdicts=verdicts, **groups)

    def provider(self, name: str, view: View) -> str | None:
        """The page of one provider; None if there is none of that name."""
        judged = provider_verdict(name, view, self._context)
        if judged is None:
            return None
        page = judged.page.page if judged.page and judged.page.page else PageStatus()
        return self._render(
            "provider.html",
            view,
            "../",
            title=f"{judged.title}: {sentences.VERDICTS[judged.verdict]}",
            judged=judged,
            page=page,
            components=_grouped(page.components),
        )

    def probe(self, name: str, view: View) -> str | None:
        """The history of one probe; None if there is none of that name."""
        judged = probe_verdict(name, view, self._context)
        if judged is None:
            return None
        limits = {"max_successes": RECENT_SUCCESSES, "max_failures": RECENT_FAILURES}
        title = f"{name}: {sentences.VERDICTS[judged.verdict]}"
        provider = self._context.titles.get(judged.state.id.provider, judged.state.id.provider)
        return self._render("probe.html", view, "../", title=title, probe=judged, provider=provider, **limits)

    def error(self, sentence: str, status: int, view: View, root: str) -> str:
        return self._render("error.html", view, root, title=sentence, status=status)

    def _render(self, template: str, view: View, root: str, **facts: Any) -> str:
        since: Callable[[float | None], Any] = partial(formatting.when, now=view.now)
        clock = partial(formatting.clock, now=view.now)
        return self._templates.get_template(template).render(
            view=view, now=view.now, root=root, when=since, clock=clock, **facts
        )


def _grouped(components: tuple[Component, ...]) -> list[tuple[str, list[Component]]]:
    """Components by group, groups in the page's order, those in trouble first within each."""
    order = {name: at for at, name in enumerate(dict.fromkeys(component.group for component in components))}
    ranked = sorted(components, key=lambda c: (order[c.group], -c.status))
    return [(name, list(members)) for name, members in groupby(ranked, key=lambda c: c.group)]
