"""What stands beside the data says how to read, check, cite and use it."""

import re
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from storage.packages.documents import citation, manifest, readme, terms
from storage.packages.shapes import DATABASE, Format, Selection
from storage.packages.tables import TABLES
from tests.unit.storage.packages.conftest import description_of


@pytest.mark.parametrize("form", Format)
def test_the_readme_explains_every_column(pack: Callable[..., Path], form: Format) -> None:
    text = (pack(form) / "README.md").read_text(encoding="utf-8")

    for table in TABLES:
        assert f"### {table.name}" in text
        for column, comment in table.view.comments.items():
            assert re.search(
                rf"^\| `{column}` \| \w+ \| {re.escape(comment)} \|$", text, re.MULTILINE
            )


def test_the_first_question_of_the_readme_is_answered(pack: Callable[..., Path]) -> None:
    folder = pack(Format.SQLITE)
    text = (folder / "README.md").read_text(encoding="utf-8")
    (question,) = re.findall(rf'heliograph query --db {DATABASE} "(.*)"', text)
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        assert connection.execute(question).fetchall() == [("tls", "blocked", 15), ("tls", None, 1)]


def test_only_a_public_package_says_what_was_taken_out(pack: Callable[..., Path]) -> None:
    own = description_of(pack(Format.CSV))
    public = msgspec.structs.replace(own, public=True)

    assert "What was taken out" not in readme(own, Format.CSV)
    assert "What was taken out" in readme(public, Format.CSV)


def test_a_package_that_is_not_public_says_whom_it_is_for(pack: Callable[..., Path]) -> None:
    own = description_of(pack(Format.CSV))
    public = msgspec.structs.replace(own, public=True)

    for written in (readme(own, Format.CSV), terms(own)):
        assert "those you trust" in written
    for written in (readme(public, Format.CSV), terms(public)):
        assert "trust" not in written


def test_the_readme_says_which_measurements_these_are(pack: Callable[..., Path]) -> None:
    own = description_of(pack(Format.CSV))
    chosen = Selection(
        filters="only host a.example", newest=9, sample="1%", left_out={"not in the sample": 3}
    )

    assert "No filter was used." in readme(own, Format.CSV)
    told = readme(msgspec.structs.replace(own, selection=chosen), Format.CSV)
    assert "Chosen by: only host a.example." in told
    assert "The newest 9 at most." in told
    assert "A sample of 1% of them" in told
    assert "Left out: 3 not in the sample." in told


def test_the_citation_names_the_version_its_day_and_the_terms(pack: Callable[..., Path]) -> None:
    told = description_of(pack(Format.CSV))
    text = citation(told)

    assert "cff-version: 1.2.0" in text
    assert "type: dataset" in text
    assert f'version: "{told.version}"' in text
    assert "date-released: 2026-11-23" in text
    assert "license: CC-BY-4.0" in text
    assert "https://creativecommons.org/licenses/by/4.0/" in terms(told)


def test_the_manifest_is_one_that_sha256sum_reads(pack: Callable[..., Path]) -> None:
    folder = pack(Format.JSONL)
    checked = ["sha256sum", "--check", "--strict", "MANIFEST.sha256"]
    done = subprocess.run(checked, cwd=folder, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert done.stdout.count(": OK") == len(list(folder.iterdir())) - 1
    assert manifest([("b", "2"), ("a", "1")]) == "1  a\n2  b\n"
