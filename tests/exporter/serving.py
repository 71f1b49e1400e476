"""What the tests of the web share: a private authority, and real clients to ask the server with."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx2
import trustme
from ai_provider_exporter.web.server import WebServer

from tests.exporter.wire.loopback import HANG

Run = Callable[..., str]
Serve = Callable[..., WebServer]
Visit = Callable[..., httpx2.Client]


def tool(name: str) -> str:
    """The path of a program that these tests cannot do without."""
    found = shutil.which(name)
    assert found, f"{name} is missing: install the Debian package of that name"
    return found


def output(command: list[str]) -> str:
    """All that a program prints, errors last."""
    done = subprocess.run(command, check=False, capture_output=True, text=True, input="", timeout=HANG)
    return done.stdout + done.stderr


@dataclass(frozen=True)
class Pki:
    """A directory with `ca.pem`, and the certificate and key of whatever was issued."""

    directory: Path
    authority: trustme.CA

    def issue(self, name: str, *identities: str, **options: object) -> tuple[Path, Path]:
        """Write NAME.pem and NAME.key."""
        issued = self.authority.issue_cert(*identities, **options)  # type: ignore[arg-type]
        certificate, key = self.directory / f"{name}.pem", self.directory / f"{name}.key"
        certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
        key.write_bytes(issued.private_key_pem.bytes())
        return certificate, key

    def web_config(self, text: str) -> Path:
        path = self.directory / "web.yml"
        path.write_text(text)
        return path
