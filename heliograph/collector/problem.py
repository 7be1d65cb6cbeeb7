"""Errors as the caller reads them: RFC 9457 problem details."""

from http import HTTPStatus

import msgspec

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):
    """The request can't be served; the detail says why and how to mend it."""

    def __init__(
        self, status: HTTPStatus, detail: str, headers: tuple[tuple[str, str], ...] = ()
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers


class _Document(msgspec.Struct, frozen=True, kw_only=True):
    type: str
    title: str
    status: int
    detail: str


def document(status: int, detail: str) -> bytes:
    """The JSON body that goes with a status."""
    try:
        title = HTTPStatus(status).phrase
    except ValueError:
        title = "Error"
    return msgspec.json.encode(
        _Document(type="about:blank", title=title, status=status, detail=detail)
    )
