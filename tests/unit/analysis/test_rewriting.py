"""A resolver that gives names nobody has an address: its answers are the denials they stand for."""

import msgspec

from analysis.judge import judge
from analysis.rewriting import restored
from heliograph.model import Measurement, Role, State
from tests.unit.analysis.builders import (
    HOST,
    NXDOMAIN,
    REAL,
    WRONG,
    found_again,
    measured,
    resolver_control,
    system,
    tcp,
    tls,
    trusted,
)

ADS = frozenset({WRONG})
FLAG = (f"nxdomain_rewritten:{WRONG}",)


def state(look: Measurement) -> State:
    verdict = judge(look)
    assert verdict is not None
    return verdict.state


def test_without_rewriting_nothing_changes() -> None:
    steps = (system(WRONG), trusted(REAL))

    assert restored(steps, frozenset()) == steps


def test_such_an_answer_becomes_a_denial_and_all_else_stays() -> None:
    steps = (system(WRONG), trusted(failure=NXDOMAIN), tcp(WRONG))
    denied, *rest = restored(steps, ADS)

    assert denied.failure is NXDOMAIN
    assert WRONG not in denied.detail
    assert tuple(rest) == steps[1:]


def test_an_address_others_give_too_is_the_names_own() -> None:
    for other in (
        trusted(WRONG),
        tls(WRONG),
        msgspec.structs.replace(system(WRONG), role=Role.REMOTE_CONTROL),
    ):
        steps = (system(WRONG), other)
        assert restored(steps, ADS) == steps


def test_an_answer_with_another_address_is_none_of_it() -> None:
    steps = (system(WRONG, REAL), system(REAL))

    assert restored(steps, ADS) == steps


def test_a_dead_name_is_down_and_not_blocked() -> None:
    look = measured(system(WRONG), trusted(failure=NXDOMAIN), tcp(WRONG), context=FLAG)

    assert state(look) is State.DOWN
    assert state(msgspec.structs.replace(look, context=())) is not State.BLOCKED


def test_a_live_name_stays_ok() -> None:
    look = measured(system(REAL), trusted(REAL), tcp(), tls(), probe="tls", context=FLAG)

    assert state(look) is State.OK


def test_a_site_of_the_provider_itself_at_that_address_stays_ok() -> None:
    look = measured(
        *(system(WRONG), trusted(WRONG), tcp(WRONG), tls(WRONG)), probe="tls", context=FLAG
    )
    assert state(look) is State.OK


def test_a_live_name_led_to_the_advertisements_is_denied() -> None:
    again = found_again(WRONG)
    look = measured(
        *(system(WRONG), trusted(REAL), tls(REAL), resolver_control(), again), context=FLAG
    )
    verdict = judge(look)

    assert verdict is not None
    assert HOST in verdict.explanation
    assert (verdict.state, verdict.techniques) == (State.BLOCKED, ("dns.nxdomain",))
