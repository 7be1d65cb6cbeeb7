"""A description names files of archives, and no others."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.archive.shapes import (
    DESCRIPTION,
    Archive,
    Part,
    encoded,
    file_of,
    is_of_a_part,
    load,
)
from storage.errors import MissingInput, StorageError

SHA = "ab" * 32


def part(country: str = "XA", day: str = "2026-11-23", table: str = "steps") -> Part:
    return Part(
        table=table,
        day=day,
        country=country,
        file=file_of(table, day, country, SHA),
        rows=1,
        bytes=2,
        sha256=SHA,
    )


def test_a_part_is_named_by_day_country_and_content() -> None:
    assert part().file == f"steps/day=2026-11-23/country=XA/{SHA[:32]}.parquet"


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(max_size=2))
def test_no_country_leaves_its_folder_and_two_never_share_one(one: str, other: str) -> None:
    name = part(one).file
    assert is_of_a_part(name)
    assert name.count("/") == 3
    assert len(name.encode()) < 250
    assert (name == part(other).file) == (one == other)


def test_what_is_written_is_read_back_and_the_same_each_time(tmp_path: Path) -> None:
    archive = Archive(ruleset=3, parts=(part(), part("../x\n")))
    (tmp_path / DESCRIPTION).write_bytes(encoded(archive))
    assert load(tmp_path) == archive
    assert encoded(load(tmp_path)) == encoded(archive)


def test_where_no_description_is_there_is_no_archive(tmp_path: Path) -> None:
    with pytest.raises(MissingInput, match="is no archive"):
        load(tmp_path)


@pytest.mark.parametrize(
    "changed",
    [
        {"file": "../../etc/passwd"},
        {"file": "/etc/passwd"},
        {"table": "consents"},
        {"country": "XB"},
        {"day": "2026-11-24"},
    ],
)
def test_a_part_that_is_elsewhere_is_refused(tmp_path: Path, changed: dict[str, str]) -> None:
    archive = Archive(parts=(msgspec.structs.replace(part(), **changed),))
    (tmp_path / DESCRIPTION).write_bytes(encoded(archive))
    with pytest.raises(StorageError, match="no file of an archive"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"{", "can't be read"),
        (b"\xff", "can't be read"),
        (b'{"format":4}', "is of format 4"),
        (b'{"format":1,"cells":[{"day":"x"}]}', "can't be read"),
    ],
)
def test_a_description_that_makes_no_sense_is_a_line(
    tmp_path: Path, content: bytes, why: str
) -> None:
    (tmp_path / DESCRIPTION).write_bytes(content)
    with pytest.raises(StorageError, match=why) as raised:
        load(tmp_path)
    assert "\n" not in str(raised.value)
