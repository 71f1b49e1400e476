"""Plays AI providers and their status pages over real sockets, from a scenario.

It shares no parsing code with what it is there to test. Behind one address:

    /<provider>[@<location>]/...           its APIs, under their own paths: /openai/v1/chat/completions
    /<provider>[@<location>]/status/...    its status page; this is the base, the format appends its document
    /<provider>/reports/v2/companies/<id>  what users report
    /-/healthy  /-/scenario                is it there, and what is in force now
    /-/truth                               every exchange with its time stamps, a JSON document a line
    POST /-/apply                          a step, as JSON: it happens now

How a scenario is written: `scenario.py`, and the examples in `scenarios/`.
"""

from ai_provider_exporter.simulator.loading import load, shipped
from ai_provider_exporter.simulator.scenario import Scenario, Step
from ai_provider_exporter.simulator.simulator import Simulator, serve

__all__ = ["Scenario", "Simulator", "Step", "load", "serve", "shipped"]
