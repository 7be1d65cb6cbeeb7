"""What OONI's test helper saw, as steps of a remote control (ts-017)."""

from collections.abc import Mapping
from functools import lru_cache
from html import unescape
from itertools import islice

import msgspec

from heliograph.detail import (
    Cause,
    DnsAnswer,
    DnsDetail,
    DnsReply,
    HttpDetail,
    TcpDetail,
    TlsDetail,
)
from heliograph.failure import Failure
from heliograph.model import PAIR_ASKED, PAIR_END, Role, Step, StepKind, Target
from heliograph.text import clean
from storage.ooni.lookups import NOTHING_MORE, address_record, networks_of, rcode_of, written
from storage.ooni.pages import header_of
from storage.ooni.shapes import AboutAddress, Control, Names, Page, Seen, Word, is_object
from storage.ooni.values import address_of, endpoint_of, headers_of, name_of, place_of, short
from storage.ooni.words import word_of

_CONTROL = msgspec.json.Decoder(Control, strict=False)
_TITLE = 512
_MOST_ADDRESSES, _MOST_PLACES = 64, 256


def control_steps(
    told: msgspec.Raw, refused: Word, helper: str | None, target: Target
) -> list[Step]:
    """The helper's look, after the request that asked for it; ``refused`` is how that failed.

    Raises msgspec.DecodeError for what can't be read.
    """
    asked = _asked_step(refused, helper)
    if refused or not is_object(told):
        return [] if asked is None else [asked]
    control = _CONTROL.decode(told)
    steps = [] if asked is None else [asked]
    steps += _names(control.dns, control.ip_info or {}, target)
    steps += _connects(control.tcp_connect or {}, target)
    for kind, shaken in (
        (StepKind.TLS_HANDSHAKE, control.tls_handshake),
        (StepKind.QUIC_HANDSHAKE, control.quic_handshake),
    ):
        steps += _handshakes(shaken or {}, kind, target)
    steps += _page(control.http_request, target)
    return steps


def _asked_step(refused: Word, helper: str | None) -> Step | None:
    """The request to the helper; None when nothing says that there was one."""
    failure, text = word_of(refused)
    if helper is None and failure is None:
        return None
    return _request(failure, text, short(helper, 2048))


@lru_cache(maxsize=256)
def _request(failure: Failure | None, text: str | None, helper: str) -> Step:
    place = place_of(helper)
    detail = HttpDetail(
        url=clean(helper),
        method="POST",
        stage="done" if failure is None else "request",
        cause=None if text is None else _said(text),
    )
    return Step(
        kind=StepKind.HTTP_EXCHANGE,
        role=Role.REMOTE_CONTROL,
        pair=PAIR_ASKED,
        host=place.host or None,
        port=place.port or None,
        failure=failure,
        detail=written(detail),
    )


def _names(names: Names | None, about: Mapping[str, AboutAddress], target: Target) -> list[Step]:
    """Its look-up: one step, whichever families were asked for."""
    if names is None or address_of(target.host) is not None:
        return []
    failure, text = word_of(names.failure)
    answers = tuple(_answers(names.addrs or [], about, target.host))
    if failure is None and not any(a.type != "CNAME" for a in answers):
        failure = Failure.DNS_NO_ANSWER  # the helper says it by an empty list
    rcode = rcode_of(failure) or ("NOERROR" if answers else None)  # some say more than a failure
    kinds = {answer.type for answer in answers}
    detail = DnsDetail(
        query_type="AAAA" if "AAAA" in kinds and "A" not in kinds else "A",
        transport="unknown",
        replies=() if rcode is None else (DnsReply(after=0.0, rcode=rcode, answers=answers),),
        networks=networks_of(answers),
        cause=None if text is None else _said(text),
    )
    return [
        Step(
            kind=StepKind.DNS_QUERY,
            role=Role.REMOTE_CONTROL,
            host=target.host,
            resolver="control",
            failure=failure,
            detail=written(detail),
        )
    ]


def _answers(told: list[str], about: Mapping[str, AboutAddress], host: str) -> "list[DnsAnswer]":
    """Addresses, and the aliases old helpers listed among them."""
    found = []
    for text in told[:_MOST_ADDRESSES]:
        known = about.get(text)
        record = address_record(host, text[:64], None if known is None else known.asn, "", None)
        if record is not None:
            found.append(record)
        elif (alias := name_of(text)) is not None:
            found.append(DnsAnswer(name=host, type="CNAME", value=alias))
    return found


def _connects(seen: Mapping[str, Seen], target: Target) -> list[Step]:
    made = []
    for place, what in islice(seen.items(), _MOST_PLACES):
        address, port = endpoint_of(place)
        failure, text = _outcome(what)
        made.append(
            Step(
                kind=StepKind.TCP_CONNECT,
                role=Role.REMOTE_CONTROL,
                host=target.host,
                address=address,
                port=port,
                failure=failure,
                detail=NOTHING_MORE if text is None else written(TcpDetail(cause=_said(text))),
            )
        )
    return made


def _handshakes(seen: Mapping[str, Seen], kind: StepKind, target: Target) -> list[Step]:
    made = []
    for place, what in islice(seen.items(), _MOST_PLACES):
        address, port = endpoint_of(place)
        failure, text = _outcome(what)
        name = name_of(what.server_name) or target.host
        detail = TlsDetail(
            completed=failure is None,
            server_spoke=failure is None,
            cause=None if text is None else _said(text),
        )
        made.append(
            Step(
                kind=kind,
                role=Role.REMOTE_CONTROL,
                host=name,
                address=address,
                port=port,
                sni=None if address_of(name) else name,
                failure=failure,
                detail=written(detail),
            )
        )
    return made


def _outcome(what: Seen) -> tuple[Failure | None, str | None]:
    failed_somehow = what.status is False and not what.failure
    return word_of(True) if failed_somehow else word_of(what.failure)


def _page(page: Page | None, target: Target) -> list[Step]:
    """Its request; a helper follows redirects and does not say where they led."""
    if page is None:
        return []
    failure, text = word_of(page.failure)
    code = page.status_code if page.status_code and 0 < page.status_code < 1000 else None
    if code is None and failure is None:
        return []
    headers = headers_of(list((page.headers or {}).items())) if code else ()
    length = page.body_length or 0
    detail = HttpDetail(
        url=target.url,
        stage="done" if failure is None else "request",
        status=code,
        headers=headers,
        location=header_of(headers, "location"),
        title=_title(short(page.title, 4 * _TITLE)) if code else None,
        body_bytes=length if 0 < length < 2**40 else 0,
        cause=None if text is None else _said(text),
    )
    return [
        Step(
            kind=StepKind.HTTP_EXCHANGE,
            role=Role.REMOTE_CONTROL,
            pair=PAIR_END,
            host=target.host,
            port=target.port,
            failure=failure,
            detail=written(detail),
        )
    ]


def _title(text: str) -> str | None:
    """The title as our own looks have it: entities resolved, white space folded."""
    return " ".join(clean(unescape(text)).split())[:_TITLE] or None


def _said(text: str) -> Cause:
    return Cause(type="ooni", text=clean(text))
