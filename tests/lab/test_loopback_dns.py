"""Every misbehaviour of the lab's name server is really staged, as dnspython and sockets see it."""

import asyncio
import base64
import socket
import ssl
import time
from collections.abc import Mapping

import dns.asyncquery
import dns.exception
import dns.flags
import dns.message
import dns.rcode
import pytest

from heliograph.lab import answers, handshakes
from heliograph.lab.answers import Answer, Transport
from heliograph.lab.authority import Authority
from heliograph.lab.nameserver import Asked, Nameserver
from heliograph.lab.origins import Origin, Site

NAME = "site.example"
REAL = answers.addresses("192.0.2.1", "192.0.2.2", "2001:db8::1")
FORGED = answers.addresses("10.10.34.34")


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


def question(name: str = NAME, kind: str = "A") -> dns.message.QueryMessage:
    return dns.message.make_query(name, kind)


def told(message: dns.message.Message) -> list[str]:
    return [item.to_text() for rrset in message.answer for item in rrset]


async def datagrams(
    server: Nameserver, query: dns.message.Message, window: float = 0.25
) -> list[bytes]:
    """Every datagram that comes back within the window, in seconds."""
    loop = asyncio.get_running_loop()
    heard: list[bytes] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.setblocking(False)
        client.connect((server.address, server.port))
        await loop.sock_sendall(client, query.to_wire())
        try:
            async with asyncio.timeout(window):
                while True:
                    heard.append(await loop.sock_recv(client, 65535))
        except TimeoutError:
            return heard


async def over_udp(answer: Answer, kind: str = "A") -> dns.message.Message:
    async with Nameserver({NAME: answer}) as server:
        query = question(kind=kind)
        return await dns.asyncquery.udp(query, server.address, 2, server.port)


async def over_tcp(
    server: Nameserver, query: dns.message.Message, port: int, trust: ssl.SSLContext | None = None
) -> bytes:
    """Everything that comes back over TCP or DoT within a quarter of a second."""
    reader, writer = await asyncio.open_connection(
        server.address, port, ssl=trust, server_hostname=None if trust is None else NAME
    )
    wire = query.to_wire()
    writer.write(len(wire).to_bytes(2) + wire)
    heard = b""
    try:
        async with asyncio.timeout(0.25):
            while more := await reader.read(65535):
                heard += more
    except TimeoutError:
        pass
    finally:
        writer.transport.abort()
        await asyncio.sleep(0)
    return heard


async def test_addresses_come_by_type_and_the_question_keeps_its_letters() -> None:
    assert told(await over_udp(REAL)) == ["192.0.2.1", "192.0.2.2"]
    assert told(await over_udp(REAL, "AAAA")) == ["2001:db8::1"]
    assert told(await over_udp(REAL, "TXT")) == []
    async with Nameserver({"Site.Example.": REAL}, address="127.10.0.53") as server:
        answer = await dns.asyncquery.udp(question("sItE.eXample"), "127.10.0.53", 2, server.port)
        assert answer.question[0].name.to_text() == "sItE.eXample."
        assert server.names() == [NAME]


async def test_an_alias_comes_before_its_addresses() -> None:
    answer = await over_udp(answers.alias("cdn.example.", "192.0.2.9"))
    assert told(answer) == ["cdn.example.", "192.0.2.9"]
    assert answer.answer[1].name.to_text() == "cdn.example."


@pytest.mark.parametrize(
    ("answer", "rcode"),
    [
        (answers.nxdomain(), dns.rcode.NXDOMAIN),
        (answers.nodata(), dns.rcode.NOERROR),
        (answers.refused(), dns.rcode.REFUSED),
        (answers.servfail(), dns.rcode.SERVFAIL),
    ],
)
async def test_response_codes_are_sent_without_answers(
    answer: Answer, rcode: dns.rcode.Rcode
) -> None:
    message = await over_udp(answer)
    assert (message.rcode(), told(message)) == (rcode, [])


async def test_only_who_speaks_edns_is_told_why() -> None:
    async with Nameserver({NAME: answers.explained(answers.servfail(), 22)}) as server:
        asked = [question(), question()]
        asked[1].use_edns(0)
        plain, told_why = [
            await dns.asyncquery.udp(query, server.address, 2, server.port) for query in asked
        ]

    assert (plain.rcode(), plain.options) == (dns.rcode.SERVFAIL, ())
    assert told_why.rcode() == dns.rcode.SERVFAIL
    assert [option.to_text() for option in told_why.options] == ["EDE 22 (No Reachable Authority)"]


async def test_data_that_nobody_checked_is_given_to_who_asks_for_it() -> None:
    async with Nameserver({NAME: answers.unless_unchecked(answers.servfail(), REAL)}) as server:
        asked = [question(), question()]
        asked[1].flags |= dns.flags.CD
        checked, unchecked = [
            await dns.asyncquery.udp(query, server.address, 2, server.port) for query in asked
        ]

    assert (checked.rcode(), told(checked)) == (dns.rcode.SERVFAIL, [])
    assert told(unchecked) == ["192.0.2.1", "192.0.2.2"]


async def test_an_answer_may_be_late() -> None:
    began = time.monotonic()

    assert told(await over_udp(answers.late(REAL, 0.2))) == ["192.0.2.1", "192.0.2.2"]
    assert time.monotonic() - began >= 0.2


async def test_a_name_outside_the_zone_does_not_exist_unless_a_default_says_so() -> None:
    for default, rcode in ((None, dns.rcode.NXDOMAIN), (REAL, dns.rcode.NOERROR)):
        async with Nameserver({}, default=default) as server:
            answer = await dns.asyncquery.udp(question(), server.address, 2, server.port)
        assert answer.rcode() == rcode


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (answers.silence(), []),
        (answers.in_order(FORGED, REAL), [["10.10.34.34"], ["192.0.2.1", "192.0.2.2"]]),
        (
            answers.in_order(FORGED, FORGED, REAL, gap=0.02),
            [["10.10.34.34"], ["10.10.34.34"], ["192.0.2.1", "192.0.2.2"]],
        ),
        (answers.repeated(FORGED), [["10.10.34.34"], ["10.10.34.34"]]),
    ],
    ids=["silence", "forged then real", "three", "twice"],
)
async def test_answers_come_in_the_order_staged(answer: Answer, expected: list[list[str]]) -> None:
    async with Nameserver({NAME: answer}) as server:
        heard = await datagrams(server, question())
    assert [told(dns.message.from_wire(wire)) for wire in heard] == expected


async def test_a_forged_answer_is_first_by_the_gap_and_a_repeated_one_is_identical() -> None:
    loop = asyncio.get_running_loop()
    async with Nameserver({NAME: answers.in_order(answers.silence(), REAL, gap=0.1)}) as server:
        started = loop.time()
        await dns.asyncquery.udp(question(), server.address, 2, server.port)
        assert loop.time() - started >= 0.1
    async with Nameserver({NAME: answers.repeated(REAL)}) as server:
        first, second = await datagrams(server, question())
    assert first == second


async def test_only_the_truth_is_told_over_tcp() -> None:
    async with Nameserver({NAME: answers.in_order(FORGED, REAL)}) as server:
        heard = await over_tcp(server, question(), server.port)
    assert len(heard) == 2 + int.from_bytes(heard[:2])
    assert told(dns.message.from_wire(heard[2:])) == ["192.0.2.1", "192.0.2.2"]


async def test_wrong_ids_questions_and_bytes_are_wrong() -> None:
    query = question()
    async with Nameserver(
        {
            NAME: answers.wrong_id(REAL),
            "q.example": answers.wrong_question(REAL, "other.example"),
            "m.example": answers.malformed(),
        }
    ) as server:
        (wire,) = await datagrams(server, query)
        assert dns.message.from_wire(wire).id != query.id
        other = question("q.example")
        (wire,) = await datagrams(server, other)
        answer = dns.message.from_wire(wire)
        assert answer.id == other.id
        assert answer.question[0].name.to_text() == "other.example."
        (wire,) = await datagrams(server, question("m.example"))
        with pytest.raises(dns.exception.DNSException):
            dns.message.from_wire(wire)


async def test_a_truncated_answer_is_whole_over_tcp() -> None:
    async with Nameserver({NAME: answers.truncated(REAL)}) as server:
        cut = await dns.asyncquery.udp(question(), server.address, 2, server.port)
        assert (bool(cut.flags & dns.flags.TC), told(cut)) == (True, [])
        whole = await dns.asyncquery.tcp(question(), server.address, 2, server.port)
        assert told(whole) == ["192.0.2.1", "192.0.2.2"]


async def test_over_tcp_a_query_can_be_reset_or_answered_with_a_short_prefix() -> None:
    zone: Mapping[str, Answer] = {
        NAME: answers.reset_tcp(REAL),
        "short.example": answers.short_prefix(REAL),
    }
    async with Nameserver(zone) as server:
        assert len(await datagrams(server, question())) == 1
        with pytest.raises(ConnectionResetError) as caught:
            await over_tcp(server, question(), server.port)
        assert caught.value.errno == 104
        heard = await over_tcp(server, question("short.example"), server.port)
        assert int.from_bytes(heard[:2]) == len(heard) - 2 - 10


async def test_dns_over_tls_answers_from_the_same_zone(authority: Authority) -> None:
    async with Nameserver({NAME: REAL}, tls=authority.context(NAME)) as server:
        heard = await over_tcp(server, question(), server.tls_port, authority.trusting())
    assert told(dns.message.from_wire(heard[2:])) == ["192.0.2.1", "192.0.2.2"]
    assert [asked.transport for asked in server.seen] == ["tls", "tls"]


async def post(origin: Origin, trust: ssl.SSLContext, request: bytes) -> tuple[bytes, bytes]:
    reader, writer = await asyncio.open_connection(
        origin.address, origin.port, ssl=trust, server_hostname=NAME
    )
    try:
        writer.write(request)
        async with asyncio.timeout(0.5):
            head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        return head, body
    finally:
        writer.transport.abort()
        await asyncio.sleep(0)


def doh(wire: bytes, method: str = "POST") -> bytes:
    if method == "GET":
        text = base64.urlsafe_b64encode(wire).rstrip(b"=").decode()
        return f"GET /dns-query?dns={text} HTTP/1.1\r\nConnection: close\r\n\r\n".encode()
    head = f"POST /dns-query HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n"
    head += f"Content-Type: application/dns-message\r\nContent-Length: {len(wire)}\r\n\r\n"
    return head.encode() + wire


async def test_dns_over_https_is_a_stage_of_an_origin(authority: Authority) -> None:
    zone = {
        NAME: REAL,
        "reset.example": answers.reset_tcp(REAL),
        "mute.example": answers.silence(),
    }
    trust = authority.trusting()
    async with Nameserver(zone) as server:
        site = Site(handshakes.serve(authority.context(NAME)), server.over_https)
        async with Origin({NAME: site}) as origin:
            for method in ("POST", "GET"):
                head, body = await post(origin, trust, doh(question().to_wire(), method))
                assert b"Content-Type: application/dns-message" in head
                assert told(dns.message.from_wire(body)) == ["192.0.2.1", "192.0.2.2"]
            head, _ = await post(origin, trust, doh(b"nonsense"))
            assert head.startswith(b"HTTP/1.1 400 ")
            with pytest.raises(ConnectionResetError):
                await post(origin, trust, doh(question("reset.example").to_wire()))
            with pytest.raises(TimeoutError):
                await post(origin, trust, doh(question("mute.example").to_wire()))
    assert {asked.transport for asked in server.seen} == {"https"}


async def test_everything_that_arrives_is_seen_and_a_canary_sees_nothing() -> None:
    async with Nameserver({}) as server, Nameserver({}) as untouched:
        await dns.asyncquery.udp(question(), server.address, 2, server.port)
        await dns.asyncquery.tcp(question(kind="AAAA"), server.address, 2, server.port)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as late:
            late.sendto(b"?", (server.address, server.port))
    expected: list[tuple[str, str, Transport]] = [
        (NAME, "A", "udp"),
        ("", "", "tcp"),
        (NAME, "AAAA", "tcp"),
        ("", "", "udp"),
    ]
    assert [(asked.name, asked.type, asked.transport) for asked in server.seen] == expected
    assert all(isinstance(asked, Asked) for asked in server.seen)
    assert untouched.seen == []


async def test_a_bug_in_an_answer_is_raised_not_lost() -> None:
    def broken(query: dns.message.Message, transport: Transport) -> list[answers.Packet]:
        raise ZeroDivisionError

    with pytest.raises(ExceptionGroup) as caught:
        async with Nameserver({NAME: broken}) as server:
            await datagrams(server, question())
    assert caught.value.subgroup(ZeroDivisionError) is not None
