"""Hyperquack: names said to somebody's server in another country, from a machine abroad.

The server has nothing to do with the names: it answers all of them alike, and what it answers a
harmless one is its template. So every step belongs to a pair of names, and none is the target's own
visit. Where the answer was the usual one, it is not published.
"""

from collections.abc import Iterator

import msgspec

from heliograph.detail import Cause, HttpDetail, TcpDetail, TlsDetail
from heliograph.failure import Failure
from heliograph.model import Step, StepKind
from heliograph.text import clean
from storage.censoredplanet.moments import moment_of, seconds_between
from storage.censoredplanet.said import Said, number_of, of_flat, of_nested
from storage.censoredplanet.shapes import Line, Received
from storage.ooni.certificates import chain_of
from storage.ooni.pages import Way, exchange_step
from storage.ooni.shapes import Binary, Request, Response, Transaction
from storage.ooni.values import name_of
from storage.ooni.words import alert_in, word_of

PAIR = "hyperquack"
"""The pair of the target's name and harmless ones, all said to one stranger's server."""

USUAL = "the answer was the server's usual one, which is not published"
OTHER = "the answer was not the server's usual one, and is not published"
SOMEWHERE = "whether the handshake or what followed it was cut off is not published"

_SETUP = (
    "address already in use",
    "protocol error",
    "protocol not available",
    "too many open files",
    "cannot assign requested address",
)
"""Says something of the machine that measured."""
_DIALLED = (
    *("dial ", "connect: ", "getsockopt: ", "connection refused", "is unreachable", "no route"),
    "context deadline exceeded",
)
"""Says that no connection came about; so does a reset without a word before it."""
_RESET = "connection reset"
_SHAKING = ("tls", "remote error:", "local error:", "handshake", "cipher suite", "x509")
_VERSIONS = {768: "SSLv3", 769: "TLSv1", 770: "TLSv1.1", 771: "TLSv1.2", 772: "TLSv1.3"}


def flat_steps(line: Line) -> tuple[Step, ...]:
    """The steps of the one request of a flat line."""
    return tuple(_steps(of_flat(line)))


def nested_steps(line: Line) -> tuple[Step, ...]:
    """The steps of every request of a nested line; raises msgspec.DecodeError."""
    return tuple(step for said in of_nested(line) for step in _steps(said))


def _steps(said: Said) -> Iterator[Step]:
    """As far as it got: connected, shaken hands, answered."""
    failed = bool(said.error) and said.received is None and not said.compared
    secure = said.server.scheme == "https"
    if failed and any(part in said.error for part in _SETUP):
        yield _step(said, StepKind.TCP_CONNECT, Failure.INTERRUPTED, TcpDetail(cause=_cause(said)))
    elif failed and (said.error.startswith(_RESET) or any(p in said.error for p in _DIALLED)):
        yield _step(said, StepKind.TCP_CONNECT, _word(said), TcpDetail(cause=_cause(said)))
    elif failed and secure:
        yield _broken_handshake(said)
    else:
        if secure:
            yield _handshake(said)
        yield _exchange(said, _word(said) if failed else None)


def _broken_handshake(said: Said) -> Step:
    known = any(part in said.error.lower() for part in _SHAKING)
    detail = TlsDetail(
        alert=alert_in(said.error), implied=None if known else SOMEWHERE, cause=_cause(said)
    )
    return _step(said, StepKind.TLS_HANDSHAKE, _word(said), detail)


def _handshake(said: Said) -> Step:
    """It went well: there was an answer. Nobody checked whether the certificate proves the name."""
    received = said.received or Received()
    told = received.certificate
    chain = [told] if isinstance(told, str) else told or []
    suite = received.cipher_suite
    detail = TlsDetail(
        version=_VERSIONS.get(received.tls_version or 0),
        cipher=None if suite is None else f"0x{suite & 0xFFFF:04x}",
        completed=True,
        server_spoke=True,
        chain=chain_of([Binary(data=data) for data in chain], keep_der=False),
        implied=USUAL if said.received is None and not said.error else None,
    )
    return _step(said, StepKind.TLS_HANDSHAKE, None, detail)


def _exchange(said: Said, failure: Failure | None) -> Step:
    if said.received is not None:
        step = exchange_step(_transaction(said), Way(said.server.address, said.server.port), 1)
        return msgspec.structs.replace(
            _step(said, step.kind, step.failure, None), detail=step.detail
        )
    usual = said.trip.matches_template is True
    detail = HttpDetail(
        url=_url(said),
        stage="headers" if failure is not None else "done",
        implied=None if failure is not None else USUAL if usual else OTHER,
        cause=_cause(said) if said.error else None,
    )
    return _step(said, StepKind.HTTP_EXCHANGE, failure, detail)


def _transaction(said: Said) -> Transaction:
    received = said.received or Received()
    headers = received.headers or {}
    return Transaction(
        request=Request(url=_url(said), method="GET"),
        response=Response(
            code=number_of((received.status_line or "")[:3]),
            headers_list=[(name, value) for name, values in headers.items() for value in values],
            body=received.body,
        ),
    )


def _url(said: Said) -> str:
    rest = said.name.partition("://")[2] or said.name
    return clean(f"{said.server.scheme}://{rest}{'' if '/' in rest else '/'}")[:2048]


def _step(
    said: Said,
    kind: StepKind,
    failure: Failure | None,
    detail: TcpDetail | TlsDetail | HttpDetail | None,
) -> Step:
    began_at, ended = moment_of(said.trip.start_time), moment_of(said.trip.end_time)
    host = name_of(said.name.partition("://")[2].partition("/")[0] or said.name.partition("/")[0])
    return Step(
        kind=kind,
        role=said.role,
        pair=PAIR,
        host=host,
        address=said.server.address,
        port=said.server.port,
        sni=host if kind is StepKind.TLS_HANDSHAKE else None,
        started=seconds_between(said.server.zero, began_at),
        seconds=seconds_between(began_at, ended),
        failure=failure,
        detail="{}" if detail is None else msgspec.json.encode(detail).decode(),
    )


def _word(said: Said) -> Failure:
    return word_of(f"unknown_failure: {said.error}")[0] or Failure.UNKNOWN_FAILURE


def _cause(said: Said) -> Cause:
    return Cause(type="hyperquack", text=said.error)
