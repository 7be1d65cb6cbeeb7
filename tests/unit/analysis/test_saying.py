"""The words that comparisons share."""

import pytest

from analysis.evidence import Evidence
from analysis.saying import at, ended, outcome, places, side_of
from heliograph.model import Side, Step
from tests.unit.analysis.builders import NXDOMAIN, REAL, RESET, http, measured, tcp, tls
from tests.unit.analysis.builders_control import page

E = Evidence(measured())


def test_a_comparison_speaks_for_interference_or_against_it() -> None:
    assert side_of(True) is Side.FOR
    assert side_of(False) is Side.AGAINST


def test_a_place_is_an_address_and_a_port() -> None:
    assert at(tcp(port=80)) == f"{REAL} port 80"


def test_a_resolver_that_said_nothing_has_no_word() -> None:
    assert ended(None) == "no word"
    assert ended(NXDOMAIN) == "dns_nxdomain_error"


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (tls(failure=RESET), "connection_reset"),
        (tls(), "answered"),
        (page(404), "answered, status 404"),
        (http(200, RESET, stage="body"), "connection_reset"),
    ],
)
def test_what_came_of_a_step_is_its_failure_or_its_answer(step: Step, words: str) -> None:
    assert outcome(E, step) == words


def test_of_many_addresses_the_first_four_are_told_in_order() -> None:
    many = [f"203.0.113.{number}" for number in (9, 8, 7, 6, 5, 4)]

    assert places(many[:4]) == "203.0.113.6, 203.0.113.7, 203.0.113.8, 203.0.113.9"
    assert places(many) == "203.0.113.4, 203.0.113.5, 203.0.113.6, 203.0.113.7 and 2 more"
    assert places([]) == ""
