"""What a look by the trace probe holds, hop by hop."""

import msgspec
import pytest

from analysis.beside.trace_seen import Names, TraceFacts, facts
from heliograph.detail import HopTrial
from heliograph.model import Step, StepKind
from tests.unit.analysis.beside.trace_looks import (
    AFTER,
    AT_SERVER,
    BEFORE,
    DROPPED,
    FORGED,
    PASSES,
    PLACED,
    RESET,
    TEST,
    UNASKED,
    asked,
    elsewhere,
    look,
    sweep,
    trial,
)
from tests.unit.analysis.builders import (
    CONTROL,
    ELSEWHERE,
    HOST,
    REAL,
    REAL2,
    TIMEOUT,
    UNKNOWN_CA,
    WRONG,
    measured,
    system,
    tls,
    told,
)
from tests.unit.analysis.builders_control import SITE_ASN, in_network


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


def test_a_step_that_was_cut_off_before_anything_was_written_down_tells_nothing() -> None:
    cut = [Step(kind=kind, host=HOST) for kind in (StepKind.HOP_PROBE, StepKind.DNS_QUERY)]
    seen = facts(look(PASSES, more=(*cut, Step(kind=StepKind.TLS_HANDSHAKE, sni=HOST))))

    assert names(seen).passed
    assert seen.told == frozenset({REAL})


def test_a_browser_here_is_told_the_first_good_answer_for_the_target() -> None:
    bad, first, second = told(WRONG, problem="id"), told(REAL), told(REAL2)
    other = msgspec.structs.replace(system(ELSEWHERE), host=CONTROL)
    seen = facts(
        measured(
            system(replies=(bad, first, second)), system(failure=TIMEOUT), other, probe="trace"
        )
    )

    assert seen.told == frozenset({REAL})


def test_a_certificate_counts_that_was_presented_for_the_targets_name_at_its_address() -> None:
    def misnamed(step: Step) -> bool:
        return facts(look(PASSES, more=(step,))).misnamed

    assert misnamed(tls(REAL, UNKNOWN_CA))
    assert not misnamed(tls(REAL))
    assert not misnamed(tls(WRONG, UNKNOWN_CA))
    assert not misnamed(msgspec.structs.replace(tls(REAL, UNKNOWN_CA), sni=CONTROL))


def test_the_network_of_the_server_is_that_of_its_address_where_a_table_knows_it() -> None:
    def owner(placed: Step) -> int | None:
        return facts(look(PASSES, placed=placed)).owner

    assert owner(PLACED) == SITE_ASN
    assert owner(system(REAL)) is owner(in_network(0, system(REAL))) is None
    assert owner(in_network(SITE_ASN, system(WRONG))) is None
    assert facts(measured(PLACED, probe="trace")).owner is None


def without(hop: int, ends: tuple[str, ...]) -> tuple[HopTrial, ...]:
    return tuple(trial(n, end) for n, end in enumerate(ends, start=1) if n != hop)


def test_a_hop_at_which_a_name_was_not_said_tells_nothing_of_it() -> None:
    def swallowed(
        test: tuple[HopTrial, ...] | None = None, after: tuple[HopTrial, ...] | None = None
    ) -> int | None:
        steps = (
            sweep(CONTROL, BEFORE, PASSES, answer="alert 112"),
            sweep(HOST, TEST, DROPPED, trials=test),
            sweep(CONTROL, AFTER, PASSES, answer="alert 112", trials=after),
        )
        return names(facts(measured(*steps, probe="trace"))).swallowed()

    assert swallowed() == 3
    assert swallowed(test=without(4, DROPPED)) == 3
    assert swallowed(after=without(4, PASSES)) == 3
    assert swallowed(test=without(3, DROPPED)) is None
    assert swallowed(after=without(3, PASSES)) is None


def test_a_name_that_the_server_answers_once_is_not_swallowed() -> None:
    once = (*DROPPED[:5], "silent", "answered", "silent")

    assert names(facts(look(once))).swallowed() is None
    assert names(facts(look(once, DROPPED))).swallowed() is None


def test_a_name_that_is_answered_and_then_reset_does_not_pass() -> None:
    made = tuple(
        msgspec.structs.replace(trial(n, "reset" if n == 8 else end), answer="tls" * (n >= 6))
        for n, end in enumerate(PASSES, start=1)
    )
    steps = (sweep(CONTROL, BEFORE, PASSES), sweep(HOST, TEST, PASSES, trials=made))

    assert not names(facts(measured(*steps, probe="trace"))).passed


def test_a_way_longer_than_one_sweep_is_one_time_until_a_hop_is_tried_again() -> None:
    """Eight at once: of a long way the first time takes several sweeps, and so does the second."""
    ends = ("expired",) * 2 + ("reset",) * 14

    def part(first: int) -> Step:
        made = tuple(trial(n, ends[n - 1]) for n in range(first, first + 8))
        return sweep(HOST, TEST, ends, trials=made)

    def said(*parts: Step) -> Names:
        others = sweep(CONTROL, BEFORE, ("expired",) * 14 + ("answered",) * 2)
        return names(facts(measured(others, *parts, probe="trace")))

    once = said(part(1), part(9))
    assert (sorted(once.test), dict(once.again)) == (list(range(1, 17)), {})
    twice = said(part(1), part(9), part(1), part(9))
    assert sorted(twice.test) == sorted(twice.again) == list(range(1, 17))
    second = said(part(1), part(1))
    assert sorted(second.test) == sorted(second.again) == list(range(1, 9))
