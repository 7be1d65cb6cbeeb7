"""The country table: every entry says why and when, and what is not known asks for care."""

import re

import pytest

from heliograph import risk
from heliograph.risk import ASSESSED, Tier, gravest_of, risk_of
from heliograph.valid import is_assigned

LISTED = [code for _, _, codes in risk._TABLE for code in codes.split()]


def test_no_country_is_listed_twice() -> None:
    assert len(LISTED) == len(set(LISTED))


def test_every_entry_is_a_country_with_one_sentence_and_a_date() -> None:
    for code in LISTED:
        found = risk_of(code)

        assert is_assigned(code), code
        assert found.country == code
        assert found.assessed == ASSESSED, code
        assert re.fullmatch(r"[A-Z][^.!?]+\.", found.reason), code


@pytest.mark.parametrize("code", ["XA", "MO", "GH"])
def test_what_we_have_not_looked_at_asks_for_the_care_of_what_is_not_known(code: str) -> None:
    found = risk_of(code)

    assert (found.country, found.tier) == (code, Tier.UNKNOWN)
    assert found.tier.asks_for_most_care
    assert found.assessed is None
    assert found.reason.startswith("We have not looked at this country")


@pytest.mark.parametrize("code", ["ZZ", "zz", "", None])
def test_what_is_not_known_is_unknown_and_asks_for_the_care_of_high(code: str | None) -> None:
    found = risk_of(code)

    assert found.tier is Tier.UNKNOWN
    assert "do not know which country" in found.reason
    assert found.assessed is None
    assert [tier for tier in Tier if tier.asks_for_most_care] == [Tier.HIGH, Tier.UNKNOWN]


@pytest.mark.parametrize(
    ("codes", "country"),
    [
        ((), "ZZ"),
        (("NL",), "NL"),
        (("NL", "IR", "IN"), "IR"),
        (("NL", "QQ"), "QQ"),
        (("IN", "QQ"), "QQ"),
        (("NL", "ZZ"), "ZZ"),
    ],
)
def test_of_several_the_gravest_counts(codes: tuple[str, ...], country: str) -> None:
    assert gravest_of(codes).country == country


def test_tiers_of_some_countries() -> None:
    tiers = [risk_of(code).tier for code in ("NL", "IN", "ir", "HK")]

    assert tiers == [Tier.LOW, Tier.MEDIUM, Tier.HIGH, Tier.HIGH]
