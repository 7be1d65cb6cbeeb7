"""Looks by the trace probe in words, and the way drawn hop by hop."""

from analysis.beside.trace_seen import facts
from analysis.beside.trace_told import drawn, fields, grounds, undecided
from heliograph.detail import Caught
from heliograph.model import Measurement, Side
from tests.unit.analysis.beside.trace_looks import (
    AT_SERVER,
    FORGED,
    MUTE,
    PASSES,
    RESET,
    TEST,
    asked,
    captured,
    elsewhere,
    look,
    sweep,
)
from tests.unit.analysis.builders import HOST, REAL, measured

INJECTED = Caught(kind="reset", count=3, ip_ttl=62, dont_fragment=True, flags="RA", window=502)
GOES_ON = Caught(kind="expired", ip_ttl=60)


def test_the_way_is_drawn_with_the_hop_where_it_happens() -> None:
    hops = drawn(facts(look(RESET, RESET)))

    assert [hop.number for hop in hops] == [1, 2, 3, 4, 5, 6]
    assert [hop.acts for hop in hops] == [False, False, True, False, False, False]
    assert hops[0].router == "inside the vantage's network"
    assert hops[3].router == "203.0.113.4 AS64508 Transit XA"
    assert (hops[5].router, hops[5].control) == ("the server", "answered")


def test_the_hops_stand_among_the_comparisons() -> None:
    told = [ground.text for ground in grounds(facts(look(RESET, RESET)))]

    assert told[0] == (
        "on the way to its server, site.example is reset from hop 3 on, and control.example is not"
    )
    assert sum(text.startswith("hop ") for text in told) == 6
    assert any(text.startswith("hop  3: ") and text.endswith("<- here") for text in told)


def test_what_the_site_itself_may_do_speaks_for_nothing() -> None:
    def side(measurement: Measurement) -> Side:
        grounded = grounds(facts(measurement))
        return next(ground.side for ground in grounded if " from hop 3 on" in ground.text)

    assert side(look(RESET, RESET)) is Side.FOR
    assert side(look(RESET, RESET, way=MUTE)) is Side.FACT
    assert side(asked(FORGED, REAL)) is Side.FOR


def test_what_gets_through_speaks_against_interference() -> None:
    first = next(iter(grounds(facts(look(PASSES)))))

    assert first.side is Side.AGAINST
    assert len(first.steps) == 3


def test_a_target_that_nothing_was_said_beside_is_compared_with_no_name() -> None:
    alone = measured(sweep(HOST, TEST, RESET), sweep(HOST, TEST, RESET), probe="trace")
    first = next(iter(grounds(facts(alone))))

    assert first.side is Side.FACT
    assert first.text == "on the way to its server, no other name was said beside site.example"


def test_captured_resets_are_told_field_by_field() -> None:
    told = [ground.text for ground in grounds(facts(captured(INJECTED, GOES_ON)))]

    assert any(fields(INJECTED) in text and "no known kind" in text for text in told)


def test_captured_resets_of_a_known_kind_are_named_with_their_source() -> None:
    first = Caught(kind="reset", ip_ttl=60, flags="R", window=500)
    told = [ground.text for ground in grounds(facts(captured(first)))]

    assert any("looks like cn-gfw-1 (2025-05: https://" in text for text in told)


def test_why_nothing_can_be_said_is_told() -> None:
    assert "no address to try" in undecided(facts(measured(probe="trace")))
    assert "the server itself may do it" in undecided(facts(look(AT_SERVER)))
    assert "takes no connection" in undecided(facts(look((), before=("unconnected",) * 8)))
    assert "nothing to compare" in undecided(facts(look((), before=("expired",) * 8)))
    assert "not said a second time" in undecided(facts(look(RESET)))
    assert "otherwise the second time" in undecided(facts(look(RESET, PASSES)))
    assert "was not said where another name is" in undecided(facts(elsewhere(RESET)))
    assert "may go on for a while" in undecided(facts(look(AT_SERVER, after=RESET)))
