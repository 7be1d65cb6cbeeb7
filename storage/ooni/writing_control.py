"""ts-017: the ``control`` of web_connectivity, made of what a control elsewhere saw.

OONI's helper follows redirects itself; ours is asked once for each hop. So the page is that of the
last hop a control looked at, and addresses, connections and handshakes are those of all hops.
"""

from collections.abc import Iterable, Iterator, Sequence

from heliograph.detail import DnsAnswer, DnsDetail, HttpDetail
from heliograph.failure import NOT_ATTEMPTED, Failure
from heliograph.model import PAIR_ASKED, WITHHELD, Role, Step, StepKind
from storage.ooni.writing_http import first_of_each
from storage.ooni.writing_shapes import (
    AddressInfo,
    Control,
    ControlDns,
    ControlHandshake,
    ControlRequest,
    ControlStatus,
)
from storage.ooni.writing_steps import detail_of, endpoint, is_of_visit, word_of
from storage.packages.public import TRIAL

FOUND_HERE, FOUND_THERE, IS_BOGON, PROVED = 1, 2, 4, 8
"""Flags of an address, to be added up."""

NO_CONTROL = f"{Failure.UNKNOWN_FAILURE.value}: x_no_control"
"""Where no control was asked: without a word there, OONI's readers would take it as asked."""

NOT_TOLD = f"{Failure.UNKNOWN_FAILURE.value}: x_{WITHHELD}"
"""Where a control did something of which a public record tells neither what nor whether it was
answered."""

_ADDRESSES = frozenset({"A", "AAAA"})


def control_of(steps: Sequence[Step]) -> Control | None:
    """What the control saw; None when it saw nothing."""
    seen = _seen(steps)
    if not seen:
        return None
    return Control(
        tcp_connect={
            place: ControlStatus(status=step.failure is None, failure=word_of(step.failure))
            for place, step in _at_endpoints(seen, StepKind.TCP_CONNECT)
        },
        tls_handshake={
            place: ControlHandshake(
                server_name=step.sni or "",
                status=step.failure is None,
                failure=word_of(step.failure),
            )
            for place, step in _at_endpoints(seen, StepKind.TLS_HANDSHAKE)
        },
        http_request=_page(seen),
        dns=_dns(seen),
        ip_info=_owners(steps, seen),
    )


def control_failure(steps: Iterable[Step]) -> str | None:
    """Why no control saw anything; None when one did."""
    found = tuple(steps)
    if _seen(found):
        return None
    asked = [s for s in found if s.role is Role.REMOTE_CONTROL]
    failed = [s.failure for s in asked if s.pair == PAIR_ASKED and s.failure is not None]
    if failed:
        return word_of(failed[-1])
    return NOT_TOLD if any((s.pair or "").startswith(TRIAL) for s in asked) else NO_CONTROL


def _seen(steps: Iterable[Step]) -> tuple[Step, ...]:
    return tuple(
        step
        for step in steps
        if step.role is Role.REMOTE_CONTROL and step.pair is None
        if step.failure not in NOT_ATTEMPTED
    )


def _at_endpoints(seen: Iterable[Step], kind: StepKind) -> Iterator[tuple[str, Step]]:
    for step in seen:
        if step.kind is kind and step.resolver is None and step.address is not None:
            yield endpoint(step.address, step.port), step


def _page(seen: Iterable[Step]) -> ControlRequest:
    shown = [s for s in seen if s.kind is StepKind.HTTP_EXCHANGE and s.resolver is None]
    if not shown:
        return ControlRequest(
            body_length=-1,
            failure=Failure.HTTP_REQUEST_FAILED.value,
            title="",
            headers={},
            status_code=-1,
        )
    last = max(shown, key=lambda step: step.hop)
    detail = detail_of(last, HttpDetail) or HttpDetail(url="")
    nothing = detail.status is None
    return ControlRequest(
        body_length=-1 if nothing else detail.body_bytes,
        failure=word_of(last.failure),
        title=detail.title or "",
        headers=first_of_each(detail.headers),
        status_code=-1 if detail.status is None else detail.status,
    )


def _dns(seen: Iterable[Step]) -> ControlDns:
    """What the control's own resolver said of the target's host."""
    asked = [
        step
        for step in seen
        if step.kind is StepKind.DNS_QUERY and step.hop == 1
        if (detail := detail_of(step, DnsDetail)) is not None and detail.standing == "system"
    ]
    found = tuple(dict.fromkeys(a.value for s in asked for a in _answers(s)))
    failed = (step.failure for step in asked if step.failure is not None)
    return ControlDns(failure=None if found else word_of(next(failed, None)), addrs=found)


def _answers(step: Step) -> Iterator[DnsAnswer]:
    detail = detail_of(step, DnsDetail) if step.kind is StepKind.DNS_QUERY else None
    for reply in () if detail is None else detail.replies:
        if reply.problem is None:
            yield from (answer for answer in reply.answers if answer.type in _ADDRESSES)


def _owners(steps: Iterable[Step], seen: Iterable[Step]) -> dict[str, AddressInfo]:
    """Whose each address is, and who was given it."""
    found: dict[str, AddressInfo] = {}
    here = [step for step in steps if is_of_visit(step)]
    there = list(seen)
    for flag, of in ((FOUND_HERE, here), (FOUND_THERE, there)):
        for answer in (answer for step in of for answer in _answers(step)):
            bogon = IS_BOGON if answer.bogon else 0
            known = found.get(answer.value, AddressInfo(asn=0, flags=0))
            asn = known.asn or answer.asn or 0
            found[answer.value] = AddressInfo(asn=asn, flags=known.flags | flag | bogon)
    for step in (*here, *there):
        proved = step.kind is StepKind.TLS_HANDSHAKE and step.failure is None
        if proved and step.address in found:
            known = found[step.address]
            found[step.address] = AddressInfo(asn=known.asn, flags=known.flags | PROVED)
    return found
