"""What a peer's certificates say, and what OpenSSL and the other side find wrong with a certificate."""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from typing import Any

Certificate = Mapping[str, Any]
"""As `ssl.SSLSocket.getpeercert` describes it: `subject`, `issuer`, `notAfter` and more."""

FLAWS: dict[int, str] = {
    9: "not yet valid",
    10: "expired",
    23: "revoked",
    62: "for another host",
    64: "for another IP",
}
"""What OpenSSL finds wrong with a certificate itself; every other verdict of its doubts who issued it.

Source: X509_V_ERR_*, https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/ (2026-11-22).
"""

UNKNOWN_ISSUER = frozenset({20, 21})
"""X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY and X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE: same source."""

CLIENT_CERTIFICATE_ALERTS: dict[str, str] = {
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "wants a client certificate and got none; write tls.cert_file",
    "SSLV3_ALERT_BAD_CERTIFICATE": "cannot read our client certificate; check tls.cert_file",
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE": "does not take certificates of that type; check tls.cert_file",
    "SSLV3_ALERT_CERTIFICATE_REVOKED": "says that our client certificate is revoked; renew tls.cert_file",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": "says that our client certificate has expired; renew tls.cert_file",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": "does not accept our client certificate; check tls.cert_file",
    "TLSV1_ALERT_UNKNOWN_CA": "does not know the issuer of our client certificate; check tls.cert_file",
    "TLSV1_ALERT_ACCESS_DENIED": "refuses our client certificate; check tls.cert_file",
}
"""What the server's alert says of our own certificate, by OpenSSL's name: RFC 8446, section 6.2."""


def peer_certificates(tls: ssl.SSLObject | None) -> list[Certificate]:
    """The certificates as the server sent them, its own first, whether they were verified or not.

    `ssl` describes an unverified certificate to nobody; its own object below does, in every Python from 3.10 on.
    """
    chain = None if tls is None else tls._sslobj.get_unverified_chain()  # type: ignore[attr-defined]  # noqa: SLF001
    return [certificate.get_info() for certificate in chain or ()]


def expires_at(certificate: Certificate) -> float:
    """Unix seconds."""
    return float(ssl.cert_time_to_seconds(certificate["notAfter"]))


def lacks_issuer(certificates: Sequence[Certificate], *, trusts_ca_file: bool) -> bool:
    """Whether the server forgot the certificate between its own and an authority that is trusted.

    It cannot be told for sure: a server of one's own may have its certificate from a root that is simply not known
    here. So its certificate has to name a place where its issuer's is (RFC 5280, 4.2.2.1), as those of public
    authorities do, or somebody has to have said whom to trust.
    """
    if len(certificates) != 1 or certificates[0]["issuer"] == certificates[0]["subject"]:
        return False
    return trusts_ca_file or bool(certificates[0].get("caIssuers"))
