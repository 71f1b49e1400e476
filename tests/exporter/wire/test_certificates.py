"""What a server's certificates say, trusted or not."""

from __future__ import annotations

import ssl
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme
from ai_provider_exporter.model.measurement import Measurement
from ai_provider_exporter.wire import IncompleteChain, Route, TlsContexts
from ai_provider_exporter.wire.certificates import lacks_issuer

from tests.exporter.wire.loopback import PLAIN, Handler, Run, answer, fetch, get, saying, server_context, serving

EXPIRED = datetime(2021, 3, 4, tzinfo=UTC)
SOON = datetime.fromtimestamp(4_000_000_000, UTC)
HELLO: Handler = saying(answer(b"hello"))


@pytest.fixture(name="middle")
def _middle(authority: trustme.CA) -> trustme.CA:
    return authority.create_child_ca()


def _trusting(authority: trustme.CA, tmp_path: Path, *, verifies: bool = True) -> Route:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return replace(PLAIN, tls=TlsContexts().get(ca_file=str(path), verifies=verifies))


def _leaf_alone(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with certificate.private_key_pem.tempfile() as key, certificate.cert_chain_pems[0].tempfile() as leaf:
        context.load_cert_chain(leaf, key)
    return context


async def _measured(
    server: ssl.SSLContext, route: Route, measurement: Measurement, host: str = "provider.test"
) -> None:
    async with serving(HELLO, server) as port:
        await fetch(replace(get(port), url=f"https://{host}:{port}/"), route, measurement)


def test_an_intermediate_in_a_ca_file_is_trusted(run: Run, middle: trustme.CA, tmp_path: Path) -> None:
    certificate = middle.issue_cert("provider.test")

    run(_measured(server_context(certificate), _trusting(middle, tmp_path), Measurement()))


def test_a_server_that_forgot_its_intermediate_is_told_from_an_unknown_issuer(
    run: Run, authority: trustme.CA, middle: trustme.CA, tmp_path: Path
) -> None:
    certificate = middle.issue_cert("provider.test")

    with pytest.raises(IncompleteChain, match="without that of its issuer"):
        run(_measured(_leaf_alone(certificate), _trusting(authority, tmp_path), Measurement()))


@pytest.mark.parametrize(
    ("certificates", "trusts_ca_file", "expected"),
    [
        pytest.param([{"subject": "a", "issuer": "b"}], True, True, id="somebody said whom to trust"),
        pytest.param([{"subject": "a", "issuer": "b"}], False, False, id="a private root that is not known here"),
        pytest.param(
            [{"subject": "a", "issuer": "b", "caIssuers": ("http://b.test/b.crt",)}], False, True, id="a public one"
        ),
        pytest.param([{"subject": "a", "issuer": "a"}], True, False, id="self-signed"),
        pytest.param([{"subject": "a", "issuer": "b"}, {"subject": "b", "issuer": "c"}], True, False, id="a chain"),
        pytest.param([], True, False, id="nothing is known"),
    ],
)
def test_a_chain_is_incomplete_only_where_that_can_be_said(
    certificates: list[dict[str, object]], *, trusts_ca_file: bool, expected: bool
) -> None:
    assert lacks_issuer(certificates, trusts_ca_file=trusts_ca_file) is expected


LATER = datetime(3000, 1, 1, tzinfo=UTC)  # as trustme has it


@pytest.mark.parametrize("leaf_ends", [SOON, datetime(3500, 1, 1, tzinfo=UTC)], ids=["leaf first", "issuer first"])
def test_the_earliest_expiry_of_the_chain_and_that_of_the_leaf_are_told(
    run: Run, authority: trustme.CA, middle: trustme.CA, tmp_path: Path, leaf_ends: datetime
) -> None:
    measurement = Measurement()
    certificate = middle.issue_cert("provider.test", not_after=leaf_ends)
    run(_measured(server_context(certificate), _trusting(authority, tmp_path), measurement))

    assert measurement.leaf_certificate_expires_at == leaf_ends.timestamp()
    assert measurement.certificate_expires_at == min(leaf_ends, LATER).timestamp()


@pytest.mark.parametrize("verifies", [True, False])
def test_the_expiry_of_a_certificate_that_is_not_accepted_or_not_verified_is_told(
    run: Run, authority: trustme.CA, tmp_path: Path, *, verifies: bool
) -> None:
    measurement = Measurement()
    certificate = authority.issue_cert("provider.test", not_before=datetime(2020, 1, 1, tzinfo=UTC), not_after=EXPIRED)
    route = _trusting(authority, tmp_path, verifies=verifies)
    if verifies:
        with pytest.raises(ssl.SSLCertVerificationError):
            run(_measured(server_context(certificate), route, measurement))
    else:
        run(_measured(server_context(certificate), route, measurement))

    assert measurement.leaf_certificate_expires_at == EXPIRED.timestamp()


def test_of_several_hops_the_certificate_that_runs_out_first_counts() -> None:
    measurement = Measurement()
    measurement.record_expiry(leaf=30.0, earliest=20.0)
    measurement.record_expiry(leaf=300.0, earliest=200.0)

    assert (measurement.leaf_certificate_expires_at, measurement.certificate_expires_at) == (30.0, 20.0)


def test_a_trailing_dot_is_no_part_of_the_name_in_a_certificate(
    run: Run, authority: trustme.CA, certificate: trustme.LeafCert, tmp_path: Path
) -> None:
    route = _trusting(authority, tmp_path)

    run(_measured(server_context(certificate), route, Measurement(), host="provider.test."))
