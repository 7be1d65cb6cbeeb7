"""QUIC through the door: what servers, a strict one, a moody one and nobody leave on record."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from heliograph.address import Guard
from heliograph.detail import QuicDetail, read
from heliograph.failure import Failure
from heliograph.lab.quic_origin import ALERT_UNRECOGNISED, speaking_quic
from heliograph.lab.quic_site import QuicSite
from heliograph.model import Step, StepKind
from probes.net.datagrams import QuicTiming
from probes.net.ledger import Ledger
from probes.net.spending import Budget
from tests.lab.net_fixtures import HERE, NAME, QUICK, Bench, look

SHORT = replace(
    QUICK,
    quic=QuicTiming(offer=0.3, deadline=1.0, settle=0.2, late=0.1, spacing=0.02, patience=0.5),
)
STRANGER = "other.example"


@asynccontextmanager
async def serving(
    bench: Bench, *, strict: bool = False, closes: int | None = None
) -> AsyncIterator[int]:
    chain, key = bench.authority.files(NAME)
    site = QuicSite(NAME, chain, key, strict=strict, closes=closes, port=0)
    async with speaking_quic(HERE, site) as port:
        yield port


async def shaken(
    bench: Bench,
    port: int,
    name: str | None = NAME,
    *,
    lasting: bool = False,
    budget: Budget | None = None,
) -> tuple[Step, QuicDetail]:
    async with look(bench.around(timeouts=SHORT), budget) as made:
        await made.door.quic(HERE, port, name, lasting=lasting)
    step = made.of(StepKind.QUIC_HANDSHAKE)
    return step, read(step, QuicDetail)


async def test_a_site_proves_its_name_and_goes_on_answering_a_request(bench: Bench) -> None:
    async with serving(bench) as port:
        step, detail = await shaken(bench, port, lasting=True)

    assert (step.failure, step.sni, step.port) == (None, NAME, port)
    assert step.source_port is not None
    assert (detail.completed, detail.alpn, detail.status) == (True, "h3", 200)
    assert (detail.follow_ups, detail.answered, detail.cut) == (5, 5, False)
    assert (detail.initial_datagrams, detail.initial_bytes) == (1, 1200)
    assert [certificate.names for certificate in detail.chain] == [(NAME,)]
    assert step.bytes_sent > detail.initial_bytes
    assert step.bytes_received > 0


async def test_whoever_speaks_quic_refuses_a_version_nobody_has(bench: Bench) -> None:
    async with serving(bench) as port:
        step, detail = await shaken(bench, port, None)

    assert (step.failure, step.sni, step.host) == (None, None, None)
    assert (detail.offered, detail.versions, detail.sends) == ("1a2a3a4a", ("00000001",), 1)


async def test_a_certificate_for_another_name_does_not_prove_ours(bench: Bench) -> None:
    async with serving(bench) as port:
        step, detail = await shaken(bench, port, STRANGER)

    assert step.failure is Failure.SSL_INVALID_HOSTNAME
    assert detail.completed
    assert detail.chain[0].der is not None


async def test_a_server_that_turns_a_name_away_answers_all_the_same(bench: Bench) -> None:
    async with serving(bench, strict=True) as port:
        step, detail = await shaken(bench, port, STRANGER, lasting=True)

    assert step.failure is Failure.SSL_FAILED_HANDSHAKE
    assert (detail.close_code, detail.close_in) == (ALERT_UNRECOGNISED, "initial")
    assert (detail.server_spoke, detail.contradicted, detail.cut) == (True, False, False)
    assert detail.answered > 0


async def test_a_close_for_another_reason_has_a_word_of_its_own(bench: Bench) -> None:
    async with serving(bench, closes=7) as port:
        step, detail = await shaken(bench, port)
    async with serving(bench, closes=2) as port:
        refused, _ = await shaken(bench, port)

    assert (step.failure, detail.close_code) == (Failure.X_QUIC_CLOSED, 7)
    assert refused.failure is Failure.CONNECTION_REFUSED


async def test_a_closed_port_is_refused(bench: Bench) -> None:
    async with silence() as port:
        pass
    step, detail = await shaken(bench, port)

    assert step.failure is Failure.CONNECTION_REFUSED
    assert detail.cause is not None
    assert not detail.server_spoke


async def test_a_look_that_has_spent_its_datagrams_sends_no_more(bench: Bench) -> None:
    async with serving(bench) as port:
        step, detail = await shaken(bench, port, lasting=True, budget=Budget(queries=3))

    assert step.failure is Failure.X_BUDGET_EXHAUSTED
    assert detail.sends == 3


async def test_the_guard_holds_for_quic_as_for_all_else(bench: Bench) -> None:
    around = replace(bench.around(timeouts=SHORT), guard=Guard())
    async with serving(bench) as port, look(around) as made:
        await made.door.quic(HERE, port, NAME)

    step = made.of(StepKind.QUIC_HANDSHAKE)
    assert step.failure is Failure.X_ADDRESS_REFUSED
    assert step.bytes_sent == 0


async def test_a_name_that_is_not_answered_is_remembered(bench: Bench) -> None:
    ledger = Ledger(200, lambda: 0.0)
    around = replace(bench.around(timeouts=SHORT), ledger=ledger)
    async with silence() as port, look(around) as made:
        await made.door.quic(HERE, port, NAME)

    assert made.of(StepKind.QUIC_HANDSHAKE).failure is Failure.GENERIC_TIMEOUT_ERROR
    assert ledger.cool_in((HERE, port)) == 200


@asynccontextmanager
async def silence() -> AsyncIterator[int]:
    """A port at which somebody listens and says nothing."""
    from socket import AF_INET, SOCK_DGRAM, socket

    with socket(AF_INET, SOCK_DGRAM) as sock:
        sock.bind((HERE, 0))
        yield sock.getsockname()[1]
