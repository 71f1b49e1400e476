from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from typing import Any

import pytest
from ai_provider_exporter.config.options import EgressCheck
from ai_provider_exporter.probes.dns import DnsOptions
from ai_provider_exporter.probes.egress_options import Egress
from ai_provider_exporter.probes.http import HttpOptions
from ai_provider_exporter.probes.options import ProbeOptions
from ai_provider_exporter.probes.tcp import TcpOptions
from ai_provider_exporter.runtime.egress import EgressMonitor, is_on_the_way, is_open, lies_beyond, names_resolve
from ai_provider_exporter.runtime.store import Store
from ai_provider_exporter.wire import Address

PUBLIC = ("one.example:443", "192.88.99.1:443")
PRIVATE = ("gateway.internal:443", "10.0.0.1:443")


async def nobody(host: str, _port: int, _family: int) -> Sequence[Address]:
    raise socket.gaierror(socket.EAI_NONAME, f"{host} is not known")


async def only_b(host: str, port: int, _family: int) -> Sequence[Address]:
    if host == "b.example":
        return [("127.0.0.1", port)]
    return await nobody(host, port, 0)


@pytest.mark.parametrize(
    ("target", "beyond_public", "beyond_private"),
    [
        pytest.param("api.acme.example", True, True, id="public name"),
        pytest.param("8.8.8.8", True, True, id="public address"),
        pytest.param("2606:4700::1111", True, True, id="public v6"),
        pytest.param("vllm", False, True, id="bare name"),
        pytest.param("vllm.models.svc", False, True, id="Kubernetes service"),
        pytest.param("vllm.models.svc.cluster.local", False, True, id="its whole name"),
        pytest.param("LLM.Corp.Internal", False, True, id="private name"),
        pytest.param("10.1.2.3", False, True, id="private address"),
        pytest.param("fd00::1", False, True, id="private v6"),
        pytest.param("localhost", False, False, id="this machine"),
        pytest.param("llm.localhost", False, False, id="a name of this machine"),
        pytest.param("127.0.0.2", False, False, id="loopback"),
        pytest.param("::1", False, False, id="loopback v6"),
        pytest.param("", False, False, id="nobody knows"),
    ],
)
def test_a_private_target_is_cut_off_only_by_the_private_hosts_that_one_has_named(
    target: str, *, beyond_public: bool, beyond_private: bool
) -> None:
    assert lies_beyond(target, PUBLIC) is beyond_public
    assert lies_beyond(target, PRIVATE) is beyond_private
    assert lies_beyond(target, (PUBLIC[0], PRIVATE[0])) is beyond_public


_WHO: dict[str, Any] = {"name": "p", "provider": "acme"}


@pytest.mark.parametrize(
    ("options", "goes"),
    [
        pytest.param(HttpOptions(**_WHO, url="https://acme.example/"), True, id="http"),
        pytest.param(TcpOptions(**_WHO, address="acme.example:443"), True, id="tcp"),
        pytest.param(DnsOptions(**_WHO, query="acme.example", resolver="9.9.9.9"), True, id="dns"),
        pytest.param(DnsOptions(**_WHO, query="acme.example"), False, id="dns of the system"),
        pytest.param(
            HttpOptions(**_WHO, url="https://acme.example/", egress=Egress(proxy="http://proxy:3128")),
            False,
            id="through a proxy",
        ),
    ],
)
def test_every_kind_that_goes_out_directly_is_on_the_way(options: ProbeOptions, *, goes: bool) -> None:
    assert is_on_the_way(options, EgressCheck(hosts=PUBLIC)) is goes


def test_the_way_is_open_when_one_host_takes_a_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        hosts = [f"127.0.0.1:{closed.getsockname()[1]}", f"b.example:{server.getsockname()[1]}"]

        assert asyncio.run(is_open(EgressCheck(hosts=tuple(hosts)), only_b)) is True
        assert asyncio.run(is_open(EgressCheck(hosts=tuple(hosts)), nobody)) is False


def test_a_way_that_gives_no_answer_in_time_is_closed() -> None:
    async def silence(_host: str, _port: int, _family: int) -> Sequence[Address]:
        await asyncio.get_running_loop().create_future()
        return []

    check = EgressCheck(hosts=("a.example:443", "b.example:443"), timeout=0.05)

    assert asyncio.run(is_open(check, silence)) is False
    assert asyncio.run(names_resolve(check, silence)) is False


@pytest.mark.parametrize(
    ("hosts", "resolve"),
    [
        pytest.param(("a.example:443", "10.0.0.1:443"), False, id="no name is known"),
        pytest.param(("a.example:443", "b.example:443"), True, id="one name is known"),
        pytest.param(("10.0.0.1:443", "[fd00::1]:443"), True, id="none to ask for"),
    ],
)
def test_names_resolve_when_one_of_the_hosts_does_or_none_has_a_name(hosts: tuple[str, ...], *, resolve: bool) -> None:
    assert asyncio.run(names_resolve(EgressCheck(hosts=hosts), only_b)) is resolve


def test_a_swarm_of_failures_takes_one_check() -> None:
    asked: list[str] = []

    async def note(host: str, _port: int, _family: int) -> Sequence[Address]:
        asked.append(host)
        return await nobody(host, 0, 0)

    async def swarm() -> list[bool]:
        check = EgressCheck(hosts=("a.example:443", "b.example:443"))
        monitor = EgressMonitor(check, "fra1", Store(), resolve=note)
        return await asyncio.gather(*(monitor.is_up(max_age=60.0) for _ in range(20)))

    assert asyncio.run(swarm()) == [False] * 20
    assert sorted(asked) == ["a.example", "b.example"]
