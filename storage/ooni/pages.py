"""OONI's requests and responses as our steps."""

import hashlib
from typing import NamedTuple

import msgspec

from heliograph.detail import Cause, HttpDetail
from heliograph.failure import Failure
from heliograph.model import Role, Step, StepKind
from heliograph.text import beginning, clean, decode, title_of
from storage.ooni.lookups import written
from storage.ooni.shapes import Request, Response, Transaction
from storage.ooni.values import bytes_of, headers_of, place_of, seconds_of
from storage.ooni.words import word_of

_URL = 2048
_NO_REQUEST = Request()
_NO_RESPONSE = Response()
_LARGEST_CODE = 999
_CUT_AT = frozenset({1 << 17, 1 << 19})
"""Bytes of a body that the engine in Go keeps: before version 0.5, and since."""


class Way(NamedTuple):
    """Over which connection a request went, and how far it got when nothing came back."""

    address: str | None
    port: int | None
    stage: str = "headers"
    implied: str | None = None


def exchange_step(transaction: Transaction, way: Way, hop: int, role: Role = Role.TEST) -> Step:
    """One request as a step."""
    request = transaction.request or _NO_REQUEST
    failure, text = word_of(transaction.failure)
    began, seconds = seconds_of(transaction.t0, transaction.t)
    code = status_of(transaction)
    if code is None and failure is None:
        failure = Failure.INTERRUPTED
    asked = HttpDetail(
        url=clean(request.url or "")[:_URL],
        method=clean(request.method or "GET")[:16],
        request_headers=headers_of(request.headers_list, request.headers),
        stage=_stage(failure, code, way),
        implied=way.implied,
        cause=None if text is None else Cause(type="ooni", text=clean(text)),
    )
    detail = asked if code is None else _answered(asked, transaction.response or _NO_RESPONSE, code)
    return Step(
        kind=StepKind.HTTP_EXCHANGE,
        role=role,
        hop=hop,
        host=place_of(request.url).host or None,
        address=way.address,
        port=way.port,
        started=began,
        seconds=seconds,
        failure=failure,
        detail=written(detail),
    )


def status_of(transaction: Transaction) -> int | None:
    """The status of the response; None when there was none."""
    code = None if transaction.response is None else transaction.response.code
    return code if code is not None and 0 < code <= _LARGEST_CODE else None


def _stage(failure: Failure | None, code: int | None, way: Way) -> str:
    if failure is None:
        return "done"
    return way.stage if code is None else "body"


def _answered(asked: HttpDetail, response: Response, code: int) -> HttpDetail:
    """The exchange with what the response says, and the features of its body."""
    headers = headers_of(response.headers_list, response.headers)
    length = header_of(headers, "content-length") or ""
    answered = msgspec.structs.replace(
        asked,
        status=code,
        headers=headers,
        location=header_of(headers, "location"),
        expected_bytes=int(length) if _is_length(length) else None,
        truncated=response.body_is_truncated is True,
    )
    if response.body is None:
        return answered
    body = bytes_of(response.body)
    whole = response.body if isinstance(response.body, str) else decode(body)
    return msgspec.structs.replace(
        answered,
        body_bytes=len(body),
        body_sha256=hashlib.sha256(body).hexdigest(),
        body_text=beginning(body),
        title=title_of(whole),
        truncated=answered.truncated or len(body) in _CUT_AT,
    )


def _is_length(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16


def header_of(headers: tuple[tuple[str, str], ...], name: str) -> str | None:
    """The first value of a header, or None."""
    for key, value in headers:
        if key.lower() == name:
            return value
    return None
