"""What a look by the trace probe holds, hop by hop."""

import pytest

from analysis.beside.trace_seen import Names, TraceFacts, facts
from heliograph.detail import HopTrial
from heliograph.model import Step
from tests.unit.analysis.beside.trace_looks import (
    AFTER,
    AT_SERVER,
    BEFORE,
    DROPPED,
    FORGED,
    PASSES,
    RESET,
    TEST,
    UNASKED,
    asked,
    elsewhere,
    look,
    sweep,
    trial,
)
from tests.unit.analysis.builders import CONTROL, HOST, REAL, measured


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


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (PASSES, ()),
        (("expired", "reset", *PASSES[2:]), PASSES),
        (PASSES, ("expired", "closed", *PASSES[2:])),
        (PASSES, ("expired",) * 5 + ("answered", "silent", "silent")),
        (PASSES, ("expired",) * 5 + ("answered", "answered", "reset")),
    ],
    ids=["unsaid", "reset before it", "closed after it", "once", "reset behind"],
)
def test_another_name_is_a_control_only_if_nothing_is_ever_done_to_it(
    before: tuple[str, ...], after: tuple[str, ...]
) -> None:
    seen = names(facts(look(DROPPED, before=before, after=after)))

    assert not seen.controlled
    assert seen.swallowed() is None


def test_what_is_done_has_to_begin_at_the_same_hop_both_times() -> None:
    assert names(facts(look(RESET, ("expired",) * 3 + ("reset",) * 5))).acted() is None


@pytest.mark.parametrize(
    "test",
    [
        DROPPED[:6],
        ("expired", "expired", "silent", "reset") + ("silent",) * 4,
    ],
    ids=["one trial at the server", "a reset amid silence"],
)
def test_a_name_that_does_not_only_vanish_is_not_swallowed(test: tuple[str, ...]) -> None:
    assert names(facts(look(test))).swallowed() is None


def test_a_name_that_is_reset_the_second_time_is_not_swallowed() -> None:
    again = ("expired", "expired", "reset") + ("silent",) * 5

    assert names(facts(look(DROPPED, again))).swallowed() is None


def test_where_no_router_tells_of_any_name_it_is_not_known_who_swallows_one() -> None:
    others = ("expired", "expired", "silent", *PASSES[3:])

    assert names(facts(look(DROPPED, before=others, after=others))).swallowed() is None


def test_a_packet_that_a_router_told_of_the_second_time_is_not_gone() -> None:
    again = tuple(trial(n, end) for n, end in enumerate(DROPPED, start=1))

    def swallowed(*trials: HopTrial) -> int | None:
        steps = look(DROPPED).steps
        second = sweep(HOST, TEST, DROPPED, trials=trials)
        return names(facts(measured(*steps, second, probe="trace"))).swallowed()

    assert swallowed(*again) == 3
    assert swallowed(*again[:7], trial(8, "silent", expired=True)) is None


def test_a_name_passes_by_a_response_too_and_not_where_somebody_acts_before() -> None:
    assert names(facts(look(PASSES, said="http", answer="HTTP/1.1 200 OK"))).passed
    assert not names(facts(look(("expired", "reset", *PASSES[2:])))).passed


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


def test_answers_that_other_names_get_too_or_might_are_no_forgery() -> None:
    asked_first = sweep(HOST, TEST, FORGED, said="dns", answer=REAL)

    def forged(*others: Step) -> int | None:
        return facts(look(PASSES, more=(*others, asked_first))).forged

    unasked = sweep(CONTROL, BEFORE, UNASKED, said="dns")
    assert forged(unasked) == 3
    assert forged() is None
    assert forged(unasked, sweep(CONTROL, AFTER, FORGED, said="dns", answer=REAL)) is None


def test_a_hop_where_no_router_told_anything_is_not_known() -> None:
    made = (trial(1, "expired"), trial(2, "silent"), trial(3, "refused"))

    seen = facts(measured(sweep(None, TEST, (), said="routers", trials=made), probe="trace"))

    assert set(seen.hops) == {1, 3}


def test_a_look_without_sweeps_holds_nothing() -> None:
    seen = facts(measured(probe="trace"))

    assert (seen.names, seen.queries, seen.forged, dict(seen.hops)) == (None, None, None, {})
