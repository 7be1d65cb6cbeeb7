"""Every other experiment of OONI as our steps, wherever its format has what a step is."""

from collections.abc import Iterable, Iterator

import msgspec

from heliograph.model import Role, Step, StepKind
from storage.ooni.connections import Hosts, connect_steps, connects_among, handshake_steps
from storage.ooni.lookups import lookup_steps
from storage.ooni.pages import Way, exchange_step
from storage.ooni.shapes import (
    MOST_STEPS,
    Handshake,
    Keys,
    Ping,
    Query,
    Transaction,
    is_list,
    is_object,
    some,
)
from storage.ooni.values import endpoint_of, name_of

_MANY = msgspec.json.Decoder(dict[str, Keys | None], strict=False)
_ONE = msgspec.json.Decoder(Keys, strict=False)
_PINGS = msgspec.json.Decoder(list[Ping], strict=False)
_SHAKEN = msgspec.json.Decoder(Handshake, strict=False)


def other_steps(keys: Keys, system: str) -> list[Step]:
    """The steps in the order they began; raises msgspec.DecodeError for what can't be read."""
    steps = _single_handshakes(keys)
    for part in _parts(keys):
        steps += _steps_of(part, system)
        if len(steps) > MOST_STEPS:
            break
    steps.sort(key=lambda step: step.started)
    return steps


def _parts(keys: Keys) -> Iterator[Keys]:
    """The keys, and those that dnscheck, tor, the pings and others keep within."""
    yield keys
    for many in (keys.targets, keys.lookups):
        if is_object(many):
            yield from (part for part in _MANY.decode(many).values() if part is not None)
    for one in (keys.bootstrap, keys.control, keys.target):
        if is_object(one):
            yield _ONE.decode(one)
    if is_list(keys.pings):
        yield from (_as_keys(ping) for ping in _PINGS.decode(keys.pings))


def _as_keys(ping: Ping) -> Keys:
    return Keys(
        queries=None if ping.query is None else [ping.query],
        tcp_connect=None if ping.tcp_connect is None else [ping.tcp_connect],
        tls_handshakes=None if ping.tls_handshake is None else [ping.tls_handshake],
        quic_handshakes=None if ping.quic_handshake is None else [ping.quic_handshake],
    )


def _single_handshakes(keys: Keys) -> list[Step]:
    """The first versions of echcheck listed two handshakes, and nothing around them."""
    raws = [raw for raw in (keys.control, keys.target) if is_object(raw)]
    found = [_SHAKEN.decode(raw) for raw in raws]
    return handshake_steps([one for one in found if one.tls_version or one.server_name], {})


def _steps_of(keys: Keys, system: str) -> list[Step]:
    """The steps of one set of keys."""
    queries, connects = some(keys.queries), some(keys.tcp_connect)
    hosts = _named(queries)
    steps = lookup_steps(queries, some(keys.x_dns_duplicate_responses), system)
    steps += (
        connect_steps(connects, hosts) if connects else connects_among(keys.network_events, hosts)
    )
    steps += handshake_steps(some(keys.tls_handshakes), hosts)
    steps += handshake_steps(some(keys.quic_handshakes), hosts, kind=StepKind.QUIC_HANDSHAKE)
    steps += [_request_step(one) for one in some(keys.requests)]
    return steps


def _named(queries: Iterable[Query]) -> Hosts:
    """The name each address was looked up for, the first if there are several."""
    found: dict[int | str | None, str | None] = {}
    for query in queries:
        for answer in query.answers or ():
            found.setdefault(answer.ipv4 or answer.ipv6, query.hostname)
    found.pop(None, None)
    return {address: name_of(name) for address, name in found.items()}


def _request_step(transaction: Transaction) -> Step:
    """A request; one through Tor was the control of tests of old."""
    tor = transaction.request.tor if transaction.request is not None else None
    role = Role.REMOTE_CONTROL if tor is not None and tor.is_tor else Role.TEST
    address, port = endpoint_of(transaction.address)
    stage = "request" if address is None else "headers"
    return exchange_step(transaction, Way(address, port, stage), 1, role)
