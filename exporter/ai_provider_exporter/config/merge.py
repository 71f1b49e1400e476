"""What a probe leaves out, filled in: the catalog's facts over `defaults`, and what then is still missing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ai_provider_exporter.catalog import Api, Provider
from ai_provider_exporter.config.options import Defaults, EgressCheck
from ai_provider_exporter.probes.dialects import DIALECTS
from ai_provider_exporter.probes.dialects.base import ModelRequest
from ai_provider_exporter.probes.egress_options import ProxyOptions
from ai_provider_exporter.probes.options import ProbeOptions
from ai_provider_exporter.schema.types import Secret, near

Raw = dict[str, Any]

PROXY_VARIABLES = ("HTTPS_PROXY", "ALL_PROXY", "HTTP_PROXY")
API = {"base_url", "dialect", "auth", "model", "max_output_tokens", "models_path", "quirks", "objectives", "ownership"}
_BLANK = re.compile(r"\{\w+\}")


def merged(
    raw: Raw, options: type[ProbeOptions], defaults: Defaults, catalog: Mapping[str, Provider], egress: ProxyOptions
) -> Raw:
    """What the user wrote, over what the catalog knows of the provider, over the defaults and the common egress."""
    provider = catalog.get(str(raw.get("provider", "")))
    filled: Raw = defaults.model_dump()
    if provider is not None and provider.api is not None:
        filled |= _facts(provider.api, raw, options)
    filled = {key: value for key, value in filled.items() if key in options.model_fields} | raw
    own = raw.get("egress", {})
    if egress.proxy is not None and isinstance(own, dict) and "proxy" not in own:
        common = egress.model_dump(mode="json", include={"proxy", "no_proxy"}, exclude_none=True)
        filled["egress"] = common | own
    return filled


def from_environment(egress: EgressCheck, environ: Mapping[str, str]) -> EgressCheck:
    """With the proxy that the environment names, as curl reads it; a proxy of the file's own comes first."""
    if not egress.from_environment or egress.proxy is not None:
        return egress
    names = (spelled for name in PROXY_VARIABLES for spelled in (name.lower(), name))
    name = next((name for name in names if environ.get(name)), None)
    hosts = (environ.get("no_proxy") or environ.get("NO_PROXY") or "").replace(",", " ").split()
    # It may hold a password: it stays a secret, which is read where it is used.
    proxy = Secret(env=name) if name else None
    return egress.model_copy(update={"proxy": proxy, "no_proxy": (*egress.no_proxy, *map(_without_port, hosts))})


def _without_port(host: str) -> str:
    name, _, port = host.rpartition(":")
    return (name if port.isdigit() and name and ":" not in name else host).lower()


def _facts(api: Api, raw: Raw, options: type[ProbeOptions]) -> Raw:
    facts = api.model_dump(mode="json", exclude_none=True, include=API)
    if not options.CHATS:
        facts.pop("model", None)  # the catalog knows a model to chat with, which is of no use to other kinds
    if not CREDENTIALS & raw.keys() and api.key_env and api.owns(str(raw.get("base_url", api.base_url))):
        # A key of the catalog's goes to a host of the catalog's, never to one that the user chose.
        facts["api_key"] = {"env": api.key_env}
    aws = raw.get("aws")
    key = near("region", aws) if isinstance(aws, dict) else None  # that it is misspelt is an error of its own
    if isinstance(aws, dict) and key is not None:
        facts["base_url"] = api.base_url.replace("{region}", str(aws[key]))
    return facts


CREDENTIALS = {"aws", "google", "entra"}


def problems(filled: Raw, options: type[ProbeOptions], catalog: Mapping[str, Provider]) -> Iterator[tuple[str, str]]:
    """Key -> what is wrong with a merged probe that its options could say less well."""
    if "base_url" not in options.model_fields:
        return
    name, url = str(filled.get("provider", "")), filled.get("base_url")
    if url is None and name and name not in catalog:
        yield "provider", not_listed(name, catalog, "base_url")
    elif url is None and name:
        yield "base_url", f"is missing, and the catalog has none for {name}; write it"
    elif isinstance(url, str) and (blanks := list(dict.fromkeys(_BLANK.findall(url)))):
        yield "base_url", f"needs your own {' and '.join(blanks)}; write base_url: {url} with it filled in"
    elif isinstance(url, str) and (ending := _ending(url, str(filled.get("dialect", "openai_chat")))):
        right = url.partition("?")[0].rstrip("/").removesuffix(ending)
        yield "base_url", f"ends in {ending}, which is appended to it; write {right}"


def _ending(url: str, dialect: str) -> str:
    """The path of the dialect, if the URL ends in it already."""
    if dialect not in DIALECTS:
        return ""
    request = ModelRequest(model="MODEL", prompt="", max_output_tokens=1)
    path = DIALECTS[dialect].build_request(request).path.partition("?")[0]
    pattern = re.escape(path).replace("MODEL", r"[^/?]+")
    match = re.search(f"{pattern}/?$", url.partition("?")[0][-300:])
    return match[0].rstrip("/") if match else ""


def not_listed(written: str, catalog: Mapping[str, Provider], key: str) -> str:
    """What to do about a provider that the catalog does not have: the name that was meant, or the key to write."""
    meant = _meant(written, catalog)
    return f"{written!r} is not in the catalog; {f'did you mean {meant}? If not, ' if meant else ''}write its {key}"


def _meant(written: str, catalog: Mapping[str, Provider]) -> str | None:
    """The entry that goes by that name, title or word, or nearly so."""
    names = {name: name for name in catalog}
    for name, provider in sorted(catalog.items(), key=lambda item: item[1].api is None):
        for word in (provider.title.lower(), *provider.words, *name.split(".")):
            names.setdefault(word, name)
    meant = near(written.lower().replace("_", " "), names, cutoff=0.75) or near(written.lower(), names, cutoff=0.75)
    return names[meant] if meant else None
