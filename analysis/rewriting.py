"""Answers of a resolver that gives names nobody has an address: taken for the denials they are."""

from collections.abc import Iterable, Sequence

import msgspec

from analysis.lookups import LookupFact, as_lookup, union
from heliograph.failure import Failure
from heliograph.model import Role, Step, StepKind


def restored(steps: Sequence[Step], rewriting: frozenset[str]) -> tuple[Step, ...]:
    """The steps, with such answers of the system's resolver read as ``NXDOMAIN``.

    An address that others give the name, too, or that proved it, is the name's own.
    """
    if not rewriting:
        return tuple(steps)
    queries = [s for s in steps if s.kind is StepKind.DNS_QUERY and s.detail != "{}"]
    facts = {id(step): as_lookup(step) for step in queries}
    return tuple(
        _denied(step, facts[id(step)])
        if id(step) in facts and _is_rewritten(facts[id(step)], facts.values(), steps, rewriting)
        else step
        for step in steps
    )


def _is_rewritten(
    fact: LookupFact, facts: Iterable[LookupFact], steps: Sequence[Step], rewriting: frozenset[str]
) -> bool:
    told = fact.addresses
    if not told or not told <= rewriting or not _of_the_system(fact):
        return False
    others = (f for f in facts if f.step.host == fact.step.host and not _of_the_system(f))
    proved = (
        s.address or ""
        for s in steps
        if s.kind is StepKind.TLS_HANDSHAKE and s.host == fact.step.host and s.failure is None
    )
    return told.isdisjoint(union(f.addresses for f in others) | frozenset(proved))


def _of_the_system(fact: LookupFact) -> bool:
    return fact.detail.standing == "system" and fact.step.role is not Role.REMOTE_CONTROL


def _denied(step: Step, fact: LookupFact) -> Step:
    replies = tuple(
        msgspec.structs.replace(reply, rcode="NXDOMAIN", answers=())
        for reply in fact.detail.replies
    )
    detail = msgspec.structs.replace(fact.detail, replies=replies)
    return msgspec.structs.replace(
        step,
        failure=Failure.DNS_NXDOMAIN_ERROR,
        detail=msgspec.json.encode(detail).decode(),
    )
