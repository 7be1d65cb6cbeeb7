"""What a look by the trace probe holds, hop by hop."""

from analysis.beside.trace_seen import Names, TraceFacts, facts
from tests.unit.analysis.beside.trace_looks import (
    AT_SERVER,
    DROPPED,
    FORGED,
    PASSES,
    RESET,
    asked,
    elsewhere,
    look,
)
from tests.unit.analysis.builders import REAL, measured


def names(seen: TraceFacts) -> Names:
    assert seen.names is not None
    return seen.names


def test_the_server_is_at_the_first_hop_from_which_on_the_control_is_answered() -> None:
    assert names(facts(look(PASSES))).length == 6


def test_a_server_that_answers_by_turns_is_at_no_hop() -> None:
    before = ("expired",) * 5 + ("answered", "silent", "answered")

    assert names(facts(look(PASSES, before=before))).length is None


def test_the_hop_is_the_first_at_which_something_is_done_to_the_target() -> None:
    assert names(facts(look(RESET, RESET))).acted() == ("reset", 3)
    assert names(facts(look(DROPPED))).swallowed() == 3


def test_what_the_server_may_do_has_no_hop() -> None:
    seen = names(facts(look(AT_SERVER)))

    assert seen.acted() is None
    assert seen.swallowed() is None


def test_a_second_time_is_told_from_the_first() -> None:
    seen = names(facts(look(RESET, PASSES)))

    assert seen.test[3].ended == "reset"
    assert seen.again[3].ended == "expired"


def test_what_was_said_elsewhere_is_compared_with_nothing() -> None:
    seen = names(facts(elsewhere(RESET)))

    assert (seen.length, seen.test, seen.again) == (6, {}, {})


def test_hops_are_known_by_the_routers_that_answered() -> None:
    hops = facts(look(PASSES)).hops

    assert (hops[1].inside, hops[3].asn, hops[4].router) == (True, 64508, "203.0.113.4")


def test_forged_answers_begin_at_a_hop() -> None:
    seen = facts(asked(FORGED, REAL))

    assert seen.forged == 3
    assert seen.lies == seen.told == frozenset({REAL})


def test_a_look_without_sweeps_holds_nothing() -> None:
    seen = facts(measured(probe="trace"))

    assert (seen.names, seen.queries, seen.forged, dict(seen.hops)) == (None, None, None, {})
