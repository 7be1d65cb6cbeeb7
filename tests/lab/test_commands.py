"""The commands as a user meets them: bad input gets one clear line and the documented code."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from heliograph.cli.consent_text import VERSION

# Nothing listens on the discard port, so every look ends at once, on loopback.
CONFIG = """\
[vantage]
country = "XA"
asn = 64500
[network]
resolver = "udp://127.0.0.1:9"
trusted_resolvers = []
control_names = []
"""


TARGETS = "api_v1_measurements where probe != 'surroundings'"
"""Looks at targets; the run's look at its surroundings is one more measurement."""


class Desk:
    """One user's folder, and the command run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.db = folder / "results.sqlite"
        self.config = folder / "heliograph.toml"
        self.config.write_text(CONFIG, encoding="utf-8")

    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("HELIOGRAPH")}
        return {
            **kept,
            "HOME": str(self.folder),
            "HELIOGRAPH_DB": str(self.db),
            "HELIOGRAPH_CONFIG": str(self.config),
        }

    def __call__(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "heliograph", *arguments],
            env=self.environment(),
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def count(self, table: str) -> int:
        with sqlite3.connect(self.db) as connection:
            return int(connection.execute(f"select count(*) from {table}").fetchone()[0])


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def complaint(done: subprocess.CompletedProcess[str]) -> str:
    """The last line on stderr; there is no traceback above it."""
    assert "Traceback" not in done.stderr
    return done.stderr.strip().splitlines()[-1]


def test_nothing_runs_before_consent(desk: Desk) -> None:
    done = desk("run", "site.example")

    assert done.returncode == 77
    assert "no consent is recorded" in complaint(done)
    assert not desk.db.exists(), "whoever declines leaves no trace"


def test_yes_records_text_hash_time_and_how(desk: Desk) -> None:
    assert desk("run", "--yes", "site.example").returncode == 0

    with sqlite3.connect(desk.db) as connection:
        rows = connection.execute("select text_version, text_sha256, how, recorded from consents")
        ((version, digest, how, recorded),) = rows.fetchall()
    assert (version, how) == (VERSION, "acknowledged by --yes")
    assert len(digest) == 64
    assert recorded.endswith("Z")
    assert desk("run", "other.example").returncode == 0, "consent given once is enough"
    assert desk.count("consents") == 1


def test_a_dry_run_needs_no_consent_and_names_every_destination(desk: Desk) -> None:
    desk.config.write_text(
        '[network]\nresolver = "udp://192.0.2.53"\n'
        'trusted_resolvers = ["https://dns.example/dns-query@192.0.2.1"]\n'
        'control_names = ["control.example"]\n',
        encoding="utf-8",
    )
    done = desk("run", "--dry-run", "--json", "site.example:8443")

    told = " ".join(json.loads(line)["to"] for line in done.stdout.splitlines())
    assert done.returncode == 0
    assert not desk.db.exists()
    for place in ("udp://192.0.2.53", "https://dns.example/dns-query@192.0.2.1", "8443"):
        assert place in told
    assert "control.example" in told


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("ftp://site.example/", "ftp is not measured; use an http or https URL"),
        ("https://ann:secret@site.example/", "holds a user name or password; leave it out"),
        ("https://site.example/" + "a" * 3000, "a target has at most 2048"),
        ("https://", "has no host"),
        ("http://site.example:99999/", "check the host and the port"),
        ("http://[::1", "check the host and the port"),
        ("http://1.2.3.4.5/", "no valid IPv4 address"),
    ],
)
def test_a_bad_target_gets_one_line_and_the_others_are_measured(
    desk: Desk, target: str, words: str
) -> None:
    done = desk("run", "--yes", "--json", target, "site.example")

    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 65
    assert sum(words in line for line in done.stderr.splitlines()) == 1
    assert [line["outcome"] for line in lines[:-1]] == ["skipped", "measured"]
    assert words in lines[0]["reason"]
    assert lines[-1]["skipped"] == 1
    assert desk.count(TARGETS) == 2
    assert "secret" not in done.stdout + done.stderr
    assert b"secret" not in desk.db.read_bytes()


def test_a_dry_run_says_what_is_never_contacted_and_whom_a_plugin_might(desk: Desk) -> None:
    desk.config.write_text(
        '[network]\nresolver = "udp://192.0.2.53"\n'
        'trusted_resolvers = ["https://doh.example/dns-query"]\n'
        'control_names = ["control.example"]\n',
        encoding="utf-8",
    )
    done = desk("run", "--dry-run", "--json", "http://127.0.0.1/", "https://11.22.33.44/")

    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[0]["when"] == "never"
    assert "loopback" in lines[0]["what"]
    told = {(line["to"], line["what"]) for line in lines[1:]}
    assert ("udp://192.0.2.53", "asks for doh.example") in told
    assert ("udp://192.0.2.53", "asks for control.example") in told


def test_a_list_that_is_too_long_is_refused_whole(desk: Desk) -> None:
    targets = desk.folder / "list.txt"
    targets.write_text("site.example\n" * 1_400_000, encoding="utf-8")
    done = desk("run", "--yes", "--targets", str(targets))

    assert done.returncode == 65
    assert "more than 16 MiB" in complaint(done)
    assert not desk.db.exists()


def test_a_bad_line_of_a_list_is_named_with_file_and_line(desk: Desk) -> None:
    targets = desk.folder / "list.txt"
    targets.write_text("# mine\nsite.example\n\ngopher://x.example/\n", encoding="utf-8")
    done = desk("run", "--yes", "--targets", str(targets))

    assert done.returncode == 65
    assert f"{targets}:4: gopher" in done.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[network]\nresolvr = 'x'\n", "unknown key network.resolvr"),
        ("[netwerk]\n", "unknown section [netwerk]"),
        ("[limits]\nparallel = 0\n", "limits.parallel must be 1 or more"),
        ("[limits]\nparallel = 'many'\n", "limits.parallel"),
        ("[network]\nresolver = 'ftp://x'\n", "starts with one of udp, tcp, tls, https"),
        ("[network]\nca_file = 'ca.pem'\n", "no such file"),
        ("[network]\nassume_public = ['0.0.0.0/0']\n", "not within a range for tests"),
        ("[network]\ncontrol_names = ['192.0.2.9']\n", "is an address; write a host name"),
        ("[control]\nurls = ['http://control.example']\n", "is not encrypted"),
        ("[vantage\n", "not valid TOML"),
    ],
)
def test_a_bad_configuration_stops_the_start_with_file_and_key(
    desk: Desk, text: str, words: str
) -> None:
    desk.config.write_text(text, encoding="utf-8")
    for arguments in (("run", "--yes", "site.example"), ("config", "check")):
        done = desk(*arguments)
        assert done.returncode == 78
        assert words in complaint(done)
        assert str(desk.config) in complaint(done)
    assert not desk.db.exists()


def test_an_unknown_setting_in_the_environment_is_named(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {**desk.environment(), "HELIOGRAPH_NETWORK__RESOLVR": "x"}
    monkeypatch.setattr(desk, "environment", lambda: settings)
    done = desk("config", "check")

    assert done.returncode == 78
    assert "HELIOGRAPH_NETWORK__RESOLVR sets no known key" in complaint(done)


def test_a_database_from_the_future_is_left_alone(desk: Desk) -> None:
    assert desk("run", "--yes", "site.example").returncode == 0
    with sqlite3.connect(desk.db) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    for arguments in (("run", "--yes", "x.example"), ("results",), ("db", "upgrade")):
        done = desk(*arguments)
        assert done.returncode == 65
        assert "was written by a newer Heliograph (schema 9999" in complaint(done)


def test_what_is_no_database_is_left_alone(desk: Desk) -> None:
    desk.db.write_bytes(b"my diary, not a database " * 50)
    done = desk("run", "--yes", "site.example")

    assert done.returncode == 65
    assert str(desk.db) in complaint(done)
    assert desk.db.read_bytes().startswith(b"my diary")


def test_a_folder_that_cant_be_written_is_named(desk: Desk) -> None:
    # also true for root, for whom a mode of 0500 is no obstacle
    done = desk("run", "--yes", "--db", "/proc/heliograph/results.sqlite", "site.example")

    assert done.returncode == 73
    assert "/proc/heliograph/results.sqlite" in complaint(done)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("run", "--yes"), 2, "no targets"),
        (("run", "--yes", "--probe", "nope", "site.example"), 2, "there is no probe 'nope'"),
        (("run", "--yes", "--targets", "none.txt"), 66, "--targets none.txt"),
        (("run", "--yes", "--targets", "@nothing"), 66, "no target pack @nothing"),
        (("results",), 66, "there is no database yet"),
        (("show", "0000"), 66, "there is no database yet"),
        (("results", "--state", "bad"), 2, "is not one of ok, blocked"),
        (("run", "--dry-run", "@starter"), 2, "a list is given with --targets @starter"),
        (("config", "check", "none.toml"), 66, "none.toml: there is no such file"),
        (("pause", "--for", "99999d"), 2, "1d (9999d at most), or leave --for out"),
    ],
)
def test_every_other_mistake_has_its_code_and_line(
    desk: Desk, arguments: tuple[str, ...], code: int, words: str
) -> None:
    done = desk(*arguments)

    assert done.returncode == code
    assert words in complaint(done)


@pytest.mark.parametrize(
    "command",
    [("privacy",), ("consent", "show"), ("consent", "text"), ("targets", "packs"), ("probes",)],
    ids=" ".join,
)
def test_a_broken_configuration_stops_no_command_that_only_informs(
    desk: Desk, command: tuple[str, ...]
) -> None:
    desk.config.write_text("[netwerk]\n", encoding="utf-8")
    done = desk(*command)

    assert done.returncode == 0, done.stderr
    told = "unknown section [netwerk]" in done.stderr
    assert told is (command != ("probes",)), "which needs none"
    named = desk(*command, "--config", str(desk.config))
    assert named.returncode == (0 if command == ("probes",) else 78), "a file that was asked for"


def test_the_help_speaks_of_no_option_that_changes_nothing(desk: Desk) -> None:
    told = {name: desk(*name.split(), "--help").stdout for name in ("results", "privacy")}

    assert ("--db" in told["results"], "--config" in told["results"]) == (True, False)
    assert ("--db" in told["privacy"], "--config" in told["privacy"]) == (False, True)
    assert desk("privacy", "--db", "x.sqlite").returncode == 0, "and it is taken all the same"


def test_a_misspelt_command_is_guessed(desk: Desk) -> None:
    done = desk("reslts")

    assert done.returncode == 2
    assert "results" in done.stderr


def test_results_and_show_print_what_run_stored(desk: Desk) -> None:
    ran = desk("run", "--yes", "--json", "--probe", "dns", "--probe", "tls", "Site.Example")
    printed = [json.loads(line) for line in ran.stdout.splitlines()][:-1]
    listed = [json.loads(line) for line in desk("results", "--json").stdout.splitlines()]

    assert sorted(row["measurement_id"] for row in listed) == sorted(
        row["measurement_id"] for row in printed
    )
    by_id = {row["measurement_id"]: row for row in listed}
    assert all(by_id[row["measurement_id"]] == row for row in printed)
    first = printed[0]
    assert (first["input"], first["target"]) == ("Site.Example", "https://site.example/")
    assert (first["country"], first["asn"]) == ("XA", 64500)

    shown = desk("show", first["measurement_id"][:20], "--json")
    records = [json.loads(line) for line in shown.stdout.splitlines()]
    assert records[0]["record"] == "measurement"
    assert {record["measurement_id"] for record in records} == {first["measurement_id"]}
    in_words = desk("show", first["measurement_id"]).stdout
    assert "connection_refused" in in_words
    assert "vantage      network AS64500, XA" in in_words
    assert "(by: configured)" in in_words
    lengths = [record["seconds"] for record in records if record["record"] == "step"]
    assert all(f"+{seconds:7.4f}" in in_words for seconds in lengths)
    compared = [record for record in records if record["record"] == "comparison"]
    assert compared
    for one in compared:
        assert one["side"] in {"for", "against", "fact"}
        assert f"{one['text']}  [{', '.join(map(str, one['steps']))}]" in in_words
    reasons = desk("show", first["measurement_id"], "--why").stdout
    assert in_words.startswith(reasons.rstrip("\n"))
    assert not any(f"+{seconds:7.4f}" in reasons for seconds in lengths)


def test_hostile_text_can_not_drive_the_terminal(desk: Desk) -> None:
    done = desk("run", "--yes", "https://site.example/\x1b]0;owned\x07", "site.example")

    assert "\x1b" not in done.stdout + done.stderr
    assert "\x1b" not in desk("results").stdout


def test_an_interrupted_run_is_resumed_and_a_finished_one_is_not(desk: Desk) -> None:
    arguments = ("run", "--yes", "--json", "one.example", "two.example")
    assert desk(*arguments).returncode == 0
    assert "resuming" not in desk(*arguments).stderr, "a finished run is never resumed"
    with sqlite3.connect(desk.db) as connection:
        connection.execute("update runs set finished = null where id = 2")
        one = connection.execute(
            "select measurement_id from run_items where run_id = 2 limit 1"
        ).fetchone()[0]
        connection.execute("delete from run_items where measurement_id = ?", (one,))
    again = desk(*arguments)

    assert "resuming: 1 of 2 were finished before" in again.stderr
    assert len(again.stdout.splitlines()) == 2, "one verdict and the summary"
    with sqlite3.connect(desk.db) as connection:
        connection.execute("update runs set finished = null where id = 2")
    assert "resuming" not in desk(*arguments, "--fresh").stderr


def loaded_by(desk: Desk, *arguments: str) -> set[str]:
    """The packages a command imports, of its own and of others."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "heliograph", *arguments],
        env=desk.environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return {line.rpartition("|")[2].strip().split(".")[0] for line in done.stderr.splitlines()}


def test_the_start_loads_nothing_heavy(desk: Desk) -> None:
    loaded = loaded_by(desk, "--help")

    assert "heliograph" in loaded
    assert not loaded & {
        "scapy",
        "aioquic",
        "sqlalchemy",
        "alembic",
        "litestar",
        "duckdb",
        "httpx",
        "jinja2",
    }


def test_run_loads_no_migration_tool_and_no_raw_packets(desk: Desk) -> None:
    loaded = loaded_by(desk, "run", "--yes", "site.example")

    assert "sqlalchemy" in loaded
    assert not loaded & {"alembic", "scapy", "aioquic", "apscheduler", "jinja2"}


def test_a_stranger_in_the_place_of_a_room_is_named(desk: Desk) -> None:
    stranger = desk.folder / "storage"
    stranger.mkdir()
    (stranger / "__init__.py").write_text("", encoding="utf-8")
    environment = {**desk.environment(), "PYTHONPATH": str(desk.folder)}
    command = shutil.which("heliograph", path=str(Path(sys.executable).parent))
    assert command is not None
    done = subprocess.run(
        [command, "probes"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 70
    assert "the package 'storage' found at" in done.stderr


def test_a_reader_that_leaves_early_does_not_stop_the_run(desk: Desk) -> None:
    with subprocess.Popen(
        [
            sys.executable,
            "-m",
            "heliograph",
            "run",
            "--yes",
            "--json",
            *(f"s{n}.example" for n in range(20)),
        ],
        env=desk.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr is not None
        complaints = process.stderr.read()
        process.wait(timeout=20)
    assert "Traceback" not in complaints
    assert process.returncode == 0
    assert desk.count(TARGETS) == 20
