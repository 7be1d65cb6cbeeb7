"""A public archive tells what a public package tells, and no archive is both."""

import hashlib
import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import msgspec
import pytest

from heliograph.cli import giving
from heliograph.cli.archiving import Wish, archive
from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.filters import Filters
from heliograph.cli.packaging import Wish as PackageWish
from heliograph.cli.packaging import package
from heliograph.cli.retiring import Wish as RetireWish
from heliograph.cli.retiring import retire
from heliograph.door import Refused
from heliograph.door import open as open_door
from heliograph.model import SURROUNDINGS, Measurement, Stack, Vantage
from storage.archive.checking import check_archive
from storage.archive.reading import open_archive
from storage.archive.shapes import PUBLIC_TABLES, load
from storage.archive.writing import Archiving
from storage.errors import StorageError
from storage.forgetting import What
from storage.packages.shapes import Format
from storage.store import Store
from tests.unit.analysis.cases import EVERY_LOOK
from tests.unit.heliograph.cli.own_looks import (
    BROKEN,
    OK,
    OWN_ADDRESS,
    TELLING,
    THEIRS,
    UNSCRUBBED,
    Plant,
)

Publish = Callable[..., Path]
OTHER = msgspec.structs.replace(OK, vantage=Vantage(country="XB", asn=64501, source="configured"))


@pytest.fixture
def publish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Publish:
    """The command with --public on that database; the host has an address of its own."""
    monkeypatch.setattr(giving, "own_addresses", lambda: frozenset({OWN_ADDRESS}))

    def published(name: str = "all", *, remove: bool = False, json: bool = True) -> Path:
        db = str(tmp_path / "r.sqlite")
        archive(Wish(db, tmp_path / name, remove, json, public=True))
        return tmp_path / name

    return published


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def rows_of(
    connection: sqlite3.Connection | duckdb.DuckDBPyConnection, table: str, columns: str, key: str
) -> list[tuple[object, ...]]:
    found = connection.execute(f"SELECT {columns} FROM {table} ORDER BY {key}")
    return [tuple(row) for row in found.fetchall()]


def telling() -> list[Measurement]:
    """Looks of every kind that rules know, by a vantage that is named wherever it can be."""
    place = Vantage(
        country="XA", asn=64511, network_name="Tiny Village Net", source="table 2026-11-01"
    )
    stack = Stack(system="Linux", tls_library="OpenSSL 9", http_library="h")
    return [
        msgspec.structs.replace(
            one, vantage=place, stack=stack, campaign="campaign-7", consent="consent-3"
        )
        for one in EVERY_LOOK[::12]
    ]


def test_no_file_holds_what_is_finer_than_the_rules_of_public_packages(
    plant: Plant, publish: Publish, tmp_path: Path
) -> None:
    looks = (*telling(), OTHER, BROKEN, THEIRS, UNSCRUBBED, TELLING)
    kept = [one for some in range(0, len(looks), 60) for one in plant(*looks[some : some + 60])]
    folder = publish()
    everything = Filters(limit=None)
    packed = tmp_path / "packed"
    package(
        PackageWish(
            str(tmp_path / "r.sqlite"), Format.SQLITE, packed, everything, None, True, False, True
        )
    )

    own, said = open_archive(folder), ""
    public = sqlite3.connect(packed / "heliograph.sqlite")
    for table in PUBLIC_TABLES:
        columns = ", ".join(f'"{column.name}"' for column in table.columns)
        key = ", ".join(column.name for column in table.primary_key.columns)
        rows = rows_of(own, table.name, columns, key)
        assert rows
        assert rows == rows_of(public, table.name, columns, key), table.name
        said += repr(rows)
    masked = (
        "SELECT count(*) FROM measurements WHERE asn <> 0 OR network_name IS NOT NULL OR"
        " vantage_source <> 'withheld' OR started NOT LIKE '%T00:00:00Z' OR target_input <>"
        " target_url OR coalesce(campaign, consent, stack, reason) IS NOT NULL OR"
        " abs(seconds * 10 - round(seconds * 10)) > 1e-6"
    )
    assert rows_of(own, f"({masked})", "*", "1") == [(0,)]
    own.close()
    public.close()
    said += "".join(
        content.decode() for name, content in contents(folder).items() if ".parquet" not in name
    )
    words = ("64511", "64501", "Tiny Village", "OpenSSL", "campaign-7", "consent-3", OWN_ADDRESS)
    secrets = (*words, "203.0.113.10", "T12:", *(one.id for one in kept))
    assert [secret for secret in secrets if secret in said] == []


def test_it_is_verified_and_asked_and_says_which_views_it_has(
    plant: Plant, publish: Publish
) -> None:
    plant(OK, OK, OTHER)
    folder = publish()
    assert check_archive(folder).faults == ()
    with open_door(folder) as door:
        found = door.query("SELECT count(*) FROM api_v1_verdicts WHERE state = 'ok'")
        assert found.rows == [(3,)]
        assert door.query("SELECT count(*) FROM api_v1_steps").rows[0][0]
        with pytest.raises(Refused, match=r"api_v1_daily is refused; .*api_v1_verdicts_all"):
            door.query("SELECT * FROM api_v1_daily")


def test_it_is_a_package_of_which_every_digest_holds(
    plant: Plant, publish: Publish, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(OK, OTHER, msgspec.structs.replace(OK, probe=SURROUNDINGS), BROKEN)
    folder = publish()
    told = json.loads(capsys.readouterr().out)
    files = contents(folder)
    listed = [line.split("  ") for line in files["MANIFEST.sha256"].decode().splitlines()]
    described = json.loads(files["datapackage.json"])

    assert (told["public"], told["measurements"], sum(told["left_out"].values())) == (True, 2, 1)
    assert {name for _, name in listed} == files.keys() - {"MANIFEST.sha256"}
    for digest, name in listed:
        assert hashlib.sha256(files[name]).hexdigest() == digest, name
    assert described["counts"]["measurements"] == 2
    assert {one["path"] for one in described["resources"]} == {
        name for name in files if name.endswith(".parquet")
    }
    assert {one["schema"] for one in described["resources"]} <= files.keys()
    (folder / "README.md").write_text("nothing", encoding="utf-8")
    assert check_archive(folder).faults == ("README.md: is not what belongs to these files",)
    publish()
    assert contents(folder) == files


def test_late_looks_open_their_day_and_the_same_looks_make_the_same_bytes(
    plant: Plant, publish: Publish
) -> None:
    plant(OK, OTHER)
    folder = publish()
    before = {name: (folder / name).stat().st_ino for name in contents(folder)}
    plant(OK, OTHER, OK, OK)  # two of them are new, and become the same as the first
    publish()
    after = contents(folder)
    kept = {name for name in after if before.get(name) == (folder / name).stat().st_ino}
    kept = {name for name in kept if name.endswith(".parquet")}

    assert {name.rpartition("/")[0] for name in kept} == {
        f"{table.name}/day=2026-11-23/country=XB" for table in PUBLIC_TABLES
    }
    assert after == contents(publish("anew"))
    assert sum(cell.measurements for cell in load(folder).cells) == 4


def test_what_was_forgotten_leaves_it_when_that_is_asked_for(
    plant: Plant, publish: Publish, tmp_path: Path
) -> None:
    plant(OK, OTHER)
    folder = publish()
    before = contents(folder)
    with Store.open(str(tmp_path / "r.sqlite")) as store:
        store.forgetting.forget(What(before=datetime(2026, 11, 23, 12, 1, tzinfo=UTC)))
    with pytest.raises(StorageError, match="1 measurement of it are not among"):
        publish()
    assert contents(folder) == before
    publish(remove=True)
    assert [cell.country for cell in load(folder).cells] == ["XB"]
    assert check_archive(folder).faults == ()


def test_a_public_archive_and_one_with_everything_never_mix(
    plant: Plant, publish: Publish, tmp_path: Path
) -> None:
    plant(OK)
    db = str(tmp_path / "r.sqlite")
    public, own = publish(), tmp_path / "own"
    archive(Wish(db, own, False, True))
    before = contents(tmp_path)
    with pytest.raises(StorageError, match="not for publication; --public needs a folder"):
        publish("own")
    for remove in (False, True):
        with pytest.raises(StorageError, match="is a public archive"):
            archive(Wish(db, public, remove, True, yes=True))
        with pytest.raises(StorageError, match="is a public archive"):
            list(Archiving(db, public, removing=remove).days())
    assert contents(tmp_path) == before


def test_a_public_archive_is_never_the_only_copy(
    plant: Plant, publish: Publish, tmp_path: Path
) -> None:
    (look,) = plant(OK)
    db, folder = str(tmp_path / "r.sqlite"), publish()
    with pytest.raises(StorageError, match="can be nobody's only one"):
        retire(RetireWish("2026-11-25", folder, True, db, True))
    with Store.open(db) as store:
        kept = store.measurement(look.id)
        assert kept is not None
        assert kept.steps == look.steps
        with pytest.raises(StorageError, match="is a public archive"):
            store.looks.missing_of(folder)


def test_where_nothing_may_be_told_nothing_is_made(
    plant: Plant, publish: Publish, tmp_path: Path
) -> None:
    plant(BROKEN)
    with pytest.raises(Stop, match="was left out") as stopped:
        publish()
    assert stopped.value.code is ExitCode.INPUT_MISSING
    assert {path.name for path in tmp_path.iterdir()} == {"r.sqlite"}


def test_a_person_is_told_what_the_folder_tells(
    plant: Plant, publish: Publish, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(OK)
    publish(json=False)
    assert "see whether one of them tells who you are" in capsys.readouterr().err
