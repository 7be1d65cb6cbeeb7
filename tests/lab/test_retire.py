"""Retirement by the real command, and on a server: the same answers before and after."""

import json
from pathlib import Path

from heliograph.model import State
from storage.archive.checking import check_archive
from storage.archive.reading import open_archive
from storage.forgetting import What
from storage.store import Store
from tests.lab.planted import HOSTILE, plant
from tests.lab.test_commands import Desk
from tests.postgres_server import Server
from tests.retired_looks import export, fill, judged_look, retire, steps_of

VERDICTS = "SELECT * FROM api_v1_verdicts ORDER BY measurement_id"


def test_old_steps_go_to_the_archive_and_what_is_told_of_them_stays_true(tmp_path: Path) -> None:
    desk, out = Desk(tmp_path), str(tmp_path / "archive")
    ids = plant(desk.db)
    verdicts = desk("query", VERDICTS, "--json").stdout

    early = desk("db", "retire", "--before", "2999-01-01", "--archive", out, "--yes")
    assert (early.returncode, Path(out).exists()) == (2, False)
    assert "in the future; nothing was deleted" in early.stderr

    done = desk("db", "retire", "--before", "2026-11-15", "--archive", out, "--yes", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["measurements"], told["steps"], told["kept"]) == (14, 14, 0)
    assert (desk.count("steps"), desk.count("measurements")) == (1, len(HOSTILE))

    assert desk("query", VERDICTS, "--json").stdout == verdicts
    assert desk("query", VERDICTS, "--json", "--db", out).stdout == verdicts
    assert check_archive(Path(out)).faults == ()
    shown = desk("show", ids[0], "--why").stdout
    assert f'heliograph query --db {out} "SELECT * FROM api_v1_steps' in shown
    back = desk("db", "restore", "--archive", out, "--since", "2026-11-14", "--json")
    assert json.loads(back.stdout)["measurements"] == 1, back.stderr
    assert desk.count("steps") == 2
    packed = desk("export", "jsonl", str(tmp_path / "packed"), "--address-unknown")
    assert "13 whose steps are in an archive alone" in packed.stderr

    kept = sorted(Path(out).rglob("*.parquet"))
    (tmp_path / "other").mkdir()
    other = Desk(tmp_path / "other")
    plant(other.db)
    refused = other("export", "parquet", out, "--remove")
    assert refused.returncode == 77
    assert "nothing was taken out" in refused.stderr
    assert sorted(Path(out).rglob("*.parquet")) == kept

    found = desk("forget", "--host", "site.example", "--yes", "--json")
    assert json.loads(found.stdout) == {"kind": "forgotten", "measurements": 2, "not_searched": 13}
    export(str(desk.db), Path(out), removing=True)
    found = desk("forget", "--host", "site.example", "--archive", out, "--yes", "--json")
    assert json.loads(found.stdout) == {"kind": "forgotten", "measurements": 13}
    assert list(Path(out).rglob("*.parquet")) == []


def test_a_server_retires_as_a_file_does(postgres: Server, tmp_path: Path) -> None:
    location, archive = postgres.url(postgres.new_database()), tmp_path / "archive"
    one, two = judged_look(0), judged_look(40, country="XB")
    fill(location, [one, two])
    export(location, archive)
    done = retire(location, archive)
    assert [(day.day, day.measurements, day.steps) for day in done] == [("2026-11-01", 1, 3)]
    assert [steps_of(location, look.measurement) for look in (one, two)] == [0, 3]

    with Store.open(location) as store:
        store.activate(2)
        assert store.judging.unjudged(2, 10) == [two.measurement.id]
        rows = {row.measurement_id: row.state for row in store.rows()}
    assert rows == {one.measurement.id: State.OK, two.measurement.id: None}
    fill_late = judged_look(0, number=1)
    with Store.open(location) as store:
        store.imports.keep([fill_late])
    export(location, archive)
    assert check_archive(archive).faults == ()
    connection = open_archive(archive)
    shown = connection.execute("SELECT measurement_id, state FROM api_v1_verdicts").fetchall()
    connection.close()
    assert dict(shown) == {**rows, fill_late.measurement.id: None}

    with Store.open(location) as store:
        assert store.forgetting.forget(What(host="one.example")) == 3
    assert export(location, archive, removing=True).cells == ()
