"""A run waits while the computer is on its battery or its network is paid by volume, if so set."""

import json
import time
from pathlib import Path

import pytest

from heliograph.cli.power import ASKING, on_battery, on_metered
from tests.lab.test_commands import Desk


def plant(folder: Path, **supplies: dict[str, str]) -> Path:
    for name, files in supplies.items():
        (folder / name).mkdir(parents=True)
        for file, text in files.items():
            (folder / name / file).write_text(f"{text}\n", encoding="ascii")
    return folder


MAINS_IN = {"type": "Mains", "online": "1"}
MAINS_OUT = {"type": "Mains", "online": "0"}
USB_IN = {"type": "USB", "online": "1"}
BATTERY = {"type": "Battery", "status": "Discharging"}
MOUSE = {"type": "Battery", "scope": "Device"}


@pytest.mark.parametrize(
    ("supplies", "expected"),
    [
        ({"AC": MAINS_OUT, "BAT0": BATTERY}, True),
        ({"AC": MAINS_IN, "BAT0": BATTERY}, False),
        ({"AC": MAINS_OUT, "ucsi": USB_IN, "BAT0": BATTERY}, False),
        ({"AC": MAINS_OUT}, False),
        ({"AC": MAINS_OUT, "hid": MOUSE}, False),
        ({"BAT0": BATTERY}, False),
        ({"BAT0": {}}, False),
        ({}, False),
    ],
)
def test_a_battery_counts_while_no_mains_is_plugged_in(
    tmp_path: Path, supplies: dict[str, dict[str, str]], expected: bool
) -> None:
    assert on_battery(plant(tmp_path, **supplies)) is expected


def test_a_system_that_tells_nothing_is_on_the_mains(tmp_path: Path) -> None:
    assert not on_battery(tmp_path / "none")


def program(folder: Path, name: str, text: str) -> str:
    """A program of this name in the folder; the folder, as a PATH."""
    file = folder / name
    file.write_text(f"#!/bin/sh\n{text}\n", encoding="ascii")
    file.chmod(0o755)
    return str(folder)


@pytest.mark.parametrize(
    ("name", "says", "expected"),
    [
        ("busctl", "u 1", True),
        ("busctl", "u 3", True),
        ("busctl", "u 2", False),
        ("busctl", "u 4", False),
        ("busctl", "u 0", False),
        ("nmcli", "yes", True),
        ("nmcli", "yes (guessed)", True),
        ("nmcli", "no (guessed)", False),
        ("nmcli", "unknown", False),
    ],
)
def test_networkmanager_is_believed(tmp_path: Path, name: str, says: str, expected: bool) -> None:
    path = program(tmp_path, name, f"echo '{says}'")

    assert on_metered(ASKING, path) is expected


def test_it_is_asked_for_the_network_as_a_whole(tmp_path: Path) -> None:
    path = program(tmp_path, "busctl", f"echo \"$@\" > {tmp_path}/asked; echo 'u 1'")

    assert on_metered(ASKING, path)
    assert (tmp_path / "asked").read_text(encoding="ascii") == (
        "--system get-property org.freedesktop.NetworkManager"
        " /org/freedesktop/NetworkManager org.freedesktop.NetworkManager Metered\n"
    )


def test_what_can_not_be_found_out_is_not_metered(tmp_path: Path) -> None:
    assert not on_metered(ASKING, str(tmp_path)), "neither is installed"
    assert not on_metered(ASKING, program(tmp_path, "busctl", "echo 'u 1'; exit 1"))


def test_whoever_does_not_answer_is_not_waited_for(tmp_path: Path) -> None:
    path = program(tmp_path, "busctl", "exec /bin/sleep 20")
    began = time.monotonic()

    assert not on_metered(ASKING, path)
    assert time.monotonic() - began < 4


def on_a_metered_network(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    path = program(desk.folder, "busctl", "echo 'u 1'")
    settings = {**desk.environment(), "PATH": path}
    monkeypatch.setattr(desk, "environment", lambda: settings)


def test_a_run_does_not_start_on_a_metered_network_unless_told_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(tmp_path)
    on_a_metered_network(desk, monkeypatch)
    done = desk("run", "--yes", "site.example")

    assert done.returncode == 0
    assert done.stderr == (
        "heliograph: not started: this network is paid by volume (limits.on_metered = false);"
        " --anyway starts all the same\n"
    )
    assert not desk.db.exists()
    ran = desk("run", "--yes", "--anyway", "--json", "site.example")
    assert json.loads(ran.stdout.splitlines()[-1])["measured"] == 1


def test_a_metered_network_can_be_allowed_for_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(tmp_path)
    on_a_metered_network(desk, monkeypatch)
    with desk.config.open("a", encoding="utf-8") as file:
        file.write("[limits]\non_metered = true\n")

    assert "1 measured" in desk("run", "--yes", "site.example").stderr
