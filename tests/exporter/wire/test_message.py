import pytest
from ai_provider_exporter.wire import Headers, InvalidRequest, Origin, Request
from ai_provider_exporter.wire.message import split_url, write_request


@pytest.mark.parametrize(
    ("url", "origin", "target", "authority"),
    [
        ("https://api.test", Origin("https", "api.test", 443), "/", "api.test"),
        ("http://api.test/v1?x=1#part", Origin("http", "api.test", 80), "/v1?x=1", "api.test"),
        ("https://API.test:8443/A%20b", Origin("https", "api.test", 8443), "/A%20b", "api.test:8443"),
        ("http://[::1]:8080/", Origin("http", "::1", 8080), "/", "[::1]:8080"),
        ("https://api.test:443/?a", Origin("https", "api.test", 443), "/?a", "api.test"),
    ],
)
def test_a_url_says_whom_to_ask_for_what(url: str, origin: Origin, target: str, authority: str) -> None:
    assert split_url(url) == (origin, target)
    assert origin.authority == authority


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("api.test/v1", "not an absolute URL; write http://HOST/PATH or https://HOST/PATH"),
        ("ftp://api.test/", "not an absolute URL"),
        ("https:///v1", "not an absolute URL"),
        ("https://api.test:port/", "is not a URL: Port could not be cast"),
        ("https://api.test:99999/", "is not a URL: Port out of range"),
        ("https://user:hunter2@api.test/", "holds a user name; credentials belong in a header"),
        ("https://api.test/a b?key=hunter2", "percent-encode them"),
        ("https://api.test/ä?key=hunter2", "percent-encode them"),
        ("https://api.test/?key=hunter2 x", "percent-encode them"),
    ],
)
def test_a_url_that_cannot_be_asked_is_refused_without_its_secrets(url: str, message: str) -> None:
    with pytest.raises(InvalidRequest, match=message) as caught:
        split_url(url)

    assert "hunter2" not in str(caught.value)


def write(method: str = "GET", headers: dict[str, str] | None = None, body: bytes = b"") -> bytes:
    request = Request(method=method, url="", headers=headers or {}, body=body)
    return write_request(request, "/", "api.test", {})


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({"x-key": "hunter2\r\nx-evil: 1"}, "the value of header 'x-key' holds a line break"),
        ({"x-key": "hunter2\n"}, "the value of header 'x-key' holds a line break"),
        ({"x-key": "hunter2\x00"}, "unprintable"),
        ({"x-key": "hunter2\u20ac"}, "unprintable"),
        ({"x evil": "hunter2"}, "'x evil' is not a header name"),
        ({"x:": "hunter2"}, "is not a header name"),
        ({"": "hunter2"}, "is not a header name"),
    ],
)
def test_a_header_that_would_break_the_request_is_refused_without_its_value(
    headers: dict[str, str], message: str
) -> None:
    with pytest.raises(InvalidRequest, match=message) as caught:
        write(headers=headers)

    assert "hunter2" not in str(caught.value)


def test_a_method_is_a_word() -> None:
    with pytest.raises(InvalidRequest, match="'GET /' is not an HTTP method"):
        write("GET /")


def test_the_headers_of_the_request_win_in_any_case() -> None:
    lines = write(headers={"Accept-Encoding": "gzip", "HOST": "other.test"}).decode().split("\r\n")

    assert "accept-encoding: gzip" in lines
    assert "host: other.test" in lines
    assert len([line for line in lines if line.startswith("host:")]) == 1


@pytest.mark.parametrize(
    ("method", "body", "length"),
    [("GET", b"", None), ("POST", b"", "0"), ("POST", b"{}", "2"), ("DELETE", b"{}", "2"), ("DELETE", b"", None)],
)
def test_a_length_is_told_where_a_body_is_due(method: str, body: bytes, length: str | None) -> None:
    lines = write(method, body=body).decode().split("\r\n")

    assert [line for line in lines if line.startswith("content-length")] == (
        [] if length is None else [f"content-length: {length}"]
    )


def test_headers_are_found_in_any_case_and_keep_all_their_values() -> None:
    headers = Headers([("Set-Cookie", "a"), ("X-One", "1"), ("set-cookie", "b")])

    assert (headers["SET-COOKIE"], headers.get("x-one"), headers.get("x-two")) == ("a", "1", None)
    assert headers.get_all("Set-Cookie") == ["a", "b"]
    assert headers.get_all("x-two") == []
    assert dict(headers) == {"set-cookie": "a", "x-one": "1"}
