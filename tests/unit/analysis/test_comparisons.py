"""What comparing with a control elsewhere shows (cases.py has each rule's whole table)."""

import pytest

from analysis import comparisons
from analysis.evidence import Evidence
from analysis.judge import judge
from heliograph.failure import NOT_ATTEMPTED, Failure
from heliograph.model import Measurement, State, Step
from tests.unit.analysis.builders import (
    ELSEWHERE,
    HOST,
    REAL,
    REAL2,
    RESET,
    TIMEOUT,
    UNKNOWN_CA,
    WRONG,
    certificate,
    control_here,
    control_led,
    found_again,
    measured,
    plain,
    resolver_control,
    system,
    tcp,
    tls,
    trusted,
)
from tests.unit.analysis.builders_control import (
    OTHER_ASN,
    SITE_ASN,
    elsewhere,
    in_network,
    lost,
    notice,
    page,
    pages_at,
    redirect,
    seen,
    seen_dns,
    seen_plain,
    seen_tcp,
    swapped,
    tried_again,
)
from tests.unit.analysis.cases import FIRES
from tests.unit.analysis.cases_dns import AGREED, FOUND

OWN, STRANGERS = page(title="Control"), page(404, "Not Found", text=None)
BY_WORD = {word: name for name, words in comparisons.UNCONNECTED.items() for word in words}


def techniques(look: Measurement) -> tuple[str, ...]:
    verdict = judge(look)
    assert verdict is not None
    return verdict.techniques


def dropped(word: Failure) -> Measurement:
    bad = tcp(failure=word)
    return measured(*FOUND, *AGREED, bad, *seen(), *tried_again(bad))


@pytest.mark.parametrize("word", sorted(BY_WORD))
def test_each_word_of_a_connection_not_made_has_one_technique(word: Failure) -> None:
    assert techniques(dropped(word)) == (f"tcp.{BY_WORD[word]}",)


@pytest.mark.parametrize("word", sorted(set(Failure) - set(BY_WORD)))
def test_other_words_are_no_blocking_of_an_address(word: Failure) -> None:
    assert techniques(dropped(word)) == ()


@pytest.mark.parametrize("word", sorted(NOT_ATTEMPTED))
def test_what_was_not_attempted_is_down_for_nobody(word: Failure) -> None:
    look = measured(*FOUND, *AGREED, tcp(failure=word), seen_dns(REAL), seen_tcp(failure=TIMEOUT))

    assert not comparisons.unconnected_for_all(Evidence(look))


@pytest.mark.parametrize(
    ("shown", "technique"),
    [(notice(), "http.blockpage"), (redirect("http://block.example/"), "http.redirect")],
)
def test_an_injected_page_is_a_redirect_or_a_block_page(shown: Step, technique: str) -> None:
    look = plain(*FOUND, *AGREED, shown, *swapped(shown, OWN, STRANGERS), *seen_plain())
    e = Evidence(look)

    assert techniques(look) == (technique,)
    assert comparisons.page_injected(e)
    assert comparisons.redirect_injected(e) is not comparisons.block_page_injected(e)


@pytest.mark.parametrize(
    ("system_asn", "trusted_asn", "led_astray"),
    [(OTHER_ASN, SITE_ASN, True), (SITE_ASN, SITE_ASN, False), (0, SITE_ASN, True)],
)
def test_a_server_in_the_sites_network_is_no_stranger(
    system_asn: int, trusted_asn: int, led_astray: bool
) -> None:
    look = measured(
        in_network(system_asn, system(WRONG)),
        in_network(trusted_asn, trusted(REAL)),
        tls(),
        resolver_control(),
        control_led(),
        found_again(WRONG),
        *pages_at(WRONG, notice(), notice()),
    )

    assert comparisons.led_to_stranger(Evidence(look)) is led_astray


def test_of_two_strange_addresses_one_that_shows_one_page_is_enough() -> None:
    look = measured(
        system(WRONG, REAL2),
        *AGREED,
        tls(),
        resolver_control(),
        control_led(),
        found_again(WRONG),
        *pages_at(REAL2, page()),
        *pages_at(WRONG, notice(), notice()),
    )

    assert comparisons.led_to_stranger(Evidence(look))


def test_a_certificate_is_false_here_alone_only_at_an_address_that_proves_itself_elsewhere() -> (
    None
):
    false = tls(failure=UNKNOWN_CA, chain=(certificate("CN=Filter", HOST),))
    twice = tried_again(false)
    here_alone = measured(*FOUND, *AGREED, false, *seen(), *twice)
    at_another = measured(*FOUND, *AGREED, false, *seen(REAL2), *twice)

    assert comparisons.certificate_here_alone(Evidence(here_alone))
    assert not comparisons.certificate_here_alone(Evidence(at_another))


def test_every_address_must_be_closed_to_the_control_for_a_site_to_be_down() -> None:
    here = (system(REAL, REAL2), *AGREED, tcp(failure=TIMEOUT), tcp(REAL2, TIMEOUT))
    one = measured(*here, seen_tcp(failure=TIMEOUT))
    both = measured(*one.steps, seen_tcp(REAL2, Failure.CONNECTION_REFUSED))

    assert not comparisons.unconnected_for_all(Evidence(one))
    assert comparisons.unconnected_for_all(Evidence(both))


def test_a_request_fails_for_all_only_with_one_word() -> None:
    same = plain(*FOUND, lost(RESET), elsewhere(lost(RESET)))
    other = plain(*FOUND, lost(RESET), elsewhere(lost(TIMEOUT)))

    assert comparisons.request_fails_for_all(Evidence(same))
    assert not comparisons.request_fails_for_all(Evidence(other))


@pytest.mark.parametrize("rule", ["tls.reset", "tls.timeout", "tls.eof"])
def test_a_name_rule_fires_by_a_strangers_server_and_one_comparison_more(rule: str) -> None:
    word = {"tls.reset": RESET, "tls.timeout": TIMEOUT, "tls.eof": Failure.EOF_ERROR}[rule]
    bad = tls(failure=word)
    here = (control_here(tls()),)
    there = swapped(bad, tls(), tls(ELSEWHERE))
    alone = (*seen(), *tried_again(bad))
    start = (*FOUND, *AGREED, bad)

    for enough in ((*here, *there), (*there, *alone)):
        assert techniques(measured(*start, *enough)) == (rule,)
    for too_little in (here, there, alone, (*here, *alone)):
        assert techniques(measured(*start, *too_little)) == ()


def test_what_fires_in_the_table_names_its_technique() -> None:
    for rule, looks in FIRES.items():
        for look in looks.values():
            verdict = judge(look)
            assert verdict is not None
            assert bool(verdict.techniques) is (
                verdict.state in {State.BLOCKED, State.THROTTLED}
            ), rule
