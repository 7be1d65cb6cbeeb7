"""Looks by the quic probe, written by hand: who was said what, where, and what came of it."""

import msgspec

from heliograph.detail import DnsAnswer, DnsDetail, DnsReply, HttpDetail, QuicDetail, TcpDetail
from heliograph.failure import Failure
from heliograph.model import PAIR_STRANGER, PAIR_SWAP, Measurement, Role, Step, StepKind, pair_at
from tests.unit.analysis.builders import (
    CONTROL,
    ELSEWHERE,
    HOST,
    REAL,
    TIMEOUT,
    WRONG,
    measured,
    written,
)

THERE = pair_at(REAL, 443)
STRANGER = "www.0badcafe.net"
ALERT = Failure.SSL_FAILED_HANDSHAKE
BEFORE, AFTER, TEST = Role.CONTROL_BEFORE, Role.CONTROL_AFTER, Role.TEST

ANSWERED = QuicDetail(server_spoke=True, completed=True, received=5, status=200)
TURNED_AWAY = QuicDetail(server_spoke=True, close_code=0x170, close_in="initial", received=1)
CLOSED = QuicDetail(server_spoke=True, close_code=0x128, close_in="initial", received=1)
CONTRADICTED = msgspec.structs.replace(CLOSED, completed=True, contradicted=True)
CUT = QuicDetail(server_spoke=True, completed=True, received=5, follow_ups=5)
NOTHING = QuicDetail(sends=4)
REFUSED_VERSION = QuicDetail(server_spoke=True, offered="1a2a3a4a", versions=("00000001",))
NO_VERSION = QuicDetail(offered="1a2a3a4a", sends=3)


def shake(
    name: str | None,
    role: Role,
    detail: QuicDetail,
    pair: str = THERE,
    *,
    residual: bool = False,
    failure: Failure | None = None,
) -> Step:
    """One handshake at the target's address, or by its pair elsewhere."""
    return Step(
        kind=StepKind.QUIC_HANDSHAKE,
        role=role,
        pair=pair,
        host=name,
        sni=name,
        address=REAL if pair == THERE else ELSEWHERE,
        port=443,
        failure=failure or _ending(detail),
        detail=written(msgspec.structs.replace(detail, residual=residual)),
    )


def _ending(detail: QuicDetail) -> Failure | None:
    if detail.close_code is not None:
        return ALERT
    return TIMEOUT if detail.cut or not detail.server_spoke else None


def alive(detail: QuicDetail = REFUSED_VERSION, pair: str = THERE) -> Step:
    return shake(None, BEFORE, detail, pair)


def refusal(name: str | None = None, pair: str = THERE, role: Role = TEST) -> Step:
    """An ICMP message came: nobody is at that port."""
    role, detail = (BEFORE, NO_VERSION) if name is None else (role, NOTHING)
    return shake(name, role, detail, pair, failure=Failure.CONNECTION_REFUSED)


def at(step: Step, address: str = WRONG, *, port: int = 443, started: float = 0.0) -> Step:
    """The same at another place or time."""
    return msgspec.structs.replace(step, address=address, port=port, started=started)


def control(role: Role = BEFORE, detail: QuicDetail = TURNED_AWAY) -> Step:
    return shake(CONTROL, role, detail)


def target(detail: QuicDetail = NOTHING, *, residual: bool = False) -> Step:
    return shake(HOST, TEST, detail, residual=residual)


def elsewhere(
    test: QuicDetail = NOTHING,
    stranger: QuicDetail = TURNED_AWAY,
    own: QuicDetail = ANSWERED,
) -> tuple[Step, ...]:
    """All three names at an innocuous server."""
    return (
        alive(pair=PAIR_SWAP),
        shake(CONTROL, BEFORE, own, PAIR_SWAP),
        shake(STRANGER, BEFORE, stranger, PAIR_STRANGER),
        shake(HOST, TEST, test, PAIR_SWAP),
    )


def told(name: str = HOST, address: str = REAL, asn: int | None = 64503) -> Step:
    """What the resolver says of a name, and whose network that is."""
    answer = DnsAnswer(name=name, type="A", value=address, asn=asn)
    reply = DnsReply(after=0.01, rcode="NOERROR", answers=(answer,))
    detail = DnsDetail(query_type="A", replies=(reply,))
    return Step(kind=StepKind.DNS_QUERY, host=name, failure=None, detail=written(detail))


def service(
    value: str = '1 . alpn="h3,h2"',
    problem: str | None = None,
    *,
    name: str = HOST,
    kind: str = "HTTPS",
) -> Step:
    """The HTTPS record, of the target if no other is named."""
    answer = DnsAnswer(name=name, type=kind, value=value)
    reply = DnsReply(after=0.01, rcode="NOERROR", answers=(answer,), problem=problem)
    detail = DnsDetail(query_type=kind, replies=(reply,))
    return Step(kind=StepKind.DNS_QUERY, host=name, failure=None, detail=written(detail))


def connected(failure: Failure | None = None) -> Step:
    """The target's address over TCP."""
    return Step(
        kind=StepKind.TCP_CONNECT,
        host=HOST,
        address=REAL,
        port=443,
        failure=failure,
        detail=written(TcpDetail()),
    )


def headers(
    alt_svc: str = 'h3=":443"; ma=86400', *, name: str = "Alt-Svc", role: Role = TEST
) -> Step:
    """The response over TLS, the target's if no other is asked for."""
    detail = HttpDetail(url=f"https://{HOST}/", status=200, headers=((name, alt_svc),))
    return Step(
        kind=StepKind.HTTP_EXCHANGE,
        role=role,
        host=HOST,
        address=REAL,
        port=443,
        failure=None,
        detail=written(detail),
    )


RESOLVED = (told(), told(CONTROL, ELSEWHERE, 64507), connected())
"""The target and the innocuous server are in different networks."""


def look(*steps: Step, context: tuple[str, ...] = ()) -> Measurement:
    return msgspec.structs.replace(measured(*steps), probe="quic", context=context)
