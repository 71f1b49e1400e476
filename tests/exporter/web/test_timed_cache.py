from __future__ import annotations

from dataclasses import replace

import pytest
from ai_provider_exporter.metrics import Facts
from ai_provider_exporter.web.response import Body, TimedCache

from tests.exporter.worlds import World

VIEW = World().window().view()


@pytest.mark.parametrize(
    ("later", "rendered"),
    [
        pytest.param(0.0, 1, id="at once"),
        pytest.param(0.2, 1, id="within the time"),
        pytest.param(0.3, 2, id="after it"),
        pytest.param(-5.0, 2, id="by a clock set back"),
    ],
)
def test_a_body_is_held_for_a_while_whatever_has_happened_since(later: float, rendered: int) -> None:
    made: list[Body] = []

    def make() -> Body:
        made.append(Body(b"x", "text/plain"))
        return made[-1]

    held = TimedCache(0.25)
    held.get(VIEW, "text", make)
    got = held.get(replace(VIEW, now=VIEW.now + later, state=World().window().view().state), "text", make)

    assert len(made) == rendered
    assert got is made[-1]


@pytest.mark.parametrize("facts", [Facts(config_loaded=False), Facts(config_loaded_at=1.0)], ids=["failed", "another"])
def test_what_was_rendered_before_a_reload_is_not_shown_after_it(facts: Facts) -> None:
    held = TimedCache(0.25)
    before = held.get(VIEW, "text", lambda: Body(b"old", "text/plain"))

    after = held.get(replace(VIEW, facts=facts), "text", lambda: Body(b"new", "text/plain"))

    assert (before.plain, after.plain) == (b"old", b"new")


def test_what_is_asked_for_in_another_form_is_another_body() -> None:
    held = TimedCache(0.25)

    texts = [held.get(VIEW, form, lambda form=form: Body(form.encode(), form)).plain for form in ("a", "b", "a")]  # type: ignore[misc]

    assert texts == [b"a", b"b", b"a"]
