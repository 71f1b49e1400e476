"""What OpenSSL finds wrong with a certificate itself; every other verdict of its doubts who issued it.

Source: X509_V_ERR_*, https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/ (2026-11-22).
"""

from __future__ import annotations

FLAWS: dict[int, str] = {
    9: "not yet valid",
    10: "expired",
    23: "revoked",
    62: "for another host",
    64: "for another IP",
}
