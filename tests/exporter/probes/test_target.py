from __future__ import annotations

import pytest
from ai_provider_exporter.probes.target import canonical_url


@pytest.mark.parametrize(
    "spelling",
    [
        "http://127.0.0.1",
        "HTTP://127.0.0.1/",
        "http://127.0.0.1:80/",
        "http://127.0.0.1:080/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::FFFF:7f00:1]/",
        "http://127.0.0.1./",
        "http://127.0.0.1/.",
        "http://127.0.0.1/a/..",
        "http://127.0.0.1/#fragment",
    ],
)
def test_spellings_of_one_url_are_counted_as_one(spelling: str) -> None:
    assert canonical_url(spelling) == "http://127.0.0.1/"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("http://a/v1", "http://a/v1/", id="a trailing slash"),
        pytest.param("http://a/V1", "http://a/v1", id="case of the path"),
        pytest.param("http://a/v1", "https://a/v1", id="the scheme"),
        pytest.param("http://a:80/", "http://a:8080/", id="the port"),
        pytest.param("http://a/?q=1", "http://a/?q=2", id="the query"),
        pytest.param("http://a/b%2Fc", "http://a/b/c", id="an escaped slash"),
    ],
)
def test_urls_that_may_lead_to_two_resources_stay_two(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://GPU-1.Svc./v1", "http://gpu-1.svc/v1"),
        ("https://[FD00:0::1]:443/%7euser/%2f", "https://[fd00::1]/~user/%2F"),
        ("http://a/b/./c/../d", "http://a/b/d"),
        ("http://a/../../d", "http://a/d"),
    ],
)
def test_a_url_is_counted_in_its_normal_form(url: str, expected: str) -> None:
    assert canonical_url(url) == expected
