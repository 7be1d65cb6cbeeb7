"""Why a consent does not hold any more is told as it is: other words, or another country."""

from datetime import UTC, datetime

import msgspec
import pytest

from heliograph.cli.consent import why_another_text
from heliograph.cli.consent_text import LANGUAGE, VERSION, digest, paragraphs, text_for
from heliograph.risk import risk_of
from storage.consents import Consent


def given(country: str | None, version: str = VERSION) -> Consent:
    """A consent that was given there, to the text of this version."""
    return Consent(
        text_version=version,
        text_sha256=digest(text_for(("ordinary",), risk_of(country))),
        language=LANGUAGE,
        how="typed at a terminal",
        recorded=datetime(2026, 11, 25, tzinfo=UTC),
        expires=datetime(2027, 11, 25, tzinfo=UTC),
        classes=("ordinary",),
        categories=(),
    )


@pytest.mark.parametrize(
    ("then", "now", "end"),
    [
        ("NL", "IR", "you agreed to the text for NL, not for IR"),
        (None, "NL", "you agreed to the text for one that is not known, not for NL"),
        ("XA", None, "you agreed to the text for XA, not for one that is not known"),
    ],
)
def test_another_country_is_told_as_such(then: str | None, now: str | None, end: str) -> None:
    assert why_another_text(given(then), risk_of(now)) == f"another country is set: {end}"


def test_other_words_are_told_as_such() -> None:
    changed = "the text has changed since you agreed"
    assert why_another_text(given("NL", version="0"), risk_of("IR")) == changed
    unknown = msgspec.structs.replace(given("NL"), text_sha256="aa")
    assert why_another_text(unknown, risk_of("NL")) == changed


def test_a_text_holds_what_its_probes_do_and_what_its_country_punishes() -> None:
    ordinary, there = text_for((), risk_of("IN")), text_for((), risk_of("IR"))

    assert not any(text in ordinary for text in paragraphs().values())
    assert all(
        text in text_for(("unusual", "privileged"), risk_of("IN")) for text in paragraphs().values()
    )
    assert ("criticism of rulers" in ordinary, "POLR" in ordinary) == (False, False)
    assert "POLR  criticism of rulers" in there
    assert "for the name of each of them" in ordinary
