"""Plays AI providers and their status pages over real sockets, from a scenario.

It shares no parsing code with what it is there to test.
"""

from ai_provider_exporter.simulator.loading import ScenarioError, load, shipped
from ai_provider_exporter.simulator.scenario import Scenario, Step
from ai_provider_exporter.simulator.simulator import Simulator, serve

__all__ = ["Scenario", "ScenarioError", "Simulator", "Step", "load", "serve", "shipped"]
