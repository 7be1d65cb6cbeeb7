"""Happy eyeballs: which of a host's addresses a browser ends up with (RFC 8305)."""

import asyncio
from collections.abc import Sequence

from heliograph.plugin import Connection, Label, Net

HEAD_START = 0.25
"""Seconds one attempt has before the next begins (RFC 8305, section 8)."""


def in_turns(v6: Sequence[str], v4: Sequence[str]) -> tuple[str, ...]:
    """Both families in turns, IPv6 first (RFC 8305, section 4)."""
    pairs = max(len(v6), len(v4))
    return tuple(a for i in range(pairs) for a in (*v6[i : i + 1], *v4[i : i + 1]))


class Race:
    """Connects to the addresses of one host until one takes the connection.

    With ``every``, the others are tried to the end, too, and prove the name where ``sni`` is
    given: what is wrong with one of several addresses is evidence.
    """

    def __init__(self, net: Net, port: int, host: str, label: Label) -> None:
        self._net = net
        self._port = port
        self._host = host
        self._label = label
        self._winner: asyncio.Future[Connection | None] | None = None
        self.proved: list[str] = []
        """Addresses beside the winner's that proved the name, in the order they did."""

    async def run(self, addresses: Sequence[str], *, sni: str | None, every: bool) -> None:
        """Make the attempts; ``winner`` is settled on the way."""
        settled = self._settled
        async with asyncio.TaskGroup() as group:
            for address in addresses:
                attempt = group.create_task(self._attempt(address, sni))
                await asyncio.wait(
                    (attempt, settled), timeout=HEAD_START, return_when=asyncio.FIRST_COMPLETED
                )
                if settled.done() and not every:
                    break
        if not settled.done():
            settled.set_result(None)

    async def winner(self) -> Connection | None:
        """The first connection made, as soon as there is one; None when all attempts failed."""
        return await asyncio.shield(self._settled)

    @property
    def _settled(self) -> "asyncio.Future[Connection | None]":
        if self._winner is None:
            self._winner = asyncio.get_running_loop().create_future()
        return self._winner

    async def _attempt(self, address: str, sni: str | None) -> None:
        connection = await self._net.connect(
            address, self._port, host=self._host, label=self._label
        )
        if connection.failure is not None:
            return
        if not self._settled.done():
            self._settled.set_result(connection)
            return
        if sni is not None and (await self._net.handshake(connection, sni)).failure is None:
            self.proved.append(address)
        await connection.close()
