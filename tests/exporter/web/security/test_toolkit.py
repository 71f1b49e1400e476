from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest
from ai_provider_exporter.schema.errors import ConfigErrors
from ai_provider_exporter.web.security.toolkit import Toolkit
from ai_provider_exporter.web.security.toolkit_file import ToolkitFile

from tests.exporter.serving import Pki, Run

HASH = "$2y$04$abcdefghijklmnopqrstuu5Z1fD2bIn0rhVtbzI7pUQyZ1Zs3h1wG"


def _load(tmp_path: Path, text: str) -> Toolkit:
    path = tmp_path / "web.yml"
    path.write_text(text)
    return ToolkitFile(path).settings()


def _mistakes(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(ConfigErrors) as caught:
        _load(tmp_path, text)
    return str(caught.value).replace(f"{tmp_path}/", "").splitlines()


def test_a_file_with_every_key_of_exporter_toolkit_loads_unchanged(pki: Pki) -> None:
    settings = _load(
        pki.directory,
        dedent(
            """\
            tls_server_config:
              cert_file: server.pem
              key_file: server.key
              client_auth_type: RequireAndVerifyClientCert
              client_ca_file: ca.pem
              client_allowed_sans:
                - prometheus.example
                - 192.0.2.7
              min_version: TLS12
              max_version: TLS13
              cipher_suites:
                - TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
                - TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
                - TLS_AES_128_GCM_SHA256
              prefer_server_cipher_suites: true
              curve_preferences:
                - X25519
                - CurveP256
            http_server_config:
              http2: true
              headers:
                Content-Security-Policy: "default-src 'self'"
                X-Frame-Options: deny
                X-Content-Type-Options: nosniff
                X-XSS-Protection: 1
                Strict-Transport-Security: max-age=31536000; includeSubDomains
            basic_auth_users:
              prometheus: HASH
            rate_limit:
              interval: "1s"
              burst: 20
            """.replace("HASH", HASH)
        ),
    )

    assert settings.tls_server_config.client_allowed_sans == ("prometheus.example", "192.0.2.7")
    assert settings.rate_limit.interval == 1.0
    assert settings.response_headers() == {
        "Content-Security-Policy": "default-src 'self'",
        "X-Frame-Options": "deny",
        "X-Content-Type-Options": "nosniff",
        "X-XSS-Protection": "1",
        "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    }


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("# nothing yet\n", id="comment"),
        pytest.param("tls_server_config:\nhttp_server_config:\nbasic_auth_users:\nrate_limit:\n", id="bare-keys"),
        pytest.param("tls_server_config: {min_version: TLS13}", id="a-version-does-not-switch-tls-on"),
        pytest.param("http_server_config: {headers: {X-Frame-Options: ''}}", id="blank-header"),
        pytest.param("rate_limit: {interval: 0, burst: 0}", id="no-rate-limit"),
    ],
)
def test_a_file_that_says_nothing_means_no_tls_no_password_no_header_no_limit(tmp_path: Path, text: str) -> None:
    settings = _load(tmp_path, text)

    assert not settings.tls_server_config.enabled
    assert settings.basic_auth_users == {}
    assert settings.response_headers() == {}
    assert settings.rate_limit.interval == 0


def _row(case: str, text: str, line: str) -> object:
    return pytest.param(text, line, id=case)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        _row(
            "unknown-section",
            "rate_limit: {interval: 1s}\nbasic_auth: {}\n",
            "web.yml:2:1: basic_auth: is not a known key; did you mean basic_auth_users?",
        ),
        _row(
            "unknown-key",
            "tls_server_config:\n  cert_filse: server.pem\n",
            "web.yml:2:3: tls_server_config.cert_filse: is not a known key; did you mean cert_file?",
        ),
        _row(
            "unknown-header",
            "http_server_config:\n  headers:\n    Server: x\n",
            "web.yml:3:5: http_server_config.headers.Server: is not a known key; write one of: "
            "Content-Security-Policy, Strict-Transport-Security, X-Content-Type-Options, X-Frame-Options, "
            "X-XSS-Protection",
        ),
        _row(
            "header-in-other-letters",
            "http_server_config: {headers: {x-frame-options: deny}}\n",
            "web.yml:1:32: http_server_config.headers.x-frame-options: is not a known key; "
            "did you mean X-Frame-Options?",
        ),
        _row(
            "header-value",
            "http_server_config: {headers: {X-Frame-Options: none}}\n",
            "web.yml:1:32: http_server_config.headers.X-Frame-Options: is not one of '', 'deny' or 'sameorigin'; "
            "write one of them",
        ),
        _row(
            "tls-version",
            "tls_server_config: {min_version: TLS9}\n",
            "web.yml:1:21: tls_server_config.min_version: is not one of 'TLS10', 'TLS11', 'TLS12' or 'TLS13'; "
            "write one of them",
        ),
        _row(
            "curve",
            "tls_server_config:\n  curve_preferences:\n  - CurveP257\n",
            "web.yml:3:5: tls_server_config.curve_preferences[0]: is not one of 'X25519', 'CurveP256', 'CurveP384' "
            "or 'CurveP521'; write one of them",
        ),
        _row(
            "hash",
            "basic_auth_users:\n  john: doe\n",
            "web.yml:2:3: basic_auth_users.john: is not a bcrypt hash; write what `htpasswd -nBC 10 NAME` prints "
            "after the colon",
        ),
        _row(
            "salt-that-bcrypt-cannot-read",
            f"basic_auth_users:\n  john: {HASH.replace('uu5', 'uv5')}\n",
            "web.yml:2:3: basic_auth_users.john: is not a bcrypt hash; write what `htpasswd -nBC 10 NAME` prints "
            "after the colon",
        ),
        _row(
            "interval-without-unit",
            "rate_limit: {interval: 5}\n",
            "web.yml:1:14: rate_limit.interval: needs a unit; write a duration such as 1s or 100ms, or 0 for no limit",
        ),
        _row(
            "not-a-mapping",
            "just words\n",
            "web.yml:1:1: must be a mapping of keys to values; indent `key: value` lines below it",
        ),
        _row(
            "written-twice",
            "rate_limit: {}\nrate_limit: {}\n",
            "web.yml:2:1: 'rate_limit' is written twice in one mapping; keep one of them",
        ),
        _row(
            "no-certificate",
            "tls_server_config:\n  key_file: server.key\n",
            "web.yml:1:1: tls_server_config.cert: is missing; write cert_file or cert, TLS needs cert and key",
        ),
        _row(
            "empty-certificate",
            "tls_server_config:\n  cert: ''\n  key_file: server.key\n",
            "web.yml:2:3: tls_server_config.cert: is missing; write cert_file or cert, TLS needs cert and key",
        ),
        _row(
            "no-key",
            "tls_server_config:\n  cert_file: server.pem\n",
            "web.yml:1:1: tls_server_config.key: is missing; write key_file or key, TLS needs cert and key",
        ),
        _row(
            "certificate-not-there",
            "tls_server_config:\n  cert_file: absent.pem\n  key_file: server.key\n",
            "web.yml:2:3: tls_server_config.cert_file: absent.pem cannot be read: No such file or directory; "
            "name a readable file",
        ),
        _row(
            "certificate-is-a-key",
            "tls_server_config:\n  cert_file: server.key\n  key_file: server.key\n",
            "web.yml:2:3: tls_server_config.cert_file: holds no certificate; write one in PEM form",
        ),
        _row(
            "key-is-a-certificate",
            "tls_server_config:\n  cert_file: server.pem\n  key_file: server.pem\n",
            "web.yml:3:3: tls_server_config.key_file: holds no private key; write one in PEM form",
        ),
        _row(
            "key-is-garbled",
            "tls_server_config:\n  cert_file: server.pem\n"
            "  key: '-----BEGIN PRIVATE KEY-----\n\n    QUFB\n\n    -----END PRIVATE KEY-----'\n",
            "web.yml:3:3: tls_server_config.key: is not a private key; write one in PEM form, unencrypted",
        ),
        _row(
            "key-of-another",
            "tls_server_config:\n  cert_file: server.pem\n  key_file: other.key\n",
            "web.yml:3:3: tls_server_config.key_file: does not go with the certificate (key values mismatch); "
            "replace both",
        ),
        _row(
            "client-ca-without-policy",
            "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n  client_ca_file: ca.pem\n",
            "web.yml:1:1: tls_server_config.client_auth_type: is needed beside a client CA; "
            "write RequireAndVerifyClientCert",
        ),
        _row(
            "versions-crossed",
            "tls_server_config: {cert_file: server.pem, key_file: server.key, min_version: TLS13, max_version: TLS12}",
            "web.yml:1:66: tls_server_config.min_version: is above max_version TLS12; lower it or raise that",
        ),
        _row(
            "no-cipher-left",
            "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n  max_version: TLS12\n"
            "  cipher_suites: [TLS_AES_128_GCM_SHA256]\n",
            "web.yml:5:3: tls_server_config.cipher_suites: has none for TLS12; add one that has ECDHE in it",
        ),
    ],
)
def test_a_mistake_says_where_it_is_and_what_to_write(pki: Pki, text: str, line: str) -> None:
    pki.issue("other", "localhost")

    assert _mistakes(pki.directory, text) == [line]


@pytest.mark.parametrize("value", ["TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA2048"])
def test_a_cipher_suite_that_go_does_not_offer_is_refused_with_those_it_does(tmp_path: Path, value: str) -> None:
    (line,) = _mistakes(tmp_path, f"tls_server_config:\n  cipher_suites:\n  - {value}\n")

    assert line.startswith("web.yml:3:5: tls_server_config.cipher_suites[0]: is not one of 'TLS_AES_128_GCM_SHA256'")


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    lines = _mistakes(tmp_path, "rate_limit: {burst: many}\nhttp_server_config: {http2: maybe}\n")

    assert lines == [
        "web.yml:1:14: rate_limit.burst: must be a whole number, such as 16",
        "web.yml:2:22: http_server_config.http2: must be true or false",
    ]


def test_an_encrypted_key_is_refused(pki: Pki, openssl: Run) -> None:
    openssl("pkcs8", "-topk8", "-in", pki.directory / "server.key", "-out", pki.directory / "locked.key",
            "-passout", "pass:mellon")  # fmt: skip
    text = "tls_server_config: {cert_file: server.pem, key_file: locked.key}"

    assert _mistakes(pki.directory, text) == [
        "web.yml:1:44: tls_server_config.key_file: is not a private key; write one in PEM form, unencrypted"
    ]


def test_no_message_and_no_repr_holds_a_secret(tmp_path: Path) -> None:
    secret = "-----BEGIN PRIVATE KEY-----not-to-be-seen"
    lines = _mistakes(tmp_path, f"tls_server_config: {{cert: x, key: '{secret}', keyy: '{secret}'}}")
    settings = _load(tmp_path, f"basic_auth_users: {{alice: {HASH}}}")

    assert "not-to-be-seen" not in "\n".join(lines)
    assert HASH not in repr(settings)


def test_names_of_files_are_relative_to_the_file_that_names_them(
    pki: Pki, tmp_path_factory: pytest.TempPathFactory
) -> None:
    (pki.directory / "certs").mkdir()
    pki.directory.joinpath("server.pem").rename(pki.directory / "certs" / "server.pem")
    absolute = tmp_path_factory.mktemp("elsewhere") / "server.key"
    pki.directory.joinpath("server.key").rename(absolute)

    settings = _load(pki.directory, f"tls_server_config: {{cert_file: certs/server.pem, key_file: {absolute}}}")

    assert settings.tls_server_config.enabled
