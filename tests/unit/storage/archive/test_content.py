"""What is there of a day and country, and when that is the same."""

from collections.abc import Callable
from pathlib import Path

from storage.archive.content import cells_of, rows_of, ruleset_of
from storage.archive.shapes import Cell
from storage.engine import open_engine, reading
from storage.store import Store
from storage.tables import measurements, steps, verdicts


def cells(place: Path) -> dict[tuple[str, str], Cell]:
    with reading(open_engine(str(place), read_only=True)) as connection:
        return cells_of(connection)


def test_cells_are_days_and_countries_in_order(place: Path, save: Callable[..., str]) -> None:
    save(1, "2026-11-24", "XB")
    save(2, "2026-11-24", "XA")
    save(3, "2026-11-23", "XB")
    save(4, "2026-11-23", "XB")
    found = cells(place)
    assert list(found) == [("2026-11-23", "XB"), ("2026-11-24", "XA"), ("2026-11-24", "XB")]
    first = found["2026-11-23", "XB"]
    assert (first.measurements, first.verdicts) == (2, 2)


def test_another_verdict_or_look_changes_its_own_cell_alone(
    place: Path, save: Callable[..., str]
) -> None:
    save(1)
    save(2, "2026-11-24")
    before = cells(place)
    save(3, "2026-11-24")
    after = cells(place)
    assert before["2026-11-23", "XA"] == after["2026-11-23", "XA"]
    assert before["2026-11-24", "XA"] != after["2026-11-24", "XA"]


def test_rows_come_by_country_and_key_as_they_are_stored(
    place: Path, save: Callable[..., str]
) -> None:
    later, first, other = save(9, country="XB"), save(1, country="XB"), save(5, country="XA")
    save(3, "2026-11-22")
    save(4, "2026-11-24")
    with reading(open_engine(str(place), read_only=True)) as connection:
        looks = [
            (country, [row[0] for row in rows])
            for country, rows in rows_of(connection, measurements, "2026-11-23")
        ]
        parts = [
            (country, [row[:2] for row in rows])
            for country, rows in rows_of(connection, steps, "2026-11-23")
        ]
        judged = [row for _, rows in rows_of(connection, verdicts, "2026-11-23") for row in rows]
    assert looks == [("XA", [other]), ("XB", [first, later])]
    assert parts[1] == ("XB", [(first, 0), (first, 1), (later, 0), (later, 1)])
    assert judged[0][3] == '["tls.reset","dns.bogon"]'


def test_the_ruleset_is_the_one_in_force(place: Path) -> None:
    with Store.open(str(place)) as store:
        store.activate(7)
    with reading(open_engine(str(place), read_only=True)) as connection:
        assert ruleset_of(connection) == 7
