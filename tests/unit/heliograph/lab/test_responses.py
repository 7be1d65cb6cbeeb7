"""Pages that come in pieces: nothing is missing, and the pieces are as large as they must be."""

import asyncio
from typing import cast

import pytest

from heliograph.lab.request import Request
from heliograph.lab.responses import HttpStage, in_pieces, long_body, paced_body
from heliograph.lab.wire import Stream

BODY = bytes(range(250)) * 40
GET = Request("GET", "/", "HTTP/1.1", {}, b"")


class Written:
    """What a stage writes, write by write."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    async def write(self, data: bytes) -> None:
        self.pieces.append(data)


def written(stage: HttpStage) -> list[bytes]:
    stream = Written()

    async def answer() -> None:
        await stage(cast("Stream", stream), GET)

    asyncio.run(answer())
    return stream.pieces


@pytest.mark.parametrize(
    ("stage", "size"), [(in_pieces(BODY, size=4096), 4096), (paced_body(BODY, rate=50_000), 5000)]
)
def test_the_headers_come_first_and_the_pieces_make_the_body(stage: HttpStage, size: int) -> None:
    head, *pieces = written(stage)

    assert f"Content-Length: {len(BODY)}\r\n".encode() in head
    assert head.endswith(b"\r\n\r\n")
    assert b"".join(pieces) == BODY
    assert {len(piece) for piece in pieces[:-1]} == {size}


def test_a_long_body_is_as_long_as_it_says() -> None:
    head, *pieces = written(long_body(200_000))

    assert b"Content-Length: 200000\r\n" in head
    assert sum(map(len, pieces)) == 200_000


def test_a_paced_body_takes_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr("heliograph.lab.responses.asyncio.sleep", sleep)
    written(paced_body(BODY, rate=2000))

    assert sum(slept) == pytest.approx(len(BODY) / 2000)
