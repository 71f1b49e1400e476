"""Atom feeds of past and present incidents, as Statuspage and incident.io word them."""

from datetime import UTC, datetime
from html import escape
from xml.sax.saxutils import escape as xml

from ai_provider_exporter.simulator.clock import rfc3339
from ai_provider_exporter.simulator.pages.state import IncidentState, PageState, Update

COMPONENT_WORDS = {
    "operational": "Operational",
    "under_maintenance": "Under maintenance",
    "degraded_performance": "Degraded performance",
    "partial_outage": "Partial outage",
    "major_outage": "Full outage",
}


def atom(state: PageState, base: str, generator: str) -> str:
    """Return the feed; `generator` is `incident.io` or `Statuspage`, whose contents differ."""
    content = {"incident.io": _incidentio, "Statuspage": _statuspage}[generator]
    entries = "".join(
        f"<entry><id>{base}/incidents/{incident.id}</id><title>{xml(incident.name)}</title>"
        f'<link rel="alternate" type="text/html" href="{base}/incidents/{incident.id}"/>'
        f"<published>{rfc3339(incident.updates[0].at)}</published>"
        f"<updated>{rfc3339(incident.updates[-1].at)}</updated>"
        f'<content type="html">{xml(content(incident))}</content></entry>'
        for incident in reversed(state.incidents.values())
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
        f"<id>{base}</id><title>{xml(state.page.name)} Status - Incident History</title>"
        f"<generator>{generator}</generator><updated>{rfc3339(state.changed_at)}</updated>{entries}</feed>\n"
    )


def _statuspage(incident: IncidentState) -> str:
    return "".join(_paragraph(update) for update in reversed(incident.updates))


def _paragraph(update: Update) -> str:
    when = datetime.fromtimestamp(update.at, UTC)
    word = update.status.replace("_", " ").capitalize()
    return (
        f"<p><small>{when:%b} <var data-var='date'>{when.day}</var>, "
        f"<var data-var='time'>{when:%H:%M}</var> UTC</small>"
        f"<br><strong>{word}</strong> - {escape(update.text)}</p>"
    )


def _incidentio(incident: IncidentState) -> str:
    named = "".join(
        f"<li>{escape(name)} ({COMPONENT_WORDS[status]})</li>" for name, status in incident.components.items()
    )
    return (
        f"<b>Status: {incident.status.capitalize()}</b><br/><br/>"
        f"{escape(incident.updates[-1].text)}<br/><br/><b>Affected components</b><ul>{named}</ul>"
    )
