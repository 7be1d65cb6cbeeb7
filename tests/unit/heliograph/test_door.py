"""A researcher's door: rows and frames from a database or a folder, read-only, never cut."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from heliograph import door
from heliograph.cli.filters import Filters
from heliograph.cli.packaging import Wish, package
from storage.packages.shapes import Format
from tests.lab.planted import HOSTILE, plant

FRAMES = {"arrow": "pyarrow", "polars": "polars", "pandas": "pandas"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("door") / "r.sqlite"
    plant(path)
    return path


@pytest.fixture
def results(place: Path) -> Iterator[door.Door]:
    with door.open(place) as opened:
        yield opened


def exported(place: Path, out: Path, form: Format) -> Path:
    package(Wish(str(place), form, out, Filters(limit=None), None, False, False, True))
    return out


def test_rows_have_columns_and_an_order(results: door.Door) -> None:
    rows = results.query("SELECT 1 AS one, 'a' AS letter UNION ALL SELECT 2, 'b'")

    assert rows.columns == ("one", "letter")
    assert list(rows) == rows.rows == [(1, "a"), (2, "b")]
    assert len(rows) == 2


def test_a_url_opens_the_same(place: Path) -> None:
    with door.open(f"sqlite:///{place}") as opened:
        assert opened.query("SELECT count(*) FROM api_v1_steps").rows == [(len(HOSTILE),)]


def test_an_exported_folder_opens(place: Path, tmp_path: Path) -> None:
    folder = exported(place, tmp_path / "out", Format.SQLITE)
    with door.open(folder) as opened:
        assert opened.query("SELECT count(*) FROM api_v1_steps").rows == [(len(HOSTILE),)]
    assert "heliograph.sqlite-wal" not in {path.name for path in folder.iterdir()}


def test_a_folder_without_a_database_is_told(place: Path, tmp_path: Path) -> None:
    with pytest.raises(door.StorageError, match="export sqlite"):
        door.open(exported(place, tmp_path / "out", Format.CSV))
    with pytest.raises(door.StorageError, match="is a folder without"):
        door.open(tmp_path)


def test_only_questions_are_answered(results: door.Door) -> None:
    with pytest.raises(door.Refused, match="DELETE is refused"):
        results.query("DELETE FROM steps")
    with pytest.raises(door.Refused, match="consents is refused"):
        results.query("SELECT * FROM consents")


def test_what_was_closed_says_so(place: Path) -> None:
    with door.open(place) as opened:
        opened.query("SELECT 1")
    with pytest.raises(door.StorageError, match="is closed; open it again") as told:
        opened.query("SELECT 1")
    assert not isinstance(told.value, door.TooMuch)


def test_an_answer_that_would_be_cut_is_an_error(place: Path) -> None:
    with (
        door.open(place, rows=3) as opened,
        pytest.raises(door.TooMuch, match="more than 3 rows"),
    ):
        opened.query("SELECT * FROM api_v1_steps")


@pytest.mark.parametrize("name", FRAMES)
def test_a_missing_library_is_one_clear_line(
    results: door.Door, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, FRAMES[name], None)
    with pytest.raises(door.MissingLibrary) as caught:
        getattr(results, name)("SELECT 1")

    assert str(caught.value) == (
        f"{FRAMES[name]} is not installed; pip install {FRAMES[name]}, or in the folder of"
        " Heliograph's source pip install '.[frames]' for all three"
    )


@pytest.mark.parametrize("name", FRAMES)
def test_a_frame_is_made_of_whole_columns(
    results: door.Door, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The libraries themselves are tried by ``python -m benchmarks.packages``."""
    stand_in = ModuleType(FRAMES[name])
    made = lambda columns, **_: columns  # noqa: E731
    for maker in ("table", "DataFrame"):
        setattr(stand_in, maker, made)
    monkeypatch.setitem(sys.modules, FRAMES[name], stand_in)

    frame = getattr(results, name)("SELECT 1 AS a, null AS b UNION ALL SELECT 2.5, 'x'")
    assert frame == {"a": [1, 2.5], "b": [None, "x"]}


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("SELECT 1 AS a, 2 AS a", "two columns are named 'a'"),
        ("SELECT 1 AS a UNION ALL SELECT 'x'", "column 'a' holds both text and numbers"),
    ],
)
def test_what_makes_no_frame_is_told(results: door.Door, sql: str, why: str) -> None:
    with pytest.raises(door.Refused, match=why):
        results.polars(sql)


def test_no_library_of_frames_is_loaded_before_it_is_asked_for() -> None:
    code = "import sys, heliograph.door; print({*sys.modules} & {'pyarrow', 'polars', 'pandas'})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"
