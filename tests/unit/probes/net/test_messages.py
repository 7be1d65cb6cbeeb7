"""DNS messages: any bytes are read, and the record says what was wrong with them."""

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heliograph.detail import DnsReply
from heliograph.failure import Failure
from heliograph.network import Network
from probes.net.messages import Query, ReplyReader, failure_of, truncated

NETWORK = Network(asn=64500, country="XA", name="Example")
READER = ReplyReader(
    lambda address: "private" if address.startswith("10.") else None,
    lambda address: NETWORK if address == "203.0.113.10" else None,
)


def query(kind: str = "A") -> Query:
    return Query("site.example", kind, 4711)


def record_set(record: str) -> dns.rrset.RRset:
    name, ttl, _, kind, value = record.split()
    return dns.rrset.from_text(name, int(ttl), "IN", kind, value)


def reply(asked: Query, *records: str, rcode: str = "NOERROR") -> dns.message.Message:
    made = dns.message.make_response(asked.message)
    made.set_rcode(dns.rcode.from_text(rcode))
    made.answer = [record_set(record) for record in records]
    return made


def recorded(asked: Query, message: dns.message.Message) -> DnsReply:
    return READER.read(asked, message.to_wire(), 0.0123456789, 57)


def test_a_query_goes_out_with_the_id_given_and_asks_for_recursion() -> None:
    sent = dns.message.from_wire(query("AAAA").wire)

    assert sent.id == 4711
    assert str(sent.question[0]) == "site.example. IN AAAA"
    assert sent.flags & dns.flags.RD


def test_a_reason_is_asked_for_with_checking_off() -> None:
    asked = Query("example.org", "A", 7, explained=True)
    sent = dns.message.from_wire(asked.wire)

    assert sent.edns == 0
    assert sent.flags & dns.flags.CD
    assert dns.message.from_wire(query().wire).edns == -1


def test_the_reasons_a_resolver_gives_are_kept_by_their_numbers() -> None:
    asked = Query("example.org", "A", 7, explained=True)
    message = dns.message.make_response(asked.message)
    codes = (dns.edns.EDECode.DNSSEC_BOGUS, dns.edns.EDECode.FILTERED)
    message.use_edns(0, options=[dns.edns.EDEOption(code, "why") for code in codes])

    assert recorded(asked, message).reasons == (6, 17)
    assert recorded(query(), reply(query())).reasons == ()


def test_every_record_is_kept_bogons_marked_and_networks_named() -> None:
    asked = query()
    made = recorded(
        asked,
        reply(
            asked,
            "site.example. 300 IN CNAME cdn.example.",
            "cdn.example. 60 IN A 203.0.113.10",
            "cdn.example. 60 IN A 10.10.34.34",
        ),
    )
    cname, public, private = made.answers

    assert (cname.name, cname.type, cname.value, cname.ttl) == (
        *("site.example", "CNAME", "cdn.example"),
        300,
    )
    assert (public.asn, public.network, public.bogon) == (64500, "Example", None)
    assert (private.asn, private.network, private.bogon) == (None, None, "private")
    assert (made.after, made.ip_ttl, made.rcode) == (0.012346, 57, "NOERROR")
    assert made.size > 40
    assert made.problem is None


def test_answers_are_capped() -> None:
    asked = query()
    made = reply(asked)
    addresses = [f"203.0.113.{i}" for i in range(100)]
    made.answer = [dns.rrset.from_text("site.example.", 60, "IN", "A", *addresses)]

    assert len(recorded(asked, made).answers) == 64


def test_the_poison_in_a_record_is_made_harmless() -> None:
    asked = query("TXT")
    made = reply(asked)
    made.answer = [
        dns.rrset.from_text("site.example.", 60, "IN", "TXT", '"a\\000b\\255"' + " " * 3)
    ]
    (answer,) = recorded(asked, made).answers

    assert "\x00" not in answer.value
    assert len(answer.value) <= 512


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda m: setattr(m, "id", 1), "wrong query id"),
        (lambda m: setattr(m, "flags", 0), "not a response"),
        (
            lambda m: setattr(m, "question", dns.message.make_query("b.example", "A").question),
            "answers another question",
        ),
    ],
)
def test_a_reply_no_stub_would_take_is_kept_with_the_reason(change: object, problem: str) -> None:
    asked = query()
    message = reply(asked, "site.example. 60 IN A 203.0.113.10")
    assert callable(change)
    change(message)
    made = recorded(asked, message)

    assert made.problem == problem
    assert [answer.value for answer in made.answers] == ["203.0.113.10"]
    assert not asked.accepts(message.to_wire())


def test_a_reply_without_its_question_is_taken() -> None:
    asked = query()
    message = reply(asked, "site.example. 60 IN A 203.0.113.10")
    message.question = []

    assert asked.accepts(message.to_wire())


@pytest.mark.parametrize("wire", [b"", b"\0", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
def test_what_is_no_message_is_kept_as_unreadable(wire: bytes) -> None:
    made = READER.read(query(), wire, 0.5, None)

    assert made.problem is not None
    assert made.problem.startswith("unreadable: ")
    assert (made.size, made.answers, made.after) == (len(wire), (), 0.5)


@settings(max_examples=300, deadline=None)
@given(tail=st.binary(max_size=80), cut=st.integers(0, 60), at=st.integers(0, 59))
def test_no_bytes_make_the_reader_fail(tail: bytes, cut: int, at: int) -> None:
    asked = query()
    whole = bytearray(reply(asked, "site.example. 60 IN A 203.0.113.10").to_wire())
    whole[at % len(whole)] ^= 0xFF

    for wire in (bytes(whole[:cut]) + tail, bytes(whole) + tail):
        made = READER.read(asked, wire, 0.1, None)

        assert made.size == len(wire)
        assert (made.problem is None) is asked.accepts(wire)
        assert isinstance(failure_of("A", (made,)), Failure | None)


@pytest.mark.parametrize(
    ("rcode", "word"),
    [
        ("NXDOMAIN", Failure.DNS_NXDOMAIN_ERROR),
        ("REFUSED", Failure.DNS_REFUSED_ERROR),
        ("SERVFAIL", Failure.DNS_SERVFAIL_ERROR),
        ("FORMERR", Failure.DNS_SERVER_MISBEHAVING),
        ("NOERROR", Failure.DNS_NO_ANSWER),
    ],
)
def test_the_code_of_the_reply_taken_is_the_failure(rcode: str, word: Failure) -> None:
    asked = query()

    assert failure_of("A", (recorded(asked, reply(asked, rcode=rcode)),)) is word


def test_only_a_record_of_the_type_asked_for_is_an_answer() -> None:
    asked = query("AAAA")
    alias = recorded(asked, reply(asked, "site.example. 60 IN CNAME b.example."))
    address = recorded(asked, reply(asked, "site.example. 60 IN AAAA 2001:db8::1"))

    assert failure_of("AAAA", (alias,)) is Failure.DNS_NO_ANSWER
    assert failure_of("AAAA", (address,)) is None


def test_a_truncated_reply_is_no_missing_answer() -> None:
    asked = query()
    message = reply(asked)
    message.flags |= dns.flags.TC
    made = recorded(asked, message)

    assert truncated(made)
    assert failure_of("A", (made,)) is None


def test_without_a_reply_to_take_the_failure_says_what_came() -> None:
    wrong_id = DnsReply(after=0, problem="wrong query id")
    unreadable = DnsReply(after=0, problem="unreadable: X")
    fine = DnsReply(after=0, rcode="NXDOMAIN")

    assert failure_of("A", ()) is Failure.GENERIC_TIMEOUT_ERROR
    assert failure_of("A", (wrong_id,)) is Failure.DNS_REPLY_WITH_WRONG_QUERY_ID
    assert failure_of("A", (wrong_id, unreadable)) is Failure.DNS_SERVER_MISBEHAVING
    assert failure_of("A", (wrong_id, fine)) is Failure.DNS_NXDOMAIN_ERROR
