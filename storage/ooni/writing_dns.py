"""df-002: the lookups of a visit, and every reply that came to them."""

from collections.abc import Iterable

import msgspec

from heliograph.config import Resolver
from heliograph.detail import DnsAnswer, DnsDetail, DnsReply
from heliograph.model import Step, StepKind
from storage.ooni.writing_shapes import Answer, Query
from storage.ooni.writing_steps import Visited, endpoint, of_kind, with_detail

_ENGINES = {"udp": "udp", "tcp": "tcp", "tls": "dot", "https": "doh"}
_RCODES = {"NOERROR": 0, "FORMERR": 1, "SERVFAIL": 2, "NXDOMAIN": 3, "NOTIMP": 4, "REFUSED": 5}


def queries(steps: Iterable[Visited]) -> tuple[Query, ...]:
    """df-002: each lookup with the reply a stub would take."""
    asked = of_kind(steps, StepKind.DNS_QUERY)
    return tuple(
        _query(each, detail, _taken(detail)) for each, detail in with_detail(asked, DnsDetail)
    )


def late_replies(steps: Iterable[Visited]) -> tuple[Query, ...]:
    """The other replies to the same lookups: where somebody races the resolver, there are two."""
    asked = of_kind(steps, StepKind.DNS_QUERY)
    return tuple(
        _query(each, detail, reply)
        for each, detail in with_detail(asked, DnsDetail)
        for reply in detail.replies
        if reply is not _taken(detail) and reply.problem is None
    )


def _taken(detail: DnsDetail) -> DnsReply | None:
    return next((reply for reply in detail.replies if reply.problem is None), None)


def _query(each: Visited, detail: DnsDetail, reply: DnsReply | None) -> Query:
    step = each.step
    return Query(
        hostname=step.host or "",
        query_type=detail.query_type,
        engine="system"
        if detail.standing == "system"
        else _ENGINES.get(detail.transport, "unknown"),
        failure=each.failure,
        answers=None if reply is None else tuple(map(_answer, reply.answers)) or None,
        rcode=None if reply is None else _RCODES.get(reply.rcode),
        resolver_address=_resolver(step, detail),
        t0=step.started,
        t=each.ended if reply is None else round(step.started + reply.after, 6),
        tags=each.tags,
        transaction_id=each.transaction,
    )


def _resolver(step: Step, detail: DnsDetail) -> str:
    """Its URL when it was asked over HTTPS, else its address and port."""
    if detail.transport != "https" and step.address is not None:
        return endpoint(step.address, step.port)
    try:
        asked = Resolver.parse(step.resolver or "")
    except ValueError:
        return step.resolver or ""
    if asked.scheme == "https":
        return str(msgspec.structs.replace(asked, address=None))
    return endpoint(asked.address or asked.host, asked.port)


def _answer(answer: DnsAnswer) -> Answer:
    is_address = answer.type in {"A", "AAAA"}
    return Answer(
        answer_type=answer.type,
        hostname=None if is_address else answer.value,
        ipv4=answer.value if answer.type == "A" else None,
        ipv6=answer.value if answer.type == "AAAA" else None,
        ttl=answer.ttl,
        asn=answer.asn,
        as_org_name=answer.network,
    )
