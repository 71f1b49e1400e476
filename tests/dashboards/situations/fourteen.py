"""The fourteen situations that every board must show, with 3 providers and with 150, and what the Overview must say.

Each of `says` is looked for in the drawn Overview; `NAME|TEXT` means that the panel called NAME has TEXT.
"""

from __future__ import annotations

from typing import Final

from tests.dashboards.situations.story import PROVIDERS, Entry, Situation, Trouble

TROUBLED: Final = "In trouble for us"
FAILING: Final = "Probes failing now: whose fault"
PAGES: Final = "Pages red"
SILENT: Final = "Not admitted"
LONELY: Final = "Red, fine for us"
BLIND: Final = "Unknown"
EGRESS: Final = "Egress"
BUDGET: Final = "Budget"
WORST: Final = "Wants a look, worst first"
INCIDENTS: Final = "Open incidents"
ALL: Final = "ALL"  # stands for the number of providers
NOBODY: Final = f"{FAILING}|no probe fails"

OPENAI_DOWN: Final = Trouble("server_error", "provider", 90, provider="openai", http="503")
OUTAGE: Final = Entry("openai", "critical", "Elevated error rates across ChatGPT and the API", 65)

SITUATIONS: Final = (
    Situation(
        "healthy",
        "All is well, and everybody says so.",
        (f"{TROUBLED}|0", NOBODY, f"{PAGES}|0", f"{EGRESS}|up", f"{WORST}|none in trouble", f"{INCIDENTS}|none open"),
    ),
    Situation(
        "down",
        "A provider fails everything, and its page says so after 25 minutes.",
        (f"{TROUBLED}|1", f"{FAILING}|theirs: provider", f"{PAGES}|1", f"{WORST}|major outage", f"{SILENT}|0"),
        troubles=(OPENAI_DOWN,),
        entries=(OUTAGE,),
        verdicts={"openai": ("down", "probes_fail")},
        traffic={"openai": 0.93, "anthropic": 0.004, "mistral_ai": 0.004},
        pages_alerts=("openai",),
    ),
    Situation(
        "slow",
        "A provider answers, three times slower than its objective.",
        (f"{TROUBLED}|1", NOBODY, f"{PAGES}|0", f"{WORST}|degraded performance"),
        troubles=(Trouble("", "", 60, provider="anthropic", slower=9.0),),
        verdicts={"anthropic": ("degraded", "slow")},
        a_week_earlier=True,
    ),
    Situation(
        "page-red",
        "A page admits trouble that our probes do not find.",
        (f"{TROUBLED}|0", NOBODY, f"{PAGES}|1", f"{LONELY}|1", f"{INCIDENTS}|Batch jobs wait longer"),
        entries=(Entry("anthropic", "major", "Batch jobs wait longer than usual in all regions", 120),),
        verdicts={"anthropic": ("reported", "page")},
    ),
    Situation(
        "page-green",
        "Probes fail and the page says that all is well.",
        (f"{TROUBLED}|1", f"{FAILING}|theirs: provider", f"{PAGES}|0", f"{SILENT}|1", f"{INCIDENTS}|none open"),
        troubles=(OPENAI_DOWN,),
        verdicts={"openai": ("down", "probes_fail")},
        traffic={"openai": 0.9, "anthropic": 0.004, "mistral_ai": 0.004},
        pages_alerts=("openai",),
    ),
    Situation(
        "one-location",
        "A provider fails from one location only.",
        (f"{TROUBLED}|1", f"{FAILING}|theirs: provider", f"{WORST}|openai", "openai: our probes us-east"),
        troubles=(Trouble("headers_timeout", "provider", 50, provider="openai", location="us-east"),),
        verdicts={"openai": ("partly_down", "probes_fail")},
    ),
    Situation(
        "one-tier",
        "Free accounts fail, paid ones do not.",
        (f"{TROUBLED}|1", f"{FAILING}|theirs: provider", f"{WORST}|degraded performance", f"{WORST}|overloaded"),
        troubles=(Trouble("overloaded", "provider", 50, provider="openai", tier="free", http="529"),),
        verdicts={"openai": ("partly_down", "probes_fail")},
    ),
    Situation(
        "key-rejected",
        "A provider refuses our key: no outage, and nothing is known of it meanwhile.",
        (f"{TROUBLED}|0", f"{FAILING}|ours: key, bill, request", f"{BLIND}|1", f"{WORST}|key_rejected"),
        troubles=(Trouble("key_rejected", "ours", 80, provider="mistral_ai", http="401"),),
        verdicts={"mistral_ai": ("refused", "key_rejected")},
    ),
    Situation(
        "rate-limited",
        "A provider answers that our own limits are reached, most of the time.",
        (f"{TROUBLED}|0", f"{FAILING}|ours: key, bill, request", f"{WORST}|rate_limited"),
        troubles=(Trouble("rate_limited", "ours", 60, provider="openai", tier="free", http="429"),),
        verdicts={"openai": ("refused", "rate_limited")},
    ),
    Situation(
        "budget-spent",
        "The budget of the day is spent: paid probes stand still, pages go on.",
        (f"{PAGES}|0", f"{BLIND}|3", f"{BUDGET}|spent", f"{WORST}|unknown"),
        says_alone=(f"{TROUBLED}|unknown", f"{FAILING}|unknown"),
        budget_spent_since=45,
        verdicts=dict.fromkeys(PROVIDERS, ("unknown", "stale")),
    ),
    Situation(
        "egress-down",
        "Our own way out is down: nothing is known of anybody.",
        (f"{TROUBLED}|unknown", f"{FAILING}|our prober", f"{EGRESS}|down", f"{BLIND}|{ALL}"),
        troubles=(Trouble("egress_down", "prober", 40),),
        egress_down_since=40,
        verdicts=dict.fromkeys(PROVIDERS, ("unknown", "egress_down")),
        crowd="crowd-blind",
    ),
    Situation(
        "page-unreadable",
        "One page cannot be read; its provider is fine for us.",
        (f"{TROUBLED}|0", NOBODY, f"{BLIND}|1", f"{WORST}|unknown", f"{WORST}|operational"),
        unreadable=("anthropic",),
        unreadable_since=75,
        verdicts={"anthropic": ("operational", "probes_succeed")},
    ),
    Situation(
        "no-data",
        "The exporter has just started: nothing is known yet.",
        (f"{TROUBLED}|unknown", f"{FAILING}|unknown", f"{PAGES}|unknown", f"{EGRESS}|unknown", f"{INCIDENTS}|unknown"),
        new=True,
        verdicts=dict.fromkeys(PROVIDERS, ("unknown", "no_data")),
        traffic={},
        crowd="crowd-new",
    ),
    Situation(
        # Press reports name errors, slow answers, the US, free accounts before paid, recovery within hours, and the
        # page's updates. Shares, minutes and reasons are assumed.
        "february",
        "3-4 February 2026: mostly users in the US, free accounts harder than paid, admitted late, slow afterwards.",
        (
            f"{TROUBLED}|1",
            f"{FAILING}|theirs: provider",
            f"{PAGES}|1",
            f"{INCIDENTS}|Elevated error rates",
            f"{WORST}|openai",
        ),
        troubles=(
            Trouble("", "", 170, 150, provider="openai", slower=4.0),
            Trouble("server_error", "provider", 150, 10, "openai", "us-east", "free", share=0.85, http="500"),
            Trouble("server_error", "provider", 150, 10, "openai", "us-east", "paid", share=0.4, http="500"),
            Trouble("server_error", "provider", 150, 10, "openai", "fra1", "", share=0.06, http="500"),
            Trouble("overloaded", "provider", 10, 0, "openai", "us-east", "free", share=0.5, http="503"),
            Trouble("", "", 30, provider="openai", location="us-east", slower=5.0),
        ),
        entries=(
            Entry("openai", "major", "Elevated error rates for ChatGPT and the API", 112),
            Entry("anthropic", "none", "Scheduled report of last week's latency", 300),
        ),
        verdicts={"openai": ("partly_down", "probes_fail")},
        traffic={"openai": 0.31, "anthropic": 0.004, "mistral_ai": 0.004},
        pages_alerts=("openai",),
    ),
)
"""In the order of the page that shows their pictures."""

BY_NAME: Final = {situation.name: situation for situation in SITUATIONS}
