"""Identifiers of the kind a page format uses, made from names, so that they are the same in every run."""

import hashlib

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"


def ulid(*names: str) -> str:
    """Return 26 characters, as incident.io has them."""
    return "01" + _spell(CROCKFORD, 24, names)


def short(*names: str) -> str:
    """Return 12 characters, as Statuspage has them."""
    return _spell(BASE36, 12, names)


def _spell(alphabet: str, length: int, names: tuple[str, ...]) -> str:
    digest = hashlib.sha256("/".join(names).encode()).digest()
    return "".join(alphabet[byte % len(alphabet)] for byte in digest[:length])
