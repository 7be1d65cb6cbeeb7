"""What was known on a night is what later looks can't change."""

from analysis.detection.detect import detect
from analysis.detection.nights import as_of, nights
from tests.unit.analysis.detection.tables import key, rows, table

MADE = {
    key(asn=n): rows(90, *([(40, 60, 0.95)] if n == 1 else []), seed=n, vantages=4)
    for n in range(1, 9)
}


def test_a_night_knows_its_own_bucket_and_none_that_follows() -> None:
    known = as_of(table(MADE), 44)

    assert known.grid.length == 45
    assert {one.rows[-1].at for one in known} == {44}


def test_a_series_that_nobody_had_looked_at_is_not_there_yet() -> None:
    late = {**MADE, key(asn=9): tuple(row for row in rows(90) if row.at >= 50)}

    assert len(as_of(table(late), 49).series) == len(MADE)
    assert len(as_of(table(late), 50).series) == len(MADE) + 1


def test_what_is_found_on_a_night_is_what_a_table_cut_there_gives() -> None:
    cut = {name: tuple(row for row in told if row.at <= 50) for name, told in MADE.items()}
    found = detect(as_of(table(MADE), 50))

    assert found == detect(table(cut))
    assert [one.end for one in found] == [None]


def test_nights_come_one_after_the_other_up_to_the_last() -> None:
    told = [(night, known.grid.length) for night, known in nights(table(MADE), 87)]

    assert told == [(87, 88), (88, 89), (89, 90)]
