"""Published measurements are imported once, whatever is wrong with some of them."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
import typer

from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.importing import Wish, bring_in
from storage.errors import CannotWrite, MissingInput
from storage.ooni import reader
from storage.store import Store
from tests.unit.storage.ooni.published import document, healthy, line


class Desk:
    """A folder with a database, and what an import said."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.db = str(folder / "import.sqlite")
        self._capsys = capsys

    def file(self, *texts: bytes, name: str = "f.jsonl") -> str:
        path = self.folder / name
        path.write_bytes(b"\n".join(texts))
        return str(path)

    def imported(self, *files: str) -> list[dict[str, Any]]:
        bring_in(Wish(files, self.db, json=True), reader)
        return [json.loads(row) for row in self._capsys.readouterr().out.splitlines()]


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def site(number: int) -> bytes:
    return line(document(healthy(), input=f"https://site.example.org/{number}"))


def test_each_document_is_a_line_of_run_with_its_place_and_is_stored(desk: Desk) -> None:
    file = desk.file(site(1), b"", site(2))
    first, second, summary = desk.imported(file)

    assert (first["kind"], first["input"], first["probe"], first["outcome"]) == (
        "verdict",
        "https://site.example.org/1",
        "web_connectivity",
        "measured",
    )
    assert [first["source"], second["source"]] == [f"{file}:1", f"{file}:3"]
    assert (summary["kind"], summary["measured"], summary["known"]) == ("summary", 2, 0)
    with Store.open_to_read(desk.db) as store:
        stored = {row.measurement_id: row for row in store.rows()}
        assert stored.keys() == {first["measurement_id"], second["measurement_id"]}
        kept = stored[first["measurement_id"]]
        assert (kept.state, kept.explanation) == (first["state"], first["explanation"])


def test_what_was_imported_before_is_counted_and_not_stored_again(desk: Desk) -> None:
    desk.imported(desk.file(site(1), site(2)))
    *rows, summary = desk.imported(desk.file(site(2), site(3), site(3), name="g.jsonl"))

    assert (len(rows), summary["measured"], summary["known"]) == (3, 3, 2)
    with Store.open_to_read(desk.db) as store:
        assert len(list(store.rows())) == 3


def test_broken_ones_are_named_kept_and_passed(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    file = desk.file(b"nonsense", line(document(None)), site(1), site(2)[:100])
    bring_in(Wish((file,), desk.db, json=False), reader)
    told = capsys.readouterr()

    named = [row.split(": ")[1] for row in told.err.splitlines() if row.startswith("heliograph")]
    assert named == [f"{file}:1", f"{file}:2", f"{file}:4"]
    assert "1 measurement (1 ok), 3 broken; 1 file" in told.err
    assert "web_connectivity" in told.out
    assert "accessible" in told.out
    with Store.open_to_read(desk.db) as store:
        assert sorted(row.outcome for row in store.rows()) == ["broken"] * 3 + ["measured"]


def test_of_very_many_broken_ones_not_every_one_is_named(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    file = desk.file(site(1), *[b"nonsense %d" % number for number in range(300)])
    bring_in(Wish((file,), desk.db, json=False), reader)

    assert len(capsys.readouterr().err.splitlines()) < 110


def test_a_damaged_file_is_imported_up_to_there(desk: Desk) -> None:
    path = desk.folder / "f.jsonl.gz"
    path.write_bytes(gzip.compress(b"\n".join(site(number) for number in range(200)))[:-50])
    *_, last, summary = desk.imported(str(path))

    assert summary["measured"] > 100
    assert (last["outcome"], last["reason"].startswith("damaged or cut off")) == ("broken", True)


@pytest.mark.parametrize("texts", [[b"nonsense"], [b"{}", b"null"]])
def test_nothing_but_broken_ones_is_bad_input(desk: Desk, texts: list[bytes]) -> None:
    with pytest.raises(typer.Exit) as left:
        desk.imported(desk.file(*texts))

    assert left.value.exit_code == ExitCode.BAD_INPUT


def test_no_document_at_all_is_bad_input(desk: Desk) -> None:
    with pytest.raises(Stop) as stopped:
        desk.imported(desk.file(b""))

    assert stopped.value.code is ExitCode.BAD_INPUT


def test_no_folder_is_made_for_a_database_that_was_named(desk: Desk) -> None:
    desk.db = str(desk.folder / "mistyped" / "x.sqlite")
    with pytest.raises(CannotWrite, match=r"x\.sqlite: the folder it is to be in is not there"):
        desk.imported(desk.file(site(1)))

    assert not (desk.folder / "mistyped").exists()


def test_a_file_that_is_not_there_is_missing_and_nothing_is_begun(desk: Desk) -> None:
    with pytest.raises(MissingInput):
        desk.imported(desk.file(site(1)), "/nowhere.jsonl")

    assert not Path(desk.db).exists()
