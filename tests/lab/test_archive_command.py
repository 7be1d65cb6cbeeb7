"""The archive as commands make, check and ask it; and what kills leave of one."""

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from storage.archive.shapes import DESCRIPTION
from storage.archive.writing import Archiving
from storage.store import Store
from tests.lab.planted import HOSTILE
from tests.lab.test_commands import Desk, complaint
from tests.postgres_server import Server


@pytest.fixture(scope="module")
def desk(planted_desk: Desk) -> Desk:
    return planted_desk


def test_an_archive_is_made_verified_and_asked(desk: Desk) -> None:
    out = str(desk.folder / "archive")
    done = desk("export", "parquet", out, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["kind"], told["measurements"]) == ("archive", len(HOSTILE))
    assert desk("verify", out).returncode == 0

    sql = "SELECT measurement_id, input, state FROM api_v1_verdicts ORDER BY measurement_id"
    answered = desk("query", sql, "--json", "--db", out)
    assert answered.returncode == 0, answered.stderr
    assert answered.stdout == desk("query", sql, "--json").stdout

    again = json.loads(desk("export", "parquet", out, "--json").stdout)
    assert (again["days_written"], again["files"]) == (0, told["files"])

    next(Path(out).rglob("*.parquet")).unlink()
    broken = desk("verify", out)
    assert broken.returncode == 65
    assert "is missing" in broken.stdout


def test_a_folder_of_somebody_else_is_refused(desk: Desk) -> None:
    place = desk.folder / "mine"
    place.mkdir()
    (place / "notes").touch()
    done = desk("export", "parquet", str(place))
    assert done.returncode == 73
    assert "no archive" in complaint(done)
    assert [path.name for path in place.iterdir()] == ["notes"]


def test_kills_leave_an_archive_and_the_same_command_ends_in_the_same_bytes(desk: Desk) -> None:
    whole, out = desk.folder / "whole", desk.folder / "killed"
    assert desk("export", "parquet", str(whole)).returncode == 0
    chance = random.Random(7)
    command = [sys.executable, "-m", "heliograph", "export", "parquet", str(out)]
    for _ in range(3):
        process = subprocess.Popen(
            [*command, "--db", str(desk.db)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while process.poll() is None and not (out / DESCRIPTION).exists():
            time.sleep(0.002)
        time.sleep(chance.uniform(0, 0.2))
        process.send_signal(signal.SIGKILL)
        process.wait()
        if (out / DESCRIPTION).exists():
            assert desk("verify", str(out)).returncode == 0
    assert desk("export", "parquet", str(out)).returncode == 0
    assert contents(out) == contents(whole)


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_a_server_and_a_file_with_the_same_rows_make_the_same_archive(
    desk: Desk, postgres: Server
) -> None:
    location = postgres.url(postgres.new_database())
    with Store.open_to_read(str(desk.db)) as own, Store.open(location) as server:
        server.activate(own.current_ruleset() or 0)
        for row in own.rows():
            look = own.measurement(row.measurement_id)
            assert look is not None
            server.save(look, None, None)
            server.judging.keep(own.verdicts(look.id))
    for public in (False, True):
        for place, name in ((str(desk.db), "of-a-file"), (location, "of-a-server")):
            for _ in Archiving(place, desk.folder / f"{name}-{public}", public=public).days():
                pass
        made = contents(desk.folder / f"of-a-server-{public}")
        assert made == contents(desk.folder / f"of-a-file-{public}")
        assert any(path.endswith(".parquet") for path in made)
