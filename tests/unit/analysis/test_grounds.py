"""Every comparison of a look in words, with the side it speaks for and the steps it rests on."""

import pytest

from analysis.grounds import grounds
from analysis.judge import judge
from heliograph.model import RESIDUAL_POSSIBLE, Ground, Measurement, Side, State
from tests.unit.analysis.builders import (
    BOGON,
    ELSEWHERE,
    HOST,
    NXDOMAIN,
    REAL,
    RESET,
    TIMEOUT,
    UNKNOWN_CA,
    WRONG,
    WRONG_NAME,
    control_here,
    control_led,
    found_again,
    ipv6_control,
    measured,
    plain,
    resolver_control,
    system,
    tcp,
    tls,
    trusted,
)
from tests.unit.analysis.builders_control import (
    notice,
    page,
    seen,
    seen_plain,
    seen_tcp,
    seen_tls,
    swapped,
    tried_again,
    tried_again_plain,
)
from tests.unit.analysis.cases import EVERY_LOOK, FIRES
from tests.unit.analysis.cases_dns import AGREED, FOUND, WITHHELD

LOOKS = [look for cases in FIRES.values() for look in cases.values()]
NAMES = [f"{rule}-{case}" for rule, cases in FIRES.items() for case in cases]


def of(look: Measurement) -> tuple[Ground, ...]:
    verdict = judge(look)
    assert verdict is not None
    return grounds(look, verdict.hop)


def told(look: Measurement) -> list[tuple[Side, str]]:
    return [(ground.side, ground.text) for ground in of(look)]


def test_a_name_said_to_its_server_and_to_a_strangers() -> None:
    stopped = tls(failure=RESET)
    look = measured(
        *FOUND,
        *AGREED,
        stopped,
        *tried_again(stopped),
        control_here(tls(failure=WRONG_NAME)),
        *swapped(tls(failure=RESET), tls(), tls(failure=WRONG_NAME)),
        *seen(),
    )
    assert told(look)[1:] == [
        (Side.FACT, f"site.example said to {REAL} port 443: connection_reset"),
        (Side.FOR, "tried again, while control.example was reached: connection_reset"),
        (Side.FOR, "control.example said to the same server: ssl_invalid_hostname"),
        (
            Side.FOR,
            f"site.example said to a stranger's server, {ELSEWHERE} port 443: connection_reset",
        ),
        (Side.FOR, "control.example, its own name, said to it: answered"),
        (Side.FOR, "nobody.example, a third name, said to it: ssl_invalid_hostname"),
        (Side.FOR, "the same server serves the control"),
        (Side.FACT, "right after, control.example was answered there (stateless)"),
    ]


def test_another_name_that_was_just_stopped_there_speaks_against_interference() -> None:
    look = measured(*FOUND, *AGREED, tcp(failure=RESET), context=(RESIDUAL_POSSIBLE,))

    said = f"shortly before, another name had been stopped at {REAL} port 443"
    assert (Side.AGAINST, said) in told(look)


def test_what_speaks_against_interference_is_told_as_well() -> None:
    stopped = tls(failure=RESET)
    look = measured(
        *FOUND,
        *AGREED,
        stopped,
        control_here(tls(failure=RESET)),
        *swapped(tls(failure=WRONG_NAME), tls()),
        seen_tcp(),
        seen_tls(failure=RESET),
    )
    assert [text for side, text in told(look) if side is Side.AGAINST] == [
        "control.example said to the same server: connection_reset",
        f"site.example said to a stranger's server, {ELSEWHERE} port 443: ssl_invalid_hostname",
        "the control fails at the same server: connection_reset",
    ]


def test_resolvers_that_can_be_forged_stand_apart() -> None:
    look = measured(
        system(WRONG),
        trusted(REAL),
        trusted(WRONG, transport="udp"),
        resolver_control(),
        tls(WRONG, failure=WRONG_NAME),
        tls(REAL),
    )
    assert told(look)[:4] == [
        (Side.FACT, f"this network's resolver, asked for site.example: {WRONG}"),
        (Side.FOR, f"resolvers elsewhere, asked over an encrypted channel: {REAL}"),
        (Side.FACT, f"resolvers elsewhere, asked in the clear: {WRONG}"),
        (Side.FOR, f"this network's resolver, asked for control.example: {ELSEWHERE}"),
    ]


def test_others_that_know_no_address_either_speak_against_a_lie() -> None:
    look = measured(system(failure=NXDOMAIN), trusted(failure=NXDOMAIN), resolver_control())
    assert (
        Side.AGAINST,
        "resolvers elsewhere, asked over an encrypted channel: dns_nxdomain_error",
    ) in told(look)


def test_a_bogon_told_once_more_is_written_down() -> None:
    said = told(
        measured(
            system(BOGON),
            trusted(REAL),
            tls(),
            resolver_control(),
            control_led(),
            found_again(BOGON),
        )
    )
    assert (Side.FOR, f"this network's resolver, asked once more: {BOGON}") in said


def test_a_resolver_that_answers_as_others_do_speaks_for_nothing() -> None:
    look = measured(
        *FOUND, *AGREED, tls(failure=UNKNOWN_CA), found_again(), resolver_control(), control_led()
    )
    said = [side for side, text in told(look) if text.startswith("this network's resolver")]
    assert said == [Side.FACT] * 3


def test_one_page_for_every_name_is_laid_beside_the_proof_elsewhere() -> None:
    for look in FIRES["dns.wrong_address.one_page"].values():
        said = told(look)
        assert any(s is Side.FOR and t.endswith("one page for both") for s, t in said)
        if any(
            s.kind == "tls_handshake" and s.failure is None and s.host == HOST for s in look.steps
        ):
            assert any(t.startswith("a certificate proves the site where others") for _, t in said)


def test_a_stranger_s_closed_port_speaks_for_nobody() -> None:
    look = measured(
        system(WRONG),
        *AGREED,
        tcp(WRONG, TIMEOUT),
        *seen(),
        seen_tcp(WRONG, TIMEOUT),
    )
    told_of = {text: side for side, text in told(look)}
    assert told_of[f"{WRONG} port 443 takes none of the control's, either"] is Side.FACT


def test_an_encrypted_resolver_that_was_not_reached_speaks_for_nobody() -> None:
    look = measured(system(failure=NXDOMAIN), trusted(failure=TIMEOUT), resolver_control())
    assert told(look)[1][0] is Side.FACT


def test_a_closed_port_is_laid_beside_the_control_s_connection() -> None:
    look = measured(*FOUND, *AGREED, tcp(failure=TIMEOUT), *seen())
    assert (Side.FOR, f"{REAL} port 443 takes the control's connection") in told(look)
    look = measured(*FOUND, *AGREED, tcp(failure=TIMEOUT), seen_tcp(failure=TIMEOUT))
    assert (Side.AGAINST, f"{REAL} port 443 takes none of the control's, either") in told(look)


def test_a_page_the_control_is_not_shown_is_looked_for_elsewhere() -> None:
    shown = notice()
    look = plain(
        *FOUND,
        *AGREED,
        shown,
        *tried_again_plain(notice()),
        *swapped(notice(address=ELSEWHERE), page(title="Control"), page(404, text=None)),
        *seen_plain(),
    )
    assert told(look)[1:] == [
        (Side.FOR, "status 200 came here; the control was shown another page, status 200"),
        (Side.FOR, "tried again: the very page"),
        (
            Side.FOR,
            f"site.example said to a stranger's server, {ELSEWHERE} port 80: the very page",
        ),
        (Side.FOR, "nobody.example, a third name, said to it: another page"),
    ]


def test_the_same_page_everywhere_speaks_against_it() -> None:
    look = plain(*FOUND, *AGREED, page(), *seen_plain())
    assert told(look)[-1] == (
        Side.AGAINST,
        "status 200 came here; the control was shown the same page as here, status 200",
    )


def test_steps_are_named_by_their_place_in_the_record() -> None:
    for look in LOOKS:
        for ground in of(look):
            assert all(0 <= number < len(look.steps) for number in ground.steps)
            assert ground.text.isprintable()


def test_whatever_is_called_blocked_has_a_comparison_that_says_so() -> None:
    silent = []
    for look, name in zip(LOOKS, NAMES, strict=True):
        verdict = judge(look)
        assert verdict is not None
        spoken = Side.FOR in [ground.side for ground in of(look)]
        silent += [name] if verdict.state is State.BLOCKED and not spoken else []
    assert silent == []


def test_a_blocked_name_never_rests_on_one_comparison_alone() -> None:
    """But for what others reported of it, and for looks that others made, once."""
    few = []
    for look, name in zip(LOOKS, NAMES, strict=True):
        verdict = judge(look)
        assert verdict is not None
        if verdict.fired and verdict.fired[0].rule.startswith(("known.", "once.")):
            continue
        by_name = any(t.startswith(("tls.", "http.re", "http.t")) for t in verdict.techniques)
        if verdict.state is State.BLOCKED and by_name:
            spoken = sum(ground.side is Side.FOR for ground in of(look))
            few += [name] if spoken < 2 else []
    assert few == []


def test_words_are_found_for_every_look_there_is() -> None:
    assert sum(bool(of(look)) for look in EVERY_LOOK if judge(look) is not None) > 100


@pytest.mark.parametrize(
    ("addresses", "side", "found"),
    [((), Side.AGAINST, "none"), (("2001:db8::99",), Side.FOR, "found")],
)
def test_whether_others_are_given_ipv6_addresses_is_told(
    addresses: tuple[str, ...], side: Side, found: str
) -> None:
    look = measured(*WITHHELD, ipv6_control(*addresses))
    text = f"this network's resolver, asked for the IPv6 address of control.example: {found}"

    assert (side, text) in told(look)
