"""From a path to who answers: `/<provider>[@<location>]/<rest>`, and the rest to a route of its APIs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from ai_provider_exporter.simulator.apis import APIS
from ai_provider_exporter.simulator.apis.api import Api, Route
from ai_provider_exporter.simulator.scenario import Provider


@dataclass(frozen=True, slots=True)
class Address:
    """Where a request goes; the location is where the asker says that it stands."""

    provider: str
    location: str
    rest: str  # percent-encoded, begins with a slash

    @property
    def service(self) -> str:
        """The first segment of the rest."""
        return self.rest.split("/")[1]

    @property
    def base(self) -> str:
        """The path of the service, for links back to itself."""
        place = f"@{self.location}" if self.location else ""
        return f"/{self.provider}{place}/{self.service}"

    @classmethod
    def of(cls, path: str) -> "Address":
        first, _, rest = path.removeprefix("/").partition("/")
        provider, _, location = unquote(first).partition("@")
        return cls(provider, location, f"/{rest}")


@dataclass(frozen=True, slots=True)
class Match:
    api: Api
    route: Route
    captured: Mapping[str, str]


def match(provider: Provider, method: str, rest: str) -> Match | None:
    """Find the route of the provider's APIs for `rest`; None: it has no such endpoint."""
    for name in provider.apis:
        api = APIS[name]
        base = api.base if provider.base is None else provider.base
        for route in api.routes:
            match = _pattern(base + route.path).fullmatch(rest)
            if match and route.method == method:
                return Match(api, route, {key: unquote(value) for key, value in match.groupdict().items()})
    return None


@lru_cache(maxsize=1024)
def _pattern(template: str) -> re.Pattern[str]:
    """Compile a template such as `/models/{model}:generateContent`; a name matches within one segment."""
    parts = re.split(r"\{(\w+)\}", template)
    parts[::2] = [re.escape(literal) for literal in parts[::2]]
    parts[1::2] = [f"(?P<{name}>[^/]+?)" for name in parts[1::2]]
    return re.compile("".join(parts))
