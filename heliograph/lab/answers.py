"""What a name server does with a question: the truth, a refusal, a forgery, or mere bytes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

Transport = Literal["udp", "tcp", "tls", "https"]


@dataclass(frozen=True, slots=True)
class Packet:
    """One message, sent `after` seconds from the last; `claims` is a false TCP length prefix."""

    wire: bytes
    after: float = 0.0
    claims: int | None = None


@dataclass(frozen=True, slots=True)
class Reset:
    """Instead of a message: RST over TCP, DoT and DoH; nothing over UDP."""

    after: float = 0.0


Answer = Callable[[dns.message.Message, Transport], Sequence[Packet | Reset]]
"""Given the question and how it came, gives what is sent back, in order."""


def addresses(*texts: str, ttl: int = 60) -> Answer:
    """The client sees those of these addresses that are of the type it asked for."""

    def answer(query: dns.message.Message, transport: Transport) -> list[Packet]:
        return [_packet(_response(query, _owner(query), texts, ttl))]

    return answer


def alias(target: str, *texts: str, ttl: int = 60) -> Answer:
    """The client sees a CNAME to the target, then the target's addresses."""

    def answer(query: dns.message.Message, transport: Transport) -> list[Packet]:
        name = dns.name.from_text(target)
        response = _response(query, name, texts, ttl)
        link = dns.rrset.from_text(_owner(query), ttl, "IN", "CNAME", name.to_text())
        response.answer.insert(0, link)
        return [_packet(response)]

    return answer


def code(rcode: dns.rcode.Rcode) -> Answer:
    """The client sees an empty answer with this response code."""

    def answer(query: dns.message.Message, transport: Transport) -> list[Packet]:
        response = dns.message.make_response(query, recursion_available=True)
        response.set_rcode(rcode)
        return [_packet(response)]

    return answer


def nxdomain() -> Answer:
    """The client sees that the name does not exist."""
    return code(dns.rcode.NXDOMAIN)


def nodata() -> Answer:
    """The client sees that the name exists and has nothing of this type."""
    return code(dns.rcode.NOERROR)


def refused() -> Answer:
    """The client sees REFUSED."""
    return code(dns.rcode.REFUSED)


def servfail() -> Answer:
    """The client sees SERVFAIL."""
    return code(dns.rcode.SERVFAIL)


def silence() -> Answer:
    """The client sees nothing."""
    return lambda query, transport: []


def malformed(data: bytes = b"\x00" * 5) -> Answer:
    """The client sees its query's id followed by bytes that are no message."""
    return lambda query, transport: [Packet(query.id.to_bytes(2) + data)]


def late(answer: Answer, seconds: float) -> Answer:
    """The client sees the answer so many seconds later."""
    return _rewritten(answer, lambda sent: replace(sent, after=sent.after + seconds))


def explained(answer: Answer, why: int) -> Answer:
    """A client that speaks EDNS sees an extended error (RFC 8914) with the answer, others do not.

    ``why`` is its number: 6 is a bogus signature, 17 a filter that was asked for, 22 name servers
    that don't answer.
    """

    def answered(query: dns.message.Message, transport: Transport) -> list[Packet | Reset]:
        sent = answer(query, transport)
        if query.edns < 0:
            return list(sent)
        return [_explained(one, why) if isinstance(one, Packet) else one for one in sent]

    return answered


def unless_unchecked(answer: Answer, unchecked: Answer) -> Answer:
    """The client sees the second answer when it asks for data nobody has checked (the CD bit)."""

    def either(query: dns.message.Message, transport: Transport) -> list[Packet | Reset]:
        chosen = unchecked if query.flags & dns.flags.CD else answer
        return list(chosen(query, transport))

    return either


def without_ipv6(answer: Answer) -> Answer:
    """The client sees that there is nothing when it asks for IPv6 addresses."""

    def kept(query: dns.message.Message, transport: Transport) -> list[Packet | Reset]:
        asked = query.question[0].rdtype
        return list((nodata() if asked == dns.rdatatype.AAAA else answer)(query, transport))

    return kept


def in_order(*answers: Answer, gap: float = 0.05) -> Answer:
    """The client sees over UDP every answer in turn, `gap` seconds apart; elsewhere only the last.

    A forger in front of the truth is `in_order(addresses(forged), addresses(real))`.
    """

    def sequence(query: dns.message.Message, transport: Transport) -> list[Packet | Reset]:
        if transport != "udp":
            return list(answers[-1](query, transport))
        first, *rest = [answer(query, transport) for answer in answers]
        later = [replace(sent, after=sent.after + gap) for turn in rest for sent in turn]
        return [*first, *later]

    return sequence


def repeated(answer: Answer, times: int = 2, *, gap: float = 0.0) -> Answer:
    """The client sees over UDP the same bytes several times."""

    def again(query: dns.message.Message, transport: Transport) -> list[Packet | Reset]:
        sent = list(answer(query, transport))
        later = [replace(one, after=one.after + gap) for one in sent]
        return sent + later * (times - 1 if transport == "udp" else 0)

    return again


def by_transport(*, udp: Answer, otherwise: Answer) -> Answer:
    """The client sees one thing over UDP and another over TCP, DoT and DoH."""
    return lambda query, transport: (udp if transport == "udp" else otherwise)(query, transport)


def truncated(answer: Answer) -> Answer:
    """The client sees over UDP an empty answer with the TC bit, elsewhere the full one."""

    def cut(query: dns.message.Message, transport: Transport) -> list[Packet]:
        response = dns.message.make_response(query, recursion_available=True)
        response.flags |= dns.flags.TC
        return [_packet(response)]

    return by_transport(udp=cut, otherwise=answer)


def wrong_id(answer: Answer) -> Answer:
    """The client sees the answer under an id it did not send."""
    return _rewritten(
        answer, lambda sent: replace(sent, wire=bytes([sent.wire[0] ^ 0x55]) + sent.wire[1:])
    )


def wrong_question(answer: Answer, name: str = "elsewhere.example") -> Answer:
    """The client sees an answer, under its own id, to a question it did not ask."""

    def swapped(query: dns.message.Message, transport: Transport) -> list[Packet | Reset]:
        other = dns.message.make_query(name, query.question[0].rdtype, id=query.id)
        return list(answer(other, transport))

    return swapped


def reset_tcp(answer: Answer) -> Answer:
    """The client sees the answer over UDP, and RST after its question over TCP, DoT and DoH."""
    return by_transport(udp=answer, otherwise=lambda query, transport: [Reset()])


def short_prefix(answer: Answer, *, missing: int = 10) -> Answer:
    """The client sees over TCP and DoT a length prefix `missing` bytes smaller than the message."""

    return _rewritten(answer, lambda sent: replace(sent, claims=len(sent.wire) - missing))


def _rewritten(answer: Answer, change: Callable[[Packet], Packet]) -> Answer:
    def rewritten(query: dns.message.Message, transport: Transport) -> list[Packet | Reset]:
        sent = answer(query, transport)
        return [change(one) if isinstance(one, Packet) else one for one in sent]

    return rewritten


def _explained(sent: Packet, why: int) -> Packet:
    message = dns.message.from_wire(sent.wire)
    code = dns.edns.EDECode(why)
    message.use_edns(0, options=[dns.edns.EDEOption(code)])
    return replace(sent, wire=message.to_wire(want_shuffle=False))


def _packet(message: dns.message.Message) -> Packet:
    # dnspython shuffles the records of a set on every rendering; what is staged has an order.
    return Packet(message.to_wire(want_shuffle=False))


def _owner(query: dns.message.Message) -> dns.name.Name:
    return query.question[0].name


def _response(
    query: dns.message.Message, owner: dns.name.Name, texts: Sequence[str], ttl: int
) -> dns.message.Message:
    response = dns.message.make_response(query, recursion_available=True)
    wanted = query.question[0].rdtype
    types = {dns.rdatatype.A: ".", dns.rdatatype.AAAA: ":"}
    matching = [text for text in texts if wanted in types and types[wanted] in text]
    if matching:
        response.answer.append(dns.rrset.from_text(owner, ttl, "IN", wanted, *matching))
    return response
