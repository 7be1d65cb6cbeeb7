"""The views over an archive give what the views of its database give."""

import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heliograph.model import Measurement, Step, StepKind, Target, Vantage, Verdict
from storage.archive.reading import open_archive
from storage.archive.shapes import Archive
from storage.errors import MissingInput, StorageError
from storage.store import Store
from storage.views import VIEWS
from tests.unit.storage.archive.conftest import exported

_WHOLE = st.integers(-(2**63), 2**63 - 1)
_SECONDS = st.floats(allow_nan=False, allow_infinity=False)
_STEPS = st.builds(
    Step,
    kind=st.sampled_from(StepKind),
    host=st.text() | st.none(),
    port=_WHOLE | st.none(),
    seconds=_SECONDS,
    bytes_received=_WHOLE,
    detail=st.text(),
)
_LOOKS = st.builds(
    Measurement,
    probe=st.text(),
    probe_version=st.integers(1, 9),
    target=st.builds(
        Target,
        input=st.text(),
        url=st.text(),
        scheme=st.just("https"),
        host=st.text(),
        port=st.integers(1, 65535),
    ),
    vantage=st.builds(
        Vantage, country=st.text(max_size=3), asn=st.integers(0, 2**32), source=st.text()
    ),
    started=st.datetimes(min_value=datetime(1, 1, 2), timezones=st.just(UTC)),  # noqa: DTZ001
    seconds=_SECONDS,
    software=st.text(),
    context=st.lists(st.text(), max_size=2).map(tuple),
    steps=st.lists(_STEPS, max_size=3).map(tuple),
    source=st.text() | st.none(),
)
Looks = list[tuple[Measurement, list[int]]]


@settings(
    deadline=None, max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(_LOOKS, st.lists(st.integers(1, 3), unique=True)), max_size=6))
def test_any_rows_are_the_same_from_database_and_archive(verdict: Verdict, looks: Looks) -> None:
    with tempfile.TemporaryDirectory() as name:
        place, folder = Path(name) / "r.sqlite", Path(name) / "archive"
        fill(place, looks, verdict)
        exported(place, folder)
        with closing(sqlite3.connect(place)) as own, open_archive(folder, locked=True) as other:
            for view in VIEWS:
                wanted = f"SELECT * FROM {view.name}"
                mine, theirs = own.execute(wanted), other.execute(wanted)
                names = [column[0] for column in mine.description]
                assert [column[0] for column in theirs.description or ()] == names
                assert Counter(mine.fetchall()) == Counter(theirs.fetchall())
            by_text = "SELECT target FROM api_v1_measurements ORDER BY target, measurement_id"
            assert own.execute(by_text).fetchall() == other.execute(by_text).fetchall()


def fill(place: Path, looks: Looks, verdict: Verdict) -> None:
    with Store.open(str(place)) as store:
        store.activate(2)
        for number, (look, rulesets) in enumerate(looks):
            named = msgspec.structs.replace(look, id=f"id-{number}")
            store.save(named, None, None)
            for ruleset in rulesets:
                judged = msgspec.structs.replace(
                    verdict, measurement_id=named.id, ruleset_version=ruleset
                )
                store.judging.keep([judged])


def test_an_archive_of_nothing_has_every_view(
    tmp_path: Path, export: Callable[[], Archive]
) -> None:
    export()
    with open_archive(tmp_path / "archive") as connection:
        for view in VIEWS:
            assert connection.execute(f"SELECT * FROM {view.name}").fetchall() == []


def test_files_that_the_description_does_not_name_are_not_read(
    tmp_path: Path, save: Callable[..., str], export: Callable[[], Archive]
) -> None:
    save(1)
    part = tmp_path / "archive" / export().parts[0].file
    (part.parent / f"{'0' * 32}.parquet").write_bytes(part.read_bytes())
    with open_archive(tmp_path / "archive") as connection:
        assert connection.execute("SELECT count(*) FROM api_v1_measurements").fetchone() == (1,)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_text('{other}')",
        "COPY (SELECT 1) TO '{other}'",
        "ATTACH '{other}'",
        "SET enable_external_access = true",
        "INSTALL httpfs",
    ],
)
def test_locked_it_reads_no_other_file_and_sets_nothing(
    tmp_path: Path, export: Callable[[], Archive], statement: str
) -> None:
    export()
    other = tmp_path / "other"
    other.write_text("a")
    with (
        open_archive(tmp_path / "archive", locked=True) as connection,
        pytest.raises(duckdb.Error),
    ):
        connection.execute(statement.format(other=other))
    assert other.read_text() == "a"


def test_a_missing_or_shortened_file_is_one_line(
    tmp_path: Path, save: Callable[..., str], export: Callable[[], Archive]
) -> None:
    save(1)
    path = tmp_path / "archive" / export().parts[1].file
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(StorageError, match="'heliograph verify' says more"):
        open_archive(tmp_path / "archive")
    path.unlink()
    with pytest.raises(StorageError, match="is missing"):
        open_archive(tmp_path / "archive")


def test_a_file_that_is_no_parquet_is_one_line(
    tmp_path: Path, save: Callable[..., str], export: Callable[[], Archive]
) -> None:
    save(1)
    part = export().parts[0]
    (tmp_path / "archive" / part.file).write_bytes(b"x" * part.bytes)
    with pytest.raises(StorageError, match="the archive can't be read") as raised:
        open_archive(tmp_path / "archive")
    assert "\n" not in str(raised.value)


def test_a_folder_that_is_no_archive_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(MissingInput, match="is no archive"):
        open_archive(tmp_path)
