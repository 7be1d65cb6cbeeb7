"""The tables nights write: what people read of them is what the contract says."""

import msgspec

from heliograph.cell import Counted
from heliograph.finding import Finding
from storage.tables_nights import cells, findings
from storage.views import DAILY, FINDINGS


def test_a_finding_has_a_column_for_each_of_its_fields_in_their_order() -> None:
    fields = [field.encode_name for field in msgspec.structs.fields(Finding)]

    assert list(FINDINGS.comments) == fields
    assert set(findings.c.keys()) == {"number", *fields}


def test_the_daily_view_begins_as_the_contract_says_and_adds_at_the_end() -> None:
    states = ("ok", "blocked", "throttled", "restricted", "removed", "down", "inconclusive")

    assert list(DAILY.comments)[:23] == [
        *("day", "country", "asn", "target", "probe", "state", "technique"),
        *("n_measurements", "n_vantages", *(f"n_{state}" for state in states)),
        *("blocked_share", "blocked_share_low", "blocked_share_high", "witness_id"),
        *("max_lag_seconds", "ruleset_version", "built_at"),
    ]


def test_what_is_counted_has_a_column_unless_a_flag_tells_it() -> None:
    told = {"most_of_one", "vantages_against", "vantages_through"}

    assert set(Counted._fields) - told <= set(cells.c.keys())
