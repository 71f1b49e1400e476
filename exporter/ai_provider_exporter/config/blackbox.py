"""From a module of blackbox_exporter to a probe of ours, with a note for each key that has no counterpart.

The keys are those of https://github.com/prometheus/blackbox_exporter/blob/master/CONFIGURATION.md (2026-11-28).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Raw = Mapping[str, Any]
_BYTES = {"": 1, "b": 1, "kb": 1000, "kib": 1024, "mb": 10**6, "mib": 1 << 20, "gb": 10**9, "gib": 1 << 30}
_LARGEST_BODY = 16 << 20
_DEFAULTS: dict[str, Any] = {"prober": "", "timeout": ""}


@dataclass(slots=True)
class Translation:
    """`options` are those of a probe without name, provider and target; None: there is no such kind."""

    options: dict[str, Any] | None = None
    notes: list[str] = field(default_factory=list)


def translate(module: Raw) -> Translation:
    """What one module of `modules:` means here."""
    prober = str(module.get("prober", ""))
    translator = _PROBERS.get(prober)
    if translator is None:
        return Translation(notes=[f"prober {prober} has no counterpart; the module is left out"])
    reader = _Reader(module.get(prober) or {})
    options = {"kind": prober, **translator(reader)}
    if "timeout" in module:
        options["timeout"] = module["timeout"]
    reader.notes += [f"{key} has no counterpart" for key in module if key not in {*_DEFAULTS, prober}]
    reader.notes += [f"{prober}.{key} has no counterpart" for key in reader.left()]
    return Translation(options, reader.notes)


class _Reader:
    """One block: what is taken is translated, what is left at the end is not."""

    def __init__(self, raw: Raw) -> None:
        self._raw = dict(raw)
        self.notes: list[str] = []

    def take(self, key: str, default: Any = None) -> Any:
        value = self._raw.pop(key, default)
        return default if value is None else value

    def left(self) -> list[str]:
        """Keys that nobody took and that ask for something."""
        return [key for key, value in self._raw.items() if value not in (None, False, "", [], {})]

    def renamed(self, **names: str) -> dict[str, Any]:
        """Our key to the value of theirs, where it is written."""
        values = {ours: self.take(theirs) for ours, theirs in names.items()}
        return {ours: value for ours, value in values.items() if value is not None}

    def secret(self, key: str, variable: str) -> dict[str, str] | None:
        """A secret in a file stays there; one that is written in the file becomes a variable."""
        path, literal = self.take(f"{key}_file"), self.take(key)
        if path is not None:
            return {"file": str(path)}
        if literal is None:
            return None
        self.notes.append(f"{key} is a secret: set the environment variable {variable} to it")
        return {"env": variable}

    def block(self, key: str) -> _Reader | None:
        raw = self.take(key)
        if not isinstance(raw, Mapping):
            return None
        reader = _Reader(raw)
        reader.notes = self.notes
        return reader


def _http(reader: _Reader) -> dict[str, Any]:
    options = reader.renamed(method="method", body="body")
    headers = dict(reader.take("headers", {}))
    compression = reader.take("compression")
    if compression in {"gzip", "deflate", "identity"}:
        headers["Accept-Encoding"] = compression
    elif compression is not None:
        reader.notes.append(f"compression: {compression} is not read here; gzip and deflate are")
    versions = [str(version) for version in reader.take("valid_http_versions", [])]
    if versions == ["HTTP/2.0"]:
        options["http_version"] = "2"
    elif versions:
        reader.notes.append("valid_http_versions: HTTP/1.1 is spoken and not checked")
    reader.take("enable_http2")
    reader.take("skip_resolve_phase_with_proxy")
    options |= {"headers": headers} if headers else {}
    options |= {"follow_redirects": True} if reader.take("follow_redirects", default=True) else {}
    limit = reader.take("body_size_limit")
    if limit:
        options["max_body"] = min(_bytes(str(limit)), _LARGEST_BODY)
    return options | _who(reader) | _tls(reader, "tls_config") | _way(reader) | _expected(reader)


def _bytes(text: str) -> int:
    number, unit = re.fullmatch(r"([\d.]+)\s*([A-Za-z]*)", text.strip()).groups()  # type: ignore[union-attr]
    return int(float(number) * _BYTES[unit.lower()])


def _expected(reader: _Reader) -> dict[str, Any]:
    expect = reader.renamed(status="valid_status_codes", regex="fail_if_body_not_matches_regexp")
    expect |= reader.renamed(not_regex="fail_if_body_matches_regexp")
    if reader.take("fail_if_ssl"):
        expect["tls"] = False
    if reader.take("fail_if_not_ssl"):
        expect["tls"] = True
    for check in reader.take("fail_if_header_not_matches", []):
        key = "optional_headers" if check.get("allow_missing") else "headers"
        _add_header(expect, key, check["header"], check["regexp"], reader)
    for check in reader.take("fail_if_header_matches", []):
        _add_header(expect, "not_headers", check["header"], check["regexp"], reader)
        if not check.get("allow_missing"):
            expect.setdefault("headers", {}).setdefault(check["header"], "")
    expect = {key: value for key, value in expect.items() if value not in ([], {})}
    return {"expect": expect} if expect else {}


def _add_header(expect: dict[str, Any], key: str, header: str, regexp: str, reader: _Reader) -> None:
    checks = expect.setdefault(key, {})
    if header in checks:
        reader.notes.append(f"a second pattern for the header {header} has no counterpart: {regexp}")
    checks.setdefault(header, regexp)


def _who(reader: _Reader) -> dict[str, Any]:
    basic, oauth2, scheme = reader.block("basic_auth"), reader.block("oauth2"), reader.block("authorization")
    bearer = reader.secret("bearer_token", "BLACKBOX_BEARER_TOKEN")
    if scheme is not None and str(scheme.take("type", "Bearer")).lower() == "bearer":
        bearer = scheme.secret("credentials", "BLACKBOX_BEARER_TOKEN")
    if basic is not None:
        user, password = basic.take("username", ""), basic.secret("password", "BLACKBOX_PASSWORD")
        return {"basic_auth": {"username": user, "password": password or {"env": "BLACKBOX_PASSWORD"}}}
    if bearer is not None:
        return {"bearer_token": bearer}
    if oauth2 is not None:
        secret = oauth2.secret("client_secret", "BLACKBOX_CLIENT_SECRET") or {"env": "BLACKBOX_CLIENT_SECRET"}
        options = oauth2.renamed(token_url="token_url", client_id="client_id", scopes="scopes")  # noqa: S106  # a key
        reader.notes += [f"oauth2.{key} has no counterpart" for key in oauth2.left()]
        return {"oauth2": {**options, "client_secret": secret}}
    return {}


def _tls(reader: _Reader, key: str) -> dict[str, Any]:
    block = reader.block(key)
    if block is None:
        return {}
    names = ("ca_file", "cert_file", "key_file", "server_name", "insecure_skip_verify")
    options = block.renamed(**{name: name for name in names})
    reader.notes += [f"{key}.{left} has no counterpart" for left in block.left()]
    return {"tls": options} if options else {}


def _way(reader: _Reader) -> dict[str, Any]:
    """How the target is reached: address family and proxy."""
    preferred = reader.take("preferred_ip_protocol", "ip6")
    egress: dict[str, Any] = {}
    if not reader.take("ip_protocol_fallback", default=True):
        egress["ip"] = int(str(preferred)[-1])
    egress |= reader.renamed(proxy="proxy_url")
    exempt = reader.take("no_proxy")
    if exempt:
        egress["no_proxy"] = [host.strip() for host in str(exempt).split(",")]
    if reader.take("proxy_from_environment"):
        reader.notes.append("proxy_from_environment: write the proxy in egress.proxy")
    return {"egress": egress} if egress else {}


def _tcp(reader: _Reader) -> dict[str, Any]:
    tls = _tls(reader, "tls_config")
    steps = [_step(step, reader) for step in reader.take("query_response", [])]
    starts = any(step.get("start_tls") for step in steps)
    uses_tls = reader.take("tls", default=False)
    options: dict[str, Any] = {"conversation": steps} if steps else {}
    if uses_tls or starts:
        options |= {"tls": tls.get("tls", {})}
    return options | _way(reader)


def _step(raw: Raw, reader: _Reader) -> dict[str, Any]:
    step: dict[str, Any] = {}
    if raw.get("expect"):
        step["expect"] = raw["expect"]
    if raw.get("starttls"):
        step["start_tls"] = True
    if raw.get("send"):
        step["send"] = f"{raw['send']}\n"  # blackbox_exporter ends each line by itself
    if raw.get("labels"):
        reader.notes.append("tcp.query_response.labels has no counterpart")
    return step


def _dns(reader: _Reader) -> dict[str, Any]:
    options = reader.renamed(query="query_name", type="query_type", recursion="recursion_desired")
    options.setdefault("type", "ANY")
    over_tls, transport = reader.take("dns_over_tls"), reader.take("transport_protocol", "udp")
    options["transport"] = "tls" if over_tls else transport
    if reader.take("query_class", "IN") != "IN":
        reader.notes.append("dns.query_class: only IN is asked for")
    expect = reader.renamed(rcode="valid_rcodes")
    expect |= _records(reader, "validate_answer_rrs")
    for section in ("authority", "additional"):
        patterns = _records(reader, f"validate_{section}_rrs")
        expect |= {section: patterns} if patterns else {}
    options |= {"expect": expect} if expect else {}
    return options | _tls(reader, "tls_config") | _way(reader)


def _records(reader: _Reader, key: str) -> dict[str, Any]:
    block = reader.block(key)
    if block is None:
        return {}
    patterns = block.renamed(
        not_regex="fail_if_matches_regexp",
        every_regex="fail_if_not_matches_regexp",
        regex="fail_if_none_matches_regexp",
    )
    reader.notes += [f"dns.{key}.{left} has no counterpart" for left in block.left()]
    return {name: value for name, value in patterns.items() if value}


_PROBERS: dict[str, Callable[[_Reader], dict[str, Any]]] = {"http": _http, "tcp": _tcp, "dns": _dns}
