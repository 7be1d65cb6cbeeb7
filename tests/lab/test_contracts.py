"""The contracts between the rooms hold, and each of them breaks when it is violated."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINTER = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
    "importlinter"
]
CONTRACTS = {contract["id"]: contract["name"] for contract in LINTER["contracts"]}
VIOLATIONS = {
    "layers": ("storage/errors.py", "import analysis.rules"),
    "lab": ("heliograph/lab/hello.py", "import heliograph.ids"),
    "lab-users": ("scheduler/runner.py", "import heliograph.lab.hello"),
    "values": ("heliograph/detail.py", "import idna"),
    "sqlalchemy": ("scheduler/runner.py", "import sqlalchemy"),
    "apscheduler": ("storage/errors.py", "import apscheduler"),
    "scapy": ("storage/errors.py", "import scapy"),
    "quic": ("storage/errors.py", "import aioquic"),
    "web": ("scheduler/runner.py", "import litestar"),
    "pure": ("analysis/rules.py", "import random"),
}
"""A line that breaks the contract, and no other, and where it is put."""


def verdicts(folder: Path) -> dict[str, str]:
    """KEPT or BROKEN by contract, for the packages in this folder."""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
            "--no-cache",
        ],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    found = re.findall(r"^(.+) (KEPT|BROKEN)(?: \(.*\))?$", done.stdout, re.MULTILINE)
    assert found, done.stdout + done.stderr
    return dict(found)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The packages and their contracts, free to be spoilt."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in LINTER["root_packages"]:
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    return tmp_path


def test_every_contract_has_a_violation_here() -> None:
    assert set(VIOLATIONS) == set(CONTRACTS)


def test_the_contracts_hold(copy: Path) -> None:
    assert verdicts(copy) == dict.fromkeys(CONTRACTS.values(), "KEPT")


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_forbidden_import_breaks_its_contract_and_no_other(contract: str, copy: Path) -> None:
    place, line = VIOLATIONS[contract]
    with (copy / place).open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")

    broken = [name for name, verdict in verdicts(copy).items() if verdict == "BROKEN"]

    assert broken == [CONTRACTS[contract]]
