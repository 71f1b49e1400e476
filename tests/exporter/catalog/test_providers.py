"""What holds for every provider that the program knows."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from time import process_time

import pytest
from ai_provider_exporter import catalog
from ai_provider_exporter.catalog import Api, Fact, Provider

PROVIDERS = catalog.load()
FIRST_NEED = {
    "openai",
    "anthropic",
    "gcp.gemini",
    "mistral_ai",
    "groq",
    "cohere",
    "x_ai",
    "deepseek",
    "openrouter",
    "ollama",
    "vllm",
}
SELF_HOSTED = {"ollama", "vllm"}
# The values of gen_ai.provider.name that have a provider here, and what else people call it:
# https://github.com/open-telemetry/semantic-conventions-genai, 2026-11-22
OPENTELEMETRY = {
    "anthropic": {"claude"},
    "aws.bedrock": {"aws_bedrock", "bedrock"},
    "azure.ai.openai": {"azure_openai", "azure"},
    "cohere": set[str](),
    "deepseek": set[str](),
    "gcp.gemini": {"gemini", "google"},
    "gcp.vertex_ai": {"vertex_ai", "vertex"},
    "groq": set[str](),
    "ibm.watsonx.ai": {"watsonx", "ibm"},
    "mistral_ai": {"mistral"},
    "moonshot_ai": {"moonshot", "kimi"},
    "openai": {"chatgpt"},
    "perplexity": {"perplexity_ai"},
    "x_ai": {"xai", "grok"},
}


def written(provider: Provider) -> str:
    return (catalog.DIRECTORY / f"{provider.name}.yaml").read_text("utf-8")


def facts() -> list[tuple[str, Fact]]:
    pages = [(provider.name, page) for provider in PROVIDERS.values() for page in provider.status]
    return [*pages, *apis().items()]


def apis() -> dict[str, Api]:
    return {provider.name: provider.api for provider in PROVIDERS.values() if provider.api}


def test_the_providers_of_first_need_are_known() -> None:
    assert set(PROVIDERS) >= FIRST_NEED


def test_names_are_spelled_as_opentelemetry_spells_them() -> None:
    other_spellings = set[str]().union(*OPENTELEMETRY.values())

    assert set(PROVIDERS) >= set(OPENTELEMETRY)
    assert not other_spellings & set(PROVIDERS)


def test_every_file_starts_with_the_line_that_names_its_schema() -> None:
    first_line = "# yaml-language-server: $schema=schema.json\n"

    assert [name for name, provider in PROVIDERS.items() if not written(provider).startswith(first_line)] == []


def test_no_fact_was_checked_in_the_future() -> None:
    today = datetime.now(tz=UTC).date()

    assert [name for name, fact in facts() if fact.checked > today] == []


def test_every_source_is_public() -> None:
    public = re.compile(r"https://|PyPI [\w-]+ \d")
    sources = [(name, source) for name, fact in facts() for source in fact.source.split("; ")]

    assert [(name, source) for name, source in sources if not public.match(source)] == []


def test_a_provider_without_a_page_says_why() -> None:
    silent = [provider for provider in PROVIDERS.values() if not provider.status]

    assert [provider.name for provider in silent if not re.search(r"(?mi)^# .*\bno page\b", written(provider))] == []


def test_an_api_without_a_model_says_why() -> None:
    open_ = [PROVIDERS[name] for name, api in apis().items() if api.model is None]

    assert [provider.name for provider in open_ if not re.search(r"(?mi)^# .*\bno model\b", written(provider))] == []


def test_addresses_are_https_but_on_one_s_own_machine() -> None:
    pages = [(provider.name, page.url) for provider in PROVIDERS.values() for page in provider.status]
    addresses = [*pages, *((name, api.base_url) for name, api in apis().items())]

    assert {name for name, address in addresses if not address.startswith("https://")} == SELF_HOSTED


def test_a_path_can_be_appended_to_every_base_url() -> None:
    assert [name for name, api in apis().items() if api.base_url.endswith("/")] == []


def test_only_what_needs_no_key_or_another_token_names_no_variable() -> None:
    token_made_from_credentials = {"gcp.vertex_ai"}

    assert {name for name, api in apis().items() if api.key_env is None} == SELF_HOSTED | token_made_from_credentials


@pytest.mark.parametrize("name", sorted(SELF_HOSTED))
def test_what_runs_on_one_s_own_machine_is_never_probed_unasked(name: str) -> None:
    assert apis()[name].key_env is None
    assert not apis()[name].is_ready
    assert PROVIDERS[name].status == ()


def test_no_page_is_read_twice_for_the_same_components() -> None:
    read = Counter(
        (page.url.rstrip("/"), page.format, page.components, page.regions)
        for provider in PROVIDERS.values()
        for page in provider.status
    )

    assert [page for page, times in read.items() if times > 1] == []


def test_no_two_providers_share_the_variable_of_a_key() -> None:
    variables = Counter(api.key_env for api in apis().values() if api.key_env)

    assert [variable for variable, times in variables.items() if times > 1] == []


def test_no_two_providers_share_a_word() -> None:
    deliberate = {"ai gateway"}  # Cloudflare's and Vercel's products have one name
    words = Counter(word for provider in PROVIDERS.values() for word in provider.words)

    assert {word for word, times in words.items() if times > 1} == deliberate


def test_every_provider_can_be_found_in_what_users_write() -> None:
    assert [name for name, provider in PROVIDERS.items() if not provider.words] == []


def test_the_whole_catalog_is_read_within_a_tenth_of_a_second() -> None:
    def seconds_to_load() -> float:
        before = process_time()
        catalog.load()
        return process_time() - before

    assert min(seconds_to_load() for _ in range(3)) < 0.1


def test_every_default_model_has_a_dated_price() -> None:
    assert {name for name, api in apis().items() if (api.model is None) != (api.price is None)} == set()


@pytest.mark.parametrize(
    ("provider", "model", "has_price"),
    [
        ("openai", "gpt-6-luna", True),
        ("openai", "gpt-6-sol", False),
        ("aws.bedrock", "amazon.nova-micro-v1:0", True),
        ("acme", "gpt-6-luna", False),
    ],
)
def test_a_price_is_that_of_a_providers_default_model(provider: str, model: str, has_price: bool) -> None:  # noqa: FBT001  # a column
    assert (catalog.price_of(provider, model) is not None) is has_price
