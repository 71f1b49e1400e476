"""Every status page of the catalog is in a format that the program reads."""

from __future__ import annotations

from ai_provider_exporter import catalog
from ai_provider_exporter.config.load import load_settings, readable_sources
from ai_provider_exporter.status_pages.options import REGIONAL

PROVIDERS = catalog.load()
WITH_A_PAGE = {name for name, provider in PROVIDERS.items() if provider.status}
ASKED_BY_POST_ALONE = {"gcp.gemini"}
REGIONS = {"AWS_REGION": "us-east-1"}


def test_every_provider_with_a_page_has_one_that_answers_a_plain_request() -> None:
    silent = {name for name in WITH_A_PAGE if not readable_sources(PROVIDERS[name])}

    assert silent == ASKED_BY_POST_ALONE


def test_without_a_file_every_page_is_read() -> None:
    pages = load_settings(None, REGIONS, PROVIDERS).pages

    assert {page.provider for page in pages} == WITH_A_PAGE - ASKED_BY_POST_ALONE


def test_without_a_file_and_a_region_all_but_the_clouds_that_need_one_are_read() -> None:
    pages = load_settings(None, {}, PROVIDERS).pages
    regional = {name for name in WITH_A_PAGE if any(source.format in REGIONAL for source in PROVIDERS[name].status)}

    assert {page.provider for page in pages} == WITH_A_PAGE - ASKED_BY_POST_ALONE - regional
