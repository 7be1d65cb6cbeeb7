"""Steps of a look at the surroundings, built one by one; a healthy network to begin with."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import msgspec

from analysis.around import Around, Host
from heliograph.detail import (
    Certificate,
    Detail,
    DnsAnswer,
    DnsDetail,
    DnsReply,
    HttpDetail,
    TcpDetail,
    TlsDetail,
)
from heliograph.failure import CERTIFICATE_FAILURES, Failure
from heliograph.model import (
    PAIR_ASKED,
    PAIR_CHECK,
    PAIR_INNOCUOUS,
    PAIR_NEAR,
    PAIR_NOWHERE,
    Role,
    Step,
    StepKind,
)
from tests.unit.analysis.builders import written

STARTED = datetime(2026, 11, 23, 12, tzinfo=UTC)
SYSTEM, DOH = "udp://192.0.2.53", "https://dns.example/dns-query@192.0.2.1"
NOWHERE, CHECK = "www.nobody.com", "check.example"
NAMES = ("weather.example", "recipes.example")
PLACES = {CHECK: "203.0.113.204", NAMES[0]: "203.0.113.1", NAMES[1]: "203.0.113.2"}
NEAR, NEAR_PLACE = "near.example", "198.51.100.9"
PORTAL = "198.51.100.80"
HERE = Host(country="XA")
TIMEOUT = Failure.GENERIC_TIMEOUT_ERROR
NXDOMAIN = Failure.DNS_NXDOMAIN_ERROR
SERVFAIL = Failure.DNS_SERVFAIL_ERROR
UNKNOWN_CA = Failure.SSL_UNKNOWN_AUTHORITY
OUTDATED = Failure.SSL_INVALID_CERTIFICATE
TWO_YEARS = timedelta(days=730)
THEN = (STARTED + TWO_YEARS - timedelta(days=9), STARTED + TWO_YEARS + timedelta(days=9))
_RCODES = {NXDOMAIN: "NXDOMAIN", SERVFAIL: "SERVFAIL"}


def made(kind: StepKind, pair: str, host: str, detail: Detail, failure: Failure | None) -> Step:
    role = Role.CONTROL_BEFORE if pair == PAIR_INNOCUOUS else Role.TEST
    return Step(
        kind=kind,
        role=role,
        pair=pair,
        host=host,
        started=1.0,
        failure=failure,
        detail=written(detail),
    )


def query(
    pair: str,
    host: str,
    *addresses: str,
    resolver: str = SYSTEM,
    failure: Failure | None = None,
    country: str | None = None,
) -> Step:
    standing = "system" if resolver == SYSTEM else "trusted"
    answers = tuple(DnsAnswer(name=host, type="A", value=a, country=country) for a in addresses)
    reply = DnsReply(after=0.1, rcode=_RCODES.get(failure or TIMEOUT, "NOERROR"), answers=answers)
    silent = failure not in {None, *_RCODES}
    detail = DnsDetail(
        query_type="A", standing=standing, replies=() if silent else (reply,), transport="udp"
    )
    step = made(StepKind.DNS_QUERY, pair, host, detail, failure)
    return _at(step, resolver=resolver)


def connect(pair: str, host: str, address: str, failure: Failure | None = None) -> Step:
    step = made(StepKind.TCP_CONNECT, pair, host, TcpDetail(), failure)
    return _at(step, address=address)


def shake(
    pair: str,
    host: str,
    address: str,
    failure: Failure | None = None,
    *,
    issuer: str = "CN=Known",
    dates: tuple[datetime, datetime] = (STARTED - timedelta(days=9), STARTED + timedelta(days=9)),
    verification: str | None = None,
) -> Step:
    begins, ends = (f"{each:%Y-%m-%dT%H:%M:%SZ}" for each in dates)
    leaf = Certificate(
        sha256="0" * 64,
        subject=f"CN={host}",
        issuer=issuer,
        not_before=begins,
        not_after=ends,
        names=(host,),
    )
    completed = failure is None or failure in CERTIFICATE_FAILURES
    detail = TlsDetail(
        completed=completed, chain=(leaf,) if completed else (), verification=verification
    )
    return _at(made(StepKind.TLS_HANDSHAKE, pair, host, detail, failure), address=address)


def ask(
    pair: str, host: str, status: int | None, *, ahead: timedelta | None = None, body: int = 0
) -> Step:
    """An exchange; with ``ahead``, the server told the time, and our clock is so much ahead."""
    moment = STARTED + timedelta(seconds=1) - (ahead or timedelta())
    told = () if ahead is None else (("Date", format_datetime(moment, usegmt=True)),)
    detail = HttpDetail(url=f"http://{host}/", status=status, headers=told, body_bytes=body)
    failure = TIMEOUT if status is None else None
    return _at(made(StepKind.HTTP_EXCHANGE, pair, host, detail, failure), address=PLACES[host])


def checked(
    status: int | None = 204, *, ahead: timedelta = timedelta(), body: int = 0
) -> list[Step]:
    """A connectivity check answered so."""
    place = PLACES[CHECK]
    return [
        query(PAIR_CHECK, CHECK, place),
        connect(PAIR_CHECK, CHECK, place),
        ask(PAIR_CHECK, CHECK, status, ahead=ahead, body=body),
    ]


def nowhere(*addresses: str, elsewhere: tuple[str, ...] = ()) -> list[Step]:
    """A name that nobody has, asked of the system's resolver and of another."""
    return [
        query(PAIR_NOWHERE, NOWHERE, *addresses, failure=None if addresses else NXDOMAIN),
        query(
            PAIR_NOWHERE,
            NOWHERE,
            *elsewhere,
            resolver=DOH,
            failure=None if elsewhere else NXDOMAIN,
        ),
    ]


def found(name: str, *, ahead: timedelta | None = None) -> list[Step]:
    """An innocuous name, found and proved."""
    place = PLACES[name]
    return [
        query(PAIR_INNOCUOUS, name, place),
        query(PAIR_INNOCUOUS, name, place, resolver=DOH),
        connect(PAIR_INNOCUOUS, name, place),
        shake(PAIR_INNOCUOUS, name, place),
        ask(PAIR_INNOCUOUS, name, 200, ahead=ahead),
    ]


def healthy() -> list[Step]:
    """Nothing is wrong."""
    return [*checked(), *nowhere(), *found(NAMES[0]), *found(NAMES[1])]


def lost(name: str) -> list[Step]:
    """An innocuous name that is known, and can't be reached."""
    place = PLACES[name]
    return [
        query(PAIR_INNOCUOUS, name, place),
        query(PAIR_INNOCUOUS, name, resolver=DOH, failure=TIMEOUT),
        connect(PAIR_INNOCUOUS, name, place, TIMEOUT),
    ]


def near(failure: Failure | None = None, country: str = "XA") -> list[Step]:
    """A name of the vantage's country, visited."""
    return [
        query(PAIR_NEAR, NEAR, NEAR_PLACE, country=country),
        connect(PAIR_NEAR, NEAR, NEAR_PLACE, failure),
        *([] if failure else [shake(PAIR_NEAR, NEAR, NEAR_PLACE)]),
    ]


def control_asked(failure: Failure | None = None) -> Step:
    step = connect(PAIR_ASKED, "elsewhere.example", "203.0.113.5", failure)
    return _at(step, role=Role.REMOTE_CONTROL)


def resolver_met(failure: Failure | None = None) -> Step:
    """The connection that carries queries to the resolver elsewhere."""
    return _at(connect(PAIR_INNOCUOUS, "dns.example", "192.0.2.1", failure), resolver=DOH)


def seen(*steps: Step, host: Host = HERE) -> Around:
    return Around(steps, host, STARTED)


def _at(step: Step, **changes: object) -> Step:
    return msgspec.structs.replace(step, **changes)
