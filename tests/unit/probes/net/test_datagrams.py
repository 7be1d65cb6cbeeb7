"""Every answer of the window is kept; here the socket and the clock are scripts."""

import struct
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from probes.net import datagrams
from probes.net.datagrams import DatagramSocket, Received, Timing

TTL = [(0, 2, struct.pack("i", 57))]
HOP_LIMIT = [(41, 52, struct.pack("i", 58))]
Event = bytes | OSError


class Script:
    """A socket whose datagrams arrive at set times, and the clock they arrive by."""

    def __init__(self, *events: tuple[float, Event], ancillary: object = TTL) -> None:
        self.now = 0.0
        self.events = list(events)
        self.sent: list[tuple[float, bytes]] = []
        self.ancillary = ancillary

    def time(self) -> float:
        return self.now

    def send(self, payload: bytes) -> None:
        self.sent.append((self.now, payload))

    async def readable(self, seconds: float) -> bool:
        if self.events and self.events[0][0] <= self.now + seconds:
            self.now = max(self.now, self.events[0][0])
            return True
        self.now += seconds
        return False

    def recvmsg(self, _size: int, _ancillary: int) -> tuple[bytes, object, int, None]:
        event = self.events.pop(0)[1]
        if isinstance(event, OSError):
            raise event
        return event, self.ancillary, 0, None


@pytest.fixture
def ask(
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[Script], DatagramSocket]:
    def made(script: Script) -> DatagramSocket:
        loop = SimpleNamespace(time=script.time)
        monkeypatch.setattr(datagrams, "asyncio", SimpleNamespace(get_running_loop=lambda: loop))
        monkeypatch.setattr(DatagramSocket, "__init__", lambda _self: None)
        sock = DatagramSocket()  # type: ignore[call-arg]  # the script stands in for the socket
        monkeypatch.setattr(sock, "_sock", script, raising=False)
        monkeypatch.setattr(sock, "_readable", script.readable)
        sock.sends = 0
        return sock

    return made


Asker = Callable[[Script], DatagramSocket]
TIMING = Timing(deadline=5.0, window=1.0, resend_after=2.0)


def any_good(data: bytes) -> bool:
    return data.startswith(b"good")


async def test_a_forged_reply_and_the_real_one_are_both_kept(ask: Asker) -> None:
    script = Script((0.01, b"good forged"), (0.2, b"good real"))

    found = await ask(script).ask(b"?", TIMING, any_good)

    assert found == [Received(0.01, b"good forged", 57), Received(0.2, b"good real", 57)]
    assert script.now == pytest.approx(1.01)
    assert script.sent == [(0.0, b"?")]


async def test_a_reply_nobody_would_take_does_not_end_the_waiting(ask: Asker) -> None:
    script = Script((0.01, b"bad"), (3.0, b"good"))

    found = await ask(script).ask(b"?", TIMING, any_good)

    assert [reply.data for reply in found] == [b"bad", b"good"]
    assert script.sent == [(0.0, b"?"), (2.0, b"?")]


async def test_silence_is_asked_once_more_and_has_an_end(ask: Asker) -> None:
    script = Script()
    sock = ask(script)

    assert await sock.ask(b"?", TIMING, any_good) == []
    assert sock.sends == 2
    assert script.now == 5.0


async def test_a_flood_is_cut_off(ask: Asker) -> None:
    script = Script(*[(0.1, b"good")] * 100)

    assert len(await ask(script).ask(b"?", TIMING, any_good)) == 16


async def test_an_error_counts_only_while_nothing_has_arrived(ask: Asker) -> None:
    refused = ConnectionRefusedError(111, "refused")
    late = Script((0.1, b"good"), (0.2, refused))

    assert len(await ask(late).ask(b"?", TIMING, any_good)) == 1
    with pytest.raises(ConnectionRefusedError):
        await ask(Script((0.1, refused))).ask(b"?", TIMING, any_good)


async def test_a_wake_up_for_nothing_is_no_reply(ask: Asker) -> None:
    script = Script((0.1, BlockingIOError(11, "again")), (0.2, b"good"))

    assert len(await ask(script).ask(b"?", TIMING, any_good)) == 1


@pytest.mark.parametrize(("ancillary", "ttl"), [(TTL, 57), (HOP_LIMIT, 58), ([], None)])
async def test_the_time_to_live_is_told_where_the_kernel_gives_it(
    ancillary: object, ttl: int | None, ask: Asker
) -> None:
    script = Script((0.1, b"good"), ancillary=ancillary)
    (reply,) = await ask(script).ask(b"?", TIMING, any_good)

    assert reply.ip_ttl == ttl
