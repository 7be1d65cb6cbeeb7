"""The path between a client and the world: a bridge of two interfaces with a censor on it.

Run inside the path's own network namespace, which has no addresses, so that nothing gets through
but what this process lets through. Conditions come as one JSON line on stdin, then ``on`` or
``off`` at any time, repeated on stdout once obeyed; the end of stdin ends the bridge.
"""

import argparse
import heapq
import os
import select
import socket
import time
from itertools import count

import msgspec

from heliograph.lab.censor import AnyCondition, Censor
from heliograph.lab.packets import parse

# Linux numbers that the socket module does not name
_SOL_PACKET, _IGNORE_OUTGOING, _VNET_HEADER = 263, 23, 15
_ETH_P_ALL = 3
_VNET_BYTES = 10
_PLAIN = bytes(_VNET_BYTES)
_LARGEST = 65536 + 64
_BUFFER = 8 * 1024 * 1024
_MOST_LATE_BYTES = 64 * 1024 * 1024
_BURST = 64
_STDIN = 0


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """What a bridge does; ``delay`` in seconds, one way."""

    conditions: tuple[AnyCondition, ...] = ()
    delay: float = 0.0
    on: bool = True


class Bridge:
    """Moves frames both ways, late, and only as the censor says."""

    def __init__(self, client: str, world: str, setting: Setting) -> None:
        self._sides = (_opened(client), _opened(world))
        self._delay = setting.delay
        self.censor = Censor(setting.conditions, setting.on)
        self._late: list[tuple[float, int, int, bytes]] = []
        self._order = count()
        self._late_bytes = 0
        self._unfinished = b""

    def run(self) -> None:
        """Forward until stdin ends."""
        places = {sock.fileno(): side for side, sock in enumerate(self._sides)}
        while True:
            ready, _, _ = select.select([*places, _STDIN], (), (), self._patience())
            if _STDIN in ready and not self._told(os.read(_STDIN, 4096)):
                return
            for descriptor in ready:
                if descriptor in places:
                    self._take(places[descriptor])
            self._deliver()

    def _told(self, text: bytes) -> bool:
        """Whether to go on, after what whoever started the bridge said next."""
        *words, self._unfinished = (self._unfinished + text).split(b"\n")
        for word in words:
            if word.strip() in {b"on", b"off"}:
                self.censor.switch(word.strip() == b"on")
                print(word.strip().decode(), flush=True)
        return bool(text)

    def _patience(self) -> float | None:
        return max(0.0, self._late[0][0] - time.monotonic()) if self._late else None

    def _take(self, side: int) -> None:
        """Read a burst of frames and decide about each."""
        for _ in range(_BURST):
            try:
                data = self._sides[side].recv(_LARGEST)
            except BlockingIOError:
                return
            self._judge(side, data)

    def _judge(self, side: int, data: bytes) -> None:
        now = time.monotonic()
        packet = parse(data[_VNET_BYTES:]) if self.censor.awake else None
        if packet is None:
            self._later(now + self._delay, 1 - side, data)
            return
        decision = self.censor.decide(packet, from_client=side == 0, now=now)
        for frame in decision.to_client:
            self._later(now, 0, _PLAIN + frame)
        due = now + self._delay + decision.delay
        for frame in decision.to_server:
            self._later(due, 1, _PLAIN + frame)
        if not decision.drop:
            self._later(due, 1 - side, data)

    def _later(self, due: float, side: int, data: bytes) -> None:
        if self._late_bytes + len(data) > _MOST_LATE_BYTES:
            return  # as a router with a full queue does
        self._late_bytes += len(data)
        heapq.heappush(self._late, (due, next(self._order), side, data))

    def _deliver(self) -> None:
        now = time.monotonic()
        while self._late and self._late[0][0] <= now:
            _, _, side, data = heapq.heappop(self._late)
            self._late_bytes -= len(data)
            try:
                self._sides[side].send(data)
            except OSError:  # the queue is full or the link is down: a lost packet
                continue


def _opened(interface: str) -> socket.socket:
    """All frames that come in at an interface, checksums and segmentation left to the kernel."""
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL))
    sock.setsockopt(_SOL_PACKET, _VNET_HEADER, 1)
    sock.setsockopt(_SOL_PACKET, _IGNORE_OUTGOING, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
    sock.bind((interface, 0))
    sock.setblocking(False)
    return sock


def main() -> None:
    """``python -m heliograph.lab.bridge CLIENT WORLD``, the names of two interfaces."""
    parser = argparse.ArgumentParser(prog="bridge", description=__doc__)
    parser.add_argument("client")
    parser.add_argument("world")
    chosen = parser.parse_args()
    bridge = Bridge(chosen.client, chosen.world, _first_line())
    print("ready", flush=True)
    bridge.run()


def _first_line() -> Setting:
    text = b""
    while not text.endswith(b"\n"):
        if not (more := os.read(_STDIN, 1)):  # one byte at a time: the rest is for later
            break
        text += more
    return msgspec.json.decode(text, type=Setting)


if __name__ == "__main__":
    main()
