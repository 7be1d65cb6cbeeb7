"""Being rid of it: forget, uninstall, and privacy, by the real command."""

import json
import os
import sqlite3
from pathlib import Path

import pytest

from storage.tables import metadata
from tests.lab.volunteer import Home

PLANTED = "planted-secret.example"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path)
    assert made("run", "--yes", PLANTED, f"www.{PLANTED}", "other.example").returncode == 0
    return made


def holding(home: Home) -> list[str]:
    return [f.name for f in home.data.iterdir() if PLANTED.encode() in f.read_bytes()]


def count(home: Home) -> int:
    """Looks at targets; the run's look at its surroundings is one more measurement."""
    looks = "SELECT count(*) FROM measurements WHERE probe != 'surroundings'"
    with sqlite3.connect(home.db) as connection:
        return int(connection.execute(looks).fetchone()[0])


@pytest.mark.parametrize(
    ("wish", "told", "left"),
    [
        (("--host", PLANTED.upper()), "2 measurements deleted", 1),
        (("--host", f"https://{PLANTED}/page", "--before", "2126-01-01"), "2 measurements", 1),
        (("--before", "2126-01-01T00:00:00Z"), "4 measurements deleted", 0),
        (("--all",), "4 measurements deleted", 0),
    ],
)
def test_what_is_forgotten_is_in_no_file(
    home: Home, wish: tuple[str, ...], told: str, left: int
) -> None:
    assert holding(home) != []
    done = home("forget", *wish, "--yes")

    assert done.returncode == 0
    assert told in done.stderr
    assert holding(home) == []
    assert count(home) == left
    assert home("results").returncode == 0
    again = home("forget", *wish, "--yes", "--json")
    assert json.loads(again.stdout) == {"kind": "forgotten", "measurements": 0}


def test_forgetting_takes_what_older_and_a_crash_left_in_the_log(home: Home) -> None:
    """The log beside the database is there when a run was killed; its bytes go as well."""
    code = (
        "import os, sqlite3, sys; c = sqlite3.connect(sys.argv[1]);"
        f" c.execute(\"UPDATE measurements SET reason = '{PLANTED}'\"); c.commit(); os._exit(9)"
    )
    os.spawnlp(os.P_WAIT, "python3", "python3", "-c", code, str(home.db))
    assert "heliograph.sqlite-wal" in holding(home)

    assert home("forget", "--host", PLANTED, "--yes").returncode == 0
    assert holding(home) == []


def test_it_asks_and_anything_but_yes_keeps_everything(home: Home) -> None:
    code, screen = home.typing("y", command=("forget", "--host", PLANTED))
    assert code == 77
    assert f"2 measurements will be deleted for good: 2 of {PLANTED}, 0 of other sites" in screen
    assert count(home) == 3

    code, screen = home.typing(command=("forget", "--host", PLANTED))
    assert (code, screen.strip().splitlines()[-1]) == (77, "heliograph: nothing was deleted")
    code, screen = home.typing("\x03", command=("forget", "--host", PLANTED))
    assert code == 130
    assert screen.strip().splitlines()[-1] == "heliograph: interrupted; nothing was deleted"
    assert count(home) == 3

    code, screen = home.typing("yes", command=("forget", "--host", PLANTED))
    assert (code, "2 measurements deleted" in screen, count(home)) == (0, True, 1)


@pytest.mark.parametrize(
    ("wish", "code", "words"),
    [
        ((), 2, "say what to forget"),
        (("--all", "--host", "a.example"), 2, "--all takes everything"),
        (("--before", "yesterday"), 2, "is no date"),
        (("--host", "a b"), 2, "white space"),
        (("--all",), 77, "nothing was deleted: add --yes"),
        (("--all", "--yes", "--db", "none.sqlite"), 66, "there is no database yet"),
    ],
)
def test_what_can_not_be_done_is_one_line(
    home: Home, wish: tuple[str, ...], code: int, words: str
) -> None:
    done = home("forget", *wish)

    assert done.returncode == code
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert count(home) == 3


def test_uninstalling_leaves_nothing_of_ours_and_everything_of_others(home: Home) -> None:
    for folder in ("config", "state", "cache"):
        (home.folder / folder / "heliograph").mkdir(parents=True)
    (home.folder / "config" / "heliograph" / "config.toml").write_text("")
    (home.folder / "cache" / "heliograph" / "something").write_text("ours")
    (home.folder / "cache" / "other").write_text("theirs")

    done = home("uninstall", "--yes")
    assert done.returncode == 0
    assert "leftovers: none" in done.stderr
    assert "uninstall heliograph" in done.stderr.splitlines()[-1]
    assert list(home.folder.rglob("heliograph*")) == []
    assert home.config.exists()
    assert home.list.exists()
    assert (home.folder / "cache" / "other").exists()
    assert "files that you wrote with 'report --out'" in done.stderr
    assert "no list of them is kept" in done.stderr
    assert "leftovers: none" in home("uninstall").stderr, "where nothing is, nothing is asked"


def test_files_that_are_not_ours_are_left_and_named(home: Home) -> None:
    notes = home.data / "my-notes.txt"
    notes.write_text("mine")
    elsewhere = home.folder / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("mine")
    (home.folder / "cache").mkdir()
    (home.folder / "cache" / "heliograph").symlink_to(elsewhere)

    done = home("uninstall", "--yes", "--json")
    report = json.loads(done.stdout)
    assert report["leftovers"] == [str(notes)]
    assert any("report --out" in words for words in report["out_of_reach"])
    assert not home.db.exists()
    assert notes.exists()
    assert (elsewhere / "kept").exists(), "a link goes, what it leads to stays"


def test_uninstalling_asks_first(home: Home) -> None:
    assert home("uninstall").returncode == 77
    code, screen = home.typing("no", command=("uninstall",))
    assert (code, str(home.db) in screen, home.db.exists()) == (77, True, True)
    code, screen = home.typing("yes", command=("uninstall",))
    assert (code, "leftovers: none" in screen, home.db.exists()) == (0, True, False)


def test_a_database_somebody_named_is_removed_only_when_asked(home: Home) -> None:
    named = home.folder / "mine.sqlite"
    assert home("run", "--yes", "site.example", "--db", str(named)).returncode == 0

    done = home("uninstall", "--yes", "--db", str(named))
    assert f"not touched, since you chose its place: {named}" in done.stderr
    assert named.exists()
    assert home("uninstall", "--yes", "--with-db", "--db", str(named)).returncode == 0
    assert list(home.folder.glob("mine.sqlite*")) == []


LOG = "planted-secret.example in a log"


@pytest.mark.parametrize(
    "command", [("forget", "--all", "--yes"), ("uninstall", "--yes", "--with-db")]
)
def test_what_a_removed_database_left_behind_goes_as_well(
    home: Home, command: tuple[str, ...]
) -> None:
    named = home.folder / "mine.sqlite"
    for end in ("-wal", "-shm", "-lock"):
        named.with_name(f"mine.sqlite{end}").write_text(LOG)

    kept = home("forget", "--host", PLANTED, "--yes", "--db", str(named))
    assert (kept.returncode, "'heliograph forget --all' deletes them" in kept.stderr) == (66, True)
    assert "mine.sqlite-wal" in kept.stderr
    done = home(*command, "--db", str(named))
    assert done.returncode == 0, done.stderr
    assert "mine.sqlite-wal" in done.stderr
    assert list(home.folder.glob("mine.sqlite*")) == []


def test_what_is_ours_and_can_not_be_removed_is_told_apart_and_fails(home: Home) -> None:
    notes = home.data / "my-notes.txt"
    notes.write_text("mine")
    stuck = home.data / "heliograph.sqlite-journal"
    (stuck / "in the way").mkdir(parents=True)
    blocked = (
        "import shutil, sys; from heliograph.cli import main;"
        " shutil.rmtree = lambda path: (_ for _ in ()).throw(OSError(30, 'Read-only file system'));"
        " main()"
    )
    home.program = ("-c", blocked)
    done = home("uninstall", "--yes", "--json")

    report = json.loads(done.stdout)
    assert done.returncode == 73
    assert (report["not_removed"], report["leftovers"]) == ([str(stuck)], [str(notes)])
    assert "not all that is ours could be removed" in done.stderr


def test_a_file_that_is_no_database_of_ours_is_never_removed(home: Home) -> None:
    done = home("uninstall", "--yes", "--with-db", "--db", str(home.list))

    assert done.returncode == 65
    assert home.list.exists()
    assert home.db.exists(), "nothing at all was removed"


def test_privacy_names_every_field_what_never_is_stored_and_where_things_go(home: Home) -> None:
    done = home("privacy", "--json")
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    words = home("privacy").stdout

    stored = {(row["table"], row["field"]) for row in rows if row["kind"] == "stored"}
    columns = {(t.name, c.name) for t in metadata.tables.values() for c in t.columns}
    assert stored == columns
    assert any("addresses of this computer" in row.get("what", "") for row in rows)
    assert {"udp://127.0.0.1:9", "a control server"} <= {row.get("to") for row in rows}
    assert all(column in words for _, column in columns)
    for part in ("Never stored", "Sent during a run", "not public", "uninstall"):
        assert part in words


def test_privacy_names_whoever_is_sent_something_and_learns_of_targets(tmp_path: Path) -> None:
    home = Home(tmp_path)
    text = home.config.read_text(encoding="utf-8").replace(
        "control_names = []",
        'control_names = ["bystander.example"]\nconnectivity_checks = ["http://online.example/"]\n'
        'injection_probe_addresses = ["192.0.2.9"]',
    )
    home.config.write_text(text, encoding="utf-8")
    rows = [json.loads(line) for line in home("privacy", "--json").stdout.splitlines()]
    sent = {row["to"]: row["what"] for row in rows if row["kind"] == "sent"}

    assert "these servers learn the target" in sent["the servers of bystander.example"]
    assert "online" in sent["http://online.example/"]
    assert "nobody should answer there" in sent["192.0.2.9"]
