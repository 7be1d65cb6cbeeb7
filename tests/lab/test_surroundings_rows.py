"""The rows whose condition holds for everything, once: verdict, witness, flag, and time."""

import json
from dataclasses import dataclass

import pytest

from heliograph.lab.rows import ROWS
from tests.lab.lab_fixtures import environment, heliograph
from tests.lab.rehearsals import Rehearsal, rehearsed

NAMES = [row.name for row in ROWS if row.alone]
SAID = {
    "captive-portal": "this network answers in the place of others",
    "shutdown": "nothing abroad is reached, while places in this country are",
    "tls-mitm-everything": "replaced by those of one unknown issuer",
    "dns-resolver-broken": "this network's resolver fails for innocuous names, too",
}
"""What a volunteer is told of a flag that masks verdicts."""


@pytest.fixture(scope="module")
def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> Rehearsal:
    """All of them, scene by scene."""
    return rehearsed(NAMES, tmp_path_factory.mktemp("home"), seconds=400)


@pytest.mark.parametrize("name", NAMES)
def test_a_row_gets_its_verdict(rehearsal: Rehearsal, name: str) -> None:
    rehearsal.has_the_verdict(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_witness_sees_the_condition_come_and_go(rehearsal: Rehearsal, name: str) -> None:
    rehearsal.has_a_witness(name)


@pytest.mark.parametrize(("name", "words"), SAID.items())
def test_a_flag_is_told_in_words(rehearsal: Rehearsal, name: str, words: str) -> None:
    lines = [line for line in rehearsal.told.splitlines() if f" {name}: " in line]

    assert lines
    assert all(words in line for line in lines)


LOOK = """\
#!/bin/sh
heliograph run --yes --json $1
echo "code $?"
heliograph results --json --probe surroundings
heliograph doctor --json
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the product printed on the vantage of one row."""

    printed: list[dict[str, object]]
    code: int
    said: str

    def of_kind(self, kind: str) -> list[dict[str, object]]:
        return [record for record in self.printed if record.get("kind") == kind]


def on_the_vantage(tmp_path_factory: pytest.TempPathFactory, name: str, target: str) -> Seen:
    """Run, the stored look at the surroundings, and doctor, where this row is staged."""
    home = tmp_path_factory.mktemp("home")
    shell = home / "shell"
    shell.write_text(LOOK.replace("$1", target), encoding="utf-8")
    shell.chmod(0o700)
    env = {**environment(home), "SHELL": str(shell)}
    done = heliograph("lab", "shell", name, env=env)
    lines = done.stdout.splitlines()
    code = next(int(line.split()[1]) for line in lines if line.startswith("code "))
    return Seen([json.loads(line) for line in lines if line.startswith("{")], code, done.stderr)


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    return on_the_vantage(tmp_path_factory, "clock-skew", "https://later.example/")


@pytest.fixture(scope="module")
def silence(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    return on_the_vantage(tmp_path_factory, "offline-silent", "https://unheard.example/")


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    return on_the_vantage(tmp_path_factory, "captive-portal", "https://walled.example/")


def test_a_wrong_clock_is_flagged_and_masks_nothing(clock: Seen) -> None:
    verdict, surroundings = clock.of_kind("verdict")
    (summary,) = clock.of_kind("summary")

    assert (verdict["state"], verdict["context"]) == ("ok", ["clock_skew"])
    assert (summary["measured"], summary["context"]) == (1, ["clock_skew"])
    assert (surroundings["probe"], surroundings["state"]) == ("surroundings", "ok")
    assert "surroundings: this host's clock is more than a day off" in clock.said


def test_silence_everywhere_is_offline_and_leaves_no_verdict(silence: Seen) -> None:
    told = [line for line in silence.said.splitlines() if "nothing answers" in line]

    assert silence.code == 68
    assert silence.of_kind("summary") == []
    (kept,) = silence.of_kind("verdict")
    assert (kept["probe"], kept["state"]) == ("surroundings", "inconclusive"), "what was sent stays"
    assert len(told) == 1
    assert "run the same command again" in told[0]


def test_a_portal_is_told_and_the_look_is_kept(portal: Seen) -> None:
    verdict, surroundings = portal.of_kind("verdict")

    assert portal.code == 0
    assert (verdict["state"], verdict["techniques"]) == ("inconclusive", [])
    assert "captive_portal" in str(verdict["context"])
    assert (surroundings["probe"], surroundings["state"]) == ("surroundings", "inconclusive")


@pytest.mark.parametrize(
    ("seen", "name"),
    [("portal", "captive_portal"), ("silence", "offline"), ("clock", "clock_skew")],
)
def test_doctor_says_the_same_with_a_mend(
    request: pytest.FixtureRequest, seen: str, name: str
) -> None:
    checks: list[dict[str, object]] = request.getfixturevalue(seen).of_kind("check")
    (row,) = [c for c in checks if c["name"] == f"surroundings {name}"]

    assert row["ok"] is False
    assert row["mend"]
