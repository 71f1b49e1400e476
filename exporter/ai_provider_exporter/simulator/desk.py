"""Takes a request to whom it is for - an API, a status page, the count of reports - and decides."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, cast, get_args

from ai_provider_exporter.simulator import foreign, pages, reports
from ai_provider_exporter.simulator.apis.api import Api, ApiRequest, BadRequestError, Reply, json_reply
from ai_provider_exporter.simulator.quota import Quota
from ai_provider_exporter.simulator.routing import Address, Match, match
from ai_provider_exporter.simulator.scenario import Fail, Key, Provider, Refused
from ai_provider_exporter.simulator.server import Request
from ai_provider_exporter.simulator.tempo import Tempo
from ai_provider_exporter.simulator.truth import Exchange
from ai_provider_exporter.simulator.world import Caller, World

ANYBODY = Key(key="")
NO_PROVIDER = Provider(apis=("openai_chat",))  # for answers that belong to none
REFUSED = frozenset(get_args(Refused))
ANSWERED = REFUSED | foreign.REPLIES.keys()  # failures that are an answer of their own
BAD = 400
AT_ONCE = Tempo()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be played: a reply, and how it fares on its way."""

    reply: Reply
    provider: Provider = NO_PROVIDER
    tempo: Tempo = AT_ONCE
    fail: Fail | None = None

    @property
    def outcome(self) -> str:
        if self.fail and not self._is_beyond_spoiling:
            return self.fail.how
        return "refused" if self.reply.status >= BAD else "ok"

    @property
    def breakage(self) -> Fail | None:
        """How the reply breaks on its way; None: it does not, or what is wrong stands in it already."""
        return None if self.reply.spoilt or self._is_beyond_spoiling else self.fail

    @property
    def _is_beyond_spoiling(self) -> bool:
        """What was refused anyway."""
        return self.fail is not None and self.reply.status >= BAD and self.fail.how not in ANSWERED


class Desk:
    """Counts the requests, knows who has used how much, keeps what an API remembers between requests."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._number = 0
        self._quotas: dict[tuple[str, str], Quota] = {}
        self._memory: defaultdict[str, dict[str, Any]] = defaultdict(dict)

    def open(self, request: Request) -> Exchange:
        """Enter `request` into the book."""
        self._number += 1
        address = Address.of(request.path)
        return Exchange(
            self._number,
            address.provider,
            request.method,
            request.path,
            location=address.location,
            received=request.received,
        )

    def decide(self, request: Request, exchange: Exchange, unix: float) -> Verdict:
        """Decide what `request` gets at `unix` seconds; notes in `exchange` who asked for what."""
        address = Address.of(request.path)
        provider = self._world.scenario.providers.get(address.provider)
        if provider is None:
            names = ", ".join(self._world.scenario.providers)
            verdict = Verdict(json_reply({"error": f"no such provider; one of {names}"}, status=404))
        elif address.service == "status":
            exchange.operation = "page"
            verdict = self._page(request, address)
        elif address.service == "reports":
            exchange.operation = "reports"
            verdict = self._reports(request, address, unix)
        else:
            verdict = self._api(request, address, provider, exchange, unix)
        exchange.outcome = verdict.outcome
        return verdict

    def _page(self, request: Request, address: Address) -> Verdict:
        state = self._world.pages.get(address.provider)
        if state is None:
            return Verdict(json_reply({"error": "this provider has no status page"}, status=404))
        if state.mode == "close":
            return Verdict(Reply(()), fail=Fail(how="disconnect"))
        return Verdict(pages.answer(state, request, address))

    def _reports(self, request: Request, address: Address, unix: float) -> Verdict:
        counted = self._world.reports.get(address.provider)
        if counted is None:
            return Verdict(json_reply({"error": "nobody counts reports on this provider"}, status=404))
        return Verdict(reports.answer(counted, request, address, unix))

    def _api(self, request: Request, address: Address, provider: Provider, exchange: Exchange, unix: float) -> Verdict:
        matched = match(provider, request.method, address.rest)
        if matched is None:
            return Verdict(json_reply({"error": {"message": f"Unknown URL {request.path}"}}, status=404))
        key = matched.api.identify(request, provider.keys) if provider.keys else ANYBODY
        exchange.operation, exchange.tier = matched.route.operation_of(request), key.tier if key else ""
        caller = Caller(address.provider, exchange.tier, address.location, exchange.operation)
        fail, tempo = self._world.fate(caller), self._world.tempo(caller)
        quota = self._quota(address.provider, provider, key or ANYBODY)
        api_request = ApiRequest(
            http=request,
            provider=provider,
            captured=matched.captured,
            number=exchange.number,
            unix=unix,
            tempo=tempo,
            allowance=quota.take(unix) if quota else None,
            memory=self._memory[address.provider],
            failure=fail.how if fail else None,
        )
        reply = _failed(matched.api, api_request, fail) or _judged(matched, api_request, is_admitted=key is not None)
        if quota:
            quota.spend(reply.tokens)
        return Verdict(reply, provider, tempo, fail)

    def _quota(self, name: str, provider: Provider, key: Key) -> Quota | None:
        if provider.rate_limit is None:
            return None
        return self._quotas.setdefault((name, key.key), Quota(provider.rate_limit))


def _failed(api: Api, request: ApiRequest, fail: Fail | None) -> Reply | None:
    """Return the answer of a failure that leaves nothing for the API to do; None: ask the API."""
    if fail is None:
        return None
    if fail.how in REFUSED:
        return foreign.dressed(api.refuse(request, cast("Refused", fail.how), ""), fail)
    if fail.how in foreign.REPLIES:
        return foreign.dressed(foreign.REPLIES[fail.how], fail)
    return None


def _judged(matched: Match, request: ApiRequest, *, is_admitted: bool) -> Reply:
    if not is_admitted:
        return matched.api.refuse(request, "key_rejected", "")
    if request.allowance and request.allowance.exceeded:
        return matched.api.refuse(request, "rate_limited", "")
    try:
        return matched.route.play(request)
    except BadRequestError as error:
        return matched.api.refuse(request, "bad_request", str(error))
