"""Nights as a whole: by the command, on every engine, told, refused, ended by a signal."""

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from analysis.rules import RULESET_VERSION
from heliograph.model import State
from scheduler.nightly import NightWork
from scheduler.nightly_workers import DividedLooks
from storage.archive.reading import open_archive
from storage.archive.shapes import NIGHT_TABLES, load
from storage.archive.writing import Archiving
from storage.engine import MEMORY, reading
from storage.forgetting import What
from storage.looks import Looks
from storage.looks_archive import ArchivedLooks
from storage.nights import Busy
from storage.store import Store
from storage.views import DAILY, FINDINGS
from tests.lab.test_commands import Desk
from tests.made_looks import START, Look, judged
from tests.postgres_server import Server

NOW = datetime(2026, 12, 1, 1, 30, tzinfo=UTC)


def history() -> list[Look]:
    """Two networks of three senders, one target blocked for the last ten of thirty days."""
    return [
        Look(
            day=day,
            hour=hour,
            asn=64500 + asn,
            target=target,
            key=key,
            state=State.BLOCKED if target == "one.example" and day >= 20 else State.OK,
            technique="dns.bogon" if key == "a" else "tls.reset",
        )
        for day in range(30)
        for hour in (1, 13)
        for asn in range(2)
        for key in "abc"
        for target in ("one.example", "Ünë|%s:é.example")
    ]


def fill(store: Store, looks: Sequence[Look]) -> None:
    for key in ("a", "b", "c"):
        store.receipts.keep(key, judged([one for one in looks if one.key == key]), START, key)
    store.imports.keep(judged([Look(source="ooni:x#y"), Look(day=3, state=State.DOWN)]))
    store.activate(RULESET_VERSION)


def tables(store: Store, looks: Looks) -> list[list[tuple[object, ...]]]:
    """What a night of 60 days makes of them."""
    list(NightWork(store, looks, lambda: NOW, 60).steps())
    with reading(store._engine) as connection:
        return [
            sorted(map(tuple, connection.execute(select(view.rows))), key=repr)
            for view in (DAILY, FINDINGS)
        ]


def test_three_engines_make_the_same_tables(postgres: Server, tmp_path: Path) -> None:
    on_server = postgres.url(postgres.new_database())
    with Store.open(str(tmp_path / "a.sqlite")) as lite, Store.open(on_server) as server:
        fill(lite, history())
        fill(server, history()[::-1])
        daily, findings = tables(lite, lite.looks)
        assert tables(server, server.looks) == [daily, findings]
        assert len(daily) == 4 * 31
        assert [row[0] for row in findings] == ["blocking"]

        list(Archiving(on_server, tmp_path / "archive").days())
        archived = closing(ArchivedLooks(tmp_path / "archive", server.looks))
        with Store.open(str(tmp_path / "b.sqlite")) as other, archived as looks:
            assert tables(other, looks) == [daily, findings]
        shown = load(tmp_path / "archive")
        assert {part.table for part in shown.night} == {table.name for table in NIGHT_TABLES}
        lite.nights.put_into(tmp_path / "archive")
        assert load(tmp_path / "archive") == shown

        assert server.forgetting.forget(What()) == len(history()) + 2
        with pytest.raises(Busy), server.nights.alone():
            Store(server._engine).forgetting.forget(What())
        assert tables(server, server.looks) == [[], []]


def test_any_number_of_workers_makes_the_same_tables(postgres: Server, tmp_path: Path) -> None:
    file, archive = str(tmp_path / "a.sqlite"), tmp_path / "archive"
    on_server = postgres.url(postgres.new_database())
    for location in (file, on_server):
        with Store.open(location) as store:
            fill(store, history())
    list(Archiving(file, archive).days())
    with Store.open(file) as store, Store.open(on_server) as server:
        alone = tables(store, store.looks)
        assert len(alone[0]) == 4 * 31
        for looks in (
            DividedLooks(store.looks, file, 3),
            DividedLooks(server.looks, on_server, 2),
            ArchivedLooks(archive, store.looks, 3),
        ):
            with Store.open(MEMORY) as other, closing(looks):
                assert tables(other, looks) == alone


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    with Store.open(str(desk.db)) as store:
        fill(store, history())
    return desk


def asked(desk: Desk, *words: str, code: int = 0) -> tuple[list[dict[str, object]], str]:
    """The lines of JSON a command printed, and what it said."""
    done = desk(*words)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def test_a_night_is_made_told_and_asked_for(desk: Desk) -> None:
    ((made,), _) = asked(desk, "nightly", "--json", "--days", "3650", "--workers", "2")
    assert (made["kind"], made["findings"]) == ("night", 1)
    ((found,), told) = asked(desk, "findings", "--json", "--country", "xa", "--type", "blocking")
    assert (found["kind"], found["asns"]) == ("finding", [64500, 64501])
    assert "1 finding, as of" in told
    assert asked(desk, "findings", "--json", "--country", "XB")[0] == []

    lines, told = asked(desk, "nightly", "--archive", str(desk.folder / "none"), code=66)
    assert (lines, "is no archive" in told) == ([], True)
    nowhere = desk.folder / "nowhere.sqlite"
    asked(desk, "nightly", "--db", str(nowhere), code=66)
    assert not nowhere.exists()
    sql = "select state, published is not null as shown from api_v1_freshness"
    assert asked(desk, "query", "--json", sql)[0] == [{"state": "failed", "shown": 1}]
    assert "came to nothing" in desk("findings").stderr


def test_findings_that_were_forgotten_are_not_called_none(desk: Desk) -> None:
    desk("nightly")
    forgotten = desk("forget", "--host", "one.example", "--yes")

    told = desk("findings").stderr
    assert "'heliograph nightly' makes them anew" in forgotten.stderr
    assert "went with what was forgotten" in told
    assert "0 findings" not in told
    desk("nightly")
    assert "0 findings, as of" in desk("findings").stderr


def test_a_second_night_at_the_same_time_is_refused(desk: Desk) -> None:
    with Store.open(str(desk.db)) as store, store.nights.alone():
        _, told = asked(desk, "nightly", code=65)

    assert "another program" in told


def test_a_daemon_catches_up_and_ends_with_sigterm(desk: Desk) -> None:
    archive = desk.folder / "archive"
    list(Archiving(str(desk.db), archive).days())
    process = subprocess.Popen(
        [sys.executable, "-m", "heliograph", "nightly", "--daemon", "--json", "--archive", archive],
        env=desk.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    made = json.loads(process.stdout.readline())
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)

    assert (made["kind"], process.returncode) == ("night", 143)
    with open_archive(archive) as connection:
        assert connection.execute("SELECT state FROM api_v1_freshness").fetchall() == [("done",)]
