"""Extras are installed by one command everywhere, and it names extras that there are."""

import re
import tomllib
from pathlib import Path

from heliograph.extras import install

ROOT = Path(__file__).parents[3]
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
    "optional-dependencies"
]
SOURCES = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").rglob("*.md"),
    *(path for room in ("heliograph", "storage") for path in (ROOT / room).rglob("*.py")),
]


def test_the_command_installs_from_the_source_and_over_what_is_there() -> None:
    assert install("archive").startswith("pipx install --force '.[archive]'")


def test_no_page_and_no_message_installs_in_another_way() -> None:
    changelog = ROOT / "CHANGELOG.md"
    others = [
        f"{path.name}: {line.strip()}"
        for path in SOURCES
        if path != changelog
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"heliograph\[\w|\binstall heliograph\b", line)
    ]

    assert others == []


def test_every_extra_that_is_named_is_there() -> None:
    named = {
        extra
        for path in SOURCES
        for found in re.findall(
            r"install --force '\.\[([\w,]+)\]", path.read_text(encoding="utf-8")
        )
        for extra in found.split(",")
    }

    assert named
    assert named <= set(EXTRAS)
