"""The demo: every row gets the verdict it must get, and leaves database and report behind."""

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import pytest

from heliograph.lab.loopback import STAGED
from heliograph.lab.rows import TOGETHER as ROWS
from tests.lab.lab_fixtures import environment, heliograph, without_namespaces

LOOKS = "select count(*) from api_v1_verdicts where probe != 'surroundings'"


@dataclass(frozen=True, slots=True)
class Demo:
    """What it printed, and the folder it wrote to."""

    code: int
    printed: list[str]
    told: str
    folder: Path


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    home = tmp_path_factory.mktemp("home")
    return shown(environment(home), home / "out")


@pytest.fixture(scope="module")
def demo_on_loopback(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    home = tmp_path_factory.mktemp("home")
    return shown(without_namespaces(home), home / "out", "--json")


def shown(env: dict[str, str], out: Path, *arguments: str) -> Demo:
    done = heliograph("demo", "--out", str(out), *arguments, env=env)
    return Demo(done.returncode, done.stdout.splitlines(), done.stderr, out)


def counted(demo: Demo, question: str) -> int:
    with sqlite3.connect(demo.folder / "demo.sqlite") as connection:
        return int(connection.execute(question).fetchone()[0])


def test_it_prints_a_line_for_every_row_each_right(demo: Demo) -> None:
    assert demo.code == 0, demo.told
    assert [line.split()[0] for line in demo.printed] == [row.name for row in ROWS]
    assert [line for line in demo.printed if not line.endswith(" 1/1  witnessed")] == []


def test_it_tells_its_progress_and_where_things_are(demo: Demo) -> None:
    looks = sum(len(row.targets) for row in ROWS)
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")

    assert f"[{looks}/{looks}] " in demo.told
    assert f"{len(ROWS)} conditions in {looks} looks" in demo.told
    assert f"{len(ROWS)} conditions in {looks} looks" in " ".join(readme.split())
    assert "none         offline: This host has no line" in demo.told
    assert str(demo.folder / "demo.sqlite") in demo.told
    assert str(demo.folder / "report.html") in demo.told


def test_the_database_holds_every_look(demo: Demo) -> None:
    targets = sum(len(row.targets) for row in ROWS if row.state != "none")

    assert counted(demo, LOOKS) == targets
    assert f"{targets} measurements in " in demo.told
    assert "; none, as it must be, of: offline" in demo.told


def test_a_bogon_is_recorded_and_never_connected_to(demo: Demo) -> None:
    connects = "select count(*) from api_v1_steps where kind = 'tcp_connect'"

    assert counted(demo, f"{connects} and address like '10.%'") == 0
    assert counted(demo, connects) > 0


def test_the_report_shows_them_and_stands_alone(demo: Demo) -> None:
    page = (demo.folder / "report.html").read_text(encoding="utf-8")

    assert [row.technique for row in ROWS if row.technique and row.technique not in page] == []
    assert "<script" not in page
    assert "src=" not in page
    assert (demo.folder / "report.html").stat().st_mode & 0o777 == 0o600


def test_where_namespaces_are_refused_it_shows_what_loopback_can(demo_on_loopback: Demo) -> None:
    rows = [json.loads(line) for line in demo_on_loopback.printed]

    assert demo_on_loopback.code == 0, demo_on_loopback.told
    assert {row["row"]: row["wrong"] for row in rows if row["right"] < row["repeats"]} == {}
    assert {row["row"] for row in rows} >= STAGED
    assert {row["twin"] for row in rows} == {"no witness"}
    assert counted(demo_on_loopback, "select count(*) from api_v1_verdicts") == len(rows)
    assert (demo_on_loopback.folder / "report.html").is_file()


def test_where_namespaces_are_refused_it_says_why_and_names_the_rest(
    demo_on_loopback: Demo,
) -> None:
    missing = [row.name for row in ROWS if row.name not in STAGED]

    assert "unshare failed: Operation not permitted" in demo_on_loopback.told
    assert f"not staged here: {', '.join(missing)}" in demo_on_loopback.told
