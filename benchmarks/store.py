"""How fast a new database is filled and asked, on SQLite and on PostgreSQL; prints JSON.

``python -m benchmarks.store --steps 10000000`` makes measurements by a seed, with the steps and
details a look at a website leaves, streams them into a new file and into a server of its own
(started for this, its data under ``--folder``), rows first and indexes after, and tells both apart.
The clock stops while measurements are made: what is timed is the loading. Then each kind of look-up
is asked, by the clock, warm, medians of nine.
"""

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from heliograph.failure import Failure
from heliograph.ids import id_of_new
from heliograph.model import (
    Measurement,
    Role,
    State,
    Step,
    StepKind,
    Target,
    Vantage,
    Verdict,
)
from storage.engine import open_engine, reading
from storage.imports import Judged
from storage.loading import load
from storage.queries import RowQuery
from storage.store import Store
from tests.postgres_server import server

LEAST_ROWS = {"postgresql": 60_000, "sqlite": 80_000}
MOST_SECONDS = 0.1
_STEPS_EACH = 20
_BATCH = 500
_ROUNDS = 9
_TARGETS = 5_000
_NETWORKS = 300
_BEGAN = datetime(2025, 1, 1, tzinfo=UTC)
_DAYS = 540
_KINDS = (StepKind.DNS_QUERY, StepKind.TCP_CONNECT, StepKind.TLS_HANDSHAKE, StepKind.HTTP_EXCHANGE)
_DETAIL = {
    StepKind.DNS_QUERY: '{"answers":["198.18.%d.7"],"rcode":"NOERROR","type":"A","ttl":300}',
    StepKind.TCP_CONNECT: '{"ttl":57,"retransmits":%d}',
    StepKind.TLS_HANDSHAKE: '{"alpn":"h2","cipher":"TLS_AES_128_GCM_SHA256","version":"TLSv1.3",'
    '"certificate":"sha256:%064x"}',
    StepKind.HTTP_EXCHANGE: '{"status":200,"body_sha256":"%064x","title":"A page","headers":'
    '{"content-type":"text/html; charset=utf-8","server":"nginx"}}',
}


def main() -> None:
    """Load, ask, print; exits with 1 when a bar is missed."""
    said = argparse.ArgumentParser(description=__doc__)
    said.add_argument("--steps", type=int, default=10_000_000)
    said.add_argument("--engine", choices=sorted(LEAST_ROWS), action="append")
    said.add_argument("--folder", type=Path, help="where to work; else a temporary folder")
    wish = said.parse_args()
    told: dict[str, dict[str, object]] = {}
    with tempfile.TemporaryDirectory(dir=wish.folder) as name:
        folder = Path(name)
        for engine in wish.engine or sorted(LEAST_ROWS, reverse=True):
            if engine == "sqlite":
                told[engine] = measured(str(folder / "r.sqlite"), wish.steps, LEAST_ROWS[engine])
            else:
                with server(folder / "pg", ("shared_buffers=512MB", "max_wal_size=8GB")) as running:
                    location = running.url(running.new_database())
                    told[engine] = measured(location, wish.steps, LEAST_ROWS[engine])
    print(json.dumps(told, indent=1))
    sys.exit(0 if all(each["within_bars"] for each in told.values()) else 1)


class Clock:
    """Notes when each stage began, the making of measurements left out."""

    def __init__(self) -> None:
        self.made = 0.0
        self.began: dict[str, float] = {"load": time.perf_counter()}

    def tell(self, stage: str, _rows: int) -> None:
        """As ``storage.loading`` calls it."""
        if stage != "rows":
            self.began[stage] = time.perf_counter()

    def without(self, made: Iterator[list[Judged]]) -> Iterator[list[Judged]]:
        """The same batches, the time it takes to make them noted."""
        while True:
            before = time.perf_counter()
            batch = next(made, None)
            self.made += time.perf_counter() - before
            if batch is None:
                return
            yield batch


def measured(location: str, steps: int, least: int) -> dict[str, object]:
    """What loading and asking one database takes."""
    clock = Clock()
    loaded = load(location, clock.without(batches(steps)), clock.tell)
    rows_seconds = clock.began["indexes"] - clock.began["load"] - clock.made
    with Store.open(location) as store:
        store.activate(1)
    asked = lookups(location)
    pace = loaded.rows / rows_seconds
    return {
        "rows": loaded.rows,
        "steps": loaded.steps,
        "rows_a_second": round(pace),
        "load_seconds": round(rows_seconds, 1),
        "index_seconds": round(clock.began["done"] - clock.began["indexes"], 1),
        "lookup_milliseconds": {name: round(1000 * took, 2) for name, took in asked.items()},
        "within_bars": pace >= least and max(asked.values()) < MOST_SECONDS,
    }


def lookups(location: str) -> dict[str, float]:
    """Seconds of each kind of look-up, the median of several that ask for different things."""
    chosen = random.Random(7)
    with Store.open_to_read(location) as store:
        ids = [f"{_hour(chosen):08x}" for _ in range(_ROUNDS)]
        found = [first[0] for prefix in ids if (first := store.find_ids(prefix, 1))]
        ways: dict[str, Callable[[int], object]] = {
            "id": lambda n: store.measurement(found[n % len(found)]),
            "id_beginning": lambda n: store.find_ids(ids[n], 10),
            "target": lambda n: list(store.rows(RowQuery(targets=(_url(n * 37),), limit=100))),
            "network": lambda n: asked(location, f"asn = {64_512 + 7 * n}"),
            "day": lambda n: asked(location, _day(n * 31)),
        }
        return {name: _median(way) for name, way in ways.items()}


def asked(location: str, wanted: str) -> int:
    """The newest hundred results of a network or a day, as the view gives them."""
    engine = open_engine(location, read_only=True)
    try:
        with reading(engine) as connection:
            statement = (
                f"SELECT * FROM api_v1_verdicts WHERE {wanted} ORDER BY started DESC LIMIT 100"
            )
            return len(connection.exec_driver_sql(statement).all())
    finally:
        engine.dispose()


def _median(way: Callable[[int], object]) -> float:
    took = []
    for number in range(_ROUNDS):
        way(number)
        before = time.perf_counter()
        way(number)
        took.append(time.perf_counter() - before)
    return statistics.median(took)


def _hour(chosen: random.Random) -> int:
    return int((_BEGAN + timedelta(days=chosen.randrange(_DAYS))).timestamp()) // 3600


def _day(number: int) -> str:
    begins = _BEGAN + timedelta(days=number % _DAYS)
    ends = begins + timedelta(days=1)
    return f"started >= '{begins:%Y-%m-%dT%H:%M:%SZ}' AND started < '{ends:%Y-%m-%dT%H:%M:%SZ}'"


def _url(number: int) -> str:
    return f"https://site{number % _TARGETS}.example/"


def batches(steps: int) -> Iterator[list[Judged]]:
    """Measurements with so many steps in all, in the order of time, some at once."""
    chosen = random.Random(1)
    looks = -(-steps // _STEPS_EACH)
    batch: list[Judged] = []
    for number in range(looks):
        started = _BEGAN + timedelta(seconds=number * _DAYS * 86_400 // looks)
        batch.append(_judged(_look(chosen, started, _STEPS_EACH)))
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _look(chosen: random.Random, started: datetime, steps: int) -> Measurement:
    number = chosen.randrange(_TARGETS)
    host, url = f"site{number}.example", _url(number)
    record = Measurement(
        probe="web",
        probe_version=1,
        target=Target(input=host, url=url, scheme="https", host=host, port=443),
        vantage=Vantage(country="XA", asn=64_512 + chosen.randrange(_NETWORKS), source="table"),
        started=started,
        seconds=chosen.random() * 9,
        software="heliograph 0.1.0",
        steps=tuple(_step(chosen, host, position) for position in range(steps)),
    )
    return msgspec.structs.replace(record, id=id_of_new(record))


def _step(chosen: random.Random, host: str, position: int) -> Step:
    kind = _KINDS[position % 4]
    return Step(
        kind=kind,
        role=Role.TEST,
        pair=f"p{position // 4}",
        host=host,
        address=f"198.18.{chosen.randrange(256)}.7",
        port=443,
        sni=host if kind is StepKind.TLS_HANDSHAKE else None,
        started=position * 0.1,
        seconds=chosen.random(),
        bytes_sent=517,
        bytes_received=chosen.randrange(100_000),
        failure=Failure.CONNECTION_RESET if chosen.random() < 0.05 else None,
        detail=_DETAIL[kind] % chosen.randrange(256),
    )


def _judged(record: Measurement) -> Judged:
    state = State.BLOCKED if any(step.failure for step in record.steps) else State.OK
    return Judged(
        record,
        Verdict(
            measurement_id=record.id, ruleset_version=1, state=state, explanation="It was measured."
        ),
    )


if __name__ == "__main__":
    main()
