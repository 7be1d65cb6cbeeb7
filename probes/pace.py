"""How fast a server's page comes under one name and under another: pairs of trials, in turns.

Whoever slows a name down looks at the server name of TLS. So both halves of a pair ask the same
server for the same page, over connections that differ in that name alone; without a name where the
server knows no other (Xue et al. 2021, IMC: throttling by SNI shows beside another SNI only).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from heliograph.model import PACE, Role
from heliograph.plugin import Connection, Label, Net, Request

PAIRS = 5
"""The fewest of which every one being slow is no coincidence: one in 32."""
TRIAL_BYTES = 65_536
LEAST_BYTES = 20_480
"""Filters that slow down let the first of a connection pass; of less nothing can be said."""
_TRIAL_SECONDS = 6.0
"""A trial that would take longer is made smaller, or five pairs would not fit into a look."""
_SMALLEST_TRIAL = 24_576
_EVEN = 0.7
"""Two pairs are enough once the target's half of one came at such a part of the other's speed."""
_EVEN_PAIRS = 2
_FROZEN_PAIRS = 4
"""So many are enough where the target's half ends after hardly anything, each time. It lasts as
long as anybody waits for the rest: a fifth would not fit into a look."""
_MOST_REQUESTS = 8
"""A short page is asked for so often on one connection."""
_WHOLE = (("Accept-Encoding", "identity"),)


@dataclass(frozen=True, slots=True)
class Place:
    """A server that proved the target's name, and the page to ask for."""

    address: str
    port: int
    host: str
    url: str
    hop: int = 1


@dataclass(frozen=True, slots=True)
class _Half:
    """What one trial brought."""

    bytes: int = 0
    seconds: float = 0.0
    status: int | None = None

    @property
    def rate(self) -> float:
        """Bytes a second."""
        return self.bytes / max(self.seconds, 0.001)


async def compare(net: Net, place: Place) -> None:
    """Record pairs of trials: five, or two where the name makes no difference.

    Ends with the first pair where the server gives the page under no other name.
    """
    names = iter(_other_names(net, place))
    name = next(names)
    made = 0
    number = 0
    size = TRIAL_BYTES
    frozen = 0
    while made < PAIRS:
        control, target = await _Pairing(net, place, name, size).make(number, sure=made > 0)
        number += 1
        size = _fitting(target)
        if not made and not _alike(control, target):
            other = next(names, None)
            if other is None:
                return
            name = other
            continue
        made += 1
        frozen += 0 < target.bytes < min(LEAST_BYTES, control.bytes)
        if made == frozen == _FROZEN_PAIRS:
            return
        if made >= _EVEN_PAIRS and target.rate >= _EVEN * control.rate:
            return


def _other_names(net: Net, place: Place) -> Iterator[str]:
    """An innocuous name, and none at all: an address is not sent as one."""
    yield from net.settings.controls_for(place.host)[:1]
    yield place.address


def _alike(control: _Half, target: _Half) -> bool:
    return control.status == target.status and control.bytes >= LEAST_BYTES


def _fitting(target: _Half) -> int:
    """How many bytes the next trials ask for."""
    return max(_SMALLEST_TRIAL, min(TRIAL_BYTES, int(target.rate * _TRIAL_SECONDS)))


@dataclass(frozen=True, slots=True)
class _Pairing:
    """The trials of one pair."""

    net: Net
    place: Place
    name: str
    size: int

    async def make(self, number: int, *, sure: bool) -> tuple[_Half, _Half]:
        """Both halves, the target's first in every second pair: the other name's, and its.

        Unless it is ``sure`` that the page is there under the other name, that is seen first.
        """
        if sure and number % 2:
            target = await self._half(self.place.host, number, Role.TEST)
            return await self._half(self.name, number, Role.CONTROL_AFTER), target
        control = await self._half(self.name, number, Role.CONTROL_BEFORE)
        if not sure and control.bytes < LEAST_BYTES:
            return control, _Half()
        return control, await self._half(self.place.host, number, Role.TEST)

    async def _half(self, name: str, number: int, role: Role) -> _Half:
        """One connection under a name, and the page over it until there is enough."""
        place = self.place
        label = Label(role=role, pair=f"{PACE}{number}", hop=place.hop)
        connection = await self.net.connect(place.address, place.port, host=name, label=label)
        try:
            if connection.failure is not None:
                return _Half()
            shaken = await self.net.handshake(connection, name)
            if shaken.failure is not None and not (shaken.completed and shaken.chain):
                return _Half()  # it may be for another name, but must have been made
            return await self._read(connection)
        finally:
            await connection.close()

    async def _read(self, connection: Connection) -> _Half:
        half = _Half()
        for _ in range(_MOST_REQUESTS):
            request = Request(url=self.place.url, headers=_WHOLE, most=self.size - half.bytes)
            reply = await self.net.exchange(connection, request, keep=True)
            half = _Half(
                half.bytes + reply.raw_bytes,
                half.seconds + reply.seconds,
                half.status or reply.status,
            )
            if half.bytes >= self.size or not (reply.takes_more and reply.raw_bytes):
                return half
        return half
