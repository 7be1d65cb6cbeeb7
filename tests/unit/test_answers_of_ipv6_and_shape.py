"""What is asked about IPv6, and what in another shape: the steps that settle it."""

import asyncio
from collections.abc import Sequence

import pytest

from heliograph.failure import Failure
from heliograph.fake import FakeNet
from heliograph.model import Question, QuestionKind, Role, StepKind
from heliograph.plugin import Connection, Handshake
from probes.answers import LARGE, USUAL, answer
from tests.unit.probes.answers_net import (
    CONTROL,
    ELSEWHERE,
    HERE,
    HOST,
    about,
    asking,
    ipv6_asked,
    labels,
    net,
)

# IPv6 addresses of innocuous names

IPV6 = Question(kind=QuestionKind.CONTROL_NAME_IPV6, host=HOST)
PRIVATE, PLAIN = "https://resolver.example/dns-query@192.0.2.1", "udp://192.0.2.2"
V6 = "2001:db8::99"


async def test_an_innocuous_name_that_has_an_ipv6_address_is_asked_for_it() -> None:
    made = net("a.example", "b.example", trusted=(PLAIN, PRIVATE))
    first, second = made.settings.controls_for(HOST)
    made.answers(first, ELSEWHERE, resolver=PRIVATE)
    made.answers(second, V6, resolver=PRIVATE)
    made.answers(second, V6)

    await answer(IPV6, made)

    system = str(made.resolver)
    assert ipv6_asked(made) == [(first, PRIVATE), (second, PRIVATE), (second, system)]


async def test_a_resolver_that_gives_none_is_asked_twice_for_a_packet_may_get_lost() -> None:
    made = net(trusted=(PRIVATE,))
    made.answers(CONTROL, V6, resolver=PRIVATE)
    made.answers(CONTROL, failure=Failure.DNS_NO_ANSWER)

    await answer(IPV6, made)

    assert ipv6_asked(made) == [(CONTROL, PRIVATE), *[(CONTROL, str(made.resolver))] * 2]


async def test_another_trusted_resolver_is_asked_where_the_first_is_not_reached() -> None:
    made = net(trusted=(PLAIN, PRIVATE))
    made.answers(CONTROL, failure=Failure.GENERIC_TIMEOUT_ERROR, resolver=PRIVATE)
    made.answers(CONTROL, V6, resolver=PLAIN)
    made.answers(CONTROL, V6)

    await answer(IPV6, made)

    assert [resolver for _, resolver in ipv6_asked(made)] == [PRIVATE, PLAIN, str(made.resolver)]


@pytest.mark.parametrize("trusted", [(), (PRIVATE,)])
async def test_where_no_innocuous_name_is_known_to_have_one_the_question_stays_open(
    trusted: tuple[str, ...],
) -> None:
    made = net(trusted=trusted)
    made.answers(CONTROL, ELSEWHERE, resolver=PRIVATE)

    await answer(IPV6, made)

    assert ipv6_asked(made) == [(CONTROL, resolver) for resolver in trusted]


# Another shape


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
    monkeypatch.setattr("probes.answers.SHAPE_SECONDS", 0.01)

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
