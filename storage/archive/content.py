"""What a database holds, as an archive wants it: days and countries, and their rows as stored."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import Connection, Table, text

from storage.archive.shapes import Cell
from storage.tables import RULESET_KEY, measurements, retired, verdicts

_AT_ONCE = 5_000
_DAY = 10

Row = Sequence[object]


class Print(NamedTuple):
    """How many steps a measurement has, and the SHA-256 of what they say."""

    steps: int
    sha256: str


def cells_of(connection: Connection, *, told: bool = False) -> dict[tuple[str, str], Cell]:
    """Every day and country there is, in order, with the fingerprint of what is there.

    ``told``: what verdicts say is part of it, since looks that were masked into the same change
    places when one of them goes or comes.
    """
    looks = "SELECT id, started, country FROM measurements ORDER BY id"
    said = "".join(f", v.{column.name}" for column in verdicts.columns) if told else ""
    judged = (
        f"SELECT v.measurement_id, v.ruleset_version, m.started, m.country{said}"  # noqa: S608 - ours
        " FROM verdicts AS v"
        " JOIN measurements AS m ON m.id = v.measurement_id"
        " ORDER BY v.measurement_id, v.ruleset_version"
    )
    gone = (
        "SELECT r.measurement_id, r.sha256, m.started, m.country FROM retired AS r"
        " JOIN measurements AS m ON m.id = r.measurement_id ORDER BY r.measurement_id"
    )
    found: defaultdict[tuple[str, str], _Counting] = defaultdict(_Counting)
    for identity, started, country in rows_by(connection, looks):
        found[str(started)[:_DAY], str(country)].look(str(identity))
    for identity, ruleset, started, country, *rest in rows_by(connection, judged):
        found[str(started)[:_DAY], str(country)].verdict(str(identity), ruleset, rest)
    for identity, sha256, started, country in rows_by(connection, gone):
        found[str(started)[:_DAY], str(country)].retired(str(identity), sha256)
    return {key: found[key].cell(*key) for key in sorted(found)}


def rows_of(connection: Connection, table: Table, day: str) -> Iterator[tuple[str, Iterator[Row]]]:
    """The rows of a table whose measurement is of the day, country by country, each by its key.

    Values are those the engine keeps: texts in their escaped form, JSON as text. The rows of one
    country have to be taken before the next.
    """
    own = ", ".join(f"t.{column.name}" for column in table.columns)
    key = [f"t.{column.name}" for column in table.primary_key.columns]
    joined = (
        "measurements AS t"
        if table is measurements
        else f"{table.name} AS t JOIN measurements AS m ON m.id = t.measurement_id"
    )
    look = "t" if table is measurements else "m"
    # A moment begins with its day and a T, so what comes before the next letter is of that day.
    wanted = (
        f"SELECT {look}.country AS cell_country, {own} FROM {joined}"  # noqa: S608 - names of ours
        f" WHERE {look}.started >= :first AND {look}.started < :last"
        f" ORDER BY {look}.country, {', '.join(key)}"
    )
    found = rows_by(connection, wanted, first=f"{day}T", last=f"{day}U")
    for country, rows in groupby(found, key=lambda row: str(row[0])):
        yield country, (row[1:] for row in rows)


def ids_of(connection: Connection, day: str, country: str) -> set[str]:
    """The measurements of a day and country."""
    wanted = (
        "SELECT id FROM measurements"
        " WHERE country = :country AND started >= :first AND started < :last"
    )
    found = rows_by(connection, wanted, country=country, first=f"{day}T", last=f"{day}U")
    return {str(identity) for (identity,) in found}


def marks_of(connection: Connection, day: str) -> dict[str, dict[str, Print]]:
    """By country and measurement, the steps of a day that the database does not hold any more."""
    found: defaultdict[str, dict[str, Print]] = defaultdict(dict)
    for country, rows in rows_of(connection, retired, day):
        for identity, _, count, sha256 in rows:
            found[country][str(identity)] = Print(int(str(count)), str(sha256))
    return found


def ruleset_of(connection: Connection) -> int | None:
    """The ruleset in force; None in a new database."""
    wanted = text("SELECT value FROM settings WHERE key = :key")
    value = connection.scalar(wanted, {"key": RULESET_KEY})
    return None if value is None else int(value)


class _Counting:
    """The keys of one cell, as they come."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._looks = self._verdicts = self._retired = 0

    def look(self, identity: str) -> None:
        self._looks += 1
        self._hash.update(f"m {identity}\n".encode())

    def verdict(self, identity: str, ruleset: object, said: Sequence[object]) -> None:
        self._verdicts += 1
        self._hash.update(f"v {identity} {ruleset}\n".encode())
        if said:
            self._hash.update(f"{said}\n".encode())

    def retired(self, identity: str, sha256: object) -> None:
        self._retired += 1
        self._hash.update(f"r {identity} {sha256}\n".encode())

    def cell(self, day: str, country: str) -> Cell:
        return Cell(
            day=day,
            country=country,
            measurements=self._looks,
            verdicts=self._verdicts,
            retired=self._retired,
            fingerprint=self._hash.hexdigest(),
        )


def rows_by(connection: Connection, wanted: str, **values: str) -> Iterator[Row]:
    """Rows as the driver gives them, batch by batch."""
    streamed = connection.execution_options(yield_per=_AT_ONCE)
    with streamed.execute(text(wanted), values) as result:
        for batch in result.partitions():
            yield from map(tuple, batch)
