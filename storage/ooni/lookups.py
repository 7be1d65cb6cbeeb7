"""OONI's look-ups as our steps: one query, and the reply the program made of it."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import islice

import msgspec

from heliograph.config import Resolver
from heliograph.detail import Cause, DnsAnswer, DnsDetail, DnsReply
from heliograph.failure import Failure
from heliograph.model import Role, Step, StepKind
from heliograph.text import clean, clean_json
from storage.ooni.shapes import Answer, Query
from storage.ooni.values import (
    address_of,
    bogon_of,
    hop_of,
    name_of,
    second_of,
    seconds_of,
    short,
)
from storage.ooni.words import word_of

_SCHEMES = {"udp": "udp", "tcp": "tcp", "dot": "tls", "doh": "https", "doh3": "https"}
SYSTEM = frozenset({"system", "getaddrinfo", "golang_net_resolver", "go", "unknown", ""})
"""Engines that ask what a browser there would ask (df-002)."""

_RCODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}
_ANSWERED = {
    None: "NOERROR",
    Failure.DNS_NO_ANSWER: "NOERROR",
    Failure.DNS_NXDOMAIN_ERROR: "NXDOMAIN",
    Failure.DNS_SERVFAIL_ERROR: "SERVFAIL",
    Failure.DNS_REFUSED_ERROR: "REFUSED",
    Failure.DNS_BOGON_ERROR: "NOERROR",
}
"""Words that say that a reply came, and what it said."""

NOTHING_MORE: str = next(f.default for f in msgspec.structs.fields(Step) if f.name == "detail")
"""The default itself, so that it is left out where a record is hashed (heliograph.ids)."""

_MOST_ANSWERS = 64
_MOST_REPLIES = 16
_BOTH_FAMILIES = "ANY"
GETADDRINFO = "getaddrinfo"
"""The transport of a look-up by the system, which asks for both families at once."""


def lookup_steps(
    queries: Sequence[Query], late: Sequence[Query], system: str, hop: int | None = None
) -> list[Step]:
    """A step for each query; ``late`` are replies that came after the one that was taken.

    ``system`` is how the system's resolver is called. Without ``hop``, the tags tell it.
    """
    if not late:
        return [lookup_step(q, (), system, hop or hop_of(q.tags) or 1) for q in queries]
    others = _by_query(late)
    return [
        lookup_step(query, others.pop(_key(query), ()), system, hop or hop_of(query.tags) or 1)
        for query in queries
    ]


def lookup_step(query: Query, late: Iterable[Query], system: str, hop: int) -> Step:
    """One query as a step."""
    failure, text = word_of(query.failure)
    began, seconds = seconds_of(query.t0, query.t)
    answers = answers_of(query.answers, query.hostname) if query.answers else ()
    replies = _replies(query, failure, answers, seconds)
    if late:
        replies += tuple(r for q in islice(late, _MOST_REPLIES) for r in _late_reply(q, query))
    asked = _resolver_of(
        short(query.engine, 32), short(query.resolver_address), short(query.resolver_hostname)
    )
    resolver, standing, transport, address, port = asked
    detail = DnsDetail(
        query_type=_type_of(query, answers),
        standing=standing,
        transport=transport,
        replies=replies,
        networks=networks_of(answers),
        cause=None if text is None else Cause(type="ooni", text=text),
    )
    return Step(
        kind=StepKind.DNS_QUERY,
        role=Role.TEST,
        hop=hop,
        host=name_of(query.hostname),
        resolver=resolver or system,
        address=address,
        port=port,
        started=began,
        seconds=seconds,
        failure=failure,
        detail=written(detail),
    )


def networks_of(answers: tuple[DnsAnswer, ...]) -> str | None:
    """Who says which networks the addresses of an answer are in; None where nobody does."""
    for answer in answers:
        if answer.asn:
            return "ooni"
    return None


_ENCODE = msgspec.json.Encoder().encode


def written(detail: msgspec.Struct) -> str:
    """A detail as JSON text that every database takes."""
    text = _ENCODE(detail).decode()
    if text == NOTHING_MORE:
        return NOTHING_MORE
    return clean_json(text) if "\\u" in text else text


def _type_of(query: Query, answers: tuple[DnsAnswer, ...]) -> str:
    """A look-up of both families counts as one of A, unless it brought nothing but AAAA."""
    kind = _kind(short(query.query_type, 32))
    if kind != _BOTH_FAMILIES:
        return kind
    kinds = {answer.type for answer in answers}
    return "AAAA" if "AAAA" in kinds and "A" not in kinds else "A"


@lru_cache(maxsize=256)
def _kind(text: str) -> str:
    """A type of queries as it is written."""
    return clean((text or "A").upper())[:16]


def _replies(
    query: Query, failure: Failure | None, answers: tuple[DnsAnswer, ...], seconds: float
) -> tuple[DnsReply, ...]:
    """The reply that was taken; none where none came."""
    rcode = None if query.rcode is None else _RCODES.get(query.rcode, f"RCODE{query.rcode}")
    rcode = rcode or rcode_of(failure)
    if rcode is None and not answers:
        return ()
    return (DnsReply(after=seconds, rcode=rcode or "NOERROR", answers=answers),)


def rcode_of(failure: Failure | None) -> str | None:
    """What a reply said by which a look-up ended so; None when the word is of no reply."""
    return _ANSWERED.get(failure)


def _late_reply(late: Query, query: Query) -> tuple[DnsReply, ...]:
    failure, _ = word_of(late.failure)
    answers = answers_of(late.answers or (), query.hostname)
    after = second_of((late.t or 0.0) - (query.t0 or 0.0))
    return _replies(late, failure, answers, after)


def _by_query(late: Sequence[Query]) -> dict[tuple[object, ...], list[Query]]:
    found: dict[tuple[object, ...], list[Query]] = {}
    for query in late:
        found.setdefault(_key(query), []).append(query)
    return found


def _key(query: Query) -> tuple[object, ...]:
    return query.transaction_id, query.hostname, query.query_type, query.resolver_address


def answers_of(answers: Sequence[Answer], name: str | None) -> tuple[DnsAnswer, ...]:
    """The records, addresses with what is known of them."""
    if not answers:
        return ()
    asked = name_of(name) or ""
    made = [_answer(asked, answer) for answer in answers[:_MOST_ANSWERS]]
    return tuple([answer for answer in made if answer is not None])


def _answer(name: str, answer: Answer) -> DnsAnswer | None:
    written = answer.ipv4 or answer.ipv6
    if written:
        network = short(answer.as_org_name, 255)
        return address_record(name, written[:64], answer.asn, network, answer.ttl)
    value = name_of(answer.hostname)
    if value is None:
        return None
    kind = clean((answer.answer_type or "").upper())[:16]
    return DnsAnswer(name=name, type=kind, value=value, ttl=_ttl(answer.ttl))


@lru_cache(maxsize=16384)
def address_record(
    name: str, text: str, asn: int | None, network: str, ttl: int | None
) -> DnsAnswer | None:
    """An A or AAAA record; None where the text is no address."""
    address = address_of(text)
    if address is None:
        return None
    return DnsAnswer(
        name=name,
        type="AAAA" if ":" in address else "A",
        value=address,
        ttl=_ttl(ttl),
        bogon=bogon_of(address),
        asn=asn if asn and asn > 0 else None,
        network=clean(network) or None,
    )


def _ttl(ttl: int | None) -> int:
    return ttl if ttl is not None and 0 <= ttl < 2**31 else 0


Asked = tuple[str | None, str, str, str | None, int | None]


@lru_cache(maxsize=1024)
def _resolver_of(engine: str, place: str, host: str) -> Asked:
    """Who was asked: its written form (None: the system's), standing, transport and address."""
    if engine not in SYSTEM:
        return _named(_SCHEMES.get(engine, "udp"), place or host, "trusted")
    if host:  # tests of the first probe named each resolver, the one for comparison included
        return _named("udp", host, "other")
    transport = "udp" if engine in {"unknown", ""} else GETADDRINFO
    return None, "system", transport, None, None


def _named(scheme: str, place: str, standing: str) -> Asked:
    text = place if "://" in place else f"{scheme}://{place}"
    try:
        resolver = Resolver.parse(text)
    except ValueError:
        return clean(text)[:255], standing, scheme, None, None
    if resolver.address is None:
        return str(resolver), standing, scheme, None, None
    return str(resolver), standing, scheme, resolver.address, resolver.port
