"""When a name that fails over QUIC is blocked, and the many times when nothing can be said."""

import msgspec
import pytest

from analysis.beside.quic import RULES
from analysis.judge import judge
from heliograph.failure import Failure
from heliograph.model import (
    PAIR_SWAP,
    RESIDUAL_POSSIBLE,
    ConfidenceWord,
    Measurement,
    Standing,
    State,
    Step,
    Verdict,
)
from tests.unit.analysis.beside.quic_looks import (
    AFTER,
    ANSWERED,
    BEFORE,
    CLOSED,
    CONTRADICTED,
    CUT,
    NO_VERSION,
    NOTHING,
    RESOLVED,
    TEST,
    TURNED_AWAY,
    alive,
    at,
    connected,
    control,
    elsewhere,
    headers,
    look,
    refusal,
    service,
    shake,
    target,
    told,
)
from tests.unit.analysis.builders import CONTROL, ELSEWHERE, HOST, REAL, WRONG


def turns(*tests: Step) -> tuple[Step, ...]:
    """Control, target, control, target, and so on."""
    first, *others = tests
    more = (step for test in others for step in (control(AFTER), test))
    return (alive(), control(), first, *more)


def alternating(*tests: Step, more: tuple[Step, ...] = ()) -> Measurement:
    """The same, of a site that says it speaks HTTP/3."""
    return look(*RESOLVED, *turns(*tests), *more, headers())


def lingering() -> Step:
    """The control's silence, which the target's may have provoked."""
    return shake(CONTROL, AFTER, NOTHING, residual=True)


OTHERS_PASS = elsewhere()[:3]
"""So many answers to other names that two silences are no chance."""

BLOCKED = {
    "quic.silent_beside_control": alternating(target(), target(), target()),
    "quic.silent_beside_control, twice, where many others pass": alternating(
        target(), target(), more=OTHERS_PASS
    ),
    "quic.silent_beside_control, late": alternating(target(CUT), target(CUT), target(CUT)),
    "quic.silent_beside_control, late, and closed elsewhere before that": alternating(
        target(CUT), target(CUT), more=elsewhere(test=CLOSED)
    ),
    "quic.silent_elsewhere": look(
        *RESOLVED, alive(), control(), target(), lingering(), *elsewhere()
    ),
    "quic.close_contradicted": alternating(target(CONTRADICTED), target(CONTRADICTED)),
    "quic.closed_elsewhere": alternating(
        target(CLOSED), target(CLOSED), more=elsewhere(test=CLOSED)
    ),
}

OTHERWISE = msgspec.structs.replace(CLOSED, close_code=0x131)
INNOCENT = {
    "nobody answers, and no other name was tried": look(*RESOLVED, alive(NO_VERSION), target()),
    "the control fails as well": look(
        *RESOLVED, alive(), control(detail=NOTHING), target(), headers()
    ),
    "it failed once": look(*RESOLVED, alive(), control(), target(), headers()),
    "it failed twice": alternating(target(), target()),
    "it failed twice, and passes elsewhere": alternating(
        target(), target(), more=elsewhere(test=TURNED_AWAY)
    ),
    "it failed twice, and one other did": alternating(
        target(), target(),
        more=(alive(pair=PAIR_SWAP), shake(CONTROL, BEFORE, NOTHING, PAIR_SWAP)),
    ),
    "it failed elsewhere as well, and passed there the next time": look(
        *RESOLVED, alive(), control(), target(), lingering(), *elsewhere(),
        shake(CONTROL, AFTER, ANSWERED, PAIR_SWAP), shake(HOST, TEST, TURNED_AWAY, PAIR_SWAP),
    ),
    "it failed elsewhere as well, and so did the control afterwards, by itself": look(
        *RESOLVED, alive(), control(), target(), control(AFTER, NOTHING), *elsewhere()
    ),
    "the control fails afterwards, and nobody looked elsewhere": look(
        *RESOLVED, alive(), control(), target(), lingering(), *OTHERS_PASS, target(), headers()
    ),
    "a server that limits how often it answers": look(
        *RESOLVED, alive(), control(), target(), control(AFTER, NOTHING), headers(),
        *elsewhere(test=TURNED_AWAY),
    ),
    "the site does not say that it speaks HTTP/3": look(
        *RESOLVED, *turns(target(), target(), target())
    ),
    "one owner of both servers does not serve the name": look(
        told(), told(CONTROL, ELSEWHERE, 64503), connected(),
        alive(), control(), target(), control(AFTER), target(), *elsewhere(),
    ),
    "one owner of both servers closes the name": look(
        told(), told(CONTROL, ELSEWHERE, 64503), connected(), alive(), control(), target(CLOSED),
        control(AFTER), target(CLOSED), headers(), *elsewhere(test=CLOSED),
    ),
    "the innocuous server closes every strange name so": alternating(
        target(CLOSED), target(CLOSED), more=elsewhere(test=CLOSED, stranger=CLOSED)
    ),
    "the server closes every name so": look(
        *RESOLVED, alive(), control(detail=CLOSED), target(CLOSED), control(AFTER, CLOSED),
        target(CLOSED), headers(), *elsewhere(test=CLOSED),
    ),
    "the server closes its own name": alternating(
        target(CLOSED), target(CLOSED), more=elsewhere(test=TURNED_AWAY)
    ),
    "closed once, and again for another reason": alternating(
        target(CLOSED), target(TURNED_AWAY), more=elsewhere(test=CLOSED)
    ),
    "what follows is silenced for everybody": look(
        *RESOLVED, alive(), control(), target(CUT), lingering(), target(CUT), *OTHERS_PASS,
        headers(),
    ),
    "silent once and closed once": alternating(target(), target(CLOSED)),
    "the port is refused": look(
        *RESOLVED, alive(msgspec.structs.replace(NO_VERSION)), target(), headers()
    ),
    "another name was stopped there before": msgspec.structs.replace(
        alternating(target(), target(), target()), context=(RESIDUAL_POSSIBLE,)
    ),
    "what came was provoked by another name": alternating(
        target(residual=True), target(residual=True)
    ),
    "contradicted, and so are other names": look(
        *RESOLVED, alive(), control(detail=CONTRADICTED), target(CONTRADICTED),
        control(AFTER, CONTRADICTED), target(CONTRADICTED), headers(),
    ),
    "contradicted once": look(*RESOLVED, alive(), control(), target(CONTRADICTED), headers()),
    "the address takes nothing": look(
        told(), connected(Failure.GENERIC_TIMEOUT_ERROR), alive(NO_VERSION), target()
    ),
    "the control passed at another address": look(
        *RESOLVED, alive(), at(control()), target(), at(control(AFTER)), target(), target(),
        *OTHERS_PASS, headers(),
    ),
    "the control passed at another port": look(
        *RESOLVED, alive(), at(control(), REAL, port=8443), target(),
        at(control(AFTER), REAL, port=8443), target(), target(), *OTHERS_PASS, headers(),
    ),
    "the target failed at another address": look(
        *RESOLVED, alive(), control(), at(target()), control(AFTER), at(target()), headers(),
    ),
    "the control passed before alone, both times": look(
        *RESOLVED, alive(), control(), at(control(AFTER), REAL), at(target(), REAL, started=1.0),
        at(target(), REAL, started=2.0), *OTHERS_PASS, headers(),
    ),
    "the control passed in the end alone": look(
        *RESOLVED, alive(), target(), control(), control(AFTER), target(), *OTHERS_PASS, headers(),
    ),
    "the control passed once the target had failed twice": look(
        *RESOLVED, alive(), control(), target(), target(), control(AFTER), *OTHERS_PASS, headers(),
    ),
    "elsewhere, the other names passed at another server": look(
        *RESOLVED, told(CONTROL, WRONG, 64507), alive(), control(), target(),
        *(at(each) for each in elsewhere()[:3]), elsewhere()[3],
    ),
    "elsewhere, the other names passed after it alone": look(
        *RESOLVED, alive(), control(), target(), *reversed(elsewhere()),
    ),
    "the control failed before, and passed between": look(
        *RESOLVED, alive(), refusal(CONTROL, role=BEFORE), target(), control(AFTER), target(),
        *OTHERS_PASS, headers(),
    ),
    "the control failed between": look(
        *RESOLVED, alive(), control(), target(), lingering(), target(), *OTHERS_PASS, headers(),
    ),
    "silent elsewhere, and never said at its own address": look(
        *RESOLVED, alive(), control(), *elsewhere(),
    ),
    "silent elsewhere, and turned away at its own address": look(
        *RESOLVED, alive(), control(), target(TURNED_AWAY), *elsewhere(),
    ),
    "silent elsewhere, and so is every name at its own address": look(
        *RESOLVED, alive(), refusal(CONTROL, role=BEFORE), target(), target(), *elsewhere(),
    ),
    "contradicted once and silent once": alternating(target(CONTRADICTED), target()),
    "contradicted where the control failed before": look(
        *RESOLVED, alive(), control(detail=NOTHING), target(CONTRADICTED), control(AFTER),
        target(CONTRADICTED), headers(),
    ),
    "closed in two ways": alternating(
        target(CLOSED), target(OTHERWISE), more=elsewhere(test=CLOSED)
    ),
    "closed, and elsewhere the control failed": alternating(
        target(CLOSED), target(CLOSED), more=elsewhere(test=CLOSED, own=NOTHING)
    ),
    "closed where the control failed before": look(
        *RESOLVED, alive(), control(detail=NOTHING), target(CLOSED), control(AFTER),
        target(CLOSED), headers(), *elsewhere(test=CLOSED),
    ),
    "nothing at all": look(),
}  # fmt: skip


def verdict_on(measurement: Measurement) -> Verdict:
    verdict = judge(measurement)
    assert verdict is not None
    return verdict


def fired(measurement: Measurement) -> list[str]:
    return [each.rule for each in verdict_on(measurement).fired]


@pytest.mark.parametrize(("name", "made"), BLOCKED.items(), ids=list(BLOCKED))
def test_a_name_that_fails_where_others_pass_is_blocked(name: str, made: Measurement) -> None:
    verdict = verdict_on(made)

    assert verdict.state is State.BLOCKED
    assert fired(made) == [name.split(",", maxsplit=1)[0]]
    assert verdict.anomalies == ()


@pytest.mark.parametrize("made", INNOCENT.values(), ids=list(INNOCENT))
def test_nothing_can_be_said_of_what_may_have_another_reason(made: Measurement) -> None:
    verdict = verdict_on(made)

    assert (verdict.state, verdict.techniques) == (State.INCONCLUSIVE, ())
    assert verdict.explanation


@pytest.mark.parametrize("made", BLOCKED.values(), ids=list(BLOCKED))
def test_a_handshake_that_proves_the_name_outranks_all_that_failed(made: Measurement) -> None:
    more = msgspec.structs.replace(made, steps=(*made.steps, target(ANSWERED)))

    assert fired(more) == ["quic.reached"]
    assert verdict_on(more).anomalies


def test_every_rule_has_a_look_that_fires_it() -> None:
    all_fired = {rule for made in BLOCKED.values() for rule in fired(made)}
    all_fired |= set(fired(look(alive(), target(ANSWERED))))

    assert all_fired == {rule.id for rule in RULES}


def test_how_it_fails_is_the_technique_and_the_evidence_has_its_word() -> None:
    silent, forged = (
        verdict_on(BLOCKED[name])
        for name in ("quic.silent_beside_control", "quic.close_contradicted")
    )

    assert silent.techniques == ("quic.timeout",)
    assert silent.confidence_word is ConfidenceWord.LIKELY
    assert forged.techniques == ("quic.failure",)
    assert forged.confidence_word is ConfidenceWord.CONFIRMED


def test_a_record_in_dns_is_a_promise_as_a_header_is() -> None:
    steps = (*turns(target(), target(), target()), service())

    assert fired(look(*RESOLVED, *steps)) == ["quic.silent_beside_control"]


def test_silence_elsewhere_is_as_good_as_a_promise() -> None:
    steps = (*turns(target(), target()), *elsewhere())

    assert "quic.silent_beside_control" in fired(look(*RESOLVED, *steps))


def test_other_explanations_are_ruled_out_by_what_was_compared() -> None:
    blocked = verdict_on(BLOCKED["quic.silent_beside_control"]).confounders
    office = verdict_on(look(*RESOLVED, alive(NO_VERSION), target())).confounders
    untried = verdict_on(look()).confounders

    assert blocked["server_down"] is Standing.RULED_OUT
    assert blocked["server_refuses_name"] is Standing.POSSIBLE
    assert blocked["hiccup"] is Standing.RULED_OUT
    assert blocked["filter_nearby"] is Standing.POSSIBLE
    closing = verdict_on(INNOCENT["the server closes its own name"]).confounders
    assert closing["server_refuses_name"] is Standing.POSSIBLE
    assert office["network_without_udp"] is Standing.POSSIBLE
    assert set(untried.values()) == {Standing.NOT_TESTED}


def test_what_is_odd_is_noted_where_something_else_was_promised() -> None:
    silent = look(*RESOLVED, alive(NO_VERSION), target(), headers())
    classic = look(*RESOLVED, alive(NO_VERSION), target())
    sunken = look(told(), connected(Failure.GENERIC_TIMEOUT_ERROR), alive(NO_VERSION), target())

    assert verdict_on(silent).anomalies == ("quic.generic_timeout_error at 203.0.113.10 port 443",)
    assert verdict_on(classic).anomalies == ()
    assert verdict_on(sunken).anomalies == ("tcp.generic_timeout_error at 203.0.113.10 port 443",)


@pytest.mark.parametrize("name", BLOCKED)
def test_the_server_may_refuse_its_name_where_no_other_server_was_asked_and_udp_gets_out(
    name: str,
) -> None:
    confounders = verdict_on(BLOCKED[name]).confounders

    itself = name.startswith("quic.silent_beside_control")  # what it promised may be an old promise
    assert confounders["server_refuses_name"] is (
        Standing.POSSIBLE if itself else Standing.RULED_OUT
    )
    assert confounders["network_without_udp"] is Standing.RULED_OUT


def test_one_handshake_that_proves_the_name_rules_everything_out() -> None:
    assert set(verdict_on(look(target(ANSWERED))).confounders.values()) == {Standing.RULED_OUT}


def test_silence_at_an_unrelated_server_is_not_its_own_server_s_refusal() -> None:
    alone = verdict_on(look(*RESOLVED, alive(), target(), *elsewhere())).confounders

    assert alone["server_refuses_name"] is Standing.RULED_OUT


def test_each_thing_that_answered_shows_that_something_is_there() -> None:
    silent = look(*RESOLVED, alive(NO_VERSION), control(detail=NOTHING), target())
    spoken = look(*RESOLVED, alive(NO_VERSION), control(), target())
    offered = look(*RESOLVED, alive(), target())
    abroad = look(*RESOLVED, alive(NO_VERSION), target(), *elsewhere())

    down = [verdict_on(each).confounders["server_down"] for each in (silent, spoken, offered)]
    assert down == [Standing.POSSIBLE, Standing.RULED_OUT, Standing.RULED_OUT]
    udp = [verdict_on(each).confounders["network_without_udp"] for each in (silent, abroad)]
    assert udp == [Standing.POSSIBLE, Standing.RULED_OUT]


def test_a_hiccup_is_ruled_out_by_silence_beyond_chance_or_the_same_close_twice() -> None:
    looks = (
        look(*RESOLVED, alive(), control(), target()),
        alternating(target(), target(CLOSED)),
        alternating(target(), target()),
        alternating(target(), target(), target()),
        alternating(target(CLOSED), target(CLOSED)),
        look(*RESOLVED, alive(), control(), target(), *elsewhere()),
    )

    assert [verdict_on(each).confounders["hiccup"] for each in looks] == [
        Standing.NOT_TESTED,
        Standing.POSSIBLE,
        Standing.POSSIBLE,
        Standing.RULED_OUT,
        Standing.RULED_OUT,
        Standing.RULED_OUT,
    ]
