"""A look's one connection to a resolver over a stream, and what is heard over datagrams."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import dns.message
import msgspec
import pytest

from heliograph.config import Resolver
from heliograph.detail import DnsDetail, HttpDetail, read
from heliograph.failure import Failure
from heliograph.lab import answers, handshakes, responses
from heliograph.lab.answers import Answer, Packet, Transport
from heliograph.lab.nameserver import Nameserver
from heliograph.lab.origins import Site
from heliograph.lab.request import Request as Heard
from heliograph.lab.responses import HttpStage
from heliograph.lab.wire import Secured, Stream, Wire, listening
from heliograph.model import Step, StepKind
from heliograph.plugin import Label, Lookup
from probes.looks import both_families
from tests.lab.net_fixtures import (
    HERE,
    NAME,
    Bench,
    Look,
    Served,
    look,
    over_https,
    resolver_with,
    serving,
)

FOUND = answers.addresses("192.0.2.1", "2001:db8::1")
STREAMS = pytest.mark.parametrize("scheme", ["tcp", "tls", "https"])


async def asked_twice(bench: Bench, resolver: Resolver) -> tuple[list[Lookup], Look]:
    """Both families of NAME asked at the same time."""
    async with look(bench.around(resolver)) as made:
        async with asyncio.timeout(5):
            found = await both_families(NAME, made.door)
    return list(found), made


def queries(made: Look) -> list[Step]:
    return [step for step in made.steps if step.kind is StepKind.DNS_QUERY]


# One connection


@STREAMS
async def test_one_connection_carries_both_families(bench: Bench, scheme: str) -> None:
    async with serving(bench, {NAME: FOUND}, scheme) as served:
        found, made = await asked_twice(bench, served.resolver)

    assert [lookup.addresses for lookup in found] == [("192.0.2.1",), ("2001:db8::1",)]
    assert served.connections() == 1
    assert {step.failure for step in made.steps} == {None}
    kinds = [step.kind for step in made.steps]
    assert kinds.count(StepKind.TCP_CONNECT) == 1
    assert kinds.count(StepKind.TLS_HANDSHAKE) == (scheme != "tcp")


@STREAMS
async def test_it_carries_the_queries_of_later_hops_too(bench: Bench, scheme: str) -> None:
    zone = {NAME: FOUND, "other.example": FOUND}
    async with (
        serving(bench, zone, scheme) as served,
        look(bench.around(served.resolver)) as made,
    ):
        await made.door.resolve(NAME)
        await made.door.resolve("other.example", label=Label(hop=2))

    assert served.connections() == 1
    assert [step.hop for step in queries(made)] == [1, 2]


async def test_each_look_has_its_own(bench: Bench) -> None:
    async with serving(bench, {NAME: FOUND}, "tls") as served:
        around = bench.around(served.resolver)
        for _ in range(2):
            async with look(around) as made:
                await made.door.resolve(NAME)

    assert served.connections() == 2


async def test_waiting_for_the_connection_is_no_part_of_how_long_an_answer_took(
    bench: Bench,
) -> None:
    """Historical note: the second reply's time held the first's connection and handshake."""

    def late(query: dns.message.Message, transport: Transport) -> list[Packet]:
        (packet,) = FOUND(query, transport)
        assert isinstance(packet, Packet)
        return [Packet(packet.wire, after=0.1)]

    async with resolver_with(bench, late, "tls") as resolver:
        _, made = await asked_twice(bench, resolver)

    first, second = (read(step, DnsDetail).replies[0].after for step in queries(made))
    assert first >= 0.1
    assert 0.1 <= second < 0.19


async def test_a_resolver_known_by_name_only_is_looked_up_for_each_query(bench: Bench) -> None:
    zone = {"dns.example": answers.addresses(HERE), NAME: FOUND}
    async with serving(bench, zone, "tls") as served, serving(bench, zone, "udp") as system:
        named = msgspec.structs.replace(served.resolver, address=None)
        around = bench.around(system.resolver, trusted=(named,))
        async with look(around) as made:
            await both_families(NAME, made.door, resolver=named)

    asked = [(step.host, step.resolver) for step in queries(made)]
    assert sorted(asked) == [("dns.example", str(system.resolver))] * 2 + [(NAME, str(named))] * 2
    assert served.connections() == 1


# A connection that ends


def closing(answer: Answer, after: int = 1) -> HttpStage:
    """Answers over HTTPS, and closes after so many answers without having said so."""
    left = [after]

    async def stage(stream: Stream, request: Heard) -> None:
        (packet,) = answer(dns.message.from_wire(request.body), "https")
        assert isinstance(packet, Packet)
        kind = [("Content-Type", "application/dns-message")]
        await responses.page(packet.wire, headers=kind)(stream, request)
        left[0] -= 1
        if left[0] <= 0:
            left[0] = after
            await stream.close()

    return stage


@asynccontextmanager
async def closing_after_one(bench: Bench, scheme: str) -> AsyncIterator[Served]:
    """A resolver that closes every connection after one answer."""
    context = bench.authority.context("dns.example")
    if scheme == "https":
        async with over_https(Site(handshakes.serve(context), closing(FOUND))) as served:
            yield served
        return
    seen: list[object] = []
    listener = socket.create_server((HERE, 0))
    port = listener.getsockname()[1]
    name = f"dns.example:{port}@{HERE}"

    async def serve(wire: Wire) -> None:
        await one_answer(await secured(wire, context) if scheme == "tls" else wire)

    async with listening(listener, serve, seen.append):
        yield Served(Resolver.parse(f"{scheme}://{name}"), lambda: len(seen))


async def secured(wire: Wire, context: ssl.SSLContext) -> Stream:
    stream = Secured(wire, context, b"")
    await stream.handshake()
    return stream


async def one_answer(stream: Stream) -> None:
    data = await stream.read()
    (packet,) = FOUND(dns.message.from_wire(data[2:]), "tcp")
    assert isinstance(packet, Packet)
    await stream.write(len(packet.wire).to_bytes(2) + packet.wire)
    await stream.close()


@STREAMS
async def test_a_close_after_an_answer_is_no_failure_of_the_next_query(
    bench: Bench, scheme: str
) -> None:
    async with closing_after_one(bench, scheme) as served:
        found, made = await asked_twice(bench, served.resolver)

    assert [lookup.failure for lookup in found] == [None, None]
    assert [lookup.addresses for lookup in found] == [("192.0.2.1",), ("2001:db8::1",)]
    assert served.connections() == 2
    assert [step.failure for step in queries(made)] == [None, None]
    failed = [step for step in made.steps if step.failure is not None]
    if scheme == "https":  # the request that met the close stays on record, as the resolver's
        assert [(s.kind, s.resolver) for s in failed] == [
            (StepKind.HTTP_EXCHANGE, str(served.resolver))
        ]
        assert read(failed[0], HttpDetail).stage == "headers"
    else:
        assert failed == []


async def test_a_resolver_that_says_it_closes_costs_no_failed_request(bench: Bench) -> None:
    context = bench.authority.context("dns.example")

    async def stage(stream: Stream, request: Heard) -> None:
        (packet,) = FOUND(dns.message.from_wire(request.body), "https")
        assert isinstance(packet, Packet)
        await responses.page(packet.wire, headers=[("Connection", "close")])(stream, request)
        await stream.close()

    async with over_https(Site(handshakes.serve(context), stage)) as served:
        found, made = await asked_twice(bench, served.resolver)

    assert [lookup.failure for lookup in found] == [None, None]
    assert (served.connections(), {step.failure for step in made.steps}) == (2, {None})


async def test_a_name_that_is_reset_is_recorded_as_reset_each_time(bench: Bench) -> None:
    async with serving(bench, {NAME: answers.reset_tcp(FOUND)}, "tcp") as served:
        found, made = await asked_twice(bench, served.resolver)

    assert [lookup.failure for lookup in found] == [Failure.CONNECTION_RESET] * 2
    assert [step.failure for step in queries(made)] == [Failure.CONNECTION_RESET] * 2
    assert served.connections() == 2


async def test_a_name_that_is_reset_is_told_from_a_connection_that_had_ended(bench: Bench) -> None:
    zone = {"other.example": FOUND, NAME: answers.reset_tcp(FOUND)}
    async with (
        serving(bench, zone, "tcp") as served,
        look(bench.around(served.resolver)) as made,
    ):
        innocuous = await made.door.resolve("other.example")
        stopped = await made.door.resolve(NAME)
        again = await made.door.resolve("other.example")

    assert (innocuous.failure, again.failure) == (None, None)
    assert stopped.failure is Failure.CONNECTION_RESET
    assert served.connections() == 3, "the first is tried, then a fresh one, then another"


async def test_a_silence_after_an_answer_is_a_silence(bench: Bench) -> None:
    """Historical note: over HTTPS it was taken for a close, and waited for once more."""
    context = bench.authority.context("dns.example")
    stages = iter([closing(FOUND, after=9), *[responses.silence()] * 3])

    async def stage(stream: Stream, request: Heard) -> None:
        await next(stages)(stream, request)

    async with over_https(Site(handshakes.serve(context), stage)) as served:
        found, made = await asked_twice(bench, served.resolver)

    assert [lookup.failure for lookup in found] == [None, Failure.GENERIC_TIMEOUT_ERROR]
    assert served.connections() == 1
    assert [s.failure for s in made.steps if s.kind is StepKind.HTTP_EXCHANGE] == [
        None,
        Failure.GENERIC_TIMEOUT_ERROR,
    ]


async def test_what_failed_to_open_is_not_opened_again(bench: Bench) -> None:
    stage = handshakes.reset()
    async with over_https(Site(stage)) as served:
        found, made = await asked_twice(bench, served.resolver)

    assert [lookup.failure for lookup in found] == [Failure.CONNECTION_RESET] * 2
    assert [step.failure for step in queries(made)] == [Failure.CONNECTION_RESET] * 2
    assert served.connections() == 1


# Heard while the window stays open


async def hearing(bench: Bench, answer: Answer) -> tuple[list[Lookup], Lookup]:
    """What was heard, and what came of the query; asserts that hearing came before."""
    heard: list[Lookup] = []
    first = asyncio.Event()

    def hear(lookup: Lookup) -> None:
        heard.append(lookup)
        first.set()

    async with (
        resolver_with(bench, answer, "udp") as resolver,
        look(bench.around(resolver)) as made,
        asyncio.TaskGroup() as group,
    ):
        query = group.create_task(made.door.resolve(NAME, heard=hear))
        waiting = group.create_task(first.wait())
        await asyncio.wait((query, waiting), return_when=asyncio.FIRST_COMPLETED)
        assert query.done() is not first.is_set(), "the window is open when it is heard"
        await query
        waiting.cancel()
    return heard, query.result()


FORGED = answers.addresses("198.51.100.9")


async def test_the_first_reply_is_heard_once_and_later_ones_are_kept(bench: Bench) -> None:
    heard, lookup = await hearing(bench, answers.in_order(FORGED, FOUND, FOUND, gap=0.02))

    assert [one.addresses for one in heard] == [("198.51.100.9",)]
    assert [[a.value for a in reply.answers] for reply in lookup.replies] == [
        ["198.51.100.9"],
        *[["192.0.2.1"]] * 2,
    ]


async def test_a_reply_no_stub_would_take_is_not_heard(bench: Bench) -> None:
    staged = answers.in_order(
        answers.wrong_id(FORGED), answers.wrong_question(FORGED), FOUND, gap=0.02
    )
    heard, lookup = await hearing(bench, staged)

    assert [one.addresses for one in heard] == [("192.0.2.1",)]
    assert len(lookup.replies) == 3


async def test_that_there_is_no_answer_is_heard_too(bench: Bench) -> None:
    heard, _ = await hearing(bench, answers.nxdomain())

    assert [(one.failure, one.addresses) for one in heard] == [(Failure.DNS_NXDOMAIN_ERROR, ())]


@pytest.mark.parametrize("answer", [answers.truncated(FOUND), answers.silence()])
async def test_a_truncated_reply_or_none_is_not_heard(bench: Bench, answer: Answer) -> None:
    heard, _ = await hearing(bench, answer)

    assert heard == []


async def test_over_a_stream_nothing_is_heard_before_the_answer(bench: Bench) -> None:
    heard: list[Lookup] = []
    async with Nameserver({NAME: FOUND}) as server:
        resolver = Resolver.parse(f"tcp://{HERE}:{server.port}")
        async with look(bench.around(resolver)) as made:
            lookup = await made.door.resolve(NAME, heard=heard.append)

    assert (heard, lookup.addresses) == ([], ("192.0.2.1",))
