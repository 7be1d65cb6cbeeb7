"""Conditions beyond what the rules' own cases show (cases.py has each rule's)."""

import pytest

from analysis.conditions import needs_comparison
from analysis.evidence import Evidence
from tests.unit.analysis.builders import http, measured, tls
from tests.unit.analysis.cases_dns import FOUND, REACHED


@pytest.mark.parametrize("status", [403, 429, 500, 599])
def test_a_refusal_by_the_site_itself_needs_a_comparison(status: int) -> None:
    assert needs_comparison(Evidence(measured(*FOUND, tls(), http(status)))) == status


def test_a_page_needs_no_comparison() -> None:
    assert needs_comparison(Evidence(measured(*REACHED))) is None
