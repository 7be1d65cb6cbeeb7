"""Measurements written by hand: short words for the steps a look leaves behind."""

from datetime import UTC, datetime

import msgspec

from heliograph.address import Guard
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
from heliograph.model import Measurement, Role, Step, StepKind, Vantage
from heliograph.url import parse_target

HOST = "site.example"
CONTROL = "control.example"
REAL = "203.0.113.10"
"""An address of the site."""
REAL2 = "203.0.113.11"
WRONG = "203.0.113.66"
"""An address of somebody else."""
ELSEWHERE = "203.0.113.99"
"""The control name's own address."""
BOGON = "10.20.30.40"
NOWHERE = "0.0.0.0"
V6 = "2001:db8::10"
_GUARD = Guard(assume_public=("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"))
"""What is reserved for documentation is public here."""

RCODES = {
    Failure.DNS_NXDOMAIN_ERROR: "NXDOMAIN",
    Failure.DNS_REFUSED_ERROR: "REFUSED",
    Failure.DNS_SERVFAIL_ERROR: "SERVFAIL",
}
RESET = Failure.CONNECTION_RESET
TIMEOUT = Failure.GENERIC_TIMEOUT_ERROR
EOF = Failure.EOF_ERROR
NXDOMAIN = Failure.DNS_NXDOMAIN_ERROR
NODATA = Failure.DNS_NO_ANSWER
REFUSED = Failure.DNS_REFUSED_ERROR
SERVFAIL = Failure.DNS_SERVFAIL_ERROR
UNKNOWN_CA = Failure.SSL_UNKNOWN_AUTHORITY
WRONG_NAME = Failure.SSL_INVALID_HOSTNAME
BAD_CERTIFICATE = Failure.SSL_INVALID_CERTIFICATE
PLAINTEXT = Failure.X_TLS_PLAINTEXT_INJECTED

JUDGED = "web_connectivity"
"""A test of somebody else's that rules are made for."""


def written(detail: Detail) -> str:
    return msgspec.json.encode(detail).decode()


def told(
    *addresses: str,
    rcode: str = "NOERROR",
    problem: str | None = None,
    ip_ttl: int | None = None,
) -> DnsReply:
    """One reply; private addresses are marked as bogons, as Net does."""
    return DnsReply(
        after=0.01,
        rcode=rcode,
        problem=problem,
        ip_ttl=ip_ttl,
        answers=tuple(
            DnsAnswer(
                name=HOST,
                type="AAAA" if ":" in address else "A",
                value=address,
                bogon=_GUARD.bogon(address),
            )
            for address in addresses
        ),
    )


def system(
    *addresses: str,
    failure: Failure | None = None,
    kind: str = "A",
    replies: tuple[DnsReply, ...] | None = None,
    sends: int = 1,
) -> Step:
    """What the system's resolver said of the target."""
    if replies is None:
        silent = failure is TIMEOUT
        rcode = "NOERROR" if failure is None else RCODES.get(failure, "NOERROR")
        replies = () if silent else (told(*addresses, rcode=rcode),)
    detail = DnsDetail(query_type=kind, replies=replies, sends=sends)
    return Step(
        kind=StepKind.DNS_QUERY,
        host=HOST,
        resolver="udp://192.0.2.53",
        failure=failure,
        detail=written(detail),
    )


def trusted(
    *addresses: str,
    failure: Failure | None = None,
    kind: str = "A",
    transport: str = "https",
    replies: tuple[DnsReply, ...] | None = None,
) -> Step:
    """What a resolver asked for comparison said of the target."""
    if replies is None:
        rcode = "NOERROR" if failure is None else RCODES.get(failure, "NOERROR")
        replies = () if failure is TIMEOUT else (told(*addresses, rcode=rcode),)
    detail = DnsDetail(query_type=kind, standing="trusted", transport=transport, replies=replies)
    return Step(
        kind=StepKind.DNS_QUERY,
        host=HOST,
        resolver=f"{transport}://resolver.example@192.0.2.1",
        failure=failure,
        detail=written(detail),
    )


def resolver_control(
    failure: Failure | None = None, address: str = ELSEWHERE, *, times: int = 1
) -> Step:
    """What the system's resolver said of an innocuous name, so many times."""
    replies = (told(address),) * times if failure is None else ()
    return Step(
        kind=StepKind.DNS_QUERY,
        role=Role.CONTROL_AFTER,
        pair="resolver",
        host=CONTROL,
        resolver="udp://192.0.2.53",
        failure=failure,
        detail=written(DnsDetail(query_type="A", replies=replies)),
    )


def ipv6_control(*addresses: str) -> Step:
    """What the system's resolver said of an innocuous name that has an IPv6 address."""
    step = system(*addresses, failure=None if addresses else NODATA, kind="AAAA")
    return msgspec.structs.replace(step, role=Role.CONTROL_AFTER, pair="ipv6", host=CONTROL)


def again(word: Failure) -> tuple[Step, ...]:
    """The system's resolver failed so when it was asked for the target once more."""
    asked = system(failure=word), system(failure=word, kind="AAAA")
    return tuple(msgspec.structs.replace(step, pair="again") for step in asked)


def found_again(address: str = REAL) -> Step:
    """The system's resolver gave an address when it was asked for the target once more."""
    return msgspec.structs.replace(system(address), pair="again")


def tcp(address: str = REAL, failure: Failure | None = None, port: int = 443) -> Step:
    return Step(
        kind=StepKind.TCP_CONNECT,
        host=HOST,
        address=address,
        port=port,
        failure=failure,
        detail=written(TcpDetail()),
    )


def forbidden_here() -> Step:
    """A connection that a route or a rule of this host's own did not let out."""
    detail = written(TcpDetail(unsent=True))
    return msgspec.structs.replace(tcp(failure=Failure.HOST_UNREACHABLE), detail=detail)


def certificate(issuer: str = "CN=Somebody", *names: str) -> Certificate:
    return Certificate(
        sha256="00",
        subject="CN=x",
        issuer=issuer,
        not_before="2026-01-01T00:00:00Z",
        not_after="2027-01-01T00:00:00Z",
        names=names,
    )


def tls(
    address: str = REAL,
    failure: Failure | None = None,
    *,
    alert: int | None = None,
    chain: tuple[Certificate, ...] = (),
) -> Step:
    """A handshake in the target's name."""
    completed = failure is None or failure in CERTIFICATE_FAILURES
    return Step(
        kind=StepKind.TLS_HANDSHAKE,
        host=HOST,
        sni=HOST,
        address=address,
        port=443,
        failure=failure,
        detail=written(TlsDetail(completed=completed, alert=alert, chain=chain)),
    )


def http(
    status: int | None = 200,
    failure: Failure | None = None,
    *,
    address: str = REAL,
    port: int = 443,
    stage: str | None = None,
) -> Step:
    """A request for the target."""
    detail = HttpDetail(
        url=f"https://{HOST}/", stage=stage or ("done" if status else "headers"), status=status
    )
    return Step(
        kind=StepKind.HTTP_EXCHANGE,
        host=HOST,
        address=address,
        port=port,
        failure=failure,
        detail=written(detail),
    )


def control_led(address: str = ELSEWHERE, failure: Failure | None = None) -> Step:
    """The innocuous name said where the system's resolver led it."""
    step = tls(address, failure)
    return msgspec.structs.replace(
        step, role=Role.CONTROL_AFTER, pair="resolver", host=CONTROL, sni=CONTROL
    )


def control_here(step: Step) -> Step:
    """The same try with an innocuous name at the same address."""
    return msgspec.structs.replace(
        step,
        role=Role.CONTROL_AFTER,
        pair=f"{step.address}:{step.port}",
        host=CONTROL,
        sni=None if step.sni is None else CONTROL,
    )


def swap_control(step: Step, address: str = ELSEWHERE) -> Step:
    """The innocuous name said to its own server."""
    return msgspec.structs.replace(
        step,
        role=Role.CONTROL_BEFORE,
        pair="swap",
        host=CONTROL,
        sni=None if step.sni is None else CONTROL,
        address=address,
    )


def swap_test(step: Step, address: str = ELSEWHERE) -> Step:
    """The target's name said to the innocuous name's server."""
    return msgspec.structs.replace(step, pair="swap", address=address)


def swap_lookup(failure: Failure | None = None) -> Step:
    """The search for the innocuous name's server."""
    step = resolver_control(failure)
    return msgspec.structs.replace(step, role=Role.CONTROL_BEFORE, pair="swap")


def measured(
    *steps: Step,
    probe: str = "http",
    url: str = f"https://{HOST}/",
    context: tuple[str, ...] = (),
) -> Measurement:
    """A look whose steps are these."""
    return Measurement(
        id="00000000-0000-8000-8000-000000000000",
        probe=probe,
        probe_version=1,
        target=parse_target(url),
        vantage=Vantage(country="XA", asn=64500),
        started=datetime(2026, 11, 23, 12, tzinfo=UTC),
        context=context,
        steps=steps,
    )


def plain(*steps: Step) -> Measurement:
    """A look at the target's page without TLS."""
    return measured(*steps, url=f"http://{HOST}/")


def imported(*steps: Step, url: str = f"https://{HOST}/", probe: str = JUDGED) -> Measurement:
    """A look that somebody else's tool made, once."""
    look = measured(*steps, probe=probe, url=url)
    return msgspec.structs.replace(look, source="somebody's archive")


def imported_plain(*steps: Step) -> Measurement:
    """The same of the target's page without TLS."""
    return imported(*steps, url=f"http://{HOST}/")
