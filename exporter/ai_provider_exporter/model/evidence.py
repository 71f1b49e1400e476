"""What stands beside an episode: other probes of the provider, its page, second opinions, other providers. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_provider_exporter.model.agreement import Admission, is_trouble
from ai_provider_exporter.model.cause import REFUSALS, Cause, Evidence, cause_of
from ai_provider_exporter.model.concerns import globs_of, statements
from ai_provider_exporter.model.observation import Place, Status
from ai_provider_exporter.model.probe_state import ProbeState, Scope
from ai_provider_exporter.model.reasons import Fault
from ai_provider_exporter.model.track import Track

if TYPE_CHECKING:
    from ai_provider_exporter.model.state import State


def causes_at(state: State, place: Place, now: float) -> dict[Scope, Cause]:
    """Every scope there that is in an open episode, and whom that is laid on."""
    tracks = dict(state.tracks_at(place))
    if not any(track.episode for track in tracks.values()):
        return {}
    evidence = _evidence(state, place, now)
    return {scope: cause for scope, track in tracks.items() if (cause := cause_of(track, evidence)) is not None}


def _evidence(state: State, place: Place, now: float) -> Evidence:
    provider, location = place
    probes = [probe for probe in state.probes_at(place) if probe.last is not None]
    refused = {p.credential for p in probes if p.credential and p.last and p.last.reason in REFUSALS}
    return Evidence(
        credentials=len({probe.credential for probe in probes if probe.credential}),
        refused_credentials=len(refused),
        throttled_everywhere=_is_throttled_everywhere(probes),
        admits=bool(admission(state, place, now).said_since) or _has_red_opinion(state, provider, now),
        egress_down=state.egress.get(location) is False,
        all_unreachable=_all_unreachable(state, location),
    )


def _is_throttled_everywhere(probes: list[ProbeState]) -> bool:
    """Two tiers or keys at least, and every probe of the kinds that are throttled."""
    throttled = [probe for probe in probes if probe.last and probe.last.reason == "throttled"]
    kinds = {probe.id.kind for probe in throttled}
    alike = [probe for probe in probes if probe.id.kind in kinds]
    return len(throttled) == len(alike) and len({(p.id.tier, p.credential) for p in throttled}) > 1


def _has_red_opinion(state: State, provider: str, now: float) -> bool:
    opinions = (source.as_of(now) for source in state.reports.values() if source.provider == provider)
    return any(opinion and opinion.status is not None and is_trouble(opinion.status) for opinion in opinions)


def _all_unreachable(state: State, location: str) -> bool:
    """Every provider probed from there, two at least, is in an episode of network failures and nothing else."""
    by_provider: dict[str, list[bool]] = {}
    for scope, track in state.tracks.items():
        if scope.location == location and track.last is not None:
            by_provider.setdefault(scope.provider, []).append(_is_unreachable(track))
    return len(by_provider) > 1 and all(all(unreachable) for unreachable in by_provider.values())


def _is_unreachable(track: Track) -> bool:
    return track.episode is not None and track.is_dead and track.episode.runs[-1].fault is Fault.NETWORK


def admission(state: State, place: Place, now: float) -> Admission:
    """What the page of that provider says of what fails there, or of what is probed there while nothing does."""
    page = state.pages.get(place[0])
    if page is None or page.page is None:
        return Admission()
    tracks = dict(state.tracks_at(place))
    failing = {scope.kind for scope, track in tracks.items() if track.episode}
    globs = globs_of(page.concerns, sorted(failing or {scope.kind for scope in tracks}))
    concerning = statements(page.page, globs)
    if page.is_stale(now):
        return Admission(status=Status.UNKNOWN, said_since=())
    return Admission(status=page.page.status, said_since=tuple(page.said_since.get(s, 0.0) for s in concerning))
