"""The application without a socket: routes, caps, and every error as a problem document."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest

from heliograph.collector.app import MOST_BODY_BYTES, control_app
from heliograph.collector.control import ControlService
from heliograph.control import ControlReply

JSON = {"Content-Type": "application/json"}


class Stub(ControlService):
    """Answers everything at once, or breaks."""

    def __init__(self, error: Exception | None = None) -> None:
        self._error = error
        self._token = None
        self.heard: list[tuple[bytes, str | None]] = []

    async def answer(self, body: bytes, caller: str | None) -> ControlReply:
        self.heard.append((body, caller))
        if self._error is not None:
            raise self._error
        return ControlReply(steps=(), software="stub", observed_address=caller)


def client(service: ControlService, seconds: float = 10.0) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(
        control_app(service, seconds),  # type: ignore[arg-type]
        client=("192.0.2.7", 1234),
    )
    return httpx.AsyncClient(transport=transport, base_url="http://control.example")


def problem(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json"
    document = response.json()
    assert set(document) == {"type", "title", "status", "detail"}
    assert document["status"] == response.status_code
    return response.status_code, document["detail"]


async def test_a_request_is_answered_with_the_caller_s_address() -> None:
    stub = Stub()
    async with client(stub) as http:
        response = await http.post("/v1/control", content=b"{}", headers=JSON)

    assert response.status_code == 200
    assert response.json() == {
        "steps": [],
        "software": "stub",
        "observed_address": "192.0.2.7",
        "network": None,
    }
    assert stub.heard == [(b"{}", "192.0.2.7")]


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
async def test_it_says_that_it_lives(path: str) -> None:
    async with client(Stub()) as http:
        assert (await http.get(path)).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/", 404), ("GET", "/v1/control", 405), ("POST", "/v1/other", 404)],
)
async def test_what_there_is_not_is_a_problem(method: str, path: str, status: int) -> None:
    async with client(Stub()) as http:
        assert problem(await http.request(method, path))[0] == status


@pytest.mark.parametrize(
    "headers", [{}, {"Content-Type": "text/plain"}, {**JSON, "Content-Encoding": "gzip"}]
)
async def test_only_plain_json_is_read(headers: dict[str, str]) -> None:
    stub = Stub()
    async with client(stub) as http:
        response = await http.post("/v1/control", content=b"{}", headers=headers)

    assert problem(response)[0] == 415
    assert stub.heard == []


@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_is_capped(announced: bool) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(MOST_BODY_BYTES // 1024 + 1):
            yield b" " * 1024

    stub = Stub()
    body = b" " * (MOST_BODY_BYTES + 1) if announced else chunks()
    async with client(stub) as http:
        response = await http.post("/v1/control", content=body, headers=JSON)
        fits = await http.post("/v1/control", content=b" " * MOST_BODY_BYTES, headers=JSON)

    assert problem(response) == (413, "a body has at most 65536 bytes")
    assert (fits.status_code, len(stub.heard)) == (200, 1)


async def test_a_body_that_does_not_come_ends_the_wait() -> None:
    async def silence() -> AsyncIterator[bytes]:
        await asyncio.Event().wait()
        yield b""

    async with client(Stub(), seconds=0.0) as http:
        response = await http.post("/v1/control", content=silence(), headers=JSON)

    assert problem(response)[0] == 408


async def test_a_bug_is_reported_without_what_was_asked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    secret = "https://secret.example/"
    error = ExceptionGroup("many", [ZeroDivisionError(secret)])
    body = json.dumps({"url": secret}).encode()
    async with client(Stub(error)) as http:
        response = await http.post("/v1/control", content=body, headers=JSON)

    assert problem(response)[0] == 500
    told = capsys.readouterr().err
    assert "a bug of ours: ZeroDivisionError" in told
    assert "secret" not in told
