"""A look by a probe in the lab, and what it cost its host beside what the dry run had said."""

import json
from dataclasses import dataclass
from pathlib import Path

from tests.lab.lab_fixtures import environment, heliograph

_COUNTED = (0, 1, 8, 9)
"""Bytes and packets received, and sent, among the numbers of an interface in /proc/net/dev."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a dry run, a run, ``show`` and ``show --why`` printed of one target."""

    folder: Path

    def lines(self, name: str) -> list[dict[str, object]]:
        """The JSON lines of ``plan``, ``run`` or ``record``."""
        text = (self.folder / name).read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    @property
    def why(self) -> str:
        """What ``show --why`` says."""
        return (self.folder / "why").read_text(encoding="utf-8")

    @property
    def steps(self) -> list[dict[str, object]]:
        """The steps of the look."""
        return [each for each in self.lines("record") if each["record"] == "step"]

    def cost(self) -> dict[str, float]:
        """What the dry run says one look costs at most."""
        (cost,) = [row for row in self.lines("plan") if row["kind"] == "cost"]
        return {key: float(str(cost[key])) for key in ("packets", "bytes", "seconds")}

    def spent(self) -> dict[str, float]:
        """What the vantage's interface carried meanwhile, and how long it took; the look at the
        surroundings is in it."""
        before, after = self._carried("before"), self._carried("after")
        received, packets_in, sent, packets_out = (
            b - a for a, b in zip(before, after, strict=True)
        )
        seconds = float(str(self.lines("run")[-1]["seconds"]))
        return {"packets": packets_in + packets_out, "bytes": received + sent, "seconds": seconds}

    def _carried(self, name: str) -> list[int]:
        text = (self.folder / name).read_text(encoding="ascii")
        (line,) = [line for line in text.splitlines() if "net0:" in line]
        numbers = line.partition(":")[2].split()
        return [int(numbers[place]) for place in _COUNTED]

    def is_within_its_cost(self, part: float = 1.0) -> None:
        """Fails when more was spent than this part of what was said."""
        cost, spent = self.cost(), self.spent()

        assert 0 < spent["bytes"] <= part * cost["bytes"]
        assert 0 < spent["packets"] <= part * cost["packets"]
        assert spent["seconds"] <= cost["seconds"]

    def unannounced(self) -> list[dict[str, object]]:
        """Steps to a place, name or port that the dry run does not speak of."""
        places = [row for row in self.lines("plan") if row["kind"] == "destination"]
        return [step for step in self.steps if not any(_speaks_of(p, step) for p in places)]


def _speaks_of(place: dict[str, object], step: dict[str, object]) -> bool:
    wanted = {"kinds": step["kind"], "hosts": step["host"], "ports": step["port"]}
    told = ((place.get(key), value) for key, value in wanted.items() if value is not None)
    return all(isinstance(named, list) and value in named for named, value in told)


def looked(folder: Path, row: str, chosen: str) -> Looked:
    """Look at what is ``chosen``, words of ``run``, with one row staged."""
    shell = folder / "shell"
    shell.write_text(
        f"""#!/bin/sh
cd '{folder}'
heliograph run {chosen} --dry-run --json > plan 2>/dev/null
cat /proc/net/dev > before
heliograph run {chosen} --yes --db results.sqlite --json > run
cat /proc/net/dev > after
id=$(grep -o '"measurement_id":"[^"]*' run | cut -d'"' -f4)
heliograph show --why --db results.sqlite "$id" > why
heliograph show --json --db results.sqlite "$id" > record
""",
        encoding="utf-8",
    )
    shell.chmod(0o700)
    done = heliograph("lab", "shell", row, env={**environment(folder), "SHELL": str(shell)})
    assert done.returncode == 0, done.stderr
    return Looked(folder)
