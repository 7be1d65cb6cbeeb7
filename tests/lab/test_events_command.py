"""Impact over a database: whatever engine keeps the looks, the answer is one."""

import json
from pathlib import Path

import pytest

from analysis.rules import RULESET_VERSION
from heliograph.cli.events import Wish, examine
from heliograph.model import SURROUNDINGS, State
from storage.store import Store
from tests.made_looks import Look, judged
from tests.postgres_server import Server

ONSET = 14
EVENTS = """
version = 1
date = "2026-12-30"
[[event]]
id = "made-up"
type = "law"
country = "XA"
title = "What never happened"
onset_from = "2026-11-15"
onset_to = "2026-11-15"
[[event.sources]]
publisher = "nobody"
title = "nothing"
url = "https://nobody.example/"
date = "2026-11-15"
"""


def history() -> list[Look]:
    """Six countries of two networks; in one, a target is blocked from the event on."""
    return [
        Look(
            day=day,
            hour=hour,
            country=f"X{country}",
            asn=64500 + asn,
            target=target,
            source="ooni:x",
            state=State.BLOCKED
            if (country, target) == ("A", "one.example") and day >= ONSET
            else State.OK,
        )
        for day in range(2 * ONSET)
        for hour in (1, 13)
        for country in "ABCDEF"
        for asn in range(2)
        for target in ("one.example", "two.example")
    ]


def asked(location: str, events: Path, capfd: pytest.CaptureFixture[str]) -> dict[str, object]:
    days = {"before": ONSET, "after": ONSET, "lead": None}
    examine(Wish("made-up", None, None, days, False, events, location, True))
    found: dict[str, object] = json.loads(capfd.readouterr().out)
    return found


def test_both_engines_answer_the_same_and_no_surroundings_count(
    postgres: Server, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    events = tmp_path / "events.toml"
    events.write_text(EVENTS, encoding="utf-8")
    around = [Look(day=day, probe=SURROUNDINGS, target="") for day in range(2 * ONSET)]
    file, server = str(tmp_path / "a.sqlite"), postgres.url(postgres.new_database())
    for location in (file, server):
        with Store.open(location) as store:
            store.imports.keep(judged([*history(), *around]))
            store.activate(RULESET_VERSION)

    found = asked(file, events, capfd)
    assert (found["answer"], found["series"]) == ("rose", 4)
    assert asked(server, events, capfd) == found
