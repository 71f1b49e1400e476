import asyncio
import os
import ssl
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import trustme
from ai_provider_exporter.wire import TlsContexts, TlsUnusable
from ai_provider_exporter.wire.tls import load_system_authorities
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from tests.exporter.wire.loopback import PLAIN, Run, answer, fetch, get, saying, server_context, serving


def nothing(_context: ssl.SSLContext) -> None:
    """A system that trusts nobody."""


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> str:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.fixture
def pair(authority: trustme.CA, tmp_path: Path) -> tuple[str, str]:
    """A client certificate and its key, as file names."""
    return written(authority.issue_cert("client.test"), tmp_path, "client")


def written(certificate: trustme.LeafCert, directory: Path, name: str) -> tuple[str, str]:
    cert_file, key_file = directory / f"{name}.pem", directory / f"{name}.key"
    cert_file.write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
    key_file.write_bytes(certificate.private_key_pem.bytes())
    return str(cert_file), str(key_file)


def test_equal_settings_share_a_context(ca_file: str) -> None:
    contexts = TlsContexts(nothing)

    assert contexts.get(ca_file=ca_file) is contexts.get(ca_file=ca_file)
    assert contexts.get(ca_file=ca_file) is not contexts.get(ca_file=ca_file, alpn=("h2",))
    assert contexts.get() is not contexts.get(ca_file=ca_file)


def test_a_changed_file_makes_a_new_context(ca_file: str) -> None:
    contexts = TlsContexts(nothing)
    before = contexts.get(ca_file=ca_file)
    os.utime(ca_file, ns=(1, 1))

    assert contexts.get(ca_file=ca_file) is not before


def test_contexts_verify_and_speak_tls_1_2_at_least() -> None:
    context = TlsContexts(nothing).get()

    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname


def test_a_ca_file_replaces_what_the_system_trusts(run: Run, certificate: trustme.LeafCert, ca_file: str) -> None:
    contexts = TlsContexts()

    async def main(tls: ssl.SSLContext) -> bytes:
        async with serving(saying(answer(b"hello")), server_context(certificate)) as port:
            return (await fetch(get(port, "https"), replace(PLAIN, tls=tls)))[1]

    assert run(main(contexts.get(ca_file=ca_file))) == b"hello"
    with pytest.raises(ssl.SSLCertVerificationError):
        run(main(contexts.get()))


def test_a_client_certificate_is_shown_to_the_server_that_asks(
    run: Run, authority: trustme.CA, certificate: trustme.LeafCert, ca_file: str, pair: tuple[str, str]
) -> None:
    server = server_context(certificate)
    server.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(server)
    seen: list[object] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(writer.get_extra_info("peercert")["subjectAltName"])
        await saying(answer(b"hello"))(reader, writer)

    tls = TlsContexts(nothing).get(ca_file=ca_file, cert_file=pair[0], key_file=pair[1])

    async def main() -> None:
        async with serving(handler, server) as port:
            await fetch(get(port, "https"), replace(PLAIN, tls=tls))

    run(main())

    assert seen == [(("DNS", "client.test"),)]


def garbage(directory: Path, _authority: trustme.CA) -> dict[str, str]:
    (directory / "garbage").write_text("this is no certificate")
    return {"ca_file": str(directory / "garbage")}


def missing(directory: Path, _authority: trustme.CA) -> dict[str, str]:
    return {"ca_file": str(directory / "missing")}


def directory(path: Path, _authority: trustme.CA) -> dict[str, str]:
    return {"ca_file": str(path)}


def directory_of_certificates(path: Path, _authority: trustme.CA) -> dict[str, str]:
    return {"cert_file": str(path)}


def garbage_certificate(directory: Path, authority: trustme.CA) -> dict[str, str]:
    return {"cert_file": garbage(directory, authority)["ca_file"]}


def mismatch(directory: Path, authority: trustme.CA) -> dict[str, str]:
    one = written(authority.issue_cert("one.test"), directory, "one")
    other = written(authority.issue_cert("other.test"), directory, "other")
    return {"cert_file": one[0], "key_file": other[1]}


def encrypted(directory: Path, authority: trustme.CA) -> dict[str, str]:
    cert_file, key_file = written(authority.issue_cert("one.test"), directory, "one")
    key = load_pem_private_key(Path(key_file).read_bytes(), None)
    scrambled = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))
    Path(key_file).write_bytes(scrambled)
    return {"cert_file": cert_file, "key_file": key_file}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(missing, r"tls\.ca_file: .*/missing cannot be read: No such file", id="missing"),
        pytest.param(directory, r"tls\.ca_file: .* (cannot be read|holds no certificate)", id="directory"),
        pytest.param(directory_of_certificates, r"tls\.cert_file: .* (cannot|hold no)", id="directory of certificates"),
        pytest.param(garbage, r"tls\.ca_file: .*/garbage holds no certificate in PEM form", id="garbage"),
        pytest.param(garbage_certificate, r"tls\.cert_file: .*/garbage hold no cert", id="garbage certificate"),
        pytest.param(mismatch, r"tls\.cert_file: .*one\.pem and .*other\.key do not belong together", id="mismatch"),
        pytest.param(encrypted, r"tls\.key_file: the key is encrypted; write it without", id="encrypted"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_in_a_sentence(
    tmp_path: Path, authority: trustme.CA, make: Callable[[Path, trustme.CA], dict[str, str]], message: str
) -> None:
    settings = make(tmp_path, authority)

    with pytest.raises(TlsUnusable, match=message):
        TlsContexts(nothing).get(
            ca_file=settings.get("ca_file"),
            cert_file=settings.get("cert_file"),
            key_file=settings.get("key_file"),
        )


def test_a_system_without_authorities_is_told_and_how_to_mend_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))

    with pytest.raises(TlsUnusable, match="install the package ca-certificates"):
        load_system_authorities(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


def test_a_directory_of_authorities_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ca_file: str) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing"))
    monkeypatch.setenv("SSL_CERT_DIR", str(Path(ca_file).parent))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

    load_system_authorities(context)

    assert context.cert_store_stats()["x509_ca"] == 0
