"""The network policy: who may come in, and what the exporter may reach."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest

from tests.helm.charts import exporter, minimal, only, values

PRIVATE = ("10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254", "fd00::1", "fe80::1")


def policy(**given: Any) -> dict[str, Any]:
    spec: dict[str, Any] = only(minimal(networkPolicy={"enabled": True, **given}), "NetworkPolicy")["spec"]
    return spec


def admits(rule: dict[str, Any], address: str, port: int) -> bool:
    """Whether an egress rule lets a connection to that address out."""
    if port not in [entry["port"] for entry in rule.get("ports", [{"port": port}])]:
        return False
    blocks = [peer["ipBlock"] for peer in rule.get("to", [{"ipBlock": {"cidr": "0.0.0.0/0"}}]) if "ipBlock" in peer]
    target = ipaddress.ip_address(address)
    return any(
        target in ipaddress.ip_network(block["cidr"])
        and not any(target in ipaddress.ip_network(hole) for hole in block.get("except", []))
        for block in blocks
    )


def reaches(spec: dict[str, Any], address: str, port: int) -> bool:
    return any(admits(rule, address, port) for rule in spec["egress"])


def test_a_policy_names_the_port_of_the_pod() -> None:
    # The port of the Service may be another.
    (rule,) = policy()["ingress"]

    assert rule == {"ports": [{"protocol": "TCP", "port": "http"}]}
    assert exporter(minimal())["ports"] == [{"name": "http", "containerPort": 10190}]


def test_ingress_is_for_those_who_are_named() -> None:
    peers = values("network-policy")["networkPolicy"]["ingress"]["from"]

    assert policy(ingress={"from": peers})["ingress"][0]["from"] == peers


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700:4700::1111"])
def test_public_addresses_are_reached_by_https_only(address: str) -> None:
    assert reaches(policy(), address, 443)
    assert not reaches(policy(), address, 80)
    assert not reaches(policy(egress={"publicPorts": []}), address, 443)


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_not_reached_unless_a_probe_needs_them(address: str) -> None:
    length = 32 if "." in address else 128
    named = {"privateTargets": [{"to": [{"ipBlock": {"cidr": f"{address}/{length}"}}], "ports": [443]}]}

    assert not reaches(policy(), address, 443)
    assert reaches(policy(egress=named), address, 443)


def test_name_servers_are_always_reached() -> None:
    ports = policy()["egress"][0]["ports"]

    assert ports == [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]
    assert "to" not in policy()["egress"][0]
    assert policy(egress={"dns": [{"podSelector": {}}]})["egress"][0]["to"] == [{"podSelector": {}}]


@pytest.mark.parametrize("name", ["proxies", "collectors", "privateTargets"])
def test_proxies_collectors_and_private_targets_are_reached_where_they_are_named(name: str) -> None:
    spec = policy(egress={name: [{"to": [{"ipBlock": {"cidr": "10.2.3.4/32"}}], "ports": [3128, 4318]}]})

    assert reaches(spec, "10.2.3.4", 3128)
    assert reaches(spec, "10.2.3.4", 4318)
    assert not reaches(spec, "10.2.3.5", 3128)


def test_egress_may_be_left_open() -> None:
    spec = policy(egress={"enabled": False})

    assert spec["policyTypes"] == ["Ingress"]
    assert "egress" not in spec
    assert policy()["policyTypes"] == ["Ingress", "Egress"]
