"""Looks to make nights of: those of the corpus, in 1,000 series of 50 networks and 10 countries."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec
from sqlalchemy import insert

from analysis.judge import judge
from heliograph.model import Measurement, State
from storage.bulk import MEASUREMENTS, STEPS, VERDICTS, copy_rows, insert_rows, step_values
from storage.engine import is_server, writing
from storage.records import measurement_row, verdict_row
from storage.store import Store
from storage.tables import receipts
from tests.unit.analysis.kept import corpus

STEPS_EACH = 50
DAYS = 30
NETWORKS, TARGETS, SENDERS = 50, 20, 4
Row = tuple[object, ...]


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


def fill(store: Store, looks: list[tuple[Measurement, str]], *, judged: bool) -> int:
    """Store them, with as many steps each as are wanted, and receipts; how many steps it were."""
    add = copy_rows if is_server(store._engine) else insert_rows
    held = 0
    for first in range(0, len(looks), 5000):
        some = looks[first : first + 5000]
        rows = [row for look, _ in some for row in _steps(look)]
        held += len(rows)
        store._partitions.prepare(look.id for look, _ in some)
        with writing(store._engine) as connection:
            add(
                connection, MEASUREMENTS, (MEASUREMENTS.values(measurement_row(m)) for m, _ in some)
            )
            add(connection, STEPS, rows)
            if judged:
                add(connection, VERDICTS, (_verdict(look) for look, _ in some))
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
