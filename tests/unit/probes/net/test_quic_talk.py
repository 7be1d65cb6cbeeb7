"""A conversation over QUIC in a time of its own: what is repeated, believed, and noticed late."""

from collections.abc import Callable, Iterable

import pytest

from heliograph.detail import QuicDetail
from heliograph.lab.quic_close import closing
from probes.net.datagrams import QuicTiming
from probes.net.quic_client import QuicClient
from probes.net.quic_talk import MOST_SENDS, Talk
from probes.net.spending import Budget, BudgetExhausted
from tests.unit.probes.net.quic_peer import NAME, SERVER, Peer

Answer = Callable[[bytes, float], Iterable[bytes]]
_WAY = 0.02


class Wire:
    """A socket whose peer answers after a moment, and the clock it goes by."""

    def __init__(self, answer: Answer) -> None:
        self.now = 0.0
        self.sent: list[float] = []
        self._answer = answer
        self._coming: list[tuple[float, bytes]] = []

    def send(self, payload: bytes) -> None:
        self.sent.append(self.now)
        self._coming += [(self.now + _WAY, data) for data in self._answer(payload, self.now)]

    async def receive(self, seconds: float, *, have_some: bool) -> bytes | None:
        if self._coming and self._coming[0][0] <= self.now + seconds:
            at, data = self._coming.pop(0)
            self.now = max(self.now, at)
            return data
        self.now += seconds
        return None


def silent(_: bytes, __: float) -> Iterable[bytes]:
    return ()


def is_first_flight(datagram: bytes) -> bool:
    return datagram[:1] >= b"\xc0" and datagram[1:5] == b"\0\0\0\1" and len(datagram) >= 1200


def begun(answer: Answer, budget: Budget | None = None) -> tuple[Talk, Wire]:
    wire = Wire(answer)
    talk = Talk(
        wire,  # type: ignore[arg-type]
        QuicTiming(),
        budget or Budget(queries=200),
        lambda: wire.now,
    )
    return talk, wire


async def shaken(answer: Answer, *, lasting: bool = False) -> tuple[QuicDetail, Wire]:
    talk, wire = begun(answer)
    await talk.shake(QuicClient(NAME, ("h3",), SERVER, 0.0), NAME, lasting)
    return talk.facts(), wire


async def test_an_offer_is_made_three_times_before_it_is_given_up() -> None:
    talk, wire = begun(silent)

    await talk.offer()

    assert wire.sent == pytest.approx([0.0, 0.4, 1.2])
    assert wire.now == pytest.approx(2.0)
    assert talk.facts() == QuicDetail(offered="1a2a3a4a", sends=3)


async def test_an_offer_that_is_refused_is_made_once() -> None:
    def refuse(packet: bytes, _: float) -> Iterable[bytes]:
        yield b"\x80\0\0\0\0\x08" + packet[15:23] + b"\x08" + packet[6:14] + b"\0\0\0\1"

    talk, wire = begun(refuse)
    await talk.offer()

    assert len(wire.sent) == 1
    assert talk.facts().versions == ("00000001",)


async def test_a_refusal_for_somebody_else_is_none() -> None:
    def refuse(_: bytes, __: float) -> Iterable[bytes]:
        yield b"\x80\0\0\0\0\x08another!\x08someone!\0\0\0\1"

    talk, wire = begun(refuse)
    await talk.offer()

    assert len(wire.sent) == 3
    assert not talk.facts().server_spoke


async def test_silence_is_given_up_after_some_repeats() -> None:
    detail, wire = await shaken(silent, lasting=True)

    assert wire.now == pytest.approx(4.0)
    assert 3 < detail.sends < 20
    assert (detail.initial_datagrams, detail.initial_bytes) == (1, 1200)
    assert (detail.server_spoke, detail.follow_ups, detail.cut) == (False, 0, False)


async def test_a_handshake_that_lasts_is_answered_a_second_later() -> None:
    peer = Peer()
    detail, wire = await shaken(peer.take, lasting=True)

    assert detail.completed
    assert (detail.follow_ups, detail.cut) == (5, False)
    assert detail.answered > 0
    assert wire.now > 1.0
    assert max(wire.sent) < 4.0


async def test_what_is_not_to_last_is_over_at_once() -> None:
    detail, wire = await shaken(Peer().take)

    assert detail.completed
    assert detail.follow_ups == 0
    assert wire.now < 0.5


async def test_a_handshake_after_which_nothing_comes_is_cut() -> None:
    peer = Peer()

    def fading(datagram: bytes, now: float) -> Iterable[bytes]:
        return peer.take(datagram, now) if now < 0.5 else ()

    detail, _ = await shaken(fading, lasting=True)

    assert detail.completed
    assert (detail.follow_ups, detail.answered, detail.cut) == (5, 0, True)


async def test_a_server_that_goes_on_after_a_close_contradicts_whoever_wrote_it() -> None:
    peer = Peer()

    def raced(datagram: bytes, now: float) -> Iterable[bytes]:
        forged = [closing(datagram, 0x128)] if now == 0.0 else []
        return [*forged, *peer.take(datagram, now)]

    detail, _ = await shaken(raced)

    assert (detail.close_code, detail.close_in) == (0x128, "initial")
    assert detail.contradicted


async def test_a_server_that_refuses_once_and_then_takes_the_repeat_contradicts_nobody() -> None:
    """One that is busy does so, and two behind one address may."""
    peer, heard = Peer(), list[bytes]()

    def busy(datagram: bytes, now: float) -> Iterable[bytes]:
        if not is_first_flight(datagram):
            return peer.take(datagram, now)
        heard.append(datagram)
        if len(heard) == 1:
            return ()
        return [closing(datagram, 2), *peer.take(datagram, now)]

    detail, _ = await shaken(busy)

    assert len(heard) > 1
    assert detail.close_code == 2
    assert not detail.contradicted


async def test_after_a_close_nothing_is_repeated() -> None:
    detail, wire = await shaken(lambda datagram, now: [closing(datagram, 7)] if now == 0 else ())

    assert not detail.contradicted
    assert [at for at in wire.sent if 0 < at < 1.0] == []


async def test_a_flood_of_answers_makes_us_send_no_more_than_we_said() -> None:
    talk, wire = begun(silent)
    for _ in range(20):
        await talk.offer()

    assert len(wire.sent) == MOST_SENDS


async def test_what_the_look_may_not_send_is_not_sent() -> None:
    talk, wire = begun(silent, Budget(queries=2))

    with pytest.raises(BudgetExhausted):
        await talk.offer()

    assert len(wire.sent) == 2
    assert talk.facts().sends == 2
