"""More short words: what a control elsewhere saw, later hops, second tries, pages."""

import msgspec

from heliograph.detail import DnsDetail, DnsReply, HttpDetail
from heliograph.failure import Failure
from heliograph.model import PAIR_END, Role, Step, StepKind, pair_at
from tests.unit.analysis.builders import (
    CONTROL,
    ELSEWHERE,
    HOST,
    REAL,
    TIMEOUT,
    http,
    system,
    tcp,
    tls,
    told,
    written,
)

SITE_ASN, OTHER_ASN = 64501, 64502
"""The network of the site's addresses, and one that is not the site's."""
PAGE_TEXT = "<p>Welcome readers, today's newspaper brings stories from everywhere</p>"
NOTICE_TEXT = "<p>Access denied: this content was prohibited following ministry order</p>"


def page(
    status: int = 200,
    title: str | None = "Site",
    *,
    text: str | None = PAGE_TEXT,
    location: str | None = None,
    sha256: str | None = None,
    address: str = REAL,
    port: int = 80,
) -> Step:
    """A page that came for the target; in the clear unless another port is given."""
    scheme = "https" if port == 443 else "http"
    detail = HttpDetail(
        url=f"{scheme}://{HOST}/",
        stage="done",
        status=status,
        title=title,
        body_text=text,
        body_sha256=sha256,
        location=location,
    )
    step = http(status, address=address, port=port)
    return msgspec.structs.replace(step, detail=written(detail))


def sized(
    length: int,
    status: int = 200,
    title: str | None = "Site",
    *,
    headers: tuple[str, ...] = (),
    server: str | None = None,
    truncated: bool = False,
    address: str = REAL,
    port: int = 80,
) -> Step:
    """A page of which no more is known than its title, its length and its headers' names."""
    sent = tuple((name, "x") for name in headers)
    named = () if server is None else (("Server", server),)
    scheme = "https" if port == 443 else "http"
    detail = HttpDetail(
        url=f"{scheme}://{HOST}/",
        stage="done",
        status=status,
        title=title,
        headers=(*sent, *named),
        body_bytes=length,
        truncated=truncated,
    )
    step = http(status, address=address, port=port)
    return msgspec.structs.replace(step, detail=written(detail))


def redirect(to: str, *, address: str = REAL, port: int = 80) -> Step:
    """A redirect without a page of its own."""
    return page(302, None, text=None, location=to, address=address, port=port)


def secure(shown: Step | None = None) -> Step:
    """The same server opened over TLS, where the target is opened in the clear."""
    step = page(port=443) if shown is None else shown
    return msgspec.structs.replace(step, pair=pair_at(step.address, step.port, "secure "))


def notice(status: int = 200, *, address: str = REAL) -> Step:
    """The page of a censor."""
    return page(status, "Notice", text=NOTICE_TEXT, address=address)


def lost(failure: Failure, *, address: str = REAL, stage: str = "headers") -> Step:
    """A request in the clear without an answer."""
    return http(None, failure, address=address, port=80, stage=stage)


def elsewhere(step: Step) -> Step:
    """The same, as a control elsewhere saw it."""
    return msgspec.structs.replace(step, role=Role.REMOTE_CONTROL, pair=None)


def ended(step: Step) -> Step:
    """What a control saw at the end of the way, along which it followed the redirects by itself."""
    return msgspec.structs.replace(elsewhere(step), pair=PAIR_END, address=None)


def seen_dns(
    *addresses: str,
    failure: Failure | None = None,
    kind: str = "A",
    replies: tuple[DnsReply, ...] | None = None,
) -> Step:
    """What the control's own resolver said of the target."""
    step = system(*addresses, failure=failure, kind=kind, replies=replies)
    return elsewhere(msgspec.structs.replace(step, resolver="udp://198.51.100.53"))


def seen_tcp(address: str = REAL, failure: Failure | None = None, port: int = 443) -> Step:
    return elsewhere(tcp(address, failure, port))


def seen_tls(address: str = REAL, failure: Failure | None = None) -> Step:
    return elsewhere(tls(address, failure))


def seen(address: str = REAL, step: Step | None = None) -> tuple[Step, ...]:
    """The control found the target itself at the address, and was shown a page over TLS."""
    shown = page(address=address, port=443) if step is None else step
    return seen_dns(address), seen_tcp(address), seen_tls(address), elsewhere(shown)


def seen_plain(step: Step | None = None, address: str = REAL) -> tuple[Step, ...]:
    """The control was led to the address and shown a page in the clear."""
    shown = page(address=address) if step is None else step
    return seen_dns(address), seen_tcp(address, port=80), elsewhere(shown)


def asked(failure: Failure | None = None) -> Step:
    """The connection to the control server itself."""
    step = elsewhere(tcp("198.51.100.5", failure))
    return msgspec.structs.replace(step, pair="asked", host="control-server.example")


def at_hop(hop: int, *steps: Step, host: str = HOST) -> tuple[Step, ...]:
    """The steps after a redirect, about the host it led to."""
    return tuple(
        msgspec.structs.replace(step, hop=hop, host=host, sni=None if step.sni is None else host)
        for step in steps
    )


LATER = 10.0
"""Seconds after its first try."""


def tried_again(step: Step, reached: Step | None = None) -> tuple[Step, Step]:
    """An innocuous server was reached, then the step was tried once more and ended alike."""
    answered = tls(ELSEWHERE) if reached is None else reached
    pair = pair_at(step.address, step.port, "again ")
    step = msgspec.structs.replace(step, started=step.started + LATER)
    before = msgspec.structs.replace(
        answered,
        role=Role.CONTROL_BEFORE,
        pair=pair,
        host=CONTROL,
        sni=None if answered.sni is None else CONTROL,
    )
    return before, msgspec.structs.replace(step, pair=pair)


def spoiled(step: Step) -> Step:
    """The step failed where another look had just hit a filter, and nobody been answered since."""
    detail = {**msgspec.json.decode(step.detail), "residual": True}
    return msgspec.structs.replace(step, detail=msgspec.json.encode(detail).decode())


def tried_again_plain(step: Step) -> tuple[Step, Step]:
    return tried_again(step, page(title="Control", address=ELSEWHERE))


def swapped(step: Step, control: Step, stranger: Step | None = None) -> tuple[Step, ...]:
    """The control's name, a third one and the target's said to the control's own server."""
    said: tuple[tuple[Step | None, Role, str, str], ...] = (
        (control, Role.CONTROL_BEFORE, "swap", CONTROL),
        (stranger, Role.CONTROL_BEFORE, "stranger", "nobody.example"),
        (step, Role.TEST, "swap", HOST),
    )
    return tuple(
        msgspec.structs.replace(
            one,
            role=role,
            pair=pair,
            host=name,
            sni=None if one.sni is None else name,
            address=ELSEWHERE,
        )
        for one, role, pair, name in said
        if one is not None
    )


def pages_at(address: str, mine: Step, other: Step | None = None) -> tuple[Step, ...]:
    """What an address shows in the clear to the target's name, and to an innocuous one."""
    pair = pair_at(address, 80, "page ")
    test = msgspec.structs.replace(mine, pair=pair, address=address)
    if other is None:
        return (test,)
    control = msgspec.structs.replace(
        other, pair=pair, address=address, role=Role.CONTROL_AFTER, host=CONTROL
    )
    return test, control


def from_nobody(
    target: tuple[DnsReply, ...],
    control: tuple[DnsReply, ...] = (),
    *,
    failure: Failure | None = None,
) -> tuple[Step, Step]:
    """Replies, if any, from an address where no resolver lives: for the target, for another."""

    def query(host: str, role: Role, replies: tuple[DnsReply, ...], word: Failure | None) -> Step:
        return Step(
            kind=StepKind.DNS_QUERY,
            role=role,
            pair="nobody",
            host=host,
            resolver="udp://198.51.100.99",
            failure=word or (None if replies else TIMEOUT),
            detail=written(DnsDetail(query_type="A", standing="other", replies=replies)),
        )

    return (
        query(HOST, Role.TEST, target, failure),
        query(CONTROL, Role.CONTROL_AFTER, control, None),
    )


def explained(*addresses: str, failure: Failure | None = None, reasons: tuple[int, ...]) -> Step:
    """What the system's resolver said when it was asked for its reason, checking off."""
    step = system(*addresses, failure=failure)
    detail = msgspec.json.decode(step.detail, type=DnsDetail)
    replies = tuple(msgspec.structs.replace(reply, reasons=reasons) for reply in detail.replies)
    changed = written(msgspec.structs.replace(detail, replies=replies))
    return msgspec.structs.replace(step, pair="explained", detail=changed)


def in_network(asn: int, step: Step, country: str | None = None) -> Step:
    """The query with the network of every address it brought."""
    detail = msgspec.json.decode(step.detail, type=DnsDetail)
    replies = tuple(_placed(reply, asn, country) for reply in detail.replies)
    return msgspec.structs.replace(
        step, detail=written(msgspec.structs.replace(detail, replies=replies))
    )


def _placed(reply: DnsReply, asn: int, country: str | None) -> DnsReply:
    answers = (msgspec.structs.replace(a, asn=asn, country=country) for a in reply.answers)
    return msgspec.structs.replace(reply, answers=tuple(answers))


def two_answers(first: str, second: str) -> tuple[DnsReply, DnsReply]:
    """Two replies to one query."""
    return told(first), told(second)
