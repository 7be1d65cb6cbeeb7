"""How dangerous it may be to be noticed measuring in a country: our own coarse view, with a date.

It warns and never permits: a country that stands under ``low`` can be dangerous to one person.
"""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

import msgspec

from heliograph.model import UNKNOWN_COUNTRY

__all__ = ["ASSESSED", "CountryRisk", "Tier", "gravest_of", "risk_of"]


class Tier(StrEnum):
    """How much care the first screen asks for."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    UNKNOWN = "unknown"
    """Nobody said which country it is, or we have not looked at it: it may be as any."""

    @property
    def asks_for_most_care(self) -> bool:
        """Whether a sentence has to be typed before anything else is shown."""
        return self in {Tier.HIGH, Tier.UNKNOWN}


class CountryRisk(msgspec.Struct, frozen=True, kw_only=True):
    """What the first screen says of one country."""

    country: str
    """ISO 3166-1 alpha-2; ZZ when it is not known."""
    tier: Tier
    reason: str
    """One sentence, in general terms."""
    assessed: date | None
    """When we last looked at it; None for a country that is not in the table."""


ASSESSED = date(2026, 11, 1)

_WAR_OR_NO_LAW = "Armed groups or soldiers search people and phones, and no court protects you."
_PUNISHED = "People have been jailed there for what they read, wrote or sent on the internet."
_WATCHED = (
    "The network is watched closely there, and people are punished for getting around its blocks."
)
_NO_INTERNET = "Hardly anybody has internet access there, and all use of it is watched."
_UNEVEN = "Sites are blocked there, and the law against cybercrime is broad and unevenly applied."
_ORDERED = "Sites are blocked there by law; we know of nobody harmed for measuring that."
_FREE = "Looking at public web sites is lawful there, and hardly anybody is troubled for it."

_TABLE: tuple[tuple[Tier, str, str], ...] = (
    (Tier.HIGH, _WAR_OR_NO_LAW, "AF BF CD CF HT LY ML MM NE PS SD SO SS SY TD YE"),
    (Tier.HIGH, _WATCHED, "BY CN CU IR RU TM UZ VN"),
    (Tier.HIGH, _PUNISHED, "AE AZ BH BI DJ EG ET GQ HK LA NI OM PK QA RW SA TH TJ VE"),
    (Tier.HIGH, _NO_INTERNET, "ER KP"),
    (Tier.MEDIUM, _UNEVEN, "BD DZ ID IN IQ JO KE KG KH KW KZ LB LK"),
    (Tier.MEDIUM, _UNEVEN, "MA MY NG NP PH TN TR TZ UG ZM ZW"),
    (Tier.LOW, _ORDERED, "AT AU BE DE DK ES FR GB GR IT KR LT LV PL PT RO UA"),
    (Tier.LOW, _FREE, "CA CH CL CR CZ EE FI IE IS JP LU NL NO NZ SE SI TW US UY"),
)

_KNOWN = {
    country: CountryRisk(country=country, tier=tier, reason=reason, assessed=ASSESSED)
    for tier, reason, countries in _TABLE
    for country in countries.split()
}


_UNKNOWN = CountryRisk(
    country=UNKNOWN_COUNTRY,
    tier=Tier.UNKNOWN,
    reason="We do not know which country this is, so take care as where people are jailed for it.",
    assessed=None,
)
_GRAVEST_FIRST = (Tier.HIGH, Tier.UNKNOWN, Tier.MEDIUM, Tier.LOW)


def risk_of(country: str | None) -> CountryRisk:
    """What we say of the country; one that we did not look at is unknown, too.

    Not to have looked is no reason to be less careful than where we do not know the country.
    """
    code = (country or UNKNOWN_COUNTRY).upper()
    if code == UNKNOWN_COUNTRY:
        return _UNKNOWN
    if code in _KNOWN:
        return _KNOWN[code]
    return CountryRisk(
        country=code,
        tier=Tier.UNKNOWN,
        reason="We have not looked at this country: take care as where people are jailed for it.",
        assessed=None,
    )


def gravest_of(countries: Iterable[str]) -> CountryRisk:
    """Where a host may be in any of these, what asks for the most care; unknown for none."""
    found = [risk_of(code) for code in countries]
    return min(found, key=lambda risk: _GRAVEST_FIRST.index(risk.tier), default=_UNKNOWN)
