"""The views of nights over an archive give what those of its database give."""

import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.rules import RULESET_VERSION
from heliograph.model import State
from scheduler.nightly import NightWork
from storage.archive.checking import check_archive
from storage.archive.reading import open_archive
from storage.archive.shapes import load
from storage.archive.writing import Archiving
from storage.errors import StorageError
from storage.forgetting import What
from storage.store import Store
from storage.views import VIEWS
from tests.made_looks import Look, judged
from tests.unit.storage.archive.conftest import exported

NOW = datetime(2026, 12, 20, 1, 30, tzinfo=UTC)
_LOOKS = st.builds(
    Look,
    day=st.integers(28, 31),
    hour=st.integers(0, 23),
    state=st.sampled_from(State),
    country=st.sampled_from(("XA", "", "é\x00", "'")),
    asn=st.sampled_from((0, 64500, 2**32 - 1)),
    target=st.sampled_from(("one.example", 'a"b\\', "\x1a|%s:é")),
    technique=st.sampled_from(("dns.bogon", "tls.reset")),
    source=st.sampled_from((None, "ooni:x")),
    number=st.integers(0, 3),
)


def blocked(days: int = 40) -> list[Look]:
    """Two networks, blocked from the twentieth day on; October ends and November begins."""
    return [
        Look(
            day=day - 10,
            hour=hour,
            asn=64500 + asn,
            target=target,
            source=f"ooni:{source}",
            state=State.BLOCKED if target == "one.example" and day >= 20 else State.OK,
        )
        for day in range(days)
        for hour in (1, 13)
        for asn in range(2)
        for target in ("one.example", "two.example")
        for source in ("x", "y")
    ]


def night(place: Path, now: datetime = NOW) -> None:
    with Store.open(str(place)) as store:
        list(NightWork(store, store.looks, lambda: now, 60).steps())


def keep(place: Path, looks: Sequence[Look]) -> None:
    with Store.open(str(place)) as store:
        store.imports.keep(judged(looks))
        store.activate(RULESET_VERSION)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database and an archive of it, with a night in both."""
    whole = tmp_path_factory.mktemp("night")
    keep(whole / "r.sqlite", blocked())
    night(whole / "r.sqlite")
    exported(whole / "r.sqlite", whole / "archive")
    return whole


@pytest.fixture
def place(tmp_path: Path, made: Path) -> Path:
    """A copy of the database."""
    return Path(shutil.copy(made / "r.sqlite", tmp_path))


@pytest.fixture
def folder(tmp_path: Path, made: Path) -> Path:
    """A copy of the archive."""
    return shutil.copytree(made / "archive", tmp_path / "archive")


def assert_same(place: Path, folder: Path) -> None:
    with closing(sqlite3.connect(place)) as own, open_archive(folder, locked=True) as other:
        for view in VIEWS:
            wanted = f"SELECT * FROM {view.name}"
            mine, theirs = own.execute(wanted), other.execute(wanted)
            names = [column[0] for column in mine.description]
            assert [column[0] for column in theirs.description or ()] == names
            assert Counter(mine.fetchall()) == Counter(theirs.fetchall())


def inodes(folder: Path) -> dict[str, int]:
    return {
        path.relative_to(folder).as_posix(): path.stat().st_ino
        for path in (folder / "night").rglob("*.parquet")
    }


@settings(deadline=None, max_examples=4)
@given(st.lists(_LOOKS, max_size=25))
def test_any_night_is_the_same_from_database_and_archive(looks: list[Look]) -> None:
    with tempfile.TemporaryDirectory() as name:
        place, folder = Path(name) / "r.sqlite", Path(name) / "archive"
        keep(place, looks)
        night(place)
        exported(place, folder)
        assert_same(place, folder)
        assert check_archive(folder).faults == ()


def test_a_night_with_findings_is_the_same_and_whole(place: Path, folder: Path) -> None:
    assert_same(place, folder)
    assert check_archive(folder).faults == ()
    with open_archive(folder) as connection:
        wanted = "SELECT targets FROM api_v1_findings WHERE type = 'blocking'"
        assert connection.execute(wanted).fetchall() == [('["https://one.example/"]',)]


def test_a_night_that_changes_a_day_writes_its_month_and_no_other(
    place: Path, folder: Path
) -> None:
    before = inodes(folder)
    keep(place, [Look(day=12, number=7)])
    night(place)
    exported(place, folder)
    after = inodes(folder)

    kept = {name for name in before if before[name] == after.get(name)}
    assert {name.rpartition("/")[0] for name in kept} >= {
        "night/cells/month=2026-10",
        "night/series",
        "night/events",
    }
    assert not any("month=2026-11" in name for name in kept)
    assert_same(place, folder)


def test_nothing_is_written_when_no_night_was_made(place: Path, folder: Path) -> None:
    before = inodes(folder), (folder / "archive.json").stat().st_ino
    exported(place, folder)
    assert (inodes(folder), (folder / "archive.json").stat().st_ino) == before


def test_a_file_of_the_night_that_is_missing_or_cut_off_is_written_anew(
    place: Path, folder: Path
) -> None:
    whole = load(folder)
    gone, cut = (folder / part.file for part in whole.night[:2])
    gone.unlink()
    cut.write_bytes(cut.read_bytes()[:-1])
    with pytest.raises(StorageError, match="is missing"):
        open_archive(folder)
    assert exported(place, folder) == whole
    assert check_archive(folder).faults == ()


def test_what_was_forgotten_is_in_no_table_of_the_night(place: Path, folder: Path) -> None:
    with Store.open(str(place)) as store:
        store.forgetting.forget(What(host="one.example"))
    exported(place, folder, removing=True)
    assert_same(place, folder)
    assert check_archive(folder).faults == ()
    texts = (path.read_bytes() for path in (folder / "night" / "cells").rglob("*.parquet"))
    assert not any(b"one.example" in text for text in texts)


def test_left_half_way_taking_out_an_archive_shows_no_night(place: Path, folder: Path) -> None:
    with Store.open(str(place)) as store:
        store.forgetting.forget(What(host="one.example"))
    days = Archiving(str(place), folder, removing=True).days()
    next(days)
    days.close()
    assert load(folder).night == ()
    assert check_archive(folder).faults == ()


def test_a_night_is_put_into_an_archive_without_an_export(tmp_path: Path) -> None:
    place, folder = tmp_path / "few.sqlite", tmp_path / "few"
    keep(place, [Look(hour=hour) for hour in range(4)])
    before = exported(place, folder)
    night(place)
    with Store.open(str(place)) as store:
        store.nights.put_into(folder)
    assert load(folder).parts == before.parts
    assert load(folder).night
    assert_same(place, folder)
    assert check_archive(folder).faults == ()


def test_a_night_that_rests_on_looks_the_archive_lacks_is_not_put_into_it(
    place: Path, folder: Path
) -> None:
    before = load(folder)
    keep(place, [Look(day=12, number=7, target="three.example")])
    night(place)
    with Store.open(str(place)) as store, pytest.raises(StorageError, match="export it anew"):
        store.nights.put_into(folder)
    assert load(folder) == before
    assert check_archive(folder).faults == ()
