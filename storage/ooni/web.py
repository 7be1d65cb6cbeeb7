"""A web_connectivity measurement as our steps (ts-017): hops, addresses, and what is implied.

Since version 0.5 every operation carries the hop it belongs to. Before, look-ups and connections
were made for the input alone, and pages were fetched apart, over connections nobody lists: where
their format leaves but one thing to conclude, the step says so by ``implied``.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import msgspec

from heliograph.detail import Cause, TlsDetail
from heliograph.failure import CERTIFICATE_FAILURES, Failure
from heliograph.model import Role, Step, StepKind, Target
from heliograph.text import clean
from storage.ooni.connections import Hosts, connect_steps, handshake_steps
from storage.ooni.control import control_steps
from storage.ooni.lookups import SYSTEM, lookup_steps, written
from storage.ooni.pages import Way, exchange_step, status_of
from storage.ooni.shapes import Document, Keys, Query, Transaction, some
from storage.ooni.values import (
    NOWHERE,
    Place,
    address_of,
    endpoint_of,
    hop_of,
    name_of,
    place_of,
    seconds_of,
    target_of,
)
from storage.ooni.whoami import failed_for_it, with_standing
from storage.ooni.words import alert_in, word_of

_HANDSHAKE_ENDED = CERTIFICATE_FAILURES | {
    Failure.SSL_FAILED_HANDSHAKE,
    Failure.X_TLS_PLAINTEXT_INJECTED,
}
"""What a request can only end with while the connection is being secured."""

_BEFORE_CONNECTING = frozenset(
    {
        Failure.CONNECTION_REFUSED,
        Failure.HOST_UNREACHABLE,
        Failure.NETWORK_UNREACHABLE,
        Failure.DNS_NXDOMAIN_ERROR,
        Failure.DNS_NO_ANSWER,
        Failure.DNS_NON_RECOVERABLE_FAILURE,
    }
)
_ENDS_A_CONNECTION = frozenset({Failure.CONNECTION_RESET, Failure.EOF_ERROR})
"""Words of a connection that was made; one that is not is refused, or stays silent."""


def web_steps(document: Document, keys: Keys, target: Target, system: str) -> list[Step]:
    """The steps of one measurement, the helper's last."""
    queries, late = some(keys.queries), some(keys.x_dns_duplicate_responses)
    requests = _oldest_first(some(keys.requests), target)
    hosts = _hosts(requests, queries, target)
    steps = with_standing(lookup_steps(queries, late, system), keys.x_dns_whoami)
    steps += failed_for_it(keys.x_dns_whoami, system)
    steps += connect_steps(some(keys.tcp_connect), hosts)
    steps += handshake_steps(some(keys.tls_handshakes), hosts)
    steps += handshake_steps(some(keys.quic_handshakes), hosts, kind=StepKind.QUIC_HANDSHAKE)
    apart = _Apart(keys, steps, checks=_checks_certificates(document))
    for hop, transaction in requests:
        steps += apart.steps(transaction, hop)
    steps.sort(key=_when)
    return steps + control_steps(keys.control, keys.control_failure, helper_of(document), target)


def _when(step: Step) -> float:
    return step.started


def helper_of(document: Document) -> str | None:
    """Where the test helper was."""
    return _backend(memoryview(document.test_helpers)[:_MOST_BYTES].tobytes())


@lru_cache(maxsize=256)
def _backend(helpers: bytes) -> str | None:
    """Its address, which old programs wrote without anything around it."""
    try:
        found = msgspec.json.decode(helpers)
        backend = found["backend"]
        address = backend if isinstance(backend, str) else backend["address"]
    except (msgspec.DecodeError, KeyError, TypeError):
        return None
    return address if isinstance(address, str) and address else None


def _oldest_first(requests: Sequence[Transaction], target: Target) -> list[tuple[int, Transaction]]:
    """Each request with its hop; they are listed the newest first."""
    ordered = list(reversed(requests))
    tagged = [hop_of(one.tags) for one in ordered]
    if len(ordered) > 1 and _url(ordered[0]) != target.url == _url(ordered[-1]):
        ordered.reverse()  # some programs listed them the other way round
        tagged.reverse()
    first = 1 if not ordered or _url(ordered[0]) == target.url else _first_hop(ordered[0], target)
    return [
        (told or first + place, one)
        for place, (told, one) in enumerate(zip(tagged, ordered, strict=True))
    ]


def _first_hop(transaction: Transaction, target: Target) -> int:
    """2 where the request for the input itself is missing: only where it led is listed."""
    place = place_of(transaction.request.url if transaction.request else None)
    return 1 if place in {NOWHERE, Place(target.scheme, target.host, target.port)} else 2


def _url(transaction: Transaction) -> str:
    return target_of(transaction.request.url if transaction.request else None).url


def _hosts(
    requests: Sequence[tuple[int, Transaction]], queries: Sequence[Query], target: Target
) -> Hosts:
    """The host of each hop."""
    found: dict[int | str | None, str | None] = {}
    for query in queries:
        found.setdefault(hop_of(query.tags), name_of(query.hostname))
    for hop, transaction in requests:
        found[hop] = place_of(transaction.request.url if transaction.request else None).host or None
    found[1] = target.host or None
    return found


def _checks_certificates(document: Document) -> bool:
    """Whether the program that measured is known to have looked at certificates.

    df-007 has words for certificates from Measurement Kit and from the engine in Go; with the
    first probe, in Python, it depended on the libraries at hand.
    """
    name, version = document.software_name or "", document.software_version or ""
    return bool(name) and not (name == "ooniprobe" and version.split(".")[0] in {"0", "1", "2"})


class _Way(NamedTuple):
    """Where a request may have gone that nobody lists: the choice, and out of how many."""

    address: str | None
    out_of: int
    why: str


class _Apart:
    """Requests, whose connections are listed by the newest programs alone."""

    def __init__(self, keys: Keys, steps: Sequence[Step], *, checks: bool) -> None:
        self._checks = checks
        self._known: dict[str | None, dict[str, None]] = {}
        for query in some(keys.queries):
            if (query.engine or "") in SYSTEM and not query.resolver_hostname:
                found = self._known.setdefault(name_of(query.hostname), {})
                for answer in (query.answers or ())[: _MOST_ADDRESSES - len(found)]:
                    address = address_of(answer.ipv4 or answer.ipv6)
                    if address is not None:
                        found[address] = None
        well = [step for step in steps if step.failure is None]
        self._taken = {(s.address, s.port) for s in well if s.kind is StepKind.TCP_CONNECT}
        self._proofs = {
            (s.address, s.port, s.host) for s in well if s.kind is StepKind.TLS_HANDSHAKE
        }

    def steps(self, transaction: Transaction, hop: int) -> list[Step]:
        """The request's step, after the handshake that it implies."""
        address, port = endpoint_of(transaction.address)
        if address is not None:
            return [exchange_step(transaction, Way(address, port), hop)]
        place = place_of(transaction.request.url if transaction.request else None)
        failure, _ = word_of(transaction.failure)
        way = self._way(place)
        if place.scheme == "https" and failure in _HANDSHAKE_ENDED:
            return [self._handshake(transaction, way, place, hop)]
        stage = self._stage(way.address, place, failure)
        step = exchange_step(
            transaction, Way(way.address, place.port or None, stage, _said(way)), hop
        )
        came = place.scheme == "https" and status_of(transaction) is not None
        if came and self._checks and not self._proved(way.address, place):
            return [self._handshake(transaction, way, place, hop), step]
        return [step]

    def _way(self, place: Place) -> _Way:
        """The address a browser would have taken: one that proved the name, or took connections."""
        if address_of(place.host) is not None:
            return _Way(place.host, 1, "it is the target's")
        known = list(self._known.get(place.host, ()))
        taken = [address for address in known if (address, place.port) in self._taken]
        proved = [address for address in taken if self._proved(address, place)]
        for found, why in (
            (proved, "proved the name"),
            (taken, "took a connection"),
            (known, "was looked up"),
        ):
            if found:
                return _Way(found[0], len(found), why)
        return _Way(None, 0, "")

    def _proved(self, address: str | None, place: Place) -> bool:
        """A handshake with that address is listed, and proved the name."""
        return (address, place.port, place.host) in self._proofs

    def _stage(self, address: str | None, place: Place, failure: Failure | None) -> str:
        """How far a request without a response got: sent, if its connection can be had."""
        if failure in _BEFORE_CONNECTING:
            return "request"
        if place.scheme == "http" and failure in _ENDS_A_CONNECTION:
            return "headers"
        if address is None or not self._checks:  # the first probe kept no part of a response
            return "request"
        ready = (address, place.port) in self._taken
        if place.scheme == "https":
            ready = ready and self._proved(address, place)
        return "headers" if ready else "request"

    def _handshake(self, transaction: Transaction, way: _Way, place: Place, hop: int) -> Step:
        """The handshake before a page that came, or in the midst of which the request ended."""
        failure, text = word_of(transaction.failure)
        came = status_of(transaction) is not None
        began, _ = seconds_of(transaction.t0, transaction.t)
        alert = alert_in(text)
        why = "a page came over it" if came else "the request ended so"
        detail = TlsDetail(
            completed=came or failure in CERTIFICATE_FAILURES,
            server_spoke=came or alert is not None or failure in CERTIFICATE_FAILURES,
            alert=alert,
            implied="; ".join(filter(None, (f"handshake: {why}", _said(way)))),
            cause=None if came or text is None else Cause(type="ooni", text=clean(text)),
        )
        return Step(
            kind=StepKind.TLS_HANDSHAKE,
            role=Role.TEST,
            hop=hop,
            host=place.host or None,
            address=way.address,
            port=place.port or None,
            sni=None if address_of(place.host) else place.host or None,
            started=began,
            failure=None if came else failure,
            detail=written(detail),
        )


_MOST_ADDRESSES = 64
_MOST_BYTES = 4096


def _said(way: _Way) -> str | None:
    """What was concluded of the address."""
    if way.address is None:
        return None
    if way.out_of == 1:
        return f"address: the only one that {way.why}"
    return f"address: the first of {way.out_of} that {way.why}"
