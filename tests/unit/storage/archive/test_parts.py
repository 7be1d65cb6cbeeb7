"""Parts: the same rows are the same bytes, under the name their content gives them."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from storage.archive.library import connect, quoted
from storage.archive.parts import PartWriter, digest, place
from storage.tables import verdicts

TEXTS = ("", "a,b", '"', "two\r\nlines", "\x1a\\0000", "\u202e", "'", "\\N", "x" * 3_000_000)


def rows() -> list[tuple[object, ...]]:
    return [
        (text, 2**62 + n, "ok", "[]", None, 0.1, None, text, "[]", "{}", "[]", "[]")
        for n, text in enumerate(TEXTS)
    ]


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[PartWriter]:
    (tmp_path / "beside").mkdir()
    with closing(PartWriter(tmp_path, tmp_path / "beside")) as made:
        yield made


def test_every_value_comes_back_as_it_went_in(tmp_path: Path, writer: PartWriter) -> None:
    part = writer.write(verdicts, "2026-11-23", "XA", rows())
    path = quoted(str(tmp_path / part.file))
    with connect() as connection:
        found = connection.execute(f"FROM read_parquet({path}, hive_partitioning = false)")
        names = [column[0] for column in found.description or ()]
        is_same = found.fetchall() == rows()  # the texts are too long for a comparison in words
    assert is_same
    assert names == list(verdicts.c.keys())


def test_other_programs_learn_day_and_country_from_the_folders(
    tmp_path: Path, writer: PartWriter
) -> None:
    writer.write(verdicts, "2026-11-23", "XA", rows())
    path = quoted(str(tmp_path / "verdicts/*/*/*.parquet"))
    with connect() as connection:
        wanted = f"SELECT DISTINCT day::text, country FROM {path}"
        assert connection.execute(wanted).fetchall() == [("2026-11-23", "XA")]


def test_the_same_rows_are_the_same_file(tmp_path: Path, writer: PartWriter) -> None:
    one = writer.write(verdicts, "2026-11-23", "XA", rows())
    before = (tmp_path / one.file).read_bytes()
    assert writer.write(verdicts, "2026-11-23", "XA", iter(rows())) == one
    assert (tmp_path / one.file).read_bytes() == before
    assert (one.rows, one.bytes, one.sha256) == (
        len(TEXTS),
        len(before),
        digest(tmp_path / one.file),
    )


def test_a_part_is_for_its_owner_alone(tmp_path: Path, writer: PartWriter) -> None:
    path = tmp_path / writer.write(verdicts, "2026-11-23", "XA", rows()).file
    assert path.stat().st_mode & 0o777 == 0o600
    assert {parent.stat().st_mode & 0o777 for parent in list(path.parents)[:3]} == {0o700}


def test_a_row_that_fits_no_column_writes_nothing(tmp_path: Path, writer: PartWriter) -> None:
    with pytest.raises(duckdb.Error):
        writer.write(verdicts, "2026-11-23", "XA", [("only", "three", "values")])
    assert list(tmp_path.rglob("*.parquet")) == []
    assert writer.write(verdicts, "2026-11-23", "XA", rows()).rows == len(TEXTS)


def test_placing_replaces_what_was_there(tmp_path: Path) -> None:
    for text in ("before", "after"):
        (tmp_path / "loose").write_text(text)
        place(tmp_path / "loose", tmp_path, "a/b")
    assert (tmp_path / "a" / "b").read_text() == "after"
