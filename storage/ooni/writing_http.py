"""df-001: the requests of a visit, the newest first, as OONI lists them."""

from collections.abc import Iterable, Sequence

from heliograph.detail import HttpDetail, TlsDetail
from heliograph.model import StepKind
from storage.ooni.writing_shapes import HttpRequest, HttpResponse, Transaction
from storage.ooni.writing_steps import Visited, of_kind, with_detail

KEPT_WHOLE = 16_384
"""Of longer bodies (in bytes) only the beginning is on record."""


def requests(steps: Sequence[Visited]) -> tuple[Transaction, ...]:
    """Every request that was made; a hop that was never reached has none."""
    alpn = _agreed(steps)
    asked = of_kind(steps, StepKind.HTTP_EXCHANGE)
    made = [
        _transaction(each, detail, alpn.get(each.transaction, ""))
        for each, detail in with_detail(asked, HttpDetail)
    ]
    return tuple(reversed(made))


def _agreed(steps: Iterable[Visited]) -> dict[int, str]:
    """The protocol each connection agreed on."""
    shaken = with_detail(of_kind(steps, StepKind.TLS_HANDSHAKE), TlsDetail)
    return {each.transaction: detail.alpn or "" for each, detail in shaken}


def _transaction(each: Visited, detail: HttpDetail, alpn: str) -> Transaction:
    return Transaction(
        address=each.endpoint,
        alpn=alpn,
        failure=each.failure,
        request=HttpRequest(
            url=detail.url,
            method=detail.method,
            headers=first_of_each(detail.request_headers),
            headers_list=detail.request_headers,
        ),
        response=_response(detail),
        t0=each.step.started,
        t=each.ended,
        tags=(*each.tags, "fetch_body=true"),
        transaction_id=each.transaction,
    )


def _response(detail: HttpDetail) -> HttpResponse | None:
    if detail.status is None:
        return None
    return HttpResponse(
        code=detail.status,
        headers=first_of_each(detail.headers),
        headers_list=detail.headers,
        body=detail.body_text or "",
        body_is_truncated=detail.truncated or detail.body_bytes > KEPT_WHOLE,
    )


def first_of_each(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The first value of each header."""
    found: dict[str, str] = {}
    for name, value in headers:
        found.setdefault(name, value)
    return found
