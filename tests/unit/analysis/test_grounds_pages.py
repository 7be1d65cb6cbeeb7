"""What pages said, and whom for: here, here again, and where a control was."""

import pytest

from analysis.chain import hops
from analysis.grounds_pages import of_pages
from analysis.known import block_page, known
from heliograph.detail import HttpDetail, read
from heliograph.failure import Failure
from heliograph.model import Measurement, Side, Step
from tests.unit.analysis.builders import (
    EOF,
    REAL2,
    RESET,
    TIMEOUT,
    imported_plain,
    measured,
    plain,
    tls,
)
from tests.unit.analysis.builders_control import (
    ended,
    lost,
    notice,
    page,
    secure,
    seen,
    seen_plain,
    sized,
    tried_again,
)
from tests.unit.analysis.cases_dns import AGREED, FOUND
from tests.unit.analysis.cases_frozen import broken_off, whole
from tests.unit.analysis.cases_reported import BLOCKED


def told(look: Measurement) -> list[tuple[Side, str]]:
    return [(said.side, said.text) for said in of_pages(hops(look)[-1])]


def test_without_a_page_there_is_nothing_to_compare() -> None:
    assert told(measured(*FOUND, tls(failure=TIMEOUT))) == []


def test_a_page_alone_speaks_for_nothing() -> None:
    assert told(plain(*FOUND, page())) == [(Side.FACT, "the page came with status 200")]


@pytest.mark.parametrize(
    ("there", "side", "words"),
    [
        (page(), Side.AGAINST, "the same page as here"),
        (page(title="Other"), Side.FOR, "another page"),
        (page(text="<p>Other words under one title</p>"), Side.FACT, "a page"),
    ],
)
def test_a_page_in_the_clear_is_laid_beside_the_control_s(
    there: Step, side: Side, words: str
) -> None:
    shown = f"status 200 came here; the control was shown {words}, status 200"

    assert told(plain(*FOUND, *AGREED, page(), *seen_plain(there)))[0] == (side, shown)


def test_over_tls_another_page_is_the_site_s_own_affair() -> None:
    look = measured(*FOUND, tls(), page(port=443), *seen(step=page(title="Other", port=443)))

    assert told(look)[0][0] is Side.FACT


@pytest.mark.parametrize(
    ("again", "there", "expected"),
    [
        (
            broken_off(),
            whole(),
            [
                (Side.FOR, "tried again: generic_timeout_error after 16384 bytes"),
                (Side.FOR, "the same server sent the control 61000 bytes"),
            ],
        ),
        (
            whole(),
            whole(17_000),
            [
                (Side.AGAINST, "tried again: whole after 61000 bytes"),
                (Side.AGAINST, "the same server sent the control 17000 bytes"),
            ],
        ),
        (
            broken_off(failure=RESET),
            whole(address=REAL2),
            [(Side.AGAINST, "tried again: connection_reset after 16384 bytes")],
        ),
    ],
)
def test_a_page_that_breaks_off_is_told_in_bytes(
    again: Step, there: Step, expected: list[tuple[Side, str]]
) -> None:
    look = measured(*FOUND, *AGREED, tls(), broken_off(), *tried_again(again), *seen(step=there))
    broke = "status 200 came here, and the page broke off after 16384 bytes: generic_timeout_error"

    assert told(look) == [(Side.FACT, broke), *expected]


@pytest.mark.parametrize(
    ("over_tls", "side", "words"),
    [
        (page(port=443), Side.FOR, "the page"),
        (page(title="Notice", port=443), Side.FACT, "another page than"),
        (page(text="<p>Other words</p>", port=443), Side.FACT, "a page beside that"),
    ],
)
def test_what_the_same_server_shows_over_tls_is_compared_with_the_control(
    over_tls: Step, side: Side, words: str
) -> None:
    text = f"over TLS, the same server shows {words} that the control is shown in the clear"
    look = plain(*FOUND, *AGREED, notice(), *seen_plain(), secure(over_tls))

    assert (side, text) in told(look)


def test_a_page_that_was_reported_is_named() -> None:
    entry = block_page(read(BLOCKED, HttpDetail))
    assert entry is not None
    text = f"the page was reported as a block page ({entry.id} in list {known().edition})"

    assert (Side.FOR, text) in told(plain(*FOUND, BLOCKED))
    assert not any("reported" in said for _, said in told(plain(*FOUND, notice())))


def test_where_a_control_came_that_followed_the_redirects_is_told() -> None:
    stopped = (*FOUND, lost(RESET))

    assert told(imported_plain(*stopped, ended(sized(900)))) == [
        (Side.FOR, "a control elsewhere came to the end of the way, status 200")
    ]
    assert told(imported_plain(*stopped, ended(lost(Failure.UNKNOWN_FAILURE)))) == [
        (Side.AGAINST, "a control elsewhere came to no end: unknown_failure")
    ]
    assert told(imported_plain(*stopped)) == []
    assert told(plain(*stopped, *seen_plain())) == []
    assert told(plain(*stopped, *seen_plain(lost(EOF)))) == []
