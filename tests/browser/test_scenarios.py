"""Every scenario that is shipped, played by the real simulator to the real exporter and looked at in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from ai_provider_exporter.simulator import shipped
from playwright.sync_api import Browser

from tests.browser.looking import Visitor
from tests.e2e.programs import running
from tests.tools.monitoring import until

# Scenario -> how much faster it is played, and the words that must be seen, one scene after the other.
SCENES = {
    "default": ("12", ["All is well.", "for us.", "Elevated error rates"]),
    "2026-02-03": ("120", ["All is well.", "us-east: major outage", "Elevated error rates for ChatGPT and API users"]),
}
KEYS = {"PAID": "sim-openai-paid", "FREE": "sim-openai-free", "OTHER": "sim-anthropic"}
CONFIG = """
defaults: {{interval: 1s, timeout: 900ms}}
egress: {{hosts: ["{host}", "localhost:{port}"]}}
probes:
  - {{name: paid, provider: openai, kind: chat, base_url: "{url}/openai@us-east/v1", api_key: {{env: PAID}},
      tier: paid, location: us-east}}
  - {{name: free, provider: openai, kind: chat, base_url: "{url}/openai@us-east/v1", api_key: {{env: FREE}},
      tier: free, location: us-east}}
  - {{name: here, provider: openai, kind: chat, base_url: "{url}/openai@fra1/v1", api_key: {{env: PAID}},
      tier: paid, location: fra1}}
  - {{name: other, provider: anthropic, kind: chat, base_url: "{url}/anthropic/v1", api_key: {{env: OTHER}}}}
status_pages:
  - {{provider: openai, url: "{url}/openai/status"}}
  - {{provider: anthropic, url: "{url}/anthropic/status"}}
"""


def test_every_scenario_has_scenes() -> None:
    assert set(SCENES) == set(shipped())


@pytest.mark.parametrize("scenario", SCENES)
def test_a_scenario_is_seen_on_the_board_scene_by_scene(scenario: str, browser: Browser, tmp_path: Path) -> None:
    speed, scenes = SCENES[scenario]
    config = tmp_path / "config.yaml"
    with running(tmp_path, "simulate", scenario, "--speed", speed) as world:
        config.write_text(CONFIG.format(url=world.url, host=world.host, port=world.host.rpartition(":")[2]))
        with (
            running(tmp_path, "serve", "--config.file", config, env=KEYS) as exporter,
            browser.new_context() as context,
        ):
            visitor = Visitor(context.new_page(), exporter)
            for number, words in enumerate(scenes):
                until(lambda words=words: words in visitor.open().text, seconds=60)  # type: ignore[misc]
                visitor.page.screenshot(path=tmp_path / f"{scenario}-{number}.png", full_page=True)

            assert visitor.grave_issues() == []
            assert visitor.complaints == []
