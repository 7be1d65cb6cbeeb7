"""A night's looks in an archive: DuckDB counts them, by the same statements as a database."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from heliograph.cell import Counted
from heliograph.text import counted
from storage.aggregates import DUCKDB, changing, newest_of, within
from storage.archive.library import quoted
from storage.archive.reading import open_archive
from storage.errors import StorageError
from storage.looks import JOINED, VERDICTS, Change, StoredLooks, cells_of, changes_of
from storage.tables import RULESET_KEY

_RECEIPT = "{'id': 'VARCHAR', 'vantage': 'VARCHAR', 'received_at': 'VARCHAR'}"
_AT_ONCE = 20_000


class ArchivedLooks:
    """Those of the archive in a folder, as its files are now.

    So many ``workers`` count beside one another, as threads; however many, the cells are the same.

    An archive doesn't say who sent what: that is taken from the database it was made of. Raises
    MissingInput and StorageError as ``open_archive`` does, and StorageError for an archive that
    holds what the database does not, or no longer.
    """

    def __init__(self, folder: Path, received: StoredLooks, workers: int = 1) -> None:
        _require_stored(folder, received)
        self._connection = open_archive(folder)
        self._connection.execute(f"SET threads = {workers}")
        self._connection.execute(
            "CREATE TABLE receipts (id VARCHAR, vantage VARCHAR, received_at VARCHAR)"
        )
        with TemporaryDirectory() as place:  # a row at a time, it takes thousands in a second
            file = Path(place, "receipts.csv")
            if _write(file, received.receipts()):
                columns = f"columns = {_RECEIPT}, header = false, nullstr = ''"
                self._connection.execute(
                    f"INSERT INTO receipts SELECT * FROM read_csv({quoted(str(file))}, {columns})"  # noqa: S608
                )

    def close(self) -> None:
        """Let go of the files."""
        self._connection.close()

    def ruleset(self) -> int | None:
        """See ``Looks``."""
        found = self._all(f"SELECT value FROM settings WHERE key = '{RULESET_KEY}'")  # noqa: S608
        return int(str(found[0][0])) if found else None

    def changes(self, first: str, last: str) -> dict[str, Change]:
        """See ``Looks``."""
        return changes_of(self._all(changing(VERDICTS, "r.vantage", within(first, last), JOINED)))

    def newest_day(self, last: str) -> str | None:
        """See ``Looks``."""
        ((newest,),) = self._all(newest_of(VERDICTS, last))
        return None if newest is None else str(newest)[:10]

    def cells(self, days: Sequence[str]) -> Iterator[Counted]:
        """See ``Looks``."""
        found = self._connection.execute(cells_of(days, DUCKDB))
        while rows := found.fetchmany(_AT_ONCE):
            yield from map(Counted._make, rows)

    def _all(self, sql: str) -> Sequence[Sequence[object]]:
        return self._connection.execute(sql).fetchall()


def _require_stored(folder: Path, received: StoredLooks) -> None:
    """Raise unless the database has every measurement: what was forgotten must not come back."""
    missing = received.missing_of(folder)
    if missing:
        raise StorageError(
            f"{folder}: this database lacks {counted(missing, 'measurement')} of it; 'heliograph"
            " export parquet --remove' takes out what was forgotten"
        )


def _write(file: Path, receipts: Iterable[tuple[str, str | None, str]]) -> int:
    """Write them, and say how many there were; what has no key is an empty cell."""
    written = 0
    with file.open("w", encoding="utf-8", newline="") as into:
        table = csv.writer(into)
        for row in receipts:
            table.writerow(row)
            written += 1
    return written
