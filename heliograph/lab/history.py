"""Fleets over months and years, with what is true of them: counts as a table, the truth beside it.

Nothing is sent and nobody is asked: every look is drawn by chance. The same preset and the same
seed give the same bytes on every machine.
"""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random

from heliograph.lab.history_counts import Count, counts
from heliograph.lab.history_events import Happening, happenings, world_of
from heliograph.lab.history_shapes import Shape

FIRST_DAY = datetime(2024, 1, 1, tzinfo=UTC)
COLUMNS = (
    *("time", "country", "asn", "target", "probe"),
    *("n_ok", "n_blocked", "n_throttled", "n_down", "n_inconclusive", "n_vantages", "technique"),
)
PROBE = "web"


@dataclass(frozen=True, slots=True)
class History:
    """What happened, and what was seen of it."""

    shape: Shape
    happened: tuple[Happening, ...]
    counts: tuple[Count, ...]

    def rows(self) -> Iterator[tuple[str, ...]]:
        """The table, in order of series and time, without its header (``COLUMNS``)."""
        days = [moment(day)[:10] for day in range(self.shape.days)]
        for one in self.counts:
            scope = (days[one.day], one.country, str(one.asn), one.target, PROBE)
            numbers = (one.ok, one.blocked, one.throttled, one.down, one.inconclusive)
            yield (*scope, *map(str, numbers), str(one.vantages), one.technique)


def history(shape: Shape, seed: int) -> History:
    """The history of a shape with this seed."""
    chance = Random(seed)  # noqa: S311 - to be repeated, not to be unguessable
    world = world_of(shape)
    happened = happenings(shape, world, chance)
    return History(shape, happened, tuple(counts(shape, world, happened, chance)))


def moment(day: int) -> str:
    """When a day of a history starts: RFC 3339, UTC."""
    return (FIRST_DAY + timedelta(days=day)).strftime("%Y-%m-%dT%H:%M:%SZ")


def truth(made: History) -> list[dict[str, object]]:
    """What is true: scope, type, onset and end of everything that was staged.

    ``found`` says whether a detector must find it; what it must not find is there as well. An end
    of null lies after the last day.
    """
    return [_told(one, made.shape.days) for one in made.happened]


def _told(one: Happening, days: int) -> dict[str, object]:
    turns = [(day, one.technique_on(day)) for day in range(one.onset, min(one.end, days))]
    return {
        "type": one.kind,
        "found": one.is_true,
        "country": one.country,
        "asns": sorted(one.asns),
        "targets": list(one.targets),
        "onset": moment(one.onset),
        "end": moment(one.end) if one.end < days else None,
        "share": round(one.share, 4),
        "how": one.how,
        "course": one.course,
        "changes": [
            {"at": moment(day), "from": before, "to": now}
            for (_, before), (day, now) in pairwise(turns)
            if before != now
        ],
    }


def write(made: History, folder: Path, preset: str, seed: int) -> tuple[Path, Path]:
    """Write ``series.csv`` and ``truth.json`` into a folder, which is made; raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    series, told = folder / "series.csv", folder / "truth.json"
    with series.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(COLUMNS)
        table.writerows(made.rows())
    kept = {
        "preset": preset,
        "seed": seed,
        "first_day": moment(0),
        "days": made.shape.days,
        "events": truth(made),
    }
    told.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    return series, told
