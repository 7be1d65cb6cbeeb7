"""What the real door records of each kind of step, and what it leaves behind: nothing."""

import asyncio
import base64
import socket
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from cryptography import x509

from heliograph.detail import DatagramDetail, TcpDetail, TlsDetail, read
from heliograph.lab import handshakes, responses
from heliograph.lab.nameserver import Nameserver
from heliograph.lab.origins import Origin, Site
from heliograph.lab.wire import Wire
from heliograph.limits import LimitsConfig
from heliograph.model import ADDRESS_UNKNOWN, RESIDUAL_POSSIBLE, StepKind
from heliograph.plugin import Label, Request
from probes.net.stream import Stream
from tests.lab.net_fixtures import HERE, NAME, Bench, look

PAGE = b"<!doctype html><title>A  page</title><p>" + b"words " * 200
REQUEST = Request(url=f"http://{NAME}/")


# Every step


async def test_a_whole_look_leaves_its_numbers_on_every_step(bench: Bench) -> None:
    site = bench.site(responses.page(PAGE))
    async with Origin({NAME: site}) as origin, look(bench.around()) as made:
        connection, shaken = await made.shake(origin)
        reply = await made.door.exchange(connection, Request(url=f"https://{NAME}/"))

    connect, handshake, exchange = made.steps
    assert [step.failure for step in made.steps] == [None, None, None]
    assert (shaken.completed, shaken.alpn, reply.status, reply.body) == (
        True,
        "http/1.1",
        200,
        PAGE,
    )
    assert {step.source_port for step in made.steps} == {origin.seen[0].client[1]}
    assert {(step.host, step.address, step.port) for step in made.steps} == {
        (NAME, HERE, origin.port)
    }
    assert handshake.bytes_sent > 200
    assert handshake.bytes_received > 500
    assert exchange.bytes_sent > 100
    assert exchange.bytes_received > len(PAGE)
    assert all(step.seconds >= 0 for step in made.steps)
    for earlier, later in pairwise(made.steps):
        assert earlier.started + earlier.seconds <= later.started + 1e-5
    assert connect.detail == "{}"


async def test_the_label_of_a_connection_is_on_its_handshake_and_exchange(bench: Bench) -> None:
    label = Label(pair="p", hop=2)
    async with Origin({NAME: bench.site()}) as origin, look(bench.around()) as made:
        connection = await made.door.connect(HERE, origin.port, host=NAME, label=label)
        await made.door.handshake(connection, NAME)
        await made.door.exchange(connection, Request(url=f"https://{NAME}/"))
    assert [(step.pair, step.hop) for step in made.steps] == [("p", 2)] * 3


async def test_a_datagram_and_its_replies_are_kept(bench: Bench) -> None:
    async with Nameserver({}) as server, look(bench.around()) as made:
        query = b"\x12\x34\x01\x00\x00\x01" + bytes(6) + b"\x01x\x00\x00\x01\x00\x01"
        found = await made.door.datagram(HERE, server.port, query)

    step = made.of(StepKind.DATAGRAM)
    detail = read(step, DatagramDetail)
    assert step.failure is None
    assert base64.b64decode(detail.sent) == query
    assert [base64.b64decode(reply) for reply in detail.replies] == list(found.replies)
    assert found.replies[0][:2] == query[:2]
    assert (step.bytes_sent, step.bytes_received) == (len(query), len(found.replies[0]))
    assert step.source_port == server.seen[0].client[1]


async def test_a_connection_of_no_more_use_is_an_error_and_not_a_word(bench: Bench) -> None:
    async with Origin({NAME: bench.site()}) as origin, look(bench.around()) as made:
        connection = await made.door.connect(HERE, origin.port)
        await made.door.exchange(connection, REQUEST)
        with pytest.raises(ValueError, match="is closed"):
            await made.door.exchange(connection, REQUEST)


async def test_a_peer_that_reset_before_it_was_looked_at_reads_as_reset() -> None:
    """The window between connecting and asking for the peer's address is real, if small."""
    listener = socket.create_server((HERE, 0))
    stream = Stream.unconnected(HERE)
    with listener:
        await stream.connect(HERE, listener.getsockname()[1], 1.0)
        Wire(*listener.accept()).reset()
        with pytest.raises(ConnectionResetError):
            _ = stream.remote
    stream.close()


# TLS


@pytest.mark.parametrize(("said", "sent"), [(NAME, NAME), (HERE, None)])
async def test_sni_is_sent_for_names_only(bench: Bench, said: str, sent: str | None) -> None:
    site = bench.site(name=said)
    async with Origin({}, site) as origin, look(bench.around()) as made:
        _, shaken = await made.shake(origin, said)

    step = made.of(StepKind.TLS_HANDSHAKE)
    assert [visit.name for visit in origin.seen if visit.stage == "hello"] == [sent]
    assert (step.sni, step.host, step.failure) == (sent, said, None)
    assert shaken.version in {"TLSv1.2", "TLSv1.3"}
    assert read(step, TlsDetail).client_hello_bytes > 200


async def test_address_sni_host_header_and_label_are_four_things(bench: Bench) -> None:
    site = bench.site(name="front.example")
    async with Origin({}, site) as origin, look(bench.around()) as made:
        connection = await made.door.connect(HERE, origin.port, host="label.example")
        await made.door.handshake(connection, "front.example")
        await made.door.exchange(connection, Request(url="https://hidden.example/x?y=1"))

    assert [(v.stage, v.name, v.target) for v in origin.seen] == [
        ("connection", None, ""),
        ("hello", "front.example", ""),
        ("request", "hidden.example", "/x?y=1"),
    ]
    connect, handshake, exchange = made.steps
    assert (connect.host, handshake.sni, exchange.host) == (
        "label.example",
        "front.example",
        "label.example",
    )


async def test_the_chain_is_kept_and_whole_only_when_it_does_not_verify(bench: Bench) -> None:
    details = []
    for context in (bench.authority.context(NAME), bench.authority.expired(NAME)):
        site = Site(handshakes.serve(context))
        async with Origin({NAME: site}) as origin, look(bench.around()) as made:
            _, shaken = await made.shake(origin)
            details.append(read(made.of(StepKind.TLS_HANDSHAKE), TlsDetail))
            assert shaken.completed

    good, bad = details
    assert (good.chain[0].names, good.chain[0].der, good.verification) == ((NAME,), None, None)
    assert bad.completed
    assert bad.verification is not None
    assert "expired" in bad.verification
    kept = x509.load_der_x509_certificate(base64.b64decode(bad.chain[0].der or ""))
    assert kept.not_valid_after_utc.year == 2000
    assert bad.chain[0].not_after.startswith("2000-12-31T")


@pytest.mark.parametrize(
    ("stage", "spoke", "alert"),
    [
        (handshakes.alert(40), True, 40),
        (handshakes.alert(112), True, 112),
        (handshakes.half_server_hello(), True, None),
        (handshakes.finish(), False, None),
    ],
    ids=["alert 40", "alert 112", "half a ServerHello", "FIN"],
)
async def test_alerts_are_kept_by_number(
    bench: Bench, stage: handshakes.TlsStage, spoke: bool, alert: int | None
) -> None:
    async with Origin({}, Site(stage)) as origin, look(bench.around()) as made:
        await made.shake(origin)
    detail = read(made.of(StepKind.TLS_HANDSHAKE), TlsDetail)
    assert (detail.completed, detail.server_spoke, detail.alert) == (False, spoke, alert)


async def test_what_was_injected_in_the_clear_is_kept(bench: Bench) -> None:
    site = Site(handshakes.plaintext())
    async with Origin({}, site) as origin, look(bench.around()) as made:
        await made.shake(origin)
    detail = read(made.of(StepKind.TLS_HANDSHAKE), TlsDetail)
    assert detail.injected is not None
    assert detail.injected.startswith("HTTP/1.1 403 Forbidden")
    assert "Access denied" in detail.injected
    assert not detail.server_spoke


# Politeness and tidiness


async def test_a_place_at_an_address_is_given_back(bench: Bench) -> None:
    """Six connections to an address that takes two at once: after close, failure and exchange."""
    limits = LimitsConfig(per_address_connections=2, per_address_rate=1000.0)
    sites = {NAME: bench.site(), "reset.example": Site(handshakes.reset())}
    async with Origin(sites) as origin, look(bench.around(limits=limits)) as made:
        async with asyncio.timeout(5):
            for _ in range(2):
                connection = await made.door.connect(HERE, origin.port)
                await connection.close()
                await made.shake(origin, "reset.example")
                await made.fetch(origin, REQUEST)
    assert origin.count("connection") == 6


async def test_no_more_connections_at_once_than_allowed(bench: Bench) -> None:
    limits = LimitsConfig(per_address_connections=2, per_address_rate=1000.0)
    async with Origin({}) as origin, look(bench.around(limits=limits)) as made:
        held = [await made.door.connect(HERE, origin.port) for _ in range(2)]
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await made.door.connect(HERE, origin.port)
        await held[0].close()
        third = await made.door.connect(HERE, origin.port)
        assert third.failure is None


async def test_new_connections_to_an_address_are_spaced(bench: Bench) -> None:
    limits = LimitsConfig(per_address_connections=9, per_address_rate=10.0)
    async with Origin({}) as origin, look(bench.around(limits=limits)) as made:
        for _ in range(3):
            await made.door.connect(HERE, origin.port)
    starts = [step.started for step in made.steps]
    assert all(later - earlier > 0.09 for earlier, later in pairwise(starts))
    assert all(step.seconds < 0.09 for step in made.steps)


async def test_every_socket_is_closed_when_the_look_ends(bench: Bench) -> None:
    async with Origin({NAME: bench.site(responses.silence())}) as origin:
        async with look(bench.around()) as made:
            opened = [await made.door.connect(HERE, origin.port) for _ in range(3)]
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await made.door.exchange(opened[0], REQUEST)
        for connection in opened:
            with pytest.raises(ValueError, match="is closed"):
                await made.door.exchange(connection, REQUEST)


async def test_what_fails_where_another_name_was_stopped_says_so(bench: Bench) -> None:
    around = bench.around()
    stopped, down, well = (f"{word}.example" for word in ("stopped", "down", "well"))
    sites = {stopped: Site(handshakes.reset()), down: Site(handshakes.reset())}
    async with Origin({**sites, well: bench.site(name=well)}) as origin:
        flags = []
        for name in (stopped, down, well, stopped):
            async with look(around) as made:
                await made.shake(origin, name)
            flags.append((name, list(made.trace.flags)))

    assert flags == [
        (stopped, []),
        (down, [RESIDUAL_POSSIBLE]),
        (well, []),
        (stopped, [RESIDUAL_POSSIBLE]),
    ]
    hits = around.ledger.fresh(datetime.now(UTC))
    assert [(hit.address, hit.port, hit.name) for hit in hits] == [
        (HERE, origin.port, name) for name in (stopped, down, stopped)
    ]


async def test_a_name_said_in_the_clear_disturbs_its_place_as_well(bench: Bench) -> None:
    around = bench.around()
    async with Origin({NAME: bench.site(responses.reset())}) as origin:
        async with look(around) as first:
            await first.fetch(origin, REQUEST)
        port = origin.port
    async with look(around) as second:
        await second.door.connect(HERE, port, host="other.example")

    assert list(first.trace.flags) == []
    assert RESIDUAL_POSSIBLE in second.trace.flags
    assert read(second.of(StepKind.TCP_CONNECT), TcpDetail).residual


# Whether anybody knows our address


async def test_a_look_says_that_no_public_address_of_this_host_was_known(bench: Bench) -> None:
    """Whatever echoed it can't have been scrubbed; a control that told it mends that."""
    around = bench.around(admitted=())
    async with look(around) as before:
        pass
    around.scrubber.add("192.168.1.7")
    async with look(around) as translated:
        pass
    around.scrubber.add("203.0.114.7")
    async with look(around) as told:
        pass
    async with look(around) as later:
        later.door.note_own("192.168.1.7")
        later.door.note_own("fd00::7")

    looks = (before, translated, told, later)
    assert [ADDRESS_UNKNOWN in made.trace.flags for made in looks] == [True, True, False, True]


async def test_a_rehearsal_on_loopback_has_no_address_to_know(bench: Bench) -> None:
    async with look(bench.around()) as made:
        pass

    assert tuple(made.trace.flags) == ()
