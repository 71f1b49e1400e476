"""From `tls_server_config` to an OpenSSL context.

pyOpenSSL, because the standard library's ssl can neither ask for a client certificate without verifying it,
nor check one inside the handshake, nor take a key that is not in a file, nor hold more than one curve.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from OpenSSL import SSL, crypto

from ai_provider_exporter.web.security.toolkit import TlsServer

_VERSIONS: dict[str, int] = {
    "TLS10": SSL.TLS1_VERSION,
    "TLS11": SSL.TLS1_1_VERSION,
    "TLS12": SSL.TLS1_2_VERSION,
    "TLS13": SSL.TLS1_3_VERSION,
}
# Go's names and OpenSSL's (openssl-ciphers(1)). TLS 1.3's own suites are always on, in Go too.
_CIPHERS: dict[str, str] = {
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256": "ECDHE-ECDSA-AES128-GCM-SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256": "ECDHE-RSA-AES128-GCM-SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384": "ECDHE-ECDSA-AES256-GCM-SHA384",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384": "ECDHE-RSA-AES256-GCM-SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256": "ECDHE-ECDSA-CHACHA20-POLY1305",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256": "ECDHE-RSA-CHACHA20-POLY1305",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA": "ECDHE-ECDSA-AES128-SHA",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA": "ECDHE-RSA-AES128-SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA": "ECDHE-ECDSA-AES256-SHA",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA": "ECDHE-RSA-AES256-SHA",
}
_CURVES: dict[str, str] = {
    "X25519": "X25519",
    "CurveP256": "P-256",
    "CurveP384": "P-384",
    "CurveP521": "P-521",
}
_Demand = Literal["nothing", "any", "valid"]
# What a client certificate that is shown must be, and whether one must be shown; crypto/tls#ClientAuthType.
_CLIENT_AUTH: dict[str, tuple[_Demand, bool]] = {
    "": ("nothing", False),
    "NoClientCert": ("nothing", False),
    "RequestClientCert": ("any", False),
    "RequireAnyClientCert": ("any", True),
    "RequireClientCert": ("any", True),
    "VerifyClientCertIfGiven": ("valid", False),
    "RequireAndVerifyClientCert": ("valid", True),
}
_PRIVATE_KEY = re.compile(rb"-----BEGIN ([A-Z ]*PRIVATE KEY)-----.*?-----END \1-----", re.DOTALL)


class TlsMistake(Exception):  # noqa: N818  # the user's, not ours
    """`key` of tls_server_config cannot be used; `problem` says why and what to write instead."""

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(f"{key}: {problem}")
        self.key, self.problem = key, problem


def files(options: TlsServer, directory: Path) -> list[Path]:
    """The files that a context is made of; relative names are relative to `directory`."""
    names = (options.cert_file, options.key_file, options.client_ca_file)
    return [directory / name for name in names if name]


def context(options: TlsServer, directory: Path) -> SSL.Context:
    """Build the context that serves the next connections.

    Raises:
        TlsMistake: a certificate, key or combination of settings cannot be used.
    """
    made = SSL.Context(SSL.TLS_SERVER_METHOD)
    made.set_options(SSL.OP_NO_RENEGOTIATION | SSL.OP_NO_TICKET | SSL.OP_NO_COMPRESSION)
    made.set_session_cache_mode(SSL.SESS_CACHE_OFF)  # each connection shows its certificate anew
    _certificate(made, options, directory)
    _versions_and_ciphers(made, options)
    _curves(made, options)
    _client_certificates(made, options, directory)
    return made


def _certificate(made: SSL.Context, options: TlsServer, directory: Path) -> None:
    chain = _certificates(options, "cert", directory)
    key_source = "key_file" if options.key_file else "key"
    match = _PRIVATE_KEY.search(_pem(options, "key", directory))
    if match is None:
        raise TlsMistake(key_source, "holds no private key; write one in PEM form")
    try:
        made.use_certificate(chain[0])
        for issuer in chain[1:]:
            made.add_extra_chain_cert(issuer)
        made.use_privatekey(load_pem_private_key(match.group(), password=None))  # type: ignore[arg-type]
        made.check_privatekey()
    except (TypeError, ValueError, UnsupportedAlgorithm):
        raise TlsMistake(key_source, "is not a private key; write one in PEM form, unencrypted") from None
    except SSL.Error as error:
        why = f"does not go with the certificate ({_reason(error)}); replace both"
        raise TlsMistake(key_source, why) from None


def _certificates(options: TlsServer, name: str, directory: Path) -> list[x509.Certificate]:
    pem = _pem(options, name, directory)
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError:
        source = f"{name}_file" if getattr(options, f"{name}_file") else name
        raise TlsMistake(source, "holds no certificate; write one in PEM form") from None


def _pem(options: TlsServer, name: str, directory: Path) -> bytes:
    """What `NAME_file` names, or else what `NAME` holds."""
    file: str = getattr(options, f"{name}_file")
    if not file:
        inline: str = getattr(options, name)
        if not inline:
            raise TlsMistake(name, f"is missing; write {name}_file or {name}, TLS needs cert and key")
        return inline.encode()
    path = directory / file
    try:
        return path.read_bytes()
    except OSError as error:
        why = f"{path} cannot be read: {error.strerror}; name a readable file"
        raise TlsMistake(f"{name}_file", why) from None


def _versions_and_ciphers(made: SSL.Context, options: TlsServer) -> None:
    lowest, highest = _VERSIONS[options.min_version], _VERSIONS[options.max_version]
    chosen: tuple[str, ...] = options.cipher_suites or tuple(_CIPHERS)
    suites = [_CIPHERS[name] for name in chosen if name in _CIPHERS]
    if lowest > highest:
        raise TlsMistake("min_version", f"is above max_version {options.max_version}; lower it or raise that")
    if not suites and highest < SSL.TLS1_3_VERSION:
        raise TlsMistake("cipher_suites", f"has none for {options.max_version}; add one that has ECDHE in it")
    if not suites:
        lowest = SSL.TLS1_3_VERSION
    if lowest < SSL.TLS1_2_VERSION:
        suites.append("@SECLEVEL=0")  # OpenSSL 3 signs with SHA-1, as TLS 1.0 and 1.1 must, on no other level
    made.set_min_proto_version(lowest)
    made.set_max_proto_version(highest)
    if suites:
        made.set_cipher_list(":".join(suites).encode())
    if options.prefer_server_cipher_suites:
        made.set_options(SSL.OP_CIPHER_SERVER_PREFERENCE)


def _curves(made: SSL.Context, options: TlsServer) -> None:
    if options.curve_preferences:
        names = ":".join(_CURVES[name] for name in options.curve_preferences)
        # pyOpenSSL has no public way to name more than one curve, nor X25519; its binding has.
        binding, raw = SSL._lib, made._context  # type: ignore[attr-defined]  # noqa: SLF001
        if binding.SSL_CTX_set1_curves_list(raw, names.encode()) != 1:
            raise TlsMistake("curve_preferences", f"{names} is refused by OpenSSL; choose other curves")


def _client_certificates(made: SSL.Context, options: TlsServer, directory: Path) -> None:
    demand, needed = _CLIENT_AUTH[options.client_auth_type]
    has_ca = bool(options.client_ca or options.client_ca_file)
    if demand == "nothing":
        if has_ca:
            why = "is needed beside a client CA; write RequireAndVerifyClientCert"
            raise TlsMistake("client_auth_type", why)
        return
    if has_ca:
        _trust(made, _certificates(options, "client_ca", directory))
    else:
        made.set_default_verify_paths()  # Go, too, falls back to the system's authorities
    mode = SSL.VERIFY_PEER
    if needed or options.client_allowed_sans:
        mode |= SSL.VERIFY_FAIL_IF_NO_PEER_CERT
    made.set_verify(mode, _verifier(demand, frozenset(options.client_allowed_sans)))


def _trust(made: SSL.Context, authorities: list[x509.Certificate]) -> None:
    store = made.get_cert_store()
    if store is None:  # pragma: no cover  # only of a context that was never made
        raise AssertionError("a context has a store")
    store.set_flags(crypto.X509StoreFlags.PARTIAL_CHAIN)  # an intermediate may be trusted by itself, as in Go
    for authority in authorities:
        store.add_cert(crypto.X509.from_cryptography(authority))
        made.add_client_ca(authority)


def _verifier(demand: _Demand, allowed: frozenset[str]) -> Callable[[Any, crypto.X509, int, int, int], bool]:
    """OpenSSL calls it for each certificate of the chain; depth 0 is the client's own."""

    def verify(_: Any, certificate: crypto.X509, __: int, depth: int, valid: int) -> bool:
        if demand == "valid" and not valid:
            return False
        return depth > 0 or not allowed or not allowed.isdisjoint(names(certificate))

    return verify


def names(certificate: crypto.X509) -> set[str]:
    """The DNS names, e-mail addresses, IP addresses and URIs that a certificate is for; none if it is garbled."""
    try:
        extensions = certificate.to_cryptography().extensions
        alternatives = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType, ValueError):
        return set()
    kinds = (x509.DNSName, x509.RFC822Name, x509.IPAddress, x509.UniformResourceIdentifier)
    return {str(name.value) for name in alternatives if isinstance(name, kinds)}


def _reason(error: SSL.Error) -> str:
    """OpenSSL's own words: the last of (library, function, reason)."""
    problems = error.args[0] if error.args else []
    return str(problems[-1][-1]) if problems else "OpenSSL gives no reason"
