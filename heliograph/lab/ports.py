"""Ports that answer no connection: one that refuses, and a black hole that needs no root."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator

_ENOUGH = 16


@contextlib.contextmanager
def refused_port(address: str = "127.0.0.1") -> Iterator[int]:
    """A port that answers SYN with RST: bound, so that nobody else gets it, but not listening."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as reserved:
        reserved.bind((address, 0))
        port: int = reserved.getsockname()[1]
        yield port


@contextlib.asynccontextmanager
async def black_hole(address: str = "127.0.0.1", *, patience: float = 0.1) -> AsyncIterator[int]:
    """A port where SYN meets silence, because Linux drops it when the accept queue is full.

    Connections of our own fill the queue, until one gets no answer for `patience` seconds;
    OSError if none does.
    """
    loop = asyncio.get_running_loop()
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
        listener.bind((address, 0))
        listener.listen(0)
        for _ in range(_ENOUGH):
            filler = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
            filler.setblocking(False)
            try:
                async with asyncio.timeout(patience):
                    await loop.sock_connect(filler, listener.getsockname())
            except TimeoutError:
                break
        else:
            raise OSError(
                f"{_ENOUGH} connections did not fill an accept queue: no black hole on this system"
            )
        port: int = listener.getsockname()[1]
        yield port
