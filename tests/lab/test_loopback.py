"""Every misbehaviour of the lab is really staged, as clients from the standard library see it."""

import asyncio
import socket
import ssl
import time
import zlib
from collections.abc import Callable
from typing import TypeVar

import pytest

from heliograph.lab import handshakes, responses
from heliograph.lab.authority import Authority
from heliograph.lab.handshakes import TlsStage
from heliograph.lab.origins import Origin, Site
from heliograph.lab.ports import black_hole, refused_port
from heliograph.lab.request import Request
from heliograph.lab.responses import HttpStage
from heliograph.lab.wire import Stream

NAME = "site.example"
PAGE = b"<p>hello</p>"
Heard = tuple[bytes, str]
Result = TypeVar("Result")


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


def client_hello(name: str | None) -> bytes:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    sent = ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        context.wrap_bio(ssl.MemoryBIO(), sent, server_hostname=name).do_handshake()
    return sent.read()


def ask(path: str = "/", name: str = NAME, method: str = "GET") -> bytes:
    return f"{method} {path} HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode()


class TlsClient:
    """TLS that reads the socket itself: a blocking SSLSocket of 3.11.7 calls RST an EOF."""

    def __init__(self, plain: socket.socket, trust: ssl.SSLContext, name: str) -> None:
        self._plain = plain
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = trust.wrap_bio(self._in, self._out, server_hostname=name)
        self._drive(self._tls.do_handshake)

    def sendall(self, data: bytes) -> None:
        self._drive(lambda: self._tls.write(data))

    def recv(self, size: int) -> bytes:
        try:
            return self._drive(lambda: self._tls.read(size))
        except ssl.SSLZeroReturnError:
            return b""

    def _drive(self, call: Callable[[], Result]) -> Result:
        while True:
            try:
                return call()
            except ssl.SSLWantReadError:
                self._flush()
                if data := self._plain.recv(65536):
                    self._in.write(data)
                else:
                    self._in.write_eof()
            finally:
                self._flush()  # also the alert to a bad certificate

    def _flush(self) -> None:
        if data := self._out.read():
            self._plain.sendall(data)


def hear(client: socket.socket | TlsClient) -> Heard:
    """All bytes, and how they ended: fin, cut (TLS without close_notify), reset, silence."""
    data = b""
    try:
        while more := client.recv(65536):
            data += more
    except TimeoutError:
        return data, "silence"
    except ssl.SSLEOFError:
        return data, "cut"
    except OSError as error:
        return data, "reset" if error.errno == 104 else str(error)
    return data, "fin"


async def talk(
    origin: Origin,
    *sent: bytes,
    trust: ssl.SSLContext | None = None,
    name: str = NAME,
    patience: float = 2.0,
) -> Heard:
    def blocking() -> Heard:
        with socket.create_connection((origin.address, origin.port), timeout=patience) as plain:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if trust is None:
                for piece in sent:
                    plain.sendall(piece)
                    time.sleep(0.01 if len(sent) > 1 else 0)
                return hear(plain)
            safe = TlsClient(plain, trust, name)
            safe.sendall(b"".join(sent))
            return hear(safe)

    return await asyncio.to_thread(blocking)


async def staged(stage: HttpStage) -> Heard:
    async with Origin({NAME: Site(http=stage)}) as origin:
        return await talk(origin, ask())


def body(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[2]


# Certificates


async def verdict(context: ssl.SSLContext, trust: ssl.SSLContext) -> int:
    async with Origin({NAME: Site(tls=handshakes.serve(context))}) as origin:
        with pytest.raises(ssl.SSLCertVerificationError) as caught:
            await talk(origin, ask(), trust=trust)
    return int(caught.value.verify_code)


async def test_each_bad_certificate_fails_for_its_own_reason(authority: Authority) -> None:
    trust = authority.trusting()
    assert await verdict(authority.expired(NAME), trust) == 10
    assert await verdict(authority.self_signed(), trust) == 18
    assert await verdict(Authority().context(NAME), trust) == 20
    assert await verdict(authority.missing_intermediate(NAME), trust) == 20
    assert await verdict(authority.context("other.example"), trust) == 62


async def test_clients_take_turns(authority: Authority) -> None:
    turns = handshakes.by_turns(handshakes.say(b"one"), handshakes.say(b"two"))
    async with Origin({NAME: Site(turns)}) as origin:
        heard = [await talk(origin, client_hello(NAME)) for _ in range(3)]

    assert heard == [(b"one", "fin"), (b"two", "fin"), (b"one", "fin")]


async def test_whoever_brings_no_certificate_is_turned_away(authority: Authority) -> None:
    strict = handshakes.serve(authority.demanding(NAME))
    async with Origin({NAME: Site(strict, responses.page(PAGE))}) as origin:
        answer, end = await talk(origin, ask(), trust=authority.trusting(), name=NAME)

    assert answer == b""
    assert "CERTIFICATE_REQUIRED" in end


async def test_a_good_certificate_verifies_for_names_and_addresses(authority: Authority) -> None:
    context = authority.context(NAME, "127.0.0.1")
    assert authority.context(NAME, "127.0.0.1") is context
    async with Origin({}, Site(handshakes.serve(context), responses.page(PAGE))) as origin:
        for name in (NAME, "127.0.0.1"):
            answer, end = await talk(origin, ask(), trust=authority.trusting(), name=name)
            assert (body(answer), end) == (PAGE, "fin")


# The TLS stage

TLS_STAGES: dict[str, tuple[TlsStage, bytes, str]] = {
    "RST": (handshakes.reset(), b"", "reset"),
    "FIN": (handshakes.finish(), b"", "fin"),
    "silence": (handshakes.silence(), b"", "silence"),
    "alert": (handshakes.alert(112), b"\x15\x03\x03\x00\x02\x02\x70", "fin"),
    "plaintext": (handshakes.plaintext(), handshakes.BLOCK_PAGE, "fin"),
    "garbage": (handshakes.garbage(b"\xff\xfe"), b"\xff\xfe", "fin"),
}


@pytest.mark.parametrize("case", TLS_STAGES)
async def test_a_client_hello_gets_exactly_what_is_staged(case: str) -> None:
    stage, data, end = TLS_STAGES[case]
    async with Origin({NAME: Site(tls=stage)}) as origin:
        assert await talk(origin, client_hello(NAME), patience=0.3) == (data, end)
        assert [(visit.stage, visit.name) for visit in origin.seen] == [
            ("connection", None),
            ("hello", NAME),
        ]


async def test_a_block_page_in_place_of_a_server_hello_is_a_complete_http_answer() -> None:
    head, _, page = handshakes.BLOCK_PAGE.partition(b"\r\n\r\n")
    assert f"Content-Length: {len(page)}\r\n".encode() in head


@pytest.mark.parametrize(("silent", "end"), [(False, "fin"), (True, "silence")])
async def test_half_a_server_hello_announces_more_than_it_sends(silent: bool, end: str) -> None:
    stage = handshakes.half_server_hello(then_silence=silent)
    async with Origin({NAME: Site(tls=stage)}) as origin:
        data, ended = await talk(origin, client_hello(NAME), patience=0.3)
    assert (data[:3], data[5:6], ended) == (b"\x16\x03\x03", b"\x02", end)
    assert 5 < len(data) < 5 + int.from_bytes(data[3:5])


async def test_a_dripped_handshake_succeeds_late_and_the_page_comes_at_once(
    authority: Authority,
) -> None:
    stage = handshakes.serve(authority.context(NAME), pace=0.0005)
    async with Origin({NAME: Site(stage, responses.page(PAGE))}) as origin:
        started = time.monotonic()
        answer, _ = await talk(origin, ask(), trust=authority.trusting())
    assert body(answer) == PAGE
    assert time.monotonic() - started > 0.2


async def test_rst_and_fin_in_a_handshake_differ_by_errno_in_asyncio(authority: Authority) -> None:
    seen = []
    for stage in (handshakes.reset(), handshakes.finish()):
        async with Origin({NAME: Site(tls=stage)}) as origin:
            with pytest.raises(ConnectionResetError) as caught:
                await asyncio.open_connection(
                    origin.address, origin.port, ssl=authority.trusting(), server_hostname=NAME
                )
            seen.append(caught.value.errno)
    assert seen == [104, None]


async def test_one_address_behaves_by_name_even_when_the_client_hello_comes_in_pieces() -> None:
    hello = client_hello("bad.example")
    sites = {"bad.example": Site(tls=handshakes.reset()), NAME: Site(tls=handshakes.alert(40))}
    async with Origin(sites, address="127.10.0.1") as origin:
        assert (await talk(origin, hello[:3], hello[3:90], hello[90:]))[1] == "reset"
        assert (await talk(origin, client_hello(NAME)))[0][-1] == 40
        assert (await talk(origin, client_hello("who.example")))[0][-1] == 112
        assert origin.count("hello", "bad.example") == 1
        assert (origin.address, origin.count("connection")) == ("127.10.0.1", 3)


# The HTTP stage

BREAKS: dict[str, tuple[HttpStage, bytes, str]] = {
    "RST": (responses.reset(), b"", "reset"),
    "FIN": (responses.finish(), b"", "cut"),
    "silence": (responses.silence(), b"", "silence"),
    "RST in the body": (responses.reset_body(PAGE, after=5), PAGE[:5], "reset"),
    "truncated body": (responses.truncated_body(PAGE, after=5), PAGE[:5], "cut"),
    "frozen body": (responses.frozen_body(PAGE, after=5), PAGE[:5], "silence"),
    "ended by the connection": (responses.without_length(PAGE), PAGE, "fin"),
}


@pytest.mark.parametrize("over_tls", [False, True], ids=["http", "https"])
@pytest.mark.parametrize("case", BREAKS)
async def test_a_request_is_broken_off_as_staged(
    case: str, over_tls: bool, authority: Authority
) -> None:
    stage, expected, end = BREAKS[case]
    site = Site(handshakes.serve(authority.context(NAME)), stage)
    async with Origin({NAME: site}) as origin:
        trust = authority.trusting() if over_tls else None
        answer, ended = await talk(origin, ask(), trust=trust, patience=0.3)
    assert body(answer) == expected
    assert ended == (end if over_tls else end.replace("cut", "fin"))
    if "truncated" in case or "frozen" in case:
        assert f"Content-Length: {len(PAGE)}".encode() in answer


async def test_raw_answers_arrive_as_they_are() -> None:
    assert await staged(responses.not_http(b"SSH-2.0-x\r\n")) == (b"SSH-2.0-x\r\n", "fin")
    assert await staged(responses.status_line_only()) == (b"HTTP/1.1 200 OK\r\n", "fin")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_says_where_to(status: int) -> None:
    answer, _ = await staged(responses.redirect("https://x.example/", status=status))
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"\r\nLocation: https://x.example/\r\n" in answer


@pytest.mark.parametrize("status", [200, 403, 451, 502, 799])
async def test_a_page_has_its_status_headers_and_body(status: int) -> None:
    stage = responses.page(PAGE, status=status, headers=[("content-type", "x/y"), ("A", "\xe9")])
    answer, end = await staged(stage)
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert answer.lower().count(b"content-type") == 1
    assert b"A: \xe9\r\n" in answer
    assert (body(answer), end) == (PAGE, "fin")


async def test_pages_differ_by_path_and_host_and_one_connection_serves_several_requests() -> None:
    stage = responses.by_path({"/a": responses.page(b"A")})
    lasting = ask("/a?q=1").replace(b"Connection: close\r\n", b"")
    async with Origin({NAME: Site(http=stage)}) as origin:
        data, end = await talk(origin, lasting, ask("/a", method="HEAD"))
        assert (data.count(b" 200 OK"), data.count(b"\r\n\r\nA"), end) == (2, 1, "fin")
        assert b" 404 " in (await talk(origin, ask("/b")))[0]
        assert b" 421 " in (await talk(origin, ask("/a", "else.example:80")))[0]
        targets = [(visit.name, visit.target) for visit in origin.seen if visit.stage == "request"]
    assert targets == [(NAME, "/a?q=1"), (NAME, "/a"), (NAME, "/b"), ("else.example", "/a")]


async def test_a_dripped_body_keeps_its_pace() -> None:
    started = time.monotonic()
    answer, _ = await staged(responses.dripped_body(b"abcd", pace=0.05))
    assert body(answer) == b"abcd"
    assert time.monotonic() - started >= 0.2


async def test_bodies_carry_the_encoding_on_their_label() -> None:
    answer, _ = await staged(responses.encoded("br", b"\x0b\x02"))
    assert (b"Content-Encoding: br\r\n" in answer, body(answer)) == (True, b"\x0b\x02")
    assert zlib.decompress(body((await staged(responses.deflated(PAGE)))[0])) == PAGE
    bare = body((await staged(responses.deflated(PAGE, bare=True)))[0])
    assert zlib.decompress(bare, -15) == PAGE


# Ports, and what is left behind


async def test_a_refused_port_refuses_and_a_black_hole_says_nothing() -> None:
    with refused_port("127.10.0.2") as port, pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.10.0.2", port)
    async with black_hole("127.10.0.3") as port:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await asyncio.open_connection("127.10.0.3", port)


async def test_leaving_ends_held_connections_and_leaves_no_task() -> None:
    async with Origin({NAME: Site(http=responses.silence())}) as origin:
        reader, writer = await asyncio.open_connection(origin.address, origin.port)
        writer.write(ask())
        await asyncio.sleep(0.05)
        assert origin.count("request") == 1
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()


async def test_a_canary_nobody_touched_has_seen_nothing_and_one_just_touched_has() -> None:
    async with Origin({}) as untouched, Origin({}) as touched:
        client = socket.create_connection((touched.address, touched.port))
    client.close()
    assert untouched.seen == []
    assert touched.count("connection") == 1


async def test_a_bug_in_a_stage_is_raised_not_lost() -> None:
    async def broken(stream: Stream, request: Request) -> None:
        raise ZeroDivisionError

    with pytest.raises(ExceptionGroup) as caught:
        await staged(broken)
    assert caught.value.subgroup(ZeroDivisionError) is not None


async def test_an_error_of_the_caller_comes_out_as_it_was() -> None:
    with pytest.raises(LookupError):
        async with Origin({}):
            raise LookupError
