"""Every failure word is reached through the real door and a real socket, or says why it can't be.

Bar 3 of the first issue, and the three traps found before the first line was written
(STYLE, section 8): a client library that hides the mechanism, a clean close that reads as a
reset, and a deadline that erases evidence.
"""

import asyncio
import errno
import resource
import socket
import ssl
from collections.abc import Callable

import dns.rcode
import pytest

from heliograph.config import Resolver
from heliograph.detail import HttpDetail, TlsDetail, read
from heliograph.failure import Failure
from heliograph.lab import answers, floods, handshakes, responses
from heliograph.lab.authority import Authority
from heliograph.lab.handshakes import TlsStage
from heliograph.lab.origins import Origin, Site
from heliograph.lab.ports import black_hole, refused_port
from heliograph.lab.quic_origin import speaking_quic
from heliograph.lab.quic_site import QuicSite
from heliograph.lab.wire import Wire, listening
from heliograph.model import Step, StepKind
from heliograph.plugin import Request
from probes.net.spending import Budget
from tests.lab.net_fixtures import (
    HERE,
    NAME,
    Bench,
    Stage,
    asked,
    asking,
    connecting,
    fetching,
    look,
    sending,
    shaking,
)

_BROADCAST = "127.255.255.255"
_BODY = b"<p>" + b"x" * 997
_FOUND = answers.addresses("192.0.2.1")
_NONSENSE_RECORD = handshakes.say(b"\x16\x03\x03\x00\x20" + bytes(range(1, 33)))


async def _refused(bench: Bench) -> Step:
    with refused_port() as port:
        return await connecting(HERE, port)(bench)


def _over_quic(*, closes: int | None = None, version: int = 1) -> Stage:
    """A QUIC handshake with a server that ends it so, or speaks that version only."""

    async def staged(bench: Bench) -> Step:
        site = QuicSite(NAME, *bench.authority.files(NAME), closes=closes, port=0, version=version)
        async with speaking_quic(HERE, site) as port, look(bench.around()) as made:
            await made.door.quic(HERE, port, NAME)
        return made.of(StepKind.QUIC_HANDSHAKE)

    return staged


async def _refused_datagram(bench: Bench) -> Step:
    with refused_port() as port:
        return await sending(HERE, port)(bench)


async def _unheard_datagram(bench: Bench) -> Step:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
        mute.bind((HERE, 0))
        return await sending(HERE, mute.getsockname()[1])(bench)


async def _unanswered(bench: Bench) -> Step:
    async with black_hole() as port:
        return await connecting(HERE, port)(bench)


async def _no_descriptor_left(bench: Bench) -> Step:
    """The process may open no more files: an errno with no word of its own."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    async with look(bench.around()) as made:
        with socket.socket() as lowest_free:
            few = lowest_free.fileno()
        resource.setrlimit(resource.RLIMIT_NOFILE, (few, hard))
        try:
            await made.door.connect(HERE, 8080)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return made.of(StepKind.TCP_CONNECT)


async def _reset_before_a_word(bench: Bench) -> Step:
    """RST right behind the SYN/ACK, before the client's next instruction."""
    listener = socket.create_server((HERE, 0))
    loop = asyncio.get_running_loop()

    def slam() -> None:
        connection, peer = listener.accept()
        Wire(connection, peer).reset()

    with listener:
        loop.add_reader(listener, slam)
        try:
            return await connecting(HERE, listener.getsockname()[1])(bench)
        finally:
            loop.remove_reader(listener)


async def _hung_up_resolver(bench: Bench) -> Step:
    async def serve(wire: Wire) -> None:
        await wire.read()
        await wire.finish()

    listener = socket.create_server((HERE, 0))
    async with listening(listener, serve, lambda _: None):
        resolver = Resolver.parse(f"tcp://{HERE}:{listener.getsockname()[1]}")
        _, made = await asked(bench, resolver)
    return made.of(StepKind.DNS_QUERY)


async def _doh_without_its_path(bench: Bench) -> Step:
    site = bench.site(responses.page(status=404), "dns.example")
    async with Origin({"dns.example": site}) as origin:
        resolver = Resolver.parse(f"https://dns.example:{origin.port}/dns-query@{HERE}")
        _, made = await asked(bench, resolver)
    return made.of(StepKind.DNS_QUERY)


async def _resolver_without_address(bench: Bench) -> Step:
    _, made = await asked(bench, Resolver.parse("tls://dns.example"))
    return made.of(StepKind.DNS_QUERY)


async def _guarded(bench: Bench) -> Step:
    async with look(bench.around(admitted=())) as made:
        await made.door.connect(HERE, 8080)
    return made.of(StepKind.TCP_CONNECT)


async def _spent(bench: Bench) -> Step:
    async with look(bench.around(), Budget(connections=0)) as made:
        await made.door.connect(HERE, 8080)
    return made.of(StepKind.TCP_CONNECT)


async def _cut_by_the_runner(bench: Bench) -> Step:
    site = Site(handshakes.silence())
    async with Origin({}, site) as origin, look(bench.around()) as made:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await made.shake(origin)
    return made.of(StepKind.TLS_HANDSHAKE)


def _served(make: Callable[[Authority], ssl.SSLContext]) -> Stage:
    """A handshake that ends well, with this certificate."""
    return shaking(lambda authority: handshakes.serve(make(authority)))


def _broken(stage: TlsStage) -> Stage:
    return shaking(lambda _: stage)


REACHED: tuple[tuple[Failure, str, Stage], ...] = (
    (Failure.CONNECTION_REFUSED, "a closed port", _refused),
    (Failure.CONNECTION_REFUSED, "a closed UDP port (ICMP)", _refused_datagram),
    (Failure.CONNECTION_RESET, "RST behind the SYN/ACK", _reset_before_a_word),
    (Failure.CONNECTION_RESET, "RST after ClientHello", _broken(handshakes.reset())),
    (Failure.CONNECTION_RESET, "RST after a request", fetching(responses.reset())),
    (Failure.CONNECTION_RESET, "RST inside TLS", fetching(responses.reset(), tls=True)),
    (Failure.CONNECTION_RESET, "RST in a body", fetching(responses.reset_body(_BODY, after=99))),
    (Failure.CONNECTION_RESET, "RST at DNS over TCP", asking(answers.reset_tcp(_FOUND), "tcp")),
    (Failure.CONNECTION_RESET, "RST at DoT", asking(answers.reset_tcp(_FOUND), "tls")),
    (Failure.CONNECTION_RESET, "RST at DoH", asking(answers.reset_tcp(_FOUND), "https")),
    (Failure.DNS_NO_ANSWER, "no such record", asking(answers.nodata())),
    (Failure.DNS_NO_ANSWER, "no such record over DoH", asking(answers.nodata(), "https")),
    (Failure.DNS_NON_RECOVERABLE_FAILURE, "no address to ask", _resolver_without_address),
    (Failure.DNS_NXDOMAIN_ERROR, "no such name", asking(answers.nxdomain())),
    (Failure.DNS_NXDOMAIN_ERROR, "no such name over DoT", asking(answers.nxdomain(), "tls")),
    (Failure.DNS_REFUSED_ERROR, "REFUSED", asking(answers.refused())),
    (Failure.DNS_SERVFAIL_ERROR, "SERVFAIL", asking(answers.servfail(), "tcp")),
    (Failure.DNS_REPLY_WITH_WRONG_QUERY_ID, "a wrong id", asking(answers.wrong_id(_FOUND))),
    (Failure.DNS_SERVER_MISBEHAVING, "bytes that are no message", asking(answers.malformed())),
    (Failure.DNS_SERVER_MISBEHAVING, "FORMERR", asking(answers.code(dns.rcode.FORMERR))),
    (Failure.DNS_SERVER_MISBEHAVING, "another question", asking(answers.wrong_question(_FOUND))),
    (Failure.DNS_SERVER_MISBEHAVING, "a false length", asking(answers.short_prefix(_FOUND), "tcp")),
    (Failure.EOF_ERROR, "FIN after ClientHello", _broken(handshakes.finish())),
    (Failure.EOF_ERROR, "FIN in a ServerHello", _broken(handshakes.half_server_hello())),
    (Failure.EOF_ERROR, "FIN before a status line", fetching(responses.finish())),
    (Failure.EOF_ERROR, "FIN inside TLS", fetching(responses.finish(), tls=True)),
    (Failure.EOF_ERROR, "FIN in the headers", fetching(responses.status_line_only())),
    (Failure.EOF_ERROR, "FIN in a body", fetching(responses.truncated_body(_BODY, after=99))),
    (Failure.EOF_ERROR, "FIN at DNS over TCP", _hung_up_resolver),
    (Failure.GENERIC_TIMEOUT_ERROR, "silence to a SYN", _unanswered),
    (Failure.GENERIC_TIMEOUT_ERROR, "silence to a ClientHello", _broken(handshakes.silence())),
    (
        Failure.GENERIC_TIMEOUT_ERROR,
        "silence in a ServerHello",
        _broken(handshakes.half_server_hello(then_silence=True)),
    ),
    (Failure.GENERIC_TIMEOUT_ERROR, "silence to a request", fetching(responses.silence())),
    (
        Failure.GENERIC_TIMEOUT_ERROR,
        "silence in a body",
        fetching(responses.frozen_body(_BODY, after=99)),
    ),
    (Failure.GENERIC_TIMEOUT_ERROR, "silence of a resolver", asking(answers.silence())),
    (Failure.GENERIC_TIMEOUT_ERROR, "silence over DNS TCP", asking(answers.silence(), "tcp")),
    (Failure.GENERIC_TIMEOUT_ERROR, "silence to a datagram", _unheard_datagram),
    (Failure.HTTP_UNEXPECTED_STATUS_CODE, "DoH answering 404", _doh_without_its_path),
    (Failure.INTERRUPTED, "the runner's deadline", _cut_by_the_runner),
    (Failure.INVALID_ARGUMENT, "link-local without an interface", connecting("fe80::1", 8080)),
    (Failure.MESSAGE_SIZE, "a datagram no UDP packet can hold", sending(HERE, 9999, bytes(70_000))),
    (Failure.NETWORK_UNREACHABLE, "TCP to a broadcast address", connecting(_BROADCAST, 8080)),
    (Failure.PERMISSION_DENIED, "UDP to a broadcast address", sending(_BROADCAST, 9999)),
    (Failure.QUIC_INCOMPATIBLE_VERSION, "version 2 alone", _over_quic(version=0x6B3343CF)),
    (Failure.SSL_FAILED_HANDSHAKE, "alert 40 over QUIC", _over_quic(closes=0x128)),
    (Failure.SSL_FAILED_HANDSHAKE, "alert 40", _broken(handshakes.alert(40))),
    (Failure.SSL_FAILED_HANDSHAKE, "a TLS record of nonsense", _broken(_NONSENSE_RECORD)),
    (Failure.SSL_INVALID_CERTIFICATE, "expired", _served(lambda ca: ca.expired(NAME))),
    (Failure.SSL_INVALID_HOSTNAME, "another name", _served(lambda ca: ca.context("b.example"))),
    (Failure.SSL_INVALID_HOSTNAME, "alert 112", _broken(handshakes.alert(112))),
    (Failure.SSL_UNKNOWN_AUTHORITY, "self-signed", _served(lambda ca: ca.self_signed())),
    (Failure.SSL_UNKNOWN_AUTHORITY, "a stranger's", _served(lambda _: Authority().context(NAME))),
    (
        Failure.SSL_UNKNOWN_AUTHORITY,
        "no intermediate",
        _served(lambda ca: ca.missing_intermediate(NAME)),
    ),
    (Failure.UNKNOWN_FAILURE, "no file descriptor left", _no_descriptor_left),
    (Failure.X_ADDRESS_REFUSED, "loopback", _guarded),
    (Failure.X_BUDGET_EXHAUSTED, "no connection left", _spent),
    (Failure.X_HTTP_HEADER_OVERFLOW, "an endless header", fetching(floods.long_header())),
    (Failure.X_HTTP_MALFORMED_RESPONSE, "SSH's greeting", fetching(responses.not_http())),
    (Failure.X_QUIC_CLOSED, "an application's reason", _over_quic(closes=7)),
    (Failure.X_TLS_PLAINTEXT_INJECTED, "a block page", _broken(handshakes.plaintext())),
    (Failure.X_TLS_PLAINTEXT_INJECTED, "garbage", _broken(handshakes.garbage())),
)
"""A word, what brings it about, and how that is staged; some words have several ways."""

_FIRST_IN_OONI = "only measurements imported from OONI have it: {}"
_NO_SUCH_CALL = "Net never makes the system call that gives it: {}"

UNREACHABLE: dict[Failure, str] = {
    Failure.ADDRESS_FAMILY_NOT_SUPPORTED: "needs a kernel built without IPv6",
    Failure.ADDRESS_IN_USE: _NO_SUCH_CALL.format("it binds no socket to a port"),
    Failure.ADDRESS_NOT_AVAILABLE: "needs every ephemeral port of the host in use",
    Failure.ALREADY_CONNECTED: _NO_SUCH_CALL.format("it connects a socket once"),
    Failure.ANDROID_DNS_CACHE_NO_DATA: _FIRST_IN_OONI.format("Android's resolver"),
    Failure.BAD_ADDRESS: _NO_SUCH_CALL.format("Python hands the kernel no bad pointer"),
    Failure.BAD_FILE_DESCRIPTOR: _NO_SUCH_CALL.format("using a closed connection is an error"),
    Failure.CONNECTION_ABORTED: _NO_SUCH_CALL.format("it accepts no connection"),
    Failure.CONNECTION_ALREADY_CLOSED: "asyncio's transports raise it; Net uses bare sockets",
    Failure.CONNECTION_ALREADY_IN_PROGRESS: _NO_SUCH_CALL.format("it connects a socket once"),
    Failure.DESTINATION_ADDRESS_REQUIRED: _NO_SUCH_CALL.format("its datagram sockets have a peer"),
    Failure.DNS_BOGON_ERROR: _FIRST_IN_OONI.format("ours mark the answer as bogon and go on"),
    Failure.DNS_TEMPORARY_FAILURE: _NO_SUCH_CALL.format("it never asks getaddrinfo"),
    Failure.HOST_UNREACHABLE: "a router or a neighbour that is missing says it, never loopback",
    Failure.HTTP_INVALID_REDIRECT_LOCATION_HOST: _FIRST_IN_OONI.format("captive portal checks"),
    Failure.HTTP_REQUEST_FAILED: _FIRST_IN_OONI.format("a failed request of its helpers"),
    Failure.HTTP_UNEXPECTED_REDIRECT_URL: _FIRST_IN_OONI.format("app tests' redirects"),
    Failure.JSON_PARSE_ERROR: _FIRST_IN_OONI.format("answers of its helpers"),
    Failure.NETWORK_DOWN: "needs an interface switched off: a network namespace",
    Failure.NETWORK_RESET: "needs a link that was reset under a connection",
    Failure.NO_BUFFER_SPACE: "needs a kernel out of memory for packets",
    Failure.NO_PROTOCOL_OPTION: _NO_SUCH_CALL.format("it sets options every Linux has"),
    Failure.NOT_A_SOCKET: _NO_SUCH_CALL.format("it uses no descriptor of another kind"),
    Failure.NOT_CONNECTED: "a peer lost between connecting and asking for its address reads as "
    "connection_reset",
    Failure.OPERATION_WOULD_BLOCK: "an event for the loop to wait on, never a failure",
    Failure.PROTOCOL_NOT_SUPPORTED: _NO_SUCH_CALL.format("it opens TCP and UDP sockets only"),
    Failure.TIMED_OUT: "the kernel gives up after two minutes, Net's own limit comes first",
    Failure.WRONG_PROTOCOL_TYPE: _NO_SUCH_CALL.format("it opens TCP and UDP sockets only"),
}


def test_every_word_is_reached_or_says_why_not() -> None:
    reached = {word for word, _, _ in REACHED}
    assert reached | set(UNREACHABLE) == set(Failure)
    assert reached & set(UNREACHABLE) == set()
    assert all(reason for reason in UNREACHABLE.values())


@pytest.mark.parametrize(
    ("word", "stage"), [pytest.param(w, s, id=f"{w}: {how}") for w, how, s in REACHED]
)
async def test_a_word_is_what_the_network_did(bench: Bench, word: Failure, stage: Stage) -> None:
    step = await stage(bench)
    assert step.failure is word, step


async def test_seven_events_keep_their_seven_words(bench: Bench) -> None:
    """Trap 8.1: httpx folds these seven into one ConnectError; each has its own word here."""
    stages = (
        _refused,
        asking(answers.nxdomain()),
        _broken(handshakes.reset()),
        _broken(handshakes.finish()),
        _broken(handshakes.alert(40)),
        _broken(handshakes.plaintext()),
        _served(lambda authority: authority.self_signed()),
    )
    assert [(await stage(bench)).failure for stage in stages] == [
        Failure.CONNECTION_REFUSED,
        Failure.DNS_NXDOMAIN_ERROR,
        Failure.CONNECTION_RESET,
        Failure.EOF_ERROR,
        Failure.SSL_FAILED_HANDSHAKE,
        Failure.X_TLS_PLAINTEXT_INJECTED,
        Failure.SSL_UNKNOWN_AUTHORITY,
    ]


async def test_a_reset_and_a_clean_close_after_a_client_hello_differ(bench: Bench) -> None:
    """Trap 8.2: asyncio calls both a reset; only a real one has an errno (104)."""
    reset = await _broken(handshakes.reset())(bench)
    closed = await _broken(handshakes.finish())(bench)

    causes = [read(step, TlsDetail).cause for step in (reset, closed)]
    assert [step.failure for step in (reset, closed)] == [
        Failure.CONNECTION_RESET,
        Failure.EOF_ERROR,
    ]
    assert [cause and cause.errno for cause in causes] == [errno.ECONNRESET, None]
    assert causes[1] is not None
    assert causes[1].type == "builtins.EOFError"


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "within TLS"])
async def test_a_reset_and_a_clean_close_after_a_request_differ(bench: Bench, tls: bool) -> None:
    """Trap 8.2, one layer up: httpx and httpcore do not blur what the socket said."""
    reset = await fetching(responses.reset(), tls=tls)(bench)
    closed = await fetching(responses.finish(), tls=tls)(bench)

    causes = [read(step, HttpDetail).cause for step in (reset, closed)]
    assert [cause and cause.errno for cause in causes] == [errno.ECONNRESET, None]


async def test_what_an_outer_deadline_cuts_off_is_no_success(bench: Bench) -> None:
    """Trap 8.3: the step under way reads interrupted, those before it keep what they found."""
    site = bench.site(responses.silence())
    async with Origin({NAME: site}) as origin, look(bench.around()) as made:
        connection, _ = await made.shake(origin)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await made.door.exchange(connection, Request(url=f"https://{NAME}/"))

    assert [(step.kind, step.failure) for step in made.steps] == [
        (StepKind.TCP_CONNECT, None),
        (StepKind.TLS_HANDSHAKE, None),
        (StepKind.HTTP_EXCHANGE, Failure.INTERRUPTED),
    ]
    assert made.steps[-1].seconds == pytest.approx(0.2, abs=0.15)
    assert read(made.steps[-1], HttpDetail).stage == "headers"
