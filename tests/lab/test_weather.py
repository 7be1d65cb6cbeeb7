"""Weather and slow connections, packet by packet: late, lost, limited or frozen, and no more."""

import pytest

from heliograph.lab.censor import Censor, Delay, Freeze, Limit, Lose, ResetSni
from heliograph.lab.decision import DROP, PASS
from tests.unit.heliograph.lab.frames import Talk, client_hello, opened, read, request

NAMES = ("bad.example",)
HELLO = client_hello("bad.example")
FINE = client_hello("fine.example")


def test_delay_holds_for_everything_and_adds_up() -> None:
    censor = Censor((Delay(seconds=0.2), Delay(seconds=0.1)))

    assert Talk(censor).opens().delay == pytest.approx(0.3)
    assert Talk(censor).hears(b"x").delay == pytest.approx(0.3)


def test_jitter_is_within_bounds_and_nobody_overtakes_within_a_connection() -> None:
    talk = Talk(Delay(seconds=0.1, jitter=0.3))
    arrivals = []
    for _ in range(200):
        talk.now += 0.001
        arrivals.append(talk.now + talk.says(b"x").delay)

    assert arrivals == sorted(arrivals)
    assert 0.1 <= talk.says(b"x").delay <= 0.4


@pytest.mark.parametrize("share", [0.0, 0.1, 1.0])
def test_the_share_that_is_lost_is_the_share_asked_for(share: float) -> None:
    talk = Talk(Lose(share=share))
    lost = sum(talk.says(b"x").drop for _ in range(2000))

    assert lost / 2000 == pytest.approx(share, abs=0.03)


def test_a_limited_connection_brings_so_many_bytes_a_second_and_others_are_quick() -> None:
    censor = Censor((Limit(names=NAMES, rate=16_000),))
    talk = opened(censor)
    talk.says(HELLO)
    delays = [talk.hears(b"x" * 1000).delay for _ in range(16)]
    quick = opened(censor, sport=40001)
    quick.says(FINE)

    assert delays[-1] == pytest.approx(1.0)
    assert quick.hears(b"x" * 1000) == PASS


def test_a_frozen_connection_brings_so_many_bytes_and_not_one_more() -> None:
    talk = opened(Freeze(names=NAMES, after=2500), port=80)
    talk.says(request("bad.example"))
    assert talk.hears(b"x" * 1000) == PASS
    assert talk.hears(b"x" * 1000) == PASS
    last = talk.hears(b"x" * 1000)

    assert last.drop
    assert sum(len(read(frame).payload) for frame in last.to_client) == 500
    assert talk.hears(b"x" * 1000) == DROP


def test_a_frozen_connection_of_another_name_goes_on() -> None:
    talk = opened(Freeze(names=NAMES, after=2500), port=80)
    talk.says(request("fine.example"))

    assert [talk.hears(b"x" * 1000) for _ in range(9)] == [PASS] * 9


def test_a_retransmission_whose_first_copy_the_weather_took_is_hit() -> None:
    lossy = Censor((Lose(share=0.5, seed=1), ResetSni(names=NAMES)))
    hits = 0
    for sport in range(40000, 40050):
        talk = Talk(lossy, sport=sport)
        talk.opens()
        decided = talk.says(HELLO)
        for _ in range(20):
            if decided.doom or not decided.drop:
                break
            decided = talk.says(HELLO, again=True)
        hits += decided.doom

    assert hits == 50, "whoever says the name again after a loss must not slip through"
