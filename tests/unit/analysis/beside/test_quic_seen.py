"""What the steps of a look over QUIC say: what passed, whose servers these are, what is due."""

import msgspec
import pytest

from analysis.beside.quic_seen import facts
from heliograph.detail import QuicDetail
from heliograph.failure import Failure
from heliograph.model import PAIR_SWAP, RESIDUAL_POSSIBLE, Role, Step, StepKind
from tests.unit.analysis.beside.quic_looks import (
    AFTER,
    ANSWERED,
    CLOSED,
    CUT,
    NO_VERSION,
    NOTHING,
    RESOLVED,
    TURNED_AWAY,
    alive,
    at,
    connected,
    control,
    elsewhere,
    headers,
    look,
    service,
    shake,
    target,
    told,
)
from tests.unit.analysis.builders import CONTROL, ELSEWHERE, HOST, REAL


def test_a_look_cut_off_before_anything_holds_nothing() -> None:
    f = facts(look())

    assert (f.tests, f.offers, f.before, f.after, f.alive) == ((), (), None, None, False)


def test_steps_are_told_apart_by_what_they_are_for() -> None:
    f = facts(look(*RESOLVED, alive(), control(), target(), control(), *elsewhere()))

    assert len(f.tests) == 1
    assert f.before is not None
    assert f.before.step.sni == CONTROL
    assert f.elsewhere.test is not None
    assert f.elsewhere.test.step.address == ELSEWHERE
    assert f.elsewhere.controlled


@pytest.mark.parametrize(
    ("detail", "passed", "silenced"),
    [
        (ANSWERED, True, False),
        (TURNED_AWAY, True, False),
        (NOTHING, False, True),
        (CUT, False, True),
    ],
)
def test_a_server_passes_a_name_that_it_answers_for_longer_than_a_moment(
    detail: object, passed: bool, silenced: bool
) -> None:
    (test,) = facts(look(target(detail))).tests  # type: ignore[arg-type]

    assert (test.passed, test.silenced) == (passed, silenced)


def test_what_another_name_may_have_provoked_is_no_silence_of_this_one() -> None:
    assert not facts(look(target(residual=True))).tests[0].silenced
    assert facts(look(target(), context=(RESIDUAL_POSSIBLE,))).disturbed


def test_a_server_that_spoke_and_never_finished_was_not_silenced() -> None:
    late = shake(HOST, Role.TEST, ANSWERED, failure=Failure.GENERIC_TIMEOUT_ERROR)

    assert not facts(look(late)).tests[0].silenced


@pytest.mark.parametrize("failure", [Failure.CONNECTION_REFUSED, Failure.HOST_UNREACHABLE])
def test_a_message_turns_a_name_away_only_where_no_server_answered_it(failure: Failure) -> None:
    def refused(detail: QuicDetail) -> bool:
        return facts(look(shake(HOST, Role.TEST, detail, failure=failure))).tests[0].refused

    assert refused(NOTHING)
    assert not refused(ANSWERED)


def test_what_passed_is_nothing_odd() -> None:
    assert not facts(look(target(ANSWERED))).tests[0].odd
    assert facts(look(target(NOTHING))).tests[0].odd


def test_names_said_for_the_comparison_are_none_of_the_target_s_even_at_its_address() -> None:
    f = facts(look(alive(), target(), *(at(step, REAL) for step in elsewhere())))

    assert len(f.tests) == 1


def test_elsewhere_each_name_is_known_by_what_it_was_said_for_and_said_in_time() -> None:
    _, own, stranger, test = elsewhere()

    seen = facts(look(stranger, own, test)).elsewhere
    assert [each.step for each in (seen.control, seen.stranger) if each] == [own, stranger]
    assert facts(look(own, test, stranger)).elsewhere.stranger is None


def test_a_close_counts_as_anybody_s_only_where_anybody_could_write_it() -> None:
    assert facts(look(target(CLOSED))).tests[0].closed == 0x128
    assert facts(look(target(ANSWERED))).tests[0].closed is None


@pytest.mark.parametrize(
    "alt_svc",
    ['h3=":443"; ma=86400', 'h2=":443", h3=":443"', f'h3="{HOST}:443"', 'h3-29=":443",h3=":443"'],
)
def test_a_site_announces_quic_in_its_headers(alt_svc: str) -> None:
    assert facts(look(headers(alt_svc))).announced


@pytest.mark.parametrize(
    "alt_svc", ["clear", 'h2=":443"', 'h3=":8443"', 'h3="other.example:443"', 'h3-29=":443"', ""]
)
def test_other_services_announce_nothing_of_this_place(alt_svc: str) -> None:
    assert not facts(look(headers(alt_svc))).announced


def test_a_site_announces_quic_in_its_dns() -> None:
    assert facts(look(service())).announced
    assert facts(look(service('1 . alpn="h3"'))).announced
    assert not facts(look(service('1 . alpn="h2"'))).announced
    assert not facts(look(service(problem="answers another question"))).announced


def test_another_name_another_record_and_another_header_announce_nothing_of_the_site() -> None:
    h3 = '1 . alpn="h3"'
    assert not facts(look(service(h3, name=CONTROL))).announced
    assert not facts(look(service(h3, kind="TXT"))).announced
    assert not facts(look(headers(role=Role.CONTROL_BEFORE))).announced
    assert not facts(look(headers(name="X-Old-Alt-Svc"))).announced


def test_a_network_that_one_resolver_names_is_known_though_another_does_not() -> None:
    f = facts(look(*RESOLVED, told(asn=None), alive(), *elsewhere()))

    assert f.elsewhere.is_unrelated


def test_servers_are_unrelated_only_if_both_networks_are_known_to_differ() -> None:
    def related(ours: int | None, theirs: int | None) -> bool:
        steps = (told(asn=ours), told(CONTROL, ELSEWHERE, theirs))
        return not facts(look(*steps, alive(), *elsewhere())).elsewhere.is_unrelated

    assert not related(64503, 64507)
    assert related(64503, 64503)
    assert related(None, 64507)
    assert related(64503, None)


def test_an_address_that_takes_no_connection_is_noted() -> None:
    f = facts(look(connected(Failure.GENERIC_TIMEOUT_ERROR), alive(NO_VERSION)))

    assert not f.connected
    assert len(f.unconnected) == 1
    assert facts(look(connected(), alive(NO_VERSION))).connected


def test_connections_for_something_else_say_nothing_of_the_target_s_address() -> None:
    broken = connected(Failure.GENERIC_TIMEOUT_ERROR)
    others = (
        msgspec.structs.replace(broken, kind=StepKind.TLS_HANDSHAKE),
        msgspec.structs.replace(broken, resolver="resolver.example"),
        msgspec.structs.replace(broken, pair=PAIR_SWAP),
    )
    f = facts(look(*others, at(connected()), alive(NO_VERSION)))

    assert f.unconnected == ()
    assert not f.connected


def test_an_offer_elsewhere_says_nothing_of_the_target_s_address() -> None:
    f = facts(look(alive(NO_VERSION), alive(pair=PAIR_SWAP)))

    assert not f.alive
    assert f.elsewhere.offers[0].passed


def test_a_step_that_was_cut_off_is_no_answer() -> None:
    step = shake(HOST, target().role, NOTHING, failure=Failure.INTERRUPTED)

    assert not facts(look(step)).tests[0].odd
    assert not facts(look(step)).tests[0].silenced


def test_steps_cut_off_before_anything_was_written_down_say_nothing() -> None:
    begun = [Step(kind=kind, host=HOST, sni=None) for kind in StepKind]
    f = facts(look(*begun, Step(kind=StepKind.QUIC_HANDSHAKE, host=HOST, sni=HOST)))

    assert not f.announced
    assert not f.alive
    assert [test.odd for test in f.tests] == [False]


def tally(*steps: Step) -> tuple[tuple[int, int], tuple[int, int]]:
    """Silenced and all, of the target's handshakes and of the others."""
    counted = facts(look(*RESOLVED, *steps)).tally
    return (counted.own_lost, len(counted.own)), (counted.others_lost, len(counted.others))


def test_every_handshake_of_a_look_counts_as_the_target_s_or_as_another_s() -> None:
    here = (alive(), control(), target(), control(AFTER), target())

    assert tally(*here) == ((2, 2), (0, 3))
    assert tally(alive(), control(), target(CUT)) == ((1, 1), (0, 2))
    assert tally(*here, *elsewhere(test=TURNED_AWAY)) == ((2, 3), (0, 6))
    assert tally(*here, *elsewhere(stranger=NOTHING)[:3]) == ((2, 2), (1, 6))


def test_a_server_that_speaks_no_quic_lost_nothing() -> None:
    assert tally(alive(), target(), alive(NO_VERSION, PAIR_SWAP)) == ((1, 1), (0, 1))


def test_what_nobody_lost_and_nobody_answered_is_not_counted() -> None:
    cut_off = shake(HOST, Role.TEST, NOTHING, failure=Failure.INTERRUPTED)

    assert tally(alive(), control(), target(residual=True), cut_off) == ((0, 0), (0, 2))


def test_silence_after_the_target_counts_only_if_others_were_answered_then() -> None:
    lingering = shake(CONTROL, AFTER, NOTHING, residual=True)

    assert tally(alive(), control(), target(), lingering) == ((1, 1), (0, 2))
    assert tally(alive(), target(), control(AFTER), target(), lingering) == ((2, 2), (1, 3))


def test_a_close_elsewhere_comes_before_a_late_end_and_says_nothing_of_it() -> None:
    late, soon = (alive(), target(CUT)), (alive(), target())

    assert tally(*late, *elsewhere(test=CLOSED)) == ((1, 1), (0, 4))
    assert tally(*late, *elsewhere(test=ANSWERED)) == ((1, 2), (0, 4))
    assert tally(*soon, *elsewhere(test=CLOSED)) == ((1, 2), (0, 4))
    assert tally(*late, target(CLOSED)) == ((1, 2), (0, 1))


@pytest.mark.parametrize(
    ("own", "others", "chance"),
    [(0, 3, 1.0), (1, 3, 0.25), (2, 3, 0.1), (2, 5, 1 / 21), (3, 3, 0.05), (4, 5, 1 / 126)],
)
def test_the_more_is_lost_of_the_target_s_alone_the_less_it_is_chance(
    own: int, others: int, chance: float
) -> None:
    steps = (alive(), *[control()] * (others - 1), *[target()] * own)

    assert facts(look(*RESOLVED, *steps)).tally.chance == pytest.approx(chance)
