"""Rows of the lab rehearsed by the command, and what every row must have come to."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.lab.lab_fixtures import environment, heliograph


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What came of it."""

    code: int
    rows: dict[str, dict[str, object]]
    told: str

    def has_the_verdict(self, name: str) -> None:
        """The row was looked at once, and rightly."""
        assert name in self.rows, self.told
        row = self.rows[name]

        assert row["wrong"] == [], self.told
        assert (row["right"], row["repeats"]) == (1, 1), row

    def has_a_witness(self, name: str) -> None:
        """The row's condition was seen to come and go."""
        assert name in self.rows, self.told

        assert self.rows[name]["twin"] == "ok", self.rows[name]


def rehearsed(
    names: Sequence[str], home: Path, *, seconds: float = 120, before: Sequence[str] = ()
) -> Rehearsal:
    """These rows, by the command; fails where namespaces are not to be had."""
    words = ("lab", "run", *names, "--json")
    done = heliograph(*words, env=environment(home), seconds=seconds, before=before)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return Rehearsal(done.returncode, {row["row"]: row for row in rows}, done.stderr)
