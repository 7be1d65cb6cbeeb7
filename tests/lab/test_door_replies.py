"""What the real door records of an HTTP exchange and of a question to a resolver."""

import asyncio
import gzip
import socket
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from heliograph.config import Resolver
from heliograph.detail import DnsDetail, HttpDetail, read
from heliograph.failure import Failure
from heliograph.lab import answers, responses
from heliograph.lab.nameserver import Nameserver
from heliograph.lab.origins import Origin, Site
from heliograph.lab.request import Request as Heard
from heliograph.lab.responses import HttpStage
from heliograph.lab.wire import Stream as LabStream
from heliograph.limits import LimitsConfig
from heliograph.model import Step, StepKind
from heliograph.plugin import Reply, Request
from probes.net.datagrams import Timing
from probes.net.spending import Budget
from probes.net.surroundings import Timeouts
from tests.lab.net_fixtures import HERE, NAME, NOBODY, UNPACED, Bench, asked, look, resolver_with

PAGE = b"<!doctype html><title>A  page</title><p>" + b"words " * 200
TWICE = gzip.compress(gzip.compress(PAGE, mtime=0), mtime=0)
REQUEST = Request(url=f"http://{NAME}/")
FOUND = answers.addresses("192.0.2.1", "192.0.2.2")


async def fetched(
    bench: Bench, stage: HttpStage, limits: LimitsConfig = UNPACED, times: Timeouts | None = None
) -> tuple[Reply, HttpDetail]:
    around = bench.around(limits=limits, timeouts=times or bench.around().timeouts)
    async with Origin({NAME: Site(http=stage)}) as origin, look(around) as made:
        reply = await made.fetch(origin, REQUEST)
    return reply, read(made.of(StepKind.HTTP_EXCHANGE), HttpDetail)


# HTTP


def hears(seen: list[Heard]) -> HttpStage:
    async def stage(stream: LabStream, request: Heard) -> None:
        seen.append(request)
        await responses.page(PAGE)(stream, request)

    return stage


async def test_a_request_looks_like_a_browser_s_and_can_be_changed(bench: Bench) -> None:
    seen: list[Heard] = []
    async with Origin({NAME: Site(http=hears(seen))}) as origin, look(bench.around()) as made:
        await made.fetch(origin, REQUEST)
        own = Request(url=REQUEST.url, method="POST", headers=(("accept", "a/b"),), body=b"data")
        await made.fetch(origin, own)

    assert seen[0].headers["user-agent"].startswith("Mozilla/5.0 ")
    assert seen[0].headers["accept-encoding"] == "gzip, deflate"
    assert (seen[1].method, seen[1].headers["accept"], seen[1].body) == ("POST", "a/b", b"data")


async def test_a_page_is_read_to_its_end(bench: Bench) -> None:
    reply, detail = await fetched(bench, responses.page(PAGE))
    assert (reply.status, reply.body, reply.truncated) == (200, PAGE, False)
    assert (detail.stage, detail.raw_bytes, detail.expected_bytes) == ("done", len(PAGE), len(PAGE))
    assert (detail.title, detail.version) == ("A page", "HTTP/1.1")
    assert detail.body_sha256 is not None


async def test_a_body_is_cut_at_our_cap_and_says_so(bench: Bench) -> None:
    limits = LimitsConfig(body_bytes=500, per_address_rate=1000.0)
    reply, detail = await fetched(bench, responses.page(PAGE), limits)
    assert (reply.failure, reply.body, reply.truncated) == (None, PAGE[:500], True)
    assert (detail.truncated, detail.body_bytes, detail.expected_bytes) == (True, 500, len(PAGE))


async def test_a_slow_body_is_cut_and_not_failed(bench: Bench) -> None:
    times = Timeouts(0.5, 0.5, stall=0.3, exchange=0.4, datagram=Timing(0.5, 0.1, 0.2))
    reply, detail = await fetched(bench, responses.dripped_body(PAGE, pace=0.1), times=times)
    assert (reply.failure, reply.truncated, detail.truncated) == (None, True, True)
    assert PAGE.startswith(reply.body)
    assert 0 < len(reply.body) < 10


@pytest.mark.parametrize(
    "stage",
    [
        responses.encoded("gzip", gzip.compress(PAGE, mtime=0)),
        responses.encoded("GZIP", gzip.compress(PAGE, mtime=0)),
        responses.deflated(PAGE),
        responses.deflated(PAGE, bare=True),
        responses.encoded("identity", PAGE),
    ],
    ids=["gzip", "GZIP", "deflate in zlib", "bare deflate", "identity"],
)
async def test_one_coding_is_undone(bench: Bench, stage: HttpStage) -> None:
    reply, detail = await fetched(bench, stage)
    assert (reply.body, detail.encoding_problem) == (PAGE, None)


@pytest.mark.parametrize(
    ("coding", "data", "problem"),
    [
        ("br", b"\x0b\x02\x80abc\x03", "br: not undone"),
        ("zstd", b"\x28\xb5\x2f\xfd....", "zstd: not undone"),
        ("gzip, gzip", TWICE, "gzip, gzip: more than one coding"),
    ],
)
async def test_other_codings_are_kept_as_they_came(
    bench: Bench, coding: str, data: bytes, problem: str
) -> None:
    reply, detail = await fetched(bench, responses.encoded(coding, data))
    assert (reply.failure, reply.body, detail.encoding_problem) == (None, data, problem)


async def test_a_false_coding_is_named(bench: Bench) -> None:
    reply, detail = await fetched(bench, responses.encoded("gzip", zlib.compress(PAGE)))
    assert reply.failure is None
    assert detail.encoding_problem is not None
    assert detail.encoding_problem.startswith("gzip: ")


async def test_a_redirect_is_recorded_and_not_followed(bench: Bench) -> None:
    site = Site(http=responses.redirect("http://b.example/x"))
    async with Origin({NAME: site}) as origin, look(bench.around()) as made:
        reply = await made.fetch(origin, REQUEST)
    assert (reply.status, origin.count("request")) == (302, 1)
    detail = read(made.of(StepKind.HTTP_EXCHANGE), HttpDetail)
    assert detail.location == "http://b.example/x"


@pytest.mark.parametrize("then", ["finish", "silence"])
async def test_another_protocol_s_greeting_is_no_close_and_no_silence(
    bench: Bench, then: responses.End
) -> None:
    reply, _ = await fetched(bench, responses.raw(b"SSH-2.0-x\r\n", end=then))
    assert reply.failure is Failure.X_HTTP_MALFORMED_RESPONSE


@contextmanager
def always_ready(chunk: bytes) -> Iterator[int]:
    """The port of a server in a thread of its own, which sends faster than anybody reads."""
    part = b"%x\r\n%s\r\n" % (len(chunk), chunk)
    many = part * (1 + (1 << 20) // len(part))

    def flood() -> None:
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            connection.recv(65536)
            connection.sendall(responses.head(200, [("Transfer-Encoding", "chunked")]))
            while True:
                connection.sendall(many)

    with socket.create_server((HERE, 0)) as listener:
        thread = threading.Thread(target=flood)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(5)
        assert not thread.is_alive()


async def test_a_peer_with_data_always_ready_does_not_hold_up_a_deadline(bench: Bench) -> None:
    """Historical note: reading what was there already never let the loop look at the clock."""
    limits = LimitsConfig(body_bytes=1 << 21, per_address_rate=1000.0)
    around = bench.around(limits=limits, timeouts=Timeouts(9, 9, 9, 9))
    loop = asyncio.get_running_loop()
    with always_ready(b"x") as port:
        async with look(around, Budget(received_bytes=1 << 32)) as made:
            connection = await made.door.connect(HERE, port)
            began = loop.time()
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await made.door.exchange(connection, REQUEST)
            assert loop.time() - began < 1.0
    assert made.of(StepKind.HTTP_EXCHANGE).failure is Failure.INTERRUPTED


# DNS


async def test_every_answer_of_the_window_is_kept_in_its_order(bench: Bench) -> None:
    forged = answers.addresses("10.10.34.34")
    staged = answers.in_order(forged, answers.wrong_id(FOUND), FOUND, gap=0.03)
    async with resolver_with(bench, staged, "udp") as resolver:
        lookup, made = await asked(bench, resolver)

    detail = read(made.of(StepKind.DNS_QUERY), DnsDetail)
    assert lookup.replies == detail.replies
    assert [reply.problem for reply in detail.replies] == [None, "wrong query id", None]
    assert [[a.value for a in r.answers] for r in detail.replies] == [
        ["10.10.34.34"],
        ["192.0.2.1", "192.0.2.2"],
        ["192.0.2.1", "192.0.2.2"],
    ]
    assert detail.replies[0].answers[0].bogon == "private (RFC 1918)"
    assert all(reply.ip_ttl == 64 for reply in detail.replies)
    arrivals = [reply.after for reply in detail.replies]
    assert arrivals == sorted(arrivals)
    assert lookup.addresses == ("10.10.34.34",)
    assert lookup.routable == ()


async def test_a_silent_resolver_is_asked_twice_from_the_same_port(bench: Bench) -> None:
    async with Nameserver({NAME: answers.silence()}) as server:
        _, made = await asked(bench, Resolver.parse(f"udp://{HERE}:{server.port}"))
    step = made.of(StepKind.DNS_QUERY)
    assert [visit.client[1] for visit in server.seen] == [step.source_port] * 2
    assert read(step, DnsDetail).sends == 2
    assert step.bytes_sent == 2 * (12 + len(NAME) + 2 + 4)


@pytest.mark.parametrize("trusted", [False, True], ids=["the system's", "a trusted one"])
async def test_a_truncated_answer_is_asked_again_over_tcp(bench: Bench, trusted: bool) -> None:
    async with resolver_with(bench, answers.truncated(FOUND), "udp") as resolver:
        around = bench.around(NOBODY, admitted=(), trusted=(resolver,))
        if not trusted:
            around = bench.around(resolver, admitted=())
        async with look(around) as made:
            lookup = await made.door.resolve(NAME, resolver=resolver)

    assert lookup.failure is None, made.steps
    assert lookup.addresses == ("192.0.2.1", "192.0.2.2")
    queries = [read(s, DnsDetail) for s in made.steps if s.kind is StepKind.DNS_QUERY]
    standing = "trusted" if trusted else "system"
    assert [(q.transport, q.standing) for q in queries] == [("udp", standing), ("tcp", standing)]
    assert [step.resolver for step in made.steps] == [
        str(resolver),
        *[f"tcp://{HERE}:{resolver.port}"] * 2,
    ]


@pytest.mark.parametrize(
    ("scheme", "inner"),
    [
        ("tcp", [StepKind.TCP_CONNECT]),
        ("tls", [StepKind.TCP_CONNECT, StepKind.TLS_HANDSHAKE]),
        ("https", [StepKind.TCP_CONNECT, StepKind.TLS_HANDSHAKE, StepKind.HTTP_EXCHANGE]),
    ],
)
async def test_the_steps_that_carry_a_query_name_the_resolver(
    bench: Bench, scheme: str, inner: list[StepKind]
) -> None:
    async with resolver_with(bench, FOUND, scheme) as resolver:
        lookup, made = await asked(bench, resolver)

    assert lookup.addresses == ("192.0.2.1", "192.0.2.2")
    assert [step.kind for step in made.steps] == [StepKind.DNS_QUERY, *inner]
    assert {step.resolver for step in made.steps} == {str(resolver)}
    assert all(step.failure is None for step in made.steps)
    assert _moved(made.of(StepKind.DNS_QUERY))


def _moved(step: Step) -> bool:
    return step.bytes_sent > 20 and step.bytes_received > 40
