"""A night over 30 days of looks, a tenth of them late: seconds, memory, growth; prints JSON.

``python -m benchmarks.nightly [STEPS]`` (10,000,000 unless said). Looks are those of the corpus, in
1,000 series of 50 networks and 10 countries, 4 senders in each network. The first night counts all
that was there in time; the second judges what came late, counts the days it is of, and detects.
Then the same cells are counted from an archive of it, beside DuckDB's plain GROUP BY over the same
files. Seconds of the processor are told beside those on the clock: other work slows only these.
"""

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from analysis.judge import judge
from analysis.rules import RULESET_VERSION
from heliograph.model import Measurement, State
from storage.aggregates import DUCKDB
from storage.archive.writing import Archiving
from storage.bulk import MEASUREMENTS, STEPS, VERDICTS, insert_rows, step_values
from storage.engine import writing
from storage.looks import cells_of
from storage.looks_archive import ArchivedLooks
from storage.records import measurement_row, verdict_row
from storage.store import Store
from tests.unit.analysis.kept import corpus

STEPS_WANTED = 10_000_000
STEPS_EACH = 50
DAYS = 30
LATE = 0.1
NETWORKS, TARGETS, SENDERS = 50, 20, 4
PLAIN = (
    "SELECT substr(started, 1, 10) AS day, country, asn, target, probe, COUNT(*) AS n, "
    + ", ".join(f"COUNT(*) FILTER (WHERE state = '{s.value}') AS n_{s.value}" for s in State)
    + " FROM api_v1_verdicts WHERE outcome = 'measured' AND probe <> 'surroundings' GROUP BY ALL"
)
ROUNDS = 5
Row = tuple[object, ...]


def main() -> None:
    """Measure at a tenth of the size and at the whole, and print."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else STEPS_WANTED
    with tempfile.TemporaryDirectory() as folder:
        small = measured(Path(folder, "small"), wanted // 10)
        print(json.dumps(small), flush=True)
        large = measured(Path(folder, "large"), wanted)
        print(json.dumps(large), flush=True)
    growth = large["night_cpu_seconds"] / small["night_cpu_seconds"]
    print(json.dumps({"night_costs_so_many_times_what_a_tenth_costs": round(growth, 1)}))


def measured(folder: Path, wanted: int) -> dict[str, float]:
    """The figures for so many steps."""
    folder.mkdir()
    place = folder / "looks.sqlite"
    looks = list(made(wanted))
    late = int(len(looks) * LATE)
    with Store.open(str(place)) as store:
        steps = _fill(store, looks[late:], judged=True)
        store.activate(RULESET_VERSION)
    first = _night(place)
    with Store.open(str(place)) as store:
        steps += _fill(store, looks[:late], judged=False)
    told: dict[str, float] = {"measurements": len(looks), "steps": steps, "late": late}
    told |= {f"first_{name}": value for name, value in first.items()}
    told |= _night(place)
    list(Archiving(str(place), folder / "archive").days())
    return told | _compared(place, folder / "archive")


def made(steps: int) -> Iterator[tuple[Measurement, str]]:
    """Looks of the corpus somewhere in 1,000 series and 30 days, most of them ok; with a sender."""
    chance = random.Random(8)
    by_state: dict[str, list[Measurement]] = {}
    for kept in corpus():
        verdict = judge(kept.measurement)
        if verdict is not None:
            by_state.setdefault(verdict.state, []).append(kept.measurement)
    others = [one for state, some in by_state.items() if state != State.OK for one in some]
    end = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for number in range(steps // STEPS_EACH):
        look = chance.choice(by_state[State.OK] if chance.random() < 0.85 else others)
        network, target = chance.randrange(NETWORKS), chance.randrange(TARGETS)
        yield _placed(look, number, network, target, end, chance)


def _placed(
    look: Measurement,
    number: int,
    network: int,
    target: int,
    end: datetime,
    chance: random.Random,
) -> tuple[Measurement, str]:
    import msgspec

    started = end - timedelta(seconds=1 + chance.randrange(DAYS * 86_400))
    hour = f"{int(started.timestamp()) // 3600:08x}"
    placed = msgspec.structs.replace(
        look,
        id=f"{hour}-{chance.getrandbits(16):04x}-8000-8000-{number:012x}",
        target=msgspec.structs.replace(look.target, url=f"https://site{target}.example/"),
        vantage=msgspec.structs.replace(
            look.vantage, country=f"X{chr(65 + network % 10)}", asn=64500 + network
        ),
        started=started,
        context=(),
    )
    return placed, f"{network}-{chance.randrange(SENDERS)}"


def _fill(store: Store, looks: list[tuple[Measurement, str]], *, judged: bool) -> int:
    """Store them, with as many steps each as are wanted, and receipts; how many steps it were."""
    from sqlalchemy import insert

    from storage.tables import receipts

    held = 0
    for first in range(0, len(looks), 5000):
        some = looks[first : first + 5000]
        rows = [row for look, _ in some for row in _steps(look)]
        held += len(rows)
        with writing(store._engine) as connection:
            insert_rows(
                connection, MEASUREMENTS, (MEASUREMENTS.values(measurement_row(m)) for m, _ in some)
            )
            insert_rows(connection, STEPS, rows)
            if judged:
                insert_rows(connection, VERDICTS, (_verdict(look) for look, _ in some))
            connection.execute(
                insert(receipts),
                [
                    {"id": m.id, "envelope_hash": "", "received_at": m.started, "vantage": key}
                    for m, key in some
                ],
            )
    return held


def _steps(look: Measurement) -> list[Row]:
    """Its own steps, and its last again until they are as many as are wanted."""
    rows = [tuple(row) for row in step_values(look)]
    number = STEPS.columns.index("number")
    if rows:
        last = rows[-1]
        more = range(len(rows), STEPS_EACH)
        rows += [(*last[:number], at, *last[number + 1 :]) for at in more]
    return rows


_VERDICTS: dict[tuple[object, ...], Row] = {}


def _verdict(look: Measurement) -> Row:
    """What is made of it; the same steps are judged once here, for this is only to fill."""
    key = (id(look.steps),)
    if key not in _VERDICTS:
        verdict = judge(look)
        assert verdict is not None
        _VERDICTS[key] = VERDICTS.values(verdict_row(verdict))
    at = VERDICTS.columns.index("measurement_id")
    row = _VERDICTS[key]
    return (*row[:at], look.id, *row[at + 1 :])


def _night(place: Path) -> dict[str, float]:
    """The command, and what it took."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "heliograph", "nightly", "--json", "--db", str(place)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    made = json.loads(process.stdout.read())
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return {
        "night_seconds": round(time.perf_counter() - began, 1),
        "night_cpu_seconds": round(used.ru_utime + used.ru_stime, 1),
        "night_megabytes": round(used.ru_maxrss / 1024),
        "judged": made["judged"],
        "days_built": made["days_built"],
        "cells": made["cells"],
        "findings": made["findings"],
    }


def _compared(place: Path, archive: Path) -> dict[str, float]:
    """Counting cells from the archive, and DuckDB's GROUP BY alone; both to rows in memory."""
    with Store.open_to_read(str(place)) as store:
        began = _cpu()
        with closing(ArchivedLooks(archive, store.looks)) as looks:
            opened = _cpu() - began
            days = sorted(looks.changes("0001-01-01", "9999-12-31"))
            run = looks._connection.execute
            plain = _best(lambda: run(PLAIN).fetchall())
            cells = _best(lambda: run(cells_of(days, DUCKDB)).fetchall())
    return {
        "archive_opened_cpu_seconds": round(opened, 2),
        "group_by_cpu_seconds": round(plain, 3),
        "aggregation_cpu_seconds": round(cells, 3),
        "aggregation_to_group_by": round(cells / plain, 2),
    }


def _best(work: Callable[[], object]) -> float:
    found = []
    for _ in range(ROUNDS):
        began = _cpu()
        work()
        found.append(_cpu() - began)
    return min(found)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
