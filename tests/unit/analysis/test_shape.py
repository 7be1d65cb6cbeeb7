"""Another shape of a hello is asked for last, recorded beside the verdict, and decides nothing."""

import msgspec
import pytest

from analysis.chain import hops
from analysis.grounds import grounds
from analysis.judge import judge
from analysis.questions import questions
from analysis.shape import shaped as both_shaped
from heliograph.detail import TlsDetail, read
from heliograph.failure import Failure
from heliograph.model import (
    PAIR_SHAPE,
    RESIDUAL_POSSIBLE,
    Measurement,
    Question,
    QuestionKind,
    Role,
    Side,
    Stack,
    Step,
    Verdict,
)
from tests.unit.analysis.builders import (
    CONTROL,
    ELSEWHERE,
    EOF,
    HOST,
    REAL,
    RESET,
    TIMEOUT,
    UNKNOWN_CA,
    WRONG_NAME,
    control_here,
    http,
    measured,
    resolver_control,
    system,
    tcp,
    tls,
    trusted,
    written,
)
from tests.unit.analysis.builders_control import lost, page, seen, swapped

ASKED = Question(kind=QuestionKind.OTHER_SHAPE, host=HOST, address=REAL, port=443)


def shaped(step: Step, segments: int = 2) -> Step:
    """The target's name in a hello of so many segments."""
    detail = msgspec.structs.replace(read(step, TlsDetail), client_hello_segments=segments)
    return msgspec.structs.replace(step, pair=PAIR_SHAPE, detail=written(detail))


def shaped_control(step: Step, segments: int = 2) -> Step:
    """The innocuous name in such a hello, at the target's address."""
    made = shaped(step, segments)
    return msgspec.structs.replace(made, role=Role.CONTROL_AFTER, host=CONTROL, sni=CONTROL)


def stopped(
    *more: Step, word: Failure = RESET, after: Failure = WRONG_NAME, context: tuple[str, ...] = ()
) -> Measurement:
    """The name is stopped at its server and at a stranger's; another name is answered there."""
    step = tls(REAL, word)
    steps = (
        *(system(REAL), trusted(REAL), tcp(REAL), step),
        control_here(tls(REAL, after)),
        *swapped(tls(ELSEWHERE, word), tls(ELSEWHERE), tls(ELSEWHERE, WRONG_NAME)),
        *seen(REAL),
    )
    return measured(*steps, *more, probe="web", context=context)


def verdict(measurement: Measurement) -> Verdict:
    found = judge(measurement)
    assert found is not None
    return found


def all_asked(measurement: Measurement) -> list[tuple[Question, ...]]:
    """Round by round, none of them answered."""
    rounds: list[tuple[Question, ...]] = []
    asked: frozenset[Question] = frozenset()
    while new := questions(measurement, verdict(measurement), asked):
        rounds.append(new)
        asked |= frozenset(new)
    return rounds


FAIR = shaped_control(tls(REAL, WRONG_NAME))
ANSWERED, HIT = shaped(tls(REAL)), shaped(tls(REAL, RESET))
"""The target's name in that shape: let through, and stopped as before."""
AS_USUAL = shaped(tls(REAL, RESET), 0)
"""In between, in the usual one."""
LET_THROUGH = (FAIR, ANSWERED, AS_USUAL, ANSWERED)


# When it is asked


@pytest.mark.parametrize("word", [RESET, TIMEOUT, EOF])
def test_a_name_stopped_by_a_filter_is_said_in_another_shape_when_all_else_was_asked(
    word: Failure,
) -> None:
    rounds = all_asked(stopped(word=word))

    assert rounds[-1] == (ASKED,)
    assert ASKED not in {question for each in rounds[:-1] for question in each}


@pytest.mark.parametrize(
    "measurement",
    [
        measured(system(REAL), trusted(REAL), tcp(REAL), tls(REAL), http(), probe="web"),
        measured(system(REAL), trusted(REAL), tcp(REAL), tls(REAL, RESET), probe="web"),
        stopped(after=RESET),
        stopped(context=(RESIDUAL_POSSIBLE,)),
        stopped(word=UNKNOWN_CA),
        measured(
            *(system(REAL), trusted(REAL), tcp(REAL), tls(REAL, RESET)),
            control_here(tls(REAL, WRONG_NAME)),
            *swapped(tls(ELSEWHERE), tls(ELSEWHERE), tls(ELSEWHERE, WRONG_NAME)),
            *(
                msgspec.structs.replace(s, role=Role.REMOTE_CONTROL)
                for s in (tcp(REAL), tls(REAL, RESET))
            ),
            probe="web",
        ),
        measured(
            *(system(REAL), trusted(REAL), tcp(REAL, port=80), lost(RESET), *seen(REAL)),
            url=f"http://{HOST}/",
            probe="web",
        ),
        measured(
            *(system(REAL), trusted(REAL), tcp(REAL, port=80), page()),
            url=f"http://{HOST}/",
            probe="web",
        ),
    ],
)
def test_where_nothing_shows_a_filter_or_it_may_remember_nothing_more_is_said(
    measurement: Measurement,
) -> None:
    assert ASKED not in {question for each in all_asked(measurement) for question in each}


# What becomes of it


@pytest.mark.parametrize(
    "more",
    [
        LET_THROUGH,
        (FAIR, ANSWERED),
        (FAIR, HIT),
        (shaped_control(tls(REAL, RESET)),),
        (shaped_control(tls(REAL)), shaped(tls(REAL, Failure.INTERRUPTED))),
    ],
)
def test_no_verdict_changes_but_for_what_is_said_beside_it(more: tuple[Step, ...]) -> None:
    before, after = verdict(stopped()), verdict(stopped(*more))

    assert msgspec.structs.replace(after, anomalies=before.anomalies) == before


def test_a_shape_at_the_innocuous_name_s_own_address_proves_nothing_of_a_resolver() -> None:
    """A control's hello there would else count as the visit of where the resolver leads it."""
    elsewhere = msgspec.structs.replace(FAIR, address=ELSEWHERE)

    def proved(*more: Step) -> bool | None:
        return hops(stopped(resolver_control(address=ELSEWHERE), *more))[0].control_proved

    assert proved(elsewhere) == proved()


@pytest.mark.parametrize("word", [RESET, Failure.INTERRUPTED])
def test_a_name_let_through_in_two_segments_alone_is_an_anomaly(word: Failure) -> None:
    look = stopped(FAIR, ANSWERED, shaped(tls(REAL, word), 0), ANSWERED)

    assert verdict(look).anomalies == (f"shape.two_segments answered at {REAL} port 443",)


@pytest.mark.parametrize(
    "more",
    [
        (),
        (FAIR, HIT),
        (FAIR, ANSWERED),
        (FAIR, ANSWERED, AS_USUAL),
        (FAIR, ANSWERED, AS_USUAL, HIT),
        (FAIR, ANSWERED, shaped(tls(REAL), 0), ANSWERED),
        LET_THROUGH[1:],
        (shaped_control(tls(REAL, RESET)), *LET_THROUGH[1:]),
        (shaped_control(tls(REAL), 0), *(shaped(tls(REAL), 0) for _ in range(3))),
        (FAIR, shaped(tls(REAL), 0)),
        (FAIR, ANSWERED, msgspec.structs.replace(AS_USUAL, role=Role.CONTROL_AFTER), ANSWERED),
    ],
)
def test_without_a_fair_trial_in_two_segments_there_is_none(more: tuple[Step, ...]) -> None:
    assert verdict(stopped(*more)).anomalies == ()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (LET_THROUGH, f"{HOST}: answered, twice, and stopped in between: whoever stops it hears"),
        ((FAIR, ANSWERED), f"{HOST}: answered: let through once, which may be chance"),
        ((FAIR, HIT), f"{HOST}: connection_reset: whoever stops the name puts segments together"),
        (
            (FAIR, shaped(tls(REAL, Failure.INTERRUPTED))),
            f"{HOST}: no answer: whoever stops the name puts segments together",
        ),
        (
            (shaped_control(tls(REAL, RESET)), HIT),
            "the server may not take it, which says nothing of a filter",
        ),
    ],
)
def test_both_halves_are_a_ground_that_speaks_for_nothing(
    more: tuple[Step, ...], words: str
) -> None:
    told = [g for g in grounds(stopped(*more), 1) if "segments" in g.text]

    assert [ground.side for ground in told] == [Side.FACT]
    assert told[0].text.startswith(f"in a ClientHello of 2 segments, {CONTROL}: ")
    assert words in told[0].text
    assert len(told[0].steps) >= 2


@pytest.mark.parametrize(
    ("stack", "words"),
    [
        (None, "whether they were on is not known"),
        (Stack(system="x", tls_library="x", http_library="x", tcp_timestamps=True), "were on in"),
        (Stack(system="x", tls_library="x", http_library="x", tcp_timestamps=False), "were off in"),
    ],
)
def test_what_was_not_tried_is_said(stack: Stack | None, words: str) -> None:
    look = msgspec.structs.replace(stopped(FAIR, HIT), stack=stack)
    (told,) = [ground.text for ground in grounds(look, 1) if "timestamps" in ground.text]

    assert "not tested" in told
    assert words in told
    assert [g for g in grounds(stopped(), 1) if "timestamps" in g.text] == []


@pytest.mark.parametrize("more", [(FAIR,), (ANSWERED,), (shaped_control(tls(REAL), 0), ANSWERED)])
def test_of_half_a_trial_nothing_is_told(more: tuple[Step, ...]) -> None:
    assert [g for g in grounds(stopped(*more), 1) if "segments" in g.text] == []


def test_the_trial_is_of_its_hop() -> None:
    trial = both_shaped(hops(stopped(FAIR, ANSWERED))[0])
    other = msgspec.structs.replace(ANSWERED, hop=2)

    assert (trial.control, trial.test) == (FAIR, ANSWERED)
    assert both_shaped(hops(stopped(FAIR, other))[0]).test is None
