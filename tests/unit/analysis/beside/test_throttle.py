"""What looks by the throttle probe mean."""

from collections.abc import Sequence

import msgspec
import pytest

from analysis.judge import judge
from heliograph.failure import Failure
from heliograph.model import (
    ConfidenceWord,
    Measurement,
    Side,
    Standing,
    State,
    Step,
    Verdict,
)
from tests.unit.analysis.builders import CONTROL, HOST, REAL, measured, system, tcp, tls
from tests.unit.analysis.paced import FAST, SLOW, cut, half, trials

PROVED = (system(REAL), tcp(), tls())


def looked(*steps: Step, context: tuple[str, ...] = ()) -> Measurement:
    return measured(*steps, probe="throttle", context=context)


def verdict_on(look: Measurement) -> Verdict:
    verdict = judge(look)
    assert verdict is not None
    return verdict


def test_slow_under_its_name_alone_is_throttled_and_both_speeds_are_told() -> None:
    verdict = verdict_on(looked(*PROVED, *trials()))

    assert (verdict.state, verdict.techniques) == (State.THROTTLED, ("throttle",))
    assert verdict.confidence_word is ConfidenceWord.LIKELY
    assert "128 kbit/s" in verdict.explanation
    assert "5,243 kbit/s" in verdict.explanation
    assert verdict.confounders["slow_line"] is Standing.RULED_OUT
    assert verdict.confounders["filter_nearby"] is Standing.POSSIBLE


def test_as_slow_under_another_name_is_ok() -> None:
    verdict = verdict_on(looked(*PROVED, *trials([SLOW] * 2, [SLOW] * 2)))

    assert (verdict.state, verdict.techniques) == (State.OK, ())
    for story in ("slow_line", "slow_server", "hiccup", "filter_nearby"):
        assert verdict.confounders[story] is Standing.RULED_OUT


def test_a_page_that_stops_under_its_name_alone_is_blocked() -> None:
    steps = [step for n in range(3) for step in cut(n)]
    verdict = verdict_on(looked(*PROVED, *steps))

    assert (verdict.state, verdict.techniques) == (State.BLOCKED, ("http.truncated",))
    assert verdict.confounders["slow_line"] is Standing.RULED_OUT
    assert verdict.confounders["filter_nearby"] is Standing.POSSIBLE


@pytest.mark.parametrize(
    "paced",
    [trials(), trials([SLOW] * 2, [SLOW] * 2), [step for n in range(3) for step in cut(n)]],
    ids=["slow", "even", "cut"],
)
def test_where_no_address_proved_the_name_no_speed_is_believed(paced: Sequence[Step]) -> None:
    refused = tls(failure=Failure.CONNECTION_RESET)
    verdict = verdict_on(looked(system(REAL), tcp(), refused, *paced))

    assert verdict.state is State.INCONCLUSIVE
    assert "connection_reset" in verdict.explanation


def test_a_resolver_s_handshake_proves_no_site() -> None:
    over_tls = msgspec.structs.replace(tls(), resolver="tls://192.0.2.53:853")

    assert verdict_on(looked(system(REAL), over_tls, *trials())).state is State.INCONCLUSIVE


def test_a_server_that_knows_no_other_name_leaves_it_open() -> None:
    refused = half(0, FAST, name="control.example", status=421, size=20)
    verdict = verdict_on(looked(*PROVED, refused, half(0, SLOW)))

    assert verdict.state is State.INCONCLUSIVE
    assert "gives that page under no other name" in verdict.explanation
    assert verdict.confounders["slow_line"] is Standing.NOT_TESTED
    assert verdict.confounders["hiccup"] is Standing.NOT_TESTED


def test_no_other_name_to_say_is_told() -> None:
    verdict = verdict_on(looked(*PROVED))

    assert verdict.state is State.INCONCLUSIVE
    assert f"page of {HOST} was asked for under no other name" in verdict.explanation


def test_slow_now_and_then_may_be_chance() -> None:
    verdict = verdict_on(looked(*PROVED, *trials([SLOW, SLOW, SLOW, SLOW, FAST])))

    assert verdict.state is State.INCONCLUSIVE
    assert "chance" in verdict.explanation
    assert verdict.confounders["hiccup"] is Standing.POSSIBLE


def test_two_pairs_that_disagree_may_be_a_hiccup() -> None:
    verdict = verdict_on(looked(*PROVED, *trials([SLOW, SLOW], [FAST, FAST])))

    assert verdict.state is State.INCONCLUSIVE
    assert verdict.confounders["hiccup"] is Standing.POSSIBLE


def test_surroundings_that_lie_mask_it() -> None:
    verdict = verdict_on(looked(*PROVED, *trials(), context=("captive_portal",)))

    assert verdict.state is State.INCONCLUSIVE


def test_every_pair_is_told_with_its_steps_and_what_it_speaks_for() -> None:
    from analysis.grounds import grounds

    look = looked(*PROVED, *trials([SLOW, FAST], [FAST, FAST]))
    slow, fast = grounds(look, None)

    assert (slow.side, fast.side) == (Side.FOR, Side.AGAINST)
    assert [look.steps[n].pair for n in slow.steps] == ["pace 0", "pace 0"]
    assert "66 kB at 128 kbit/s" in slow.text


def test_what_a_pair_speaks_for_depends_on_what_the_server_gave_under_the_other_name() -> None:
    from analysis.grounds import grounds

    short = half(1, FAST, name=CONTROL, size=900)
    look = looked(
        *PROVED,
        *cut(0),
        *(short, half(1, 10.0, size=500, failure=Failure.GENERIC_TIMEOUT_ERROR)),
        *(
            half(2, FAST, name=CONTROL),
            half(2, 5.0, status=None, size=0, failure=Failure.EOF_ERROR),
        ),
    )
    frozen, unlike, silent = grounds(look, None)

    assert [one.side for one in (frozen, unlike, silent)] == [Side.FOR, Side.FACT, Side.FACT]
    assert f"{HOST}: no answer (eof_error)" in silent.text
    assert "16 kB" in frozen.text
    assert frozen.text.count("generic_timeout_error") == 1


def test_the_web_probe_says_the_same_of_its_own_pairs() -> None:
    from tests.unit.analysis.cases_dns import REACHED

    page = msgspec.structs.replace(half(0, SLOW), pair=None)
    look = measured(*REACHED[:-1], page, *trials(), probe="web")
    verdict = verdict_on(look)

    assert (verdict.state, verdict.techniques) == (State.THROTTLED, ("throttle",))
