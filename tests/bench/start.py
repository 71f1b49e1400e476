"""Prints what the exporter costs at rest: time from exec to ready, resident memory, imports, CPU per http probe.

Run: .venv/bin/python tests/bench/start.py [PROBES]
"""

from __future__ import annotations

import http.server
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

EXPORTER = Path(sys.executable).with_name("ai-provider-exporter")
TICKS = os.sysconf("SC_CLK_TCK")
SECONDS = 10


class Ok(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def target() -> Iterator[int]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Ok)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()


def config(port: int, probes: int) -> str:
    lines = ["defaults: {interval: 1s, timeout: 1s}", "probes:"]
    lines += [
        f"  - {{name: web-{n}, provider: acme, kind: http, url: 'http://127.0.0.1:{port}/'}}" for n in range(probes)
    ]
    return "\n".join(lines) + "\n"


@contextmanager
def exporter(path: Path) -> Iterator[tuple[int, str, float]]:
    """A running exporter: its process, its URL, and the seconds from exec to the first `ready`."""
    command = [str(EXPORTER), "serve", "--config.file", str(path), "--web.listen-address", "127.0.0.1:0"]
    began = time.perf_counter()
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        url = re.search(r"http://\S+?:\d+", next(line for line in process.stderr if "listening" in line))
        assert url is not None
        while urllib.request.urlopen(f"{url[0]}/-/ready").status != 200:  # noqa: S310  # loopback
            time.sleep(0.001)
        yield process.pid, url[0], time.perf_counter() - began
        process.terminate()


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_mb(pid: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) / 1024


def attempts(url: str) -> float:
    with urllib.request.urlopen(f"{url}/metrics") as answer:  # noqa: S310  # loopback
        text = answer.read().decode()
    return sum(float(value) for value in re.findall(r"^ai_probe_attempts_total\S* (\S+)$", text, re.MULTILINE))


def slowest_imports(count: int) -> list[str]:
    code = "import ai_provider_exporter.app"
    result = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", code], capture_output=True, text=True, check=True
    )
    rows = [line.removeprefix("import time:").split("|") for line in result.stderr.splitlines()[1:]]
    rows.sort(key=lambda row: -int(row[1]))
    return [f"{int(total) / 1000:8.1f} ms  {name.strip()}" for _, total, name in rows[:count]]


def main() -> None:
    probes = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    with target() as port, tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "config.yaml")
        path.write_text(config(port, probes))
        with exporter(path) as (pid, url, ready):
            time.sleep(2)
            before, begun = cpu_seconds(pid), attempts(url)
            time.sleep(SECONDS)
            runs, cpu = attempts(url) - begun, cpu_seconds(pid) - before
            print(f"exec to ready              {ready:8.3f} s")
            print(f"resident, {probes:4} probes      {resident_mb(pid):8.1f} MB")
            print(f"CPU per http probe         {1000 * cpu / runs:8.3f} ms  ({runs:.0f} runs, all else included)")
    print("slowest imports, with what they import themselves:")
    print("\n".join(slowest_imports(12)))


if __name__ == "__main__":
    main()
