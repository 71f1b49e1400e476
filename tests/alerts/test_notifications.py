"""A bad night from scrape to notification: real programs, the shipped rules and routes, in a hurry."""

from __future__ import annotations

import itertools
import time
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.tools.loopback import Inbox, exposition, webhooks
from tests.tools.monitoring import Alertmanager, alertmanager, hasten, prometheus, until

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
RULES = ROOT / "alerts" / "rules" / "ai-provider.yaml"
ROUTES = ROOT / "alerts" / "alertmanager" / "alertmanager.yaml"
TROUBLE = Template((ROOT / "tests" / "dashboards" / "trouble.prom").read_text())
HURRY = 200  # ten minutes are three seconds


def routes(inbox: Inbox) -> dict[str, Any]:
    """The example's routes and inhibition, in a hurry, with a mailbox for every receiver."""
    config: dict[str, Any] = yaml.safe_load(hasten(ROUTES.read_text(), HURRY))
    mailboxes = [
        {"name": receiver["name"], "webhook_configs": [{"url": f"{inbox.url}/{receiver['name']}"}]}
        for receiver in config["receivers"]
    ]
    return config | {"receivers": mailboxes}


@pytest.fixture(name="night", scope="module")
def _night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Inbox, Alertmanager]]:
    directory = tmp_path_factory.mktemp("night")
    rules = directory / "rules.yaml"
    rules.write_text(hasten(RULES.read_text(), HURRY))
    numbers = itertools.count(1)

    def page() -> str:
        return TROUBLE.substitute(n=next(numbers), now=time.time())

    with (
        webhooks() as inbox,
        exposition(page) as target,
        alertmanager(directory, routes(inbox)) as notifier,
        prometheus(directory, {"exporter": [target]}, rules=[rules], notifier=notifier, every="200ms"),
    ):
        yield inbox, notifier


@pytest.mark.e2e
def test_an_outage_reaches_the_pager_with_its_place_and_tier(night: tuple[Inbox, Alertmanager]) -> None:
    inbox, _ = night
    paged = until(lambda: inbox.alerts("/pager"))

    assert paged[0] == {
        "alertname": "AIProviderDown",
        "severity": "critical",
        "provider": "openai",
        "kind": "chat",
        "location": "us-east",
        "tier": "free",
    }


@pytest.mark.e2e
def test_a_refused_key_reaches_its_owner_and_nobody_else(night: tuple[Inbox, Alertmanager]) -> None:
    inbox, _ = night
    told = until(lambda: inbox.alerts("/key-owner"))

    assert (told[0]["provider"], told[0]["reason"]) == ("mistral_ai", "key_rejected")
    assert {labels["provider"] for labels in inbox.alerts("/pager")} == {"openai"}


@pytest.mark.e2e
def test_who_has_been_paged_is_not_told_again_in_other_words(night: tuple[Inbox, Alertmanager]) -> None:
    _, notifier = night
    quiet = until(lambda: [alert for alert in notifier.alerts() if alert["status"]["inhibitedBy"]])

    assert {alert["labels"]["alertname"] for alert in quiet} == {"AIProviderUnacknowledged"}
    assert {alert["status"]["state"] for alert in quiet} == {"suppressed"}
