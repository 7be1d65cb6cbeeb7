"""What ``benchmarks.kill_store`` kills, on each engine: loads, imports, schemas, migrations."""

import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

from alembic import command
from alembic.config import Config

from benchmarks.killed_server import KilledServer
from benchmarks.store import batches
from storage import schema
from storage.engine import open_engine, writing
from storage.loading import load
from storage.tables import measurements, retired, steps, verdicts
from storage.tables_nights import cells, days, events, findings, freshness, series
from storage.views import drop_views
from tests.unit.storage.ooni.published import document, healthy, line

STEPS = 20_000
DOCUMENTS = 1_500
HELIOGRAPH = (sys.executable, "-m", "heliograph")
_FACTS = (measurements, steps, verdicts)
_OLD = schema.REVISIONS[:-1]
_OLD_VIEW = "CREATE VIEW api_v1_older AS SELECT id FROM measurements"


@dataclass(frozen=True)
class Work:
    """Something that is killed, on one engine."""

    name: str
    command: Callable[[str], list[str]]
    starts: tuple[Callable[[], str], ...]
    """Each makes a place for it, in one of the states it may begin with, and says where."""
    begun: Callable[[str], bool]
    """Whether it has the database open."""
    server: KilledServer | None = None
    bit_by_bit: bool = False
    """It may leave some of the measurements."""


def works(folder: Path, server: KilledServer) -> Iterator[Work]:
    """All of them, with what they need in a folder of theirs."""
    file = folder / "documents.jsonl"
    made = (line(document(healthy(), input=f"https://s{n}.example/")) for n in range(DOCUMENTS))
    file.write_bytes(b"\n".join(made))
    files, databases = _Files(folder), _Databases(server)
    for on in (files, databases):
        yield Work(f"load, {on.engine}", _load, (on.new,), on.begun, on.server)
        yield Work(
            f"import, {on.engine}",
            lambda at: [*HELIOGRAPH, "import", "ooni", str(file), "--db", at],
            (on.new,),
            on.begun,
            on.server,
            bit_by_bit=True,
        )
        yield Work(f"new schema, {on.engine}", _upgrade, (on.new,), on.begun, on.server)
        yield Work(f"migration, {on.engine}", _upgrade, on.old(), on.begun, on.server)


def filled(place: str) -> None:
    """A new database with some thousands of steps."""
    load(place, batches(STEPS), lambda *_: None)


def _load(place: str) -> list[str]:
    words = "import sys; from benchmarks.kill_store_works import filled; filled(sys.argv[1])"
    return [sys.executable, "-c", words, place]


def _upgrade(place: str) -> list[str]:
    return [*HELIOGRAPH, "db", "upgrade", "--db", place]


class _Files:
    """Places in SQLite."""

    engine, server = "SQLite", None

    def __init__(self, folder: Path) -> None:
        self._folder, self._numbers = folder, count()

    def new(self) -> str:
        return str(self._folder / f"{next(self._numbers)}.sqlite")

    def old(self) -> tuple[Callable[[], str], ...]:
        whole = self.new()
        filled(whole)
        olds = [_make_old(self._folder / f"old-{name}.sqlite", name, whole) for name in _OLD]
        return tuple(lambda old=old: str(shutil.copy(old, self.new())) for old in olds)

    @staticmethod
    def begun(place: str) -> bool:
        return any(Path(place + beside).exists() for beside in (".loading", "-wal", "-journal"))


class _Databases:
    """Places in PostgreSQL."""

    engine = "PostgreSQL"

    def __init__(self, server: KilledServer) -> None:
        self.server = server

    def new(self, template: str = "template0") -> str:
        running = self.server.running
        return running.url(running.new_database(template))

    def old(self) -> tuple[Callable[[], str], ...]:
        place = self.new()
        filled(place)
        _take_back_nights(place)
        name = database_of(place)
        return (lambda: self.new(name),)

    def begun(self, place: str) -> bool:
        return bool(self.server.backends(database_of(place)))


def database_of(place: str) -> str:
    """The name of the database in a URL."""
    return urlsplit(place).path.lstrip("/")


def _make_old(place: Path, revision: str, whole: str) -> Path:
    """A file of an older schema, with all the measurements of a whole one, a consent and a view."""
    engine = open_engine(str(place))
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()
    file = sqlite3.connect(place)
    file.execute("ATTACH ? AS whole", (whole,))
    for table in _FACTS:
        names = ", ".join(row[1] for row in file.execute(f"PRAGMA table_info({table.name})"))
        file.execute(
            f"INSERT INTO main.{table.name} ({names}) SELECT {names} FROM whole.{table.name}"
        )
    file.execute("INSERT INTO settings VALUES ('ruleset_version', '1')")
    file.execute(
        "INSERT INTO consents (text_version, text_sha256, language, how, recorded)"
        " VALUES ('1', 'aa', 'en', 'typed at a terminal', '2026-01-02T03:04:05Z')"
    )
    file.execute(_OLD_VIEW)
    file.commit()
    file.close()
    return place


def _take_back_nights(place: str) -> None:
    """Make of the newest schema the one before it: 0004, the first that PostgreSQL has."""
    engine = open_engine(place)
    with writing(engine) as connection:
        drop_views(connection)
        for table in (cells, days, events, findings, freshness, series, retired):
            table.drop(connection)
        connection.exec_driver_sql("ALTER TABLE receipts DROP COLUMN vantage")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0004'")
        connection.exec_driver_sql(_OLD_VIEW)
    engine.dispose()
