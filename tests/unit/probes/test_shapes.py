"""A name said in another shape: in what order, to whom, and when not."""

import asyncio
from collections.abc import Sequence

import pytest

from heliograph.failure import Failure
from heliograph.fake import FakeNet
from heliograph.model import QuestionKind, Role, StepKind
from heliograph.plugin import Connection, Handshake
from probes.answers import answer
from probes.shapes import LARGE, USUAL
from tests.unit.probes.answers_net import CONTROL, HERE, HOST, about, asking, labels, net


async def test_both_names_are_said_in_a_hello_that_one_segment_does_not_hold() -> None:
    made = net()
    made.presents(HERE, 443, CONTROL, failure=Failure.SSL_INVALID_HOSTNAME)
    made.presents(HERE, 443, HOST, failure=Failure.CONNECTION_RESET)

    await answer(about(QuestionKind.OTHER_SHAPE), made)

    assert labels(made.steps) == [
        (StepKind.TCP_CONNECT, Role.CONTROL_AFTER, "shape", CONTROL),
        (StepKind.TLS_HANDSHAKE, Role.CONTROL_AFTER, "shape", CONTROL),
        (StepKind.TCP_CONNECT, Role.TEST, "shape", HOST),
        (StepKind.TLS_HANDSHAKE, Role.TEST, "shape", HOST),
    ]
    assert {(step.address, step.port, step.hop) for step in made.steps} == {(HERE, 443, 2)}


async def test_a_name_that_is_let_through_so_is_said_as_usual_and_so_again() -> None:
    offered: list[tuple[str, tuple[str, ...]]] = []

    class Offering(FakeNet):
        async def handshake(
            self, connection: Connection, sni: str, *, alpn: Sequence[str] = ("http/1.1",)
        ) -> Handshake:
            offered.append((sni, tuple(alpn)))
            return await super().handshake(connection, sni, alpn=alpn)

    made = Offering(net().settings)
    made.presents(HERE, 443, CONTROL)
    made.presents(HERE, 443, HOST)

    await answer(asking(QuestionKind.OTHER_SHAPE), made)

    assert offered == [(CONTROL, LARGE), (HOST, LARGE), (HOST, USUAL), (HOST, LARGE)]


async def test_where_a_server_does_not_take_such_a_hello_the_name_is_not_said() -> None:
    made = net()
    made.presents(HERE, 443, CONTROL, failure=Failure.CONNECTION_RESET)

    await answer(asking(QuestionKind.OTHER_SHAPE), made)

    assert {step.host for step in made.steps} == {CONTROL}


async def test_silence_is_not_waited_for_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("probes.shapes.SHAPE_SECONDS", 0.01)

    class Silent(FakeNet):
        async def handshake(
            self, connection: Connection, sni: str, *, alpn: Sequence[str] = ("http/1.1",)
        ) -> Handshake:
            offered.append(tuple(alpn))
            if sni == HOST:
                await asyncio.Event().wait()
            return await super().handshake(connection, sni, alpn=alpn)

    offered: list[tuple[str, ...]] = []
    made = Silent(net().settings)
    made.presents(HERE, 443, CONTROL)

    await answer(asking(QuestionKind.OTHER_SHAPE), made)

    assert offered == [LARGE, LARGE]
    assert made.steps[-1].host == HOST


async def test_without_an_innocuous_name_nothing_is_said() -> None:
    made = FakeNet()

    await answer(asking(QuestionKind.OTHER_SHAPE), made)

    assert made.steps == ()


def test_the_hello_is_as_large_as_one_with_a_post_quantum_key_share() -> None:
    assert 1300 < sum(len(name) + 1 for name in LARGE) < 1600
    assert LARGE[0] == "http/1.1"
    assert len(set(LARGE)) == len(LARGE)
