"""Files, folders and archives are read as documents, each with its place."""

import errno
import gzip
import io
import json
import os
import tarfile
from pathlib import Path

import pytest
import zstandard

from storage.errors import MissingInput, StorageError
from storage.inputs import Document, files_in, opened, size_of

LINES = b'{"a":1}\n\n  {"b":2}\r\n'


def documents(path: Path) -> list[Document]:
    with opened(str(path)) as source:
        return [
            one._replace(place=one.place.removeprefix(f"{path.parent}/"))
            for one in source.documents()
        ]


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "packed"),
    [
        ("f.jsonl", LINES),
        ("f.jsonl.gz", gzip.compress(LINES)),
        ("f.jsonl.zst", zstandard.compress(LINES)),
        ("whatever", gzip.compress(LINES)),
        ("f.json", b"\xef\xbb\xbf" + LINES),
    ],
)
def test_each_line_is_a_document_at_its_place(tmp_path: Path, name: str, packed: bytes) -> None:
    assert documents(written(tmp_path, name, packed)) == [
        Document(f"{name}:1", b'{"a":1}'),
        Document(f"{name}:3", b'{"b":2}'),
    ]


def test_a_document_may_go_over_several_lines(tmp_path: Path) -> None:
    whole = {"a": [1, {"b": 2}]}
    (found,) = documents(written(tmp_path, "f.json", json.dumps(whole, indent=2).encode()))

    assert (found.place, json.loads(found.text)) == ("f.json:1", whole)


@pytest.mark.parametrize("indent", [None, 2])
def test_documents_may_stand_in_an_array(tmp_path: Path, indent: int | None) -> None:
    whole = [{"a": 1}, {"b": 2}]
    found = documents(written(tmp_path, "f.json", json.dumps(whole, indent=indent).encode()))

    assert [one.place for one in found] == ["f.json:1[1]", "f.json:1[2]"]
    assert [json.loads(one.text) for one in found] == whole


def test_one_odd_document_of_an_array_costs_no_other(tmp_path: Path) -> None:
    odd = b'{"input":"\\ud800x"}'
    found = documents(written(tmp_path, "f.json", b'[{"a": 1},\n' + odd + b',{"b":2}]'))

    assert [one.text for one in found] == [b'{"a": 1}', odd, b'{"b":2}']
    assert [one.place for one in found] == ["f.json:1[1]", "f.json:1[2]", "f.json:1[3]"]


def test_a_broken_first_line_is_one_of_many(tmp_path: Path) -> None:
    found = documents(written(tmp_path, "f.jsonl", b'{"a\n' + LINES))

    assert [one.place for one in found] == ["f.jsonl:1", "f.jsonl:2", "f.jsonl:4"]


def test_a_document_over_several_lines_that_breaks_off_is_one(tmp_path: Path) -> None:
    (found,) = documents(written(tmp_path, "f.json", b'{\n "a": [\n  1,\n'))

    assert found.text.startswith(b"{")


def test_an_archive_holds_files_of_every_kind(tmp_path: Path) -> None:
    path = tmp_path / "f.tar.gz"
    contents = {
        "in/a.jsonl": LINES,
        "in/b.json.gz": gzip.compress(b'{"c":3}'),
        "in/readme.txt": b"x",
    }
    with tarfile.open(path, "w:gz") as archive:
        for name, content in contents.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))

    assert [one.place for one in documents(path)] == [
        "f.tar.gz!in/a.jsonl:1",
        "f.tar.gz!in/a.jsonl:3",
        "f.tar.gz!in/b.json.gz:1",
    ]


def test_a_file_that_was_cut_off_ends_with_a_problem(tmp_path: Path) -> None:
    lines = b"".join(b'{"a":%d}\n' % number for number in range(10_000))
    *whole, last = documents(written(tmp_path, "f.jsonl.gz", gzip.compress(lines)[:-100]))

    assert whole[0] == Document("f.jsonl.gz:1", b'{"a":0}')
    assert all(one.problem is None for one in whole)
    assert last.problem is not None
    assert last.problem.startswith("damaged or cut off")


def test_an_archive_that_was_cut_off_ends_with_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "f.tar"
    with tarfile.open(path, "w") as archive:
        info = tarfile.TarInfo("a.jsonl")
        info.size = len(LINES)
        archive.addfile(info, io.BytesIO(LINES))
    path.write_bytes(path.read_bytes()[:514])

    assert documents(path)[-1].problem is not None


def test_a_line_without_end_is_passed_over_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.inputs.MOST_BYTES", 100)
    found = documents(written(tmp_path, "f.jsonl", LINES + b"x" * 3_000_000 + b"\n" + LINES))

    assert [(one.place, one.problem is None) for one in found] == [
        ("f.jsonl:1", True),
        ("f.jsonl:3", True),
        ("f.jsonl:4", False),
        ("f.jsonl:5", True),
        ("f.jsonl:7", True),
    ]


def test_a_document_without_end_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.inputs.MOST_BYTES", 100)
    text = json.dumps({"a": list(range(1000))}, indent=1).encode()
    (found,) = documents(written(tmp_path, "f.json", text))

    assert found.problem is not None


@pytest.mark.parametrize("content", [b"", b"\n\n", gzip.compress(b"")])
def test_a_file_without_documents_has_none(tmp_path: Path, content: bytes) -> None:
    assert documents(written(tmp_path, "f.jsonl", content)) == []


def test_of_a_folder_the_files_of_measurements_are_read_in_order(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("b.jsonl", "in/a.json.gz", "c.tar.gz", "notes.txt", "d.JSONL.ZST"):
        written(tmp_path, name, b"")
    found = [name.removeprefix(f"{tmp_path}/") for name in files_in([str(tmp_path)])]

    assert found == ["b.jsonl", "c.tar.gz", "d.JSONL.ZST", "in/a.json.gz"]


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    path = str(written(tmp_path, "f.jsonl", LINES))

    assert files_in([path, str(tmp_path), path]) == [path]
    assert size_of([path, "-"]) == len(LINES)


def test_what_is_not_there_is_missing(tmp_path: Path) -> None:
    for name in (tmp_path / "none.jsonl", tmp_path):  # a folder without such files as well
        with pytest.raises(MissingInput):
            files_in([str(name)])


def test_what_is_no_file_can_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    import socket

    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))
        with pytest.raises(StorageError, match="can't be read"):
            files_in([str(path)])


def test_a_folder_that_can_not_be_looked_into_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, "a.jsonl", LINES)
    closed = tmp_path / "closed"
    closed.mkdir()
    scan = os.scandir

    def refusing(at: str) -> object:  # as the system refuses it to all but root
        if str(at) == str(closed):
            raise PermissionError(errno.EACCES, "Permission denied", str(at))
        return scan(at)

    monkeypatch.setattr(os, "scandir", refusing)
    for named in (tmp_path, closed):
        with pytest.raises(StorageError, match="closed: can't be read: Permission denied"):
            files_in([str(named)])


def test_how_far_a_file_is_read_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, "f.jsonl", LINES)
    with opened(str(path)) as source:
        assert source.consumed == 0
        list(source.documents())
        assert source.consumed == len(LINES)
