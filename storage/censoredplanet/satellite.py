"""Satellite: names asked of open resolvers in other countries, from a machine abroad.

Such a resolver is asked from outside, and is nobody's default here: its answers stand as those of
an ``other`` resolver, which no rule takes for what a browser would use. What was fetched later from
the addresses, from abroad as well, is no step.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from heliograph.detail import Cause, DnsAnswer, DnsDetail, DnsReply
from heliograph.failure import Failure
from heliograph.model import Role, Step, StepKind
from heliograph.text import clean
from storage.censoredplanet.moments import moment_of, seconds_between
from storage.censoredplanet.shapes import FlatAnswer, Line, RoundTrip, Tags
from storage.ooni.shapes import is_list, is_object
from storage.ooni.values import address_of, bogon_of, name_of
from storage.ooni.words import word_of

PAIR = "liveness"
"""The pair of a harmless name asked of the same resolver."""

_PORT = 53
_NO_REPLY = -1
_NO_ERROR = frozenset({"", "null"})
_RCODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}
_FAILURES = {
    2: Failure.DNS_SERVFAIL_ERROR,
    3: Failure.DNS_NXDOMAIN_ERROR,
    5: Failure.DNS_REFUSED_ERROR,
}
_CODE = re.compile("-?[0-9]{1,5}")
_MOST_ANSWERS = 200
_UNTAGGED = Tags()

_TRIPS = msgspec.json.Decoder(list[RoundTrip], strict=False)
_TAGGED = msgspec.json.Decoder(dict[str, Tags])
_SUMMED = msgspec.json.Decoder(dict[str, list[str]])


def flat_steps(line: Line) -> tuple[Step, ...]:
    """The one query of a flat line."""
    began = moment_of(line.start_time)
    name = line.domain or line.test_url
    answers = [(a.ip, _tags_of(a)) for a in line.answers or () if a.ip]
    step = _step(line.resolver_ip, name, (line.received_rcode, line.received_error), answers)
    seconds = seconds_between(began, moment_of(line.end_time))
    role, pair = (Role.CONTROL_BEFORE, PAIR) if line.domain_is_control else (Role.TEST, None)
    return (msgspec.structs.replace(step, role=role, pair=pair, seconds=seconds),)


def nested_steps(line: Line) -> tuple[Step, ...]:
    """Every query of a nested line; raises msgspec.DecodeError for what can't be read."""
    if is_list(line.response):
        return tuple(_each(line, _TRIPS.decode(line.response)))
    if is_object(line.response):
        return tuple(_summed(line, _SUMMED.decode(line.response)))
    return ()


def _each(line: Line, trips: Sequence[RoundTrip]) -> Iterator[Step]:
    """Versions 2.0 and 2.2: the queries in their order, those for a harmless name around."""
    zero = moment_of(line.start_time)
    role = Role.CONTROL_BEFORE
    for trip in trips:
        is_target = trip.url is None or name_of(trip.url) == name_of(line.test_url)
        step = _step(line.vp, trip.url or line.test_url, (trip.rcode, trip.error), _answers(trip))
        yield _timed(step, trip, zero, Role.TEST if is_target else role, is_target=is_target)
        if is_target:
            role = Role.CONTROL_AFTER


def _timed(
    step: Step, trip: RoundTrip, zero: datetime | None, role: Role, *, is_target: bool
) -> Step:
    began, ended = moment_of(trip.start_time), moment_of(trip.end_time)
    return msgspec.structs.replace(
        step,
        role=role,
        pair=None if is_target else PAIR,
        started=seconds_between(zero, began),
        seconds=seconds_between(began, ended),
    )


def _answers(trip: RoundTrip) -> list[tuple[str, Tags]]:
    if trip.answer is not None:
        return [(address, _UNTAGGED) for address in trip.answer]
    return list(_TAGGED.decode(trip.response).items()) if is_object(trip.response) else []


def _summed(line: Line, told: Mapping[str, list[str]]) -> Iterator[Step]:
    """Version 2.1: the codes of all tries, the errors of those that failed, the addresses of one.

    The tries come in their order, and each -1 has its error; the addresses are the last one's.
    """
    codes = [int(code) for code in told.get("rcode", ()) if _CODE.fullmatch(code)]
    errors = iter(told.get("error", ()))
    addresses = [(key, _UNTAGGED) for key in told if address_of(key) is not None]
    for place, code in enumerate(codes):
        error = next(errors, None) if code == _NO_REPLY else None
        last = place == len(codes) - 1 and code == 0
        yield _step(line.vp, line.test_url, (code, error), addresses if last else [])


def _tags_of(answer: FlatAnswer) -> Tags:
    return Tags(asnum=answer.asn, asname=answer.as_name)


def _step(
    resolver: str | None,
    name: str | None,
    told: tuple[int | None, str | None],
    answers: Sequence[tuple[str, Tags]],
) -> Step:
    code, error = told
    address, host = address_of(resolver), name_of(name)
    found = tuple(_answer(host or "", ip, tags) for ip, tags in answers[:_MOST_ANSWERS])
    failure, cause = _failure(code, error, any_answer=bool(found))
    replied = code is not None and code != _NO_REPLY
    reply = DnsReply(after=0.0, rcode=_RCODES.get(code or 0, f"RCODE{code}"), answers=found)
    detail = DnsDetail(
        query_type="A", standing="other", replies=(reply,) if replied else (), cause=cause
    )
    return Step(
        kind=StepKind.DNS_QUERY,
        host=host,
        resolver=None if address is None else f"udp://{_bracketed(address)}",
        address=address,
        port=None if address is None else _PORT,
        failure=failure,
        detail=msgspec.json.encode(detail).decode(),
    )


def _failure(
    code: int | None, error: str | None, *, any_answer: bool
) -> tuple[Failure | None, Cause | None]:
    text = None if error is None or error in _NO_ERROR else clean(error)[:300]
    if code is None or code == _NO_REPLY:
        if text is None:
            return Failure.UNKNOWN_FAILURE, Cause(type="satellite", text=f"rcode {code}")
        return word_of(text)[0], Cause(type="satellite", text=text)
    if code == 0:
        return (None if any_answer else Failure.DNS_NO_ANSWER), None
    return _FAILURES.get(code, Failure.DNS_SERVER_MISBEHAVING), None


def _answer(name: str, value: str, tags: Tags) -> DnsAnswer:
    address = address_of(value)
    kind = "CNAME" if address is None else "AAAA" if ":" in address else "A"
    return DnsAnswer(
        name=name,
        type=kind,
        value=address or clean(value)[:255],
        bogon=None if address is None else bogon_of(address),
        asn=tags.asnum or None,
        network=tags.asname and clean(tags.asname)[:255],
    )


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address
