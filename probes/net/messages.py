"""DNS messages: one query built, every reply read whatever its shape (RFC 1035)."""

from collections.abc import Callable

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from heliograph.detail import DnsAnswer, DnsReply
from heliograph.failure import Failure
from heliograph.network import Network
from heliograph.text import clean

_MOST_ANSWERS = 64
_LARGEST_DATAGRAM = 1232
"""Bytes of an answer that pass everywhere unbroken (DNS flag day 2020)."""
_BY_RCODE = {
    dns.rcode.NXDOMAIN: Failure.DNS_NXDOMAIN_ERROR,
    dns.rcode.REFUSED: Failure.DNS_REFUSED_ERROR,
    dns.rcode.SERVFAIL: Failure.DNS_SERVFAIL_ERROR,
}
_WRONG_ID = "wrong query id"


class Query:
    """One question as it goes out.

    ``explained`` asks for the answer whether or not its signatures are good, and for the
    resolver's reason if there is none (RFC 4035, 3.2.2, and RFC 8914).
    """

    def __init__(
        self, name: str, query_type: str, identity: int, *, explained: bool = False
    ) -> None:
        self.message = dns.message.make_query(name, query_type, id=identity)
        if explained:
            self.message.use_edns(0, payload=_LARGEST_DATAGRAM)
            self.message.flags |= dns.flags.CD
        self.wire = self.message.to_wire()
        self.type = query_type

    def accepts(self, wire: bytes) -> bool:
        """Whether a stub resolver would take this reply."""
        return self.read(wire)[1] is None

    def read(self, wire: bytes) -> tuple[dns.message.Message | None, str | None]:
        """The reply and what is wrong with it, if anything."""
        try:
            reply = dns.message.from_wire(wire, ignore_trailing=True)
        except (dns.exception.DNSException, ValueError, IndexError) as error:
            return None, f"unreadable: {type(error).__name__}"
        if not reply.flags & dns.flags.QR:
            return reply, "not a response"
        if reply.id != self.message.id:
            return reply, _WRONG_ID
        if reply.question and reply.question != self.message.question:
            return reply, "answers another question"
        return reply, None


class ReplyReader:
    """Turns wire replies into records: bogons marked, networks looked up."""

    def __init__(
        self, bogon: Callable[[str], str | None], network: Callable[[str], Network | None]
    ) -> None:
        self._bogon = bogon
        self._network = network

    def read(self, query: Query, wire: bytes, after: float, ip_ttl: int | None) -> DnsReply:
        """Never raises for what the wire holds: ``problem`` says what is wrong with it."""
        message, problem = query.read(wire)
        if message is None:
            return DnsReply(after=round(after, 6), ip_ttl=ip_ttl, size=len(wire), problem=problem)
        answers = [a for rrset in message.answer for a in self._answers(rrset)]
        return DnsReply(
            after=round(after, 6),
            rcode=dns.rcode.to_text(message.rcode()),
            flags=dns.flags.to_text(message.flags),
            answers=tuple(answers[:_MOST_ANSWERS]),
            ip_ttl=ip_ttl,
            size=len(wire),
            problem=problem,
            reasons=_reasons(message),
        )

    def _answers(self, rrset: dns.rrset.RRset) -> list[DnsAnswer]:
        kind = dns.rdatatype.to_text(rrset.rdtype)
        return [
            self._answer(rrset, kind, clean(rdata.to_text().rstrip(".")[:512])) for rdata in rrset
        ]

    def _answer(self, rrset: dns.rrset.RRset, kind: str, value: str) -> DnsAnswer:
        is_address = kind in {"A", "AAAA"}
        network = self._network(value) if is_address else None
        return DnsAnswer(
            name=clean(rrset.name.to_text(omit_final_dot=True)),
            type=kind,
            value=value,
            ttl=rrset.ttl,
            bogon=self._bogon(value) if is_address else None,
            asn=None if network is None else network.asn or None,
            network=None if network is None else network.name or None,
            country=None if network is None else network.country,
        )


def _reasons(message: dns.message.Message) -> tuple[int, ...]:
    """Its extended errors (RFC 8914)."""
    extended = (option for option in message.options if isinstance(option, dns.edns.EDEOption))
    return tuple(int(option.code) for option in extended)


def truncated(reply: DnsReply) -> bool:
    """The reply says that the rest must be fetched over TCP."""
    return "TC" in reply.flags.split()


def failure_of(query_type: str, replies: tuple[DnsReply, ...]) -> Failure | None:
    """The word a stub resolver would end with, or None when it got what it asked for."""
    taken = next((reply for reply in replies if reply.problem is None), None)
    if taken is None:
        return _without_acceptable(replies)
    rcode = dns.rcode.from_text(taken.rcode)
    if rcode in _BY_RCODE:
        return _BY_RCODE[rcode]
    if rcode != dns.rcode.NOERROR:
        return Failure.DNS_SERVER_MISBEHAVING
    wanted = any(answer.type == query_type for answer in taken.answers)
    return None if wanted or truncated(taken) else Failure.DNS_NO_ANSWER


def _without_acceptable(replies: tuple[DnsReply, ...]) -> Failure:
    if not replies:
        return Failure.GENERIC_TIMEOUT_ERROR
    if all(reply.problem == _WRONG_ID for reply in replies):
        return Failure.DNS_REPLY_WITH_WRONG_QUERY_ID
    return Failure.DNS_SERVER_MISBEHAVING
