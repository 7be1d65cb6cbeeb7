"""The demo run by a user without any rights: what its database proves, and what a look costs."""

import json
import os
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

import pytest

from heliograph.lab.netns import obstacle
from heliograph.lab.rows import TOGETHER as ROWS
from heliograph.lab.scene import CONTROL, asn_table
from heliograph.lab.settings import vantage_settings
from tests.lab.lab_fixtures import environment, heliograph

ROOT = Path(__file__).parents[2]
NOBODY = 65534
AS_NOBODY = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
MOST_CONNECTIONS, MOST_QUERIES = 12, 40
OWN = "s.role <> 'remote_control'"
"""Steps taken from here: what the control did elsewhere costs this host nothing."""
FORGED = ("10.", "127.", "0.", "192.168.")


@dataclass(frozen=True, slots=True)
class Demo:
    """How it ended, and the home of whoever ran it."""

    code: int
    told: str
    home: Path

    @property
    def user(self) -> int:
        return self.home.stat().st_uid

    def rows(self, question: str, *values: str) -> list[tuple[object, ...]]:
        with sqlite3.connect(self.home / "out" / "demo.sqlite") as connection:
            return connection.execute(question, values).fetchall()


def python_for_everybody(folder: Path) -> str:
    """An environment like ours on a Python that nobody may run; empty when there is none.

    Tried behind a shell: what root's ``setpriv`` itself starts may still be read by root.
    """
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for base in (Path(sys.executable).resolve(), *map(Path, ("/usr/bin", "/usr/local/bin"))):
        python = base / version if base.is_dir() else base
        packages = folder / "venv" / "lib" / version / "site-packages"
        packages.mkdir(parents=True, exist_ok=True)
        own = folder / "venv" / "bin" / "python"
        own.parent.mkdir(exist_ok=True)
        own.unlink(missing_ok=True)
        own.symlink_to(python)
        (folder / "venv" / "pyvenv.cfg").write_text(f"home = {python.parent}\n", encoding="utf-8")
        ways = f"{sysconfig.get_path('purelib')}\n{ROOT}\n"
        (packages / "ours.pth").write_text(ways, encoding="utf-8")
        tried = subprocess.run(
            [*AS_NOBODY, "sh", "-c", 'exec "$0" -c "import heliograph.cli.app"', str(own)],
            cwd="/", capture_output=True, check=False,
        )  # fmt: skip
        if tried.returncode == 0:
            return str(own)
    return ""


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """As whoever runs the tests; where that is root, as nobody if a Python is to be had for it."""
    problem = obstacle()
    assert problem is None, f"these tests need namespaces: {problem}"
    home = Path(tempfile.mkdtemp(prefix="heliograph-demo-"))
    command = [sys.executable, "-m", "heliograph", "demo", "--out", str(home / "own" / "out")]
    try:
        home.chmod(0o755)
        (home / "own").mkdir(mode=0o700)
        if os.geteuid() == 0 and (python := python_for_everybody(home)):
            os.chown(home / "own", NOBODY, NOBODY)
            command = [*AS_NOBODY, python, *command[1:]]
        done = subprocess.run(
            command, cwd="/", env=environment(home / "own"), stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False, timeout=240,
        )  # fmt: skip
        yield Demo(done.returncode, done.stderr, home / "own")
    finally:
        shutil.rmtree(home)


def test_a_user_without_any_rights_can_run_it(demo: Demo) -> None:
    assert demo.code == 0, demo.told
    if demo.user == 0:
        pytest.skip("NOT TRIED, the demo as a plain user: we are root, and nobody has no Python")
    assert {path.stat().st_uid for path in demo.home.rglob("*")} == {demo.user}


def test_nobody_else_may_read_what_it_wrote(demo: Demo) -> None:
    assert stat.S_IMODE((demo.home / "out" / "demo.sqlite").stat().st_mode) & 0o077 == 0


def test_every_verdict_of_blocking_has_rules_and_steps(demo: Demo) -> None:
    found = demo.rows(
        "select v.target, v.rules, v.explanation, count(s.number) from api_v1_verdicts v"
        " left join api_v1_steps s using (measurement_id)"
        " where v.state = 'blocked' group by v.measurement_id"
    )

    assert len(found) == sum(row.state == "blocked" for row in ROWS)
    for target, rules, explanation, steps in found:
        assert json.loads(str(rules)), target
        assert explanation, target
        assert int(str(steps)) >= 2, target


def test_every_verdict_of_blocking_rests_on_a_step_that_failed_or_differs(demo: Demo) -> None:
    """All that the lab stages but forged answers and pages breaks a step from here."""
    quiet = {row.targets[0] for row in ROWS if (row.technique or "").startswith(("dns.", "http."))}
    failed = demo.rows(
        "select distinct v.target from api_v1_verdicts v join api_v1_steps s using (measurement_id)"
        f" where v.state = 'blocked' and {OWN} and s.failure is not null"
    )
    blocked = {row.targets[0] for row in ROWS if row.state == "blocked"}

    assert blocked - quiet <= {str(target) for (target,) in failed}


def test_nobody_ever_connected_to_an_address_that_belongs_to_nobody(demo: Demo) -> None:
    found = {
        str(address)
        for (address,) in demo.rows(
            "select address from api_v1_steps where kind <> 'dns_query' and address is not null"
        )
    }

    assert [address for address in found if address.startswith(FORGED)] == []
    assert all(ip_address(address).is_private for address in found), "the lab's, every one"
    answers = demo.rows("select detail from api_v1_steps where kind = 'dns_query'")
    assert any("10.10.34.36" in str(detail) for (detail,) in answers), "recorded all the same"


# What a look costs


def promised(folder: Path, target: str) -> tuple[int, int]:
    """Connections and queries that ``run --dry-run`` announces to the lab's volunteer."""
    texts = {"usual.toml": vantage_settings(CONTROL), "asn.csv": asn_table(), "control.token": "x"}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "ca.pem").write_text("", encoding="ascii")
    settings = str(folder / "usual.toml")
    done = heliograph("run", "--dry-run", "--config", settings, target, env=environment(folder))
    told = re.search(r"at most (\d+) TCP connections and (\d+) DNS queries", done.stdout)
    assert told is not None, done.stderr
    return int(told[1]), int(told[2])


def spent(demo: Demo, target: str) -> tuple[int, int]:
    kinds = [
        str(kind)
        for (kind,) in demo.rows(
            f"select s.kind from api_v1_steps s where s.target = ? and {OWN}", target
        )
    ]
    return kinds.count("tcp_connect"), kinds.count("dns_query")


def test_a_look_at_a_healthy_site_costs_what_was_announced(demo: Demo, tmp_path: Path) -> None:
    (target,) = next(row.targets for row in ROWS if row.name == "ok-https")
    connections, queries = spent(demo, target)
    most_connections, most_queries = promised(tmp_path, target)

    assert 0 < connections <= min(most_connections, MOST_CONNECTIONS)
    assert 0 < queries <= min(most_queries, MOST_QUERIES)
