"""The web application: routes, body caps, and every error as a problem document."""

import asyncio
import sys
import traceback
from http import HTTPStatus

import msgspec
from litestar import Litestar, Request, Response, get, post
from litestar.datastructures import State
from litestar.exceptions import ClientException, HTTPException

from heliograph.collector.control import ControlService
from heliograph.collector.problem import MEDIA_TYPE, Problem, document

MOST_BODY_BYTES = 65_536
SECONDS_FOR_BODY = 10.0
_JSON = "application/json"

_Request = Request[None, None, State]


def control_app(service: ControlService, seconds_for_body: float = SECONDS_FOR_BODY) -> Litestar:
    """The application of a control; it keeps and logs nothing of a request."""

    @post("/v1/control", status_code=HTTPStatus.OK)
    async def control(request: _Request) -> Response[bytes]:
        service.authorise(request.headers.get("authorization"))
        _require_plain_json(request)
        body = await _body(request, seconds_for_body)
        reply = await service.answer(body, request.client.host if request.client else None)
        return Response(msgspec.json.encode(reply), media_type=_JSON)

    return Litestar(
        route_handlers=[control, live, ready],
        exception_handlers={
            Problem: _problem,
            HTTPException: _refused,
            Exception: _our_bug,
        },
        debug=False,
        pdb_on_exception=False,
        logging_config=None,
        openapi_config=None,
        request_max_body_size=None,  # counted here, for the problem's sake
    )


@get("/livez", media_type="text/plain", sync_to_thread=False)
def live() -> str:
    """The process answers."""
    return "ok\n"


@get("/readyz", media_type="text/plain", sync_to_thread=False)
def ready() -> str:
    """It can serve: there is nothing it would have to wait for."""
    return "ok\n"


def _require_plain_json(request: _Request) -> None:
    """Also what no web page can send to a control on its reader's host without being asked."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if kind != _JSON or coding != "identity":
        raise Problem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "send JSON as 'Content-Type: application/json', without a Content-Encoding",
        )


async def _body(request: _Request, seconds: float) -> bytes:
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and int(announced[:20]) > MOST_BODY_BYTES:
        raise _too_large()
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MOST_BODY_BYTES:
                    raise _too_large()
    except TimeoutError as error:
        raise Problem(
            HTTPStatus.REQUEST_TIMEOUT, f"the body did not arrive within {seconds:g} seconds"
        ) from error
    return bytes(body)


def _too_large() -> Problem:
    return Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a body has at most {MOST_BODY_BYTES} bytes"
    )


def _written(status: int, detail: str, headers: dict[str, str]) -> Response[bytes]:
    return Response(
        document(status, detail), status_code=status, media_type=MEDIA_TYPE, headers=headers
    )


def _problem(_: _Request, error: Problem) -> Response[bytes]:
    return _written(error.status, error.detail, dict(error.headers))


def _refused(_: _Request, error: HTTPException) -> Response[bytes]:
    """The framework's own refusals: no such path, no such method, a caller who left."""
    known = isinstance(error, ClientException)
    return _written(error.status_code, error.detail, dict(error.headers or {}) if known else {})


def _our_bug(_: _Request, error: Exception) -> Response[bytes]:
    """Where it happened goes to stderr; never a message, which may quote the request."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    places = "".join(traceback.format_tb(error.__traceback__))
    sys.stderr.write(f"{places}heliograph: a bug of ours: {type(error).__name__}\n")
    return _written(
        HTTPStatus.INTERNAL_SERVER_ERROR, "a bug of ours; the operator's log says where", {}
    )
