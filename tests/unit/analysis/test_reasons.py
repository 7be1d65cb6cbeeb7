"""What a resolver says of its own failure excuses it, accuses it, or neither."""

import pytest

from analysis.evidence import Evidence
from analysis.reasons import misfortune, own_choice, reason_in_words
from heliograph.failure import Failure
from tests.unit.analysis.builders import NXDOMAIN, REAL, SERVFAIL, measured
from tests.unit.analysis.builders_control import explained
from tests.unit.analysis.cases_dns import denied

OTHER, FILTERED, CENSORED, SIGNED_BADLY, UNREACHED = 0, 17, 16, 6, 23
"""Numbers of RFC 8914, section 4."""


def said(*reasons: int, word: Failure = SERVFAIL, addresses: tuple[str, ...] = ()) -> Evidence:
    """The resolver failed so, and, asked for its reason, gave these."""
    failure = None if addresses else word
    asked = explained(*addresses, failure=failure, reasons=reasons)
    return Evidence(measured(*denied(word), asked))


@pytest.mark.parametrize(
    ("e", "words"),
    [
        (said(15), "blocked"),
        (said(CENSORED), "censored"),
        (said(18), "prohibited"),
        (said(FILTERED), "filtered, as its user asked it to"),
        (said(SIGNED_BADLY), "the name's signatures are bad"),
        (said(22), "none of the name's own servers answers it"),
        (said(addresses=(REAL,)), "it answers when it does not check the name's signatures"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_reason_is_told_in_words(e: Evidence, words: str) -> None:
    assert reason_in_words(e) == words


def test_of_several_reasons_a_choice_outranks_a_purpose_and_that_a_misfortune() -> None:
    assert reason_in_words(said(CENSORED, FILTERED)) == "filtered, as its user asked it to"
    assert reason_in_words(said(SIGNED_BADLY, CENSORED)) == "censored"
    assert reason_in_words(said(OTHER, UNREACHED)) == "it can't reach the name's own servers"


def test_a_denial_has_no_misfortune_to_blame() -> None:
    e = said(SIGNED_BADLY, word=NXDOMAIN)

    assert not misfortune(e)
    assert reason_in_words(e) is None


@pytest.mark.parametrize("e", [said(), said(OTHER), Evidence(measured(*denied(SERVFAIL)))])
def test_without_a_reason_that_is_known_there_is_nothing_to_tell(e: Evidence) -> None:
    assert reason_in_words(e) is None
    assert not misfortune(e)
    assert not own_choice(e)


@pytest.mark.parametrize("word", [SERVFAIL, NXDOMAIN])
def test_a_filter_that_its_user_chose_is_one_whatever_it_answers(word: Failure) -> None:
    assert own_choice(said(FILTERED, word=word))
    assert not own_choice(said(CENSORED, word=word))
