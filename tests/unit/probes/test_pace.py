"""Pairs of trials: in turns, no more than needed, and none where nothing can be compared."""

import random
from collections.abc import Callable

import pytest

from analysis.pace import frozen, pairs_of
from heliograph.config import NetworkConfig
from heliograph.detail import Certificate, HttpDetail
from heliograph.failure import Failure
from heliograph.fake import FakeConnection, FakeNet
from heliograph.model import PACE, Role, StepKind
from heliograph.plugin import Connection, Reply, Request
from probes.pace import LEAST_BYTES, TRIAL_BYTES, Place, compare

HOST, CONTROL, THERE = "site.example", "control.example", "203.0.113.10"
PLACE = Place(THERE, 443, HOST, f"https://{HOST}/page")
WHOLE = Reply(failure=None, status=200, raw_bytes=TRIAL_BYTES, seconds=0.1)
SLOW = Reply(failure=None, status=200, raw_bytes=TRIAL_BYTES, seconds=4.0)
STOPPED = Reply(failure=Failure.GENERIC_TIMEOUT_ERROR, status=200, raw_bytes=16_384, seconds=10.0)
STRANGE = Certificate(sha256="00", subject="CN=x", issuer="CN=y", not_before="", not_after="")


class Paced(FakeNet):
    """Answers by the name a connection is for; asks are kept."""

    def __init__(self, replies: Callable[[str], Reply], *, controls: tuple[str, ...]) -> None:
        super().__init__(NetworkConfig(trusted_resolvers=(), control_names=controls))
        self._by_name = replies
        self.requests: list[tuple[str, Request]] = []
        self.accepts(THERE, 443)
        self.presents(THERE, 443, HOST)
        self.presents(THERE, 443, THERE)
        self.presents(THERE, 443, CONTROL, Failure.SSL_INVALID_HOSTNAME, chain=(STRANGE,))

    async def exchange(
        self, connection: Connection, request: Request, *, keep: bool = False
    ) -> Reply:
        assert isinstance(connection, FakeConnection)
        assert keep
        self.requests.append((connection.host or "", request))
        reply = self._by_name(connection.host or "")
        self.sees_page(connection, request, reply)
        return reply

    def sees_page(self, connection: FakeConnection, request: Request, reply: Reply) -> None:
        step = self._trace.step(
            StepKind.HTTP_EXCHANGE, connection.label, host=connection.host, peer=(THERE, 443)
        )
        with step as opened:
            detail = HttpDetail(url=request.url, status=reply.status, raw_bytes=reply.raw_bytes)
            opened.detail = detail
            if reply.failure is not None:
                opened.fail(reply.failure)


def said(net: FakeNet) -> list[tuple[str, str]]:
    """Each trial: which name, in which pair."""
    return [
        (step.host or "", (step.pair or "").removeprefix(PACE))
        for step in net.steps
        if step.kind is StepKind.TLS_HANDSHAKE
    ]


def by(target: Reply, control: Reply = WHOLE) -> Callable[[str], Reply]:
    return lambda name: target if name == HOST else control


async def trials(
    replies: Callable[[str], Reply], *, controls: tuple[str, ...] = (CONTROL,)
) -> Paced:
    net = Paced(replies, controls=controls)
    await compare(net, PLACE)
    return net


async def test_a_slow_name_is_compared_five_times_and_who_is_first_alternates() -> None:
    net = await trials(by(SLOW))

    assert said(net) == [
        *((CONTROL, "0"), (HOST, "0")),
        *((HOST, "1"), (CONTROL, "1")),
        *((CONTROL, "2"), (HOST, "2")),
        *((HOST, "3"), (CONTROL, "3")),
        *((CONTROL, "4"), (HOST, "4")),
    ]


async def test_the_same_page_is_asked_for_uncompressed_whatever_the_name() -> None:
    net = await trials(by(SLOW))

    assert {request.url for _, request in net.requests} == {PLACE.url}
    assert {request.headers for _, request in net.requests} == {(("Accept-Encoding", "identity"),)}
    assert {request.most for _, request in net.requests} == {TRIAL_BYTES}


async def test_a_name_that_is_no_slower_is_compared_twice() -> None:
    net = await trials(by(SLOW, SLOW))

    assert len(said(net)) == 4


async def test_a_server_that_knows_no_other_name_is_asked_under_none_and_left_alone() -> None:
    refused = Reply(failure=None, status=421, raw_bytes=20, seconds=0.1)
    net = await trials(lambda name: SLOW if name == HOST else refused)

    assert said(net) == [(CONTROL, "0"), (THERE, "1")]


async def test_without_a_control_name_the_other_half_says_no_name() -> None:
    net = await trials(by(SLOW), controls=())

    assert {name for name, _ in said(net)} == {HOST, THERE}


async def test_a_short_page_is_asked_for_again_on_the_same_connection() -> None:
    short = Reply(failure=None, status=200, raw_bytes=10_000, seconds=0.01, takes_more=True)
    net = await trials(by(short, short))

    connects = [step for step in net.steps if step.kind is StepKind.TCP_CONNECT]
    assert len(connects) == 4
    assert len(net.requests) == 4 * 7


async def test_a_page_that_stops_each_time_is_compared_four_times() -> None:
    net = await trials(by(STOPPED))

    assert len(said(net)) == 8
    assert frozen(pairs_of(net.steps))


@pytest.mark.parametrize("share", [0.3, 0.5])
async def test_a_line_that_stops_pages_by_chance_is_seldom_called_a_filter(share: float) -> None:
    """Each page stops with that chance, whatever the name; after three pairs a filter would be
    blamed in one or two looks of a hundred."""
    chance, looks, blamed = random.Random(1), 1500, 0
    for _ in range(looks):
        net = await trials(lambda _: STOPPED if chance.random() < share else WHOLE)
        blamed += frozen(pairs_of(net.steps))

    assert blamed / looks < 0.006


async def test_trials_become_smaller_where_five_would_not_fit_into_a_look() -> None:
    crawling = Reply(failure=None, status=200, raw_bytes=TRIAL_BYTES, seconds=20.0)
    net = await trials(by(crawling))

    first, *rest = (request.most for name, request in net.requests if name == HOST)
    assert first == TRIAL_BYTES
    assert set(rest) == {24_576}
    assert LEAST_BYTES < 24_576


@pytest.mark.parametrize("failure", [Failure.CONNECTION_RESET, Failure.SSL_INVALID_HOSTNAME])
async def test_a_name_that_is_refused_in_the_handshake_is_no_half(failure: Failure) -> None:
    net = Paced(by(SLOW), controls=(CONTROL,))
    net.presents(THERE, 443, CONTROL, failure)
    await compare(net, PLACE)

    assert (CONTROL, "0") in said(net)
    assert CONTROL not in {name for name, _ in net.requests}


async def test_the_roles_say_which_half_is_which() -> None:
    net = await trials(by(SLOW))

    roles = {(step.host, step.role) for step in net.steps}
    assert roles == {
        (HOST, Role.TEST),
        (CONTROL, Role.CONTROL_BEFORE),
        (CONTROL, Role.CONTROL_AFTER),
    }
