"""Anybody's CSV as a table; what can't be read is named with its line and what mends it."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from analysis.detection.reading import BadTable, read_table
from analysis.detection.series import UNKNOWN, Key, Row


def read(*lines: str) -> dict[Key, tuple[Row, ...]]:
    made, _ = read_table([line + "\n" for line in lines])
    return {series.key: series.rows for series in made}


def test_the_least_there_can_be_is_time_and_two_counts() -> None:
    found = read("time,n_ok,n_blocked", "2026-01-01,9,1", "2026-01-02,9,0", "2026-01-04,8,2")

    assert found == {Key("ZZ", 0, "", ""): (Row(0, 9, 1), Row(1, 9, 0), Row(3, 8, 2))}


@pytest.mark.parametrize(("names", "cells"), [("n,n_blocked", "10,3"), ("n_ok,n", "7,10")])
def test_of_all_looks_and_one_count_the_other_follows(names: str, cells: str) -> None:
    (told,) = read(f"time,{names}", f"2026-01-01,{cells}").values()

    assert told == (Row(0, 7, 3),)


def test_looks_of_any_outcome_are_part_of_all_looks() -> None:
    (told,) = read("time,n,n_blocked,n_down,n_throttled", "2026-01-01,10,3,2,1").values()

    assert told == (Row(0, ok=4, blocked=3, throttled=1, down=2),)


def test_everything_that_may_be_told_is_kept() -> None:
    head = "time,country,asn,target,probe,n_ok,n_blocked,n_inconclusive,n_vantages,technique"
    found = read(
        head, '2026-01-01T00:00:00Z,xa,AS64500,"https://a.example/?x=1,2",web,1,2,3,4,dns.bogon'
    )

    row = Row(0, 1, 2, inconclusive=3, vantages=4, technique="dns.bogon")
    assert found == {Key("XA", 64500, "https://a.example/?x=1,2", "web"): (row,)}


def test_what_is_not_told_is_unknown_and_not_nought() -> None:
    (told,) = read("time,n_ok,n_blocked,n_vantages,n_down", "2026-01-01,1,2,,").values()

    assert (told[0].vantages, told[0].down) == (UNKNOWN, 0)


def test_times_of_other_zones_are_the_same_bucket_in_utc() -> None:
    found = read("time,n_ok,n_blocked", "2026-01-01T02:00:00+02:00,1,0", "2026-01-02,1,0")

    assert [row.at for row in found[Key("ZZ", 0, "", "")]] == [0, 1]


def test_numbers_as_spreadsheets_write_them_are_whole_numbers() -> None:
    (told,) = read("time,n_ok,n_blocked", "2026-01-01,12.0, 3 ").values()

    assert told == (Row(0, 12, 3),)


def test_columns_nobody_asked_for_are_named() -> None:
    _, unused = read_table(["time,n_ok,n_blocked,contry\n", "2026-01-01,1,1,XA\n"])

    assert unused == ("contry",)


def test_the_order_of_lines_changes_nothing() -> None:
    lines = [f"2026-01-{day:02},{asn},{day},1\n" for day in range(1, 20) for asn in (1, 2)]
    mixed = random.Random(1).sample(lines, len(lines))
    head = "time,asn,n_ok,n_blocked\n"

    assert read_table([head, *lines]) == read_table([head, *mixed])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: the file is empty"),
        ("time;n_ok;n_blocked", "line 1: columns are separated by semicolons; separate them by"),
        ("day,n_ok,n_blocked", "line 1: there is no column time; rename day"),
        ("time,n_ok", "line 1: of n_ok, n_blocked and n, two are needed"),
        ("time,n_ok,n_ok,n_blocked", "line 1: two columns are called n_ok"),
        ("time,n_ok,n_blocked\n2026-01-01,1", "line 2: it has 2 cells and the header 3"),
        ("time,n_ok,n_blocked\n01/02/2026,1,1", "line 2: time '01/02/2026' can't be read; write a"),
        ("time,n_ok,n_blocked\n20260101,1,1", "line 2: time '20260101' is no start of a bucket"),
        ("time,n_ok,n_blocked\n2026-01-01,,1", "line 2: a count is missing; write 0 for none"),
        ("time,n_ok,n_blocked\n2026-01-01,nan,1", "line 2: count 'nan' is no number"),
        ("time,n_ok,n_blocked\n2026-01-01,-1,1", "line 2: count -1 can't be"),
        ("time,n_ok,n_blocked\n2026-01-01,0.5,1", "line 2: count 0.5 can't be"),
        ("time,n,n_blocked\n2026-01-01,1,2", "line 2: n is 1, and the other counts add up to more"),
        ("time,n_ok,n_blocked,country\n2026-01-01,1,1,XYZ", "line 2: country 'XYZ' is none"),
        ("time,n_ok,n_blocked,asn\n2026-01-01,1,1,4294967296", "line 2: asn 4294967296 is none"),
        (
            "time,n_ok,n_blocked\n2026-01-01,1,1\n2026-01-01T00:00:00Z,2,2",
            "line 3: the same bucket of the same series is on line 2",
        ),
        (
            "time,n_ok,n_blocked\n2026-01-01,1,1\n2026-01-01T00:00:01Z,1,1\n2026-03-01,1,1",
            "line 2: these times are no starts of buckets",
        ),
        ('time,n_ok,n_blocked\n"2026-01-01"x,1,1', "this is no CSV"),
        ("time,n,n_ok,n_blocked\n2026-01-01,5,6,7", "line 2: n is 5, and the other counts add up"),
        ("time,n_ok,n_blocked\n0026-01-01,1,1", "line 2: time '0026-01-01' is of a year in which"),
        ("time,n_ok,n_blocked\n9999-12-01,1,1", "line 2: time '9999-12-01' is of a year in which"),
    ],
)
def test_what_can_not_be_read_is_named_with_its_line_and_what_mends_it(
    text: str, message: str
) -> None:
    with pytest.raises(BadTable) as caught:
        read_table(text.splitlines(keepends=True))

    assert message in str(caught.value)
    assert ";" in str(caught.value)


def daily(days: int, hour_of: Callable[[int], int]) -> list[str]:
    """A line a day, each at an hour of its own."""
    first = datetime(2026, 1, 1, tzinfo=UTC)
    moments = (first + timedelta(days=day, hours=hour_of(day)) for day in range(days))
    return [f"{moment:%Y-%m-%dT%H:%M:%SZ},5,0" for moment in moments]


def test_one_line_of_another_hour_does_not_cut_days_into_hours() -> None:
    lines = [*daily(60, lambda _: 0), "2026-02-15T01:00:00Z,5,5"]
    with pytest.raises(BadTable, match=r"line 62: it starts at 01:00, and most .* at 00:00; round"):
        read("time,n_ok,n_blocked", *lines)


def test_nor_do_local_midnights_when_the_clock_is_put_forward() -> None:
    lines = daily(60, lambda day: 23 if day < 35 else 22)
    with pytest.raises(BadTable, match=r"line 37: it starts at 22:00, and most .* at 23:00; round"):
        read("time,n_ok,n_blocked", *lines)


def test_local_midnights_of_one_offset_are_days() -> None:
    table, _ = read_table(
        ["time,n_ok,n_blocked\n", *(f"{one}\n" for one in daily(60, lambda _: 23))]
    )

    assert (table.grid.days, table.grid.length) == (1, 60)


@pytest.mark.parametrize("hours", [(0, 12), (3, 4), tuple(range(8, 20))])
def test_hours_are_hours_though_the_nights_have_none(hours: tuple[int, ...]) -> None:
    lines = [f"2026-01-{day:02}T{hour:02}:00:00Z,5,0\n" for day in range(1, 29) for hour in hours]
    table, _ = read_table(["time,n_ok,n_blocked\n", *lines])

    assert table.grid.width == 3600 * (hours[1] - hours[0])


def test_what_is_further_apart_than_a_month_are_days() -> None:
    table, _ = read_table(
        [line + "\n" for line in ("time,n_ok,n_blocked", "2026-01-05,5,0", "2026-03-06,5,0")]
    )

    assert (table.grid.days, table.grid.length) == (1, 61)
    assert [row.at for row in table.series[0].rows] == [0, 60]


def test_looks_beyond_those_that_are_told_may_be_of_further_vantages() -> None:
    (told,) = read("time,n,n_ok,n_blocked,n_vantages", "2026-01-01,12,1,2,9").values()
    (untold,) = read("time,n,n_ok,n_blocked", "2026-01-01,,1,2").values()

    assert told == (Row(0, 1, 2, vantages=9),)
    assert untold == (Row(0, 1, 2),)


def test_vantages_are_one_for_each_look_at_the_most() -> None:
    few, _ = read_table(["time,n_ok,n_blocked,n_vantages\n", "2026-01-01,1,0,9\n"])
    known, _ = read_table(["time,n,n_ok,n_blocked,n_vantages\n", "2026-01-01,9,1,0,9\n"])

    assert [row.vantages for table in (few, known) for one in table for row in one.rows] == [1, 9]
