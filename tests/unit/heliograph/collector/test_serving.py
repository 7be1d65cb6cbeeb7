"""Callers that are too many, too slow or speak something else; without a socket."""

import asyncio
import json

import uvicorn
from uvicorn.server import ServerState

from heliograph.collector.serving import Patience, _Patient, _protocol


class Wire(asyncio.Transport):
    """Remembers what was written and how it ended."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.ended: list[str] = []
        self.is_over = asyncio.Event()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def is_closing(self) -> bool:
        return bool(self.ended)

    def close(self) -> None:
        self.ended.append("closed")

    def abort(self) -> None:
        self.ended.append("aborted")
        self.is_over.set()

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


def connection(state: ServerState, patience: Patience) -> tuple[_Patient, Wire]:
    async def app(scope: object, receive: object, send: object) -> None: ...

    config = uvicorn.Config(app, http="h11", ws="none", lifespan="off", log_config=None)
    config.load()
    made, wire = _protocol(patience)(config=config, server_state=state, app_state={}), Wire()
    made.connection_made(wire)
    return made, wire


async def test_a_caller_too_many_is_cut_off() -> None:
    state, patience = ServerState(), Patience(connections=1)
    _, first = connection(state, patience)
    _, second = connection(state, patience)

    assert (first.ended, second.ended) == ([], ["aborted"])


async def test_a_head_that_does_not_come_ends_the_connection() -> None:
    made, wire = connection(ServerState(), Patience(head=0.0))
    made.data_received(b"POST /v1/control HTTP/1.1\r\nHost:")
    await wire.is_over.wait()

    assert wire.ended == ["aborted"]


async def test_another_protocol_is_told_in_a_problem_document() -> None:
    made, wire = connection(ServerState(), Patience())
    made.data_received(b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n")
    made.connection_lost(None)

    head, _, body = wire.written.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request")
    assert b"application/problem+json" in head
    assert json.loads(body)["status"] == 400
    assert "closed" in wire.ended
