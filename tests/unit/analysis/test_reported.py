"""What was reported is told by kind, and named in the verdict."""

import pytest

from analysis.chain import hops
from analysis.evidence import Evidence
from analysis.judge import judge
from analysis.known import block_page, forged, known
from analysis.reported import (
    filter_here,
    forged_answer,
    known_page,
    liftable,
    of_unknown_owner,
    reported_address,
    reported_page,
)
from heliograph.detail import HttpDetail, read
from heliograph.model import ConfidenceWord, Measurement, State, Step
from tests.unit.analysis.builders import BOGON, WRONG, measured, plain, system
from tests.unit.analysis.builders_control import notice, seen_plain
from tests.unit.analysis.cases_dns import AGREED, FOUND
from tests.unit.analysis.cases_reported import (
    BLOCKED,
    FORGED,
    FORGED_BOGON,
    LED,
    LED_BY_LOCK,
    LED_BY_PRODUCT,
    OF_A_PRODUCT,
)


def evidence(look: Measurement) -> Evidence:
    return hops(look)[0]


@pytest.mark.parametrize(("address", "bogon"), [(FORGED, False), (FORGED_BOGON, True)])
def test_an_address_is_forged_and_private_or_forged_and_public(address: str, bogon: bool) -> None:
    e = evidence(measured(system(address), *AGREED))

    assert forged_answer(bogon=bogon)(e)
    assert not forged_answer(bogon=not bogon)(e)


def test_an_answer_is_public_when_any_of_its_addresses_is() -> None:
    e = evidence(measured(system(FORGED, FORGED_BOGON), *AGREED))

    assert forged_answer(bogon=False)(e)
    assert not forged_answer(bogon=True)(e)


@pytest.mark.parametrize(("step", "redirect"), [(LED, True), (BLOCKED, False)])
def test_a_page_is_known_or_leads_to_a_known_one(step: Step, redirect: bool) -> None:
    alone = evidence(plain(*FOUND, step))
    compared = evidence(plain(*FOUND, *AGREED, step, *seen_plain()))

    for e, there in ((alone, False), (compared, True)):
        assert known_page(redirect=redirect, compared=there)(e)
        assert not known_page(redirect=redirect, compared=not there)(e)
        assert not known_page(redirect=not redirect, compared=there)(e)


def test_the_entry_of_an_answer_is_named() -> None:
    look = measured(system(FORGED), *AGREED)
    entry, verdict = forged(FORGED), judge(look)

    assert entry is not None
    assert reported_address(evidence(look)) == entry
    assert verdict is not None
    assert (verdict.state, verdict.techniques) == (State.BLOCKED, ("dns.wrong_address",))
    assert verdict.confidence_word is ConfidenceWord.CONFIRMED
    assert f"({entry.id} in list {known().edition}: {entry.what})" in verdict.explanation


def test_the_entry_of_a_page_is_named() -> None:
    look = plain(*FOUND, LED)
    entry, verdict = block_page(read(LED, HttpDetail)), judge(look)

    assert entry is not None
    assert reported_page(evidence(look)) == entry
    assert verdict is not None
    assert (verdict.state, verdict.techniques) == (State.BLOCKED, ("http.redirect",))
    assert f"({entry.id} in list {known().edition}: {entry.what})" in verdict.explanation


def test_what_nobody_reported_and_what_anybody_may_install_has_no_entry() -> None:
    for address in (WRONG, BOGON, OF_A_PRODUCT):
        assert reported_address(evidence(measured(system(address), *AGREED))) is None
    for page in (notice(), LED_BY_PRODUCT, LED_BY_LOCK):
        assert reported_page(evidence(plain(*FOUND, page))) is None
    assert reported_page(evidence(plain(*FOUND))) is None


def test_a_providers_filter_is_named_with_whom_it_can_be_taken_off_by() -> None:
    look = plain(*FOUND, *AGREED, LED_BY_LOCK, *seen_plain())
    e, entry, verdict = evidence(look), block_page(read(LED_BY_LOCK, HttpDetail)), judge(look)

    assert entry is not None
    assert liftable(e)
    assert not of_unknown_owner(e)
    assert filter_here(e) == entry
    assert verdict is not None
    assert (verdict.state, verdict.techniques) == (State.INCONCLUSIVE, ())
    assert f"its customer can have taken off ({entry.quoted})" in verdict.explanation


@pytest.mark.parametrize(
    "look", [measured(system(OF_A_PRODUCT), *AGREED), plain(*FOUND, LED_BY_PRODUCT)]
)
def test_of_a_product_it_is_said_that_nobody_knows_who_set_it_up(look: Measurement) -> None:
    e, verdict = evidence(look), judge(look)
    entry = filter_here(e)

    assert entry is not None
    assert of_unknown_owner(e)
    assert not liftable(e)
    assert verdict is not None
    assert (verdict.state, verdict.techniques) == (State.INCONCLUSIVE, ())
    assert f"({entry.quoted}); who set it up" in verdict.explanation


def test_what_a_state_or_a_provider_gives_is_no_filter_of_ones_own() -> None:
    for look in (
        measured(system(FORGED), *AGREED),
        plain(*FOUND, LED),
        measured(system(FORGED, OF_A_PRODUCT), *AGREED),
        plain(*FOUND, notice()),
        plain(*FOUND),
    ):
        assert filter_here(evidence(look)) is None
        assert not liftable(evidence(look))
        assert not of_unknown_owner(evidence(look))
