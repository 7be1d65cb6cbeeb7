"""A folder in the place of a database is told from every other, and what to do about it."""

from pathlib import Path

import msgspec
import pytest

from storage.engine import open_engine
from storage.errors import StorageError
from storage.folders import ARCHIVE, database_in, is_archive
from storage.packages.shapes import DATABASE, DESCRIPTION


def test_a_folder_with_the_description_of_an_archive_is_one(tmp_path: Path) -> None:
    assert not is_archive(str(tmp_path))
    (tmp_path / ARCHIVE).write_text("{}", encoding="utf-8")
    assert is_archive(str(tmp_path))


def test_the_database_of_an_exported_folder_is_found(tmp_path: Path) -> None:
    assert database_in(str(tmp_path)) == str(tmp_path)
    (tmp_path / DATABASE).touch()
    assert database_in(str(tmp_path)) == str(tmp_path / DATABASE)
    assert database_in(f"sqlite:///{tmp_path}") == f"sqlite:///{tmp_path}"


@pytest.mark.parametrize("read_only", [True, False])
@pytest.mark.parametrize(
    ("holds", "words"),
    [
        (ARCHIVE, "is an archive, which only 'heliograph query' and heliograph.door read"),
        (DATABASE, f"its database is .*/{DATABASE}"),
        (DESCRIPTION, "'heliograph export sqlite' writes a database"),
        ("else", f"is a folder without {DATABASE}"),
    ],
)
def test_a_folder_is_no_database_and_the_line_says_what_to_do(
    tmp_path: Path, holds: str, words: str, read_only: bool
) -> None:
    (tmp_path / holds).write_text("{}", encoding="utf-8")
    with pytest.raises(StorageError, match=f"^{tmp_path}: .*{words}"):
        open_engine(str(tmp_path), read_only=read_only)
    assert [path.name for path in tmp_path.iterdir()] == [holds]


def _described(folder: Path, *paths: str) -> str:
    told = {"resources": [{"path": path} for path in paths]}
    (folder / DATABASE).touch()
    (folder / DESCRIPTION).write_bytes(msgspec.json.encode(told))
    return str(folder)


def test_a_description_that_names_the_database_is_right(tmp_path: Path) -> None:
    assert database_in(_described(tmp_path, DATABASE)) == str(tmp_path / DATABASE)


@pytest.mark.parametrize("paths", [["../d.sqlite"], [DATABASE, "../d.sqlite"], ["/d.sqlite"], []])
def test_a_description_that_names_anything_else_is_refused(
    tmp_path: Path, paths: list[str]
) -> None:
    location = _described(tmp_path, *paths)
    with pytest.raises(StorageError, match="names other files than"):
        database_in(location)


@pytest.mark.parametrize("held", [b"", b"[]", b"{", b'{"resources": 1}', b"\xff"])
def test_a_description_that_can_t_be_read_is_refused(tmp_path: Path, held: bytes) -> None:
    location = _described(tmp_path)
    (tmp_path / DESCRIPTION).write_bytes(held)
    with pytest.raises(StorageError, match="is damaged, or names"):
        database_in(location)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "else.sqlite").touch()
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / DATABASE).symlink_to("../else.sqlite")
    with pytest.raises(StorageError, match="is a link"):
        database_in(str(folder))
