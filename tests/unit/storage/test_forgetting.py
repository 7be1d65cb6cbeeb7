"""Forgetting takes what was asked for, all that hangs on it, and the bytes in the files."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import func, select

from heliograph.model import Measurement, Step, StepKind, Target, Verdict
from storage.engine import reading
from storage.errors import StorageError
from storage.forgetting import FORGOTTEN, What
from storage.store import Store
from storage.tables import measurements, run_items, runs, steps, verdicts

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
PLANTED = "planted-secret.example"


def look(like: Measurement, number: int, host: str, *its_steps: Step) -> Measurement:
    target = Target(input=host, url=f"https://{host}/", scheme="https", host=host, port=443)
    return msgspec.structs.replace(
        like,
        id=f"{number:04}",
        target=target,
        started=NOW + timedelta(days=number),
        reason=None,
        steps=its_steps,
    )


def rows(store: Store) -> dict[str, int]:
    tables = (measurements, steps, verdicts, run_items, runs)
    with reading(store._engine) as connection:
        return {t.name: connection.scalar(select(func.count()).select_from(t)) or 0 for t in tables}


def fill(store: Store, measurement: Measurement, verdict: Verdict, *hosts: str) -> int:
    run = store.runs.begin("a hash", NOW, len(hosts))
    for number, host in enumerate(hosts):
        step = Step(kind=StepKind.TLS_HANDSHAKE, host=host, sni=host)
        made = look(measurement, number, host, step)
        judged = msgspec.structs.replace(verdict, measurement_id=made.id, explanation=f"{host} is.")
        store.save(made, judged, run)
    store.runs.finish(run, NOW)
    return run


def test_what_hangs_on_a_measurement_goes_with_it(
    store: Store, measurement: Measurement, verdict: Verdict
) -> None:
    fill(store, measurement, verdict, "a.example", PLANTED)

    assert store.forgetting.forget(What(host=PLANTED)) == 1
    assert rows(store) == {
        "measurements": 1, "steps": 1, "verdicts": 1, "run_items": 1, "runs": 1,
    }  # fmt: skip


def test_a_run_that_lost_something_tells_nothing_and_one_that_lost_all_is_gone(
    store: Store, measurement: Measurement, verdict: Verdict
) -> None:
    fill(store, measurement, verdict, "a.example", PLANTED)
    store.forgetting.forget(What(host=PLANTED))
    with reading(store._engine) as connection:
        assert connection.scalars(select(runs.c.run_hash)).all() == [FORGOTTEN]

    store.forgetting.forget(What(host="a.example"))
    assert rows(store)["runs"] == 0


def test_everything_is_everything_but_a_run_under_way(
    store: Store, measurement: Measurement, verdict: Verdict
) -> None:
    fill(store, measurement, verdict, "a.example", "b.example")
    under_way = store.runs.begin("another", NOW, 1)

    assert store.forgetting.forget(What()) == 2
    assert sum(rows(store).values()) == 1
    assert store.runs.unfinished("another", NOW) is None, "it is never resumed"
    store.save(look(measurement, 7, "c.example"), None, under_way)


def test_only_what_is_older_goes(store: Store, measurement: Measurement, verdict: Verdict) -> None:
    fill(store, measurement, verdict, "a.example", "b.example", "c.example")

    found = store.forgetting.find(What(before=NOW + timedelta(days=2)))
    assert found.ids == ("0000", "0001")
    both = What(before=NOW + timedelta(days=2), host="c.example")
    assert store.forgetting.find(both).ids == ()


@pytest.mark.parametrize(
    ("detail", "is_mentioned"),
    [
        (f'{{"location": "https://{PLANTED}/"}}', True),
        (f'{{"location": "https://www.{PLANTED.upper()}:8443/"}}', True),
        (f'{{"body_text": "see {PLANTED}. It is"}}', True),
        (f'{{"location": "https://not{PLANTED}/"}}', False),
        (f'{{"location": "https://un-{PLANTED}/"}}', False),
        (f'{{"location": "https://{PLANTED}.evil.example/"}}', False),
        (f'{{"location": "https://{PLANTED}s/"}}', False),
    ],
)
def test_a_mention_anywhere_counts_if_it_is_the_whole_name(
    store: Store, measurement: Measurement, detail: str, is_mentioned: bool
) -> None:
    step = Step(kind=StepKind.HTTP_EXCHANGE, detail=detail)
    store.save(look(measurement, 0, "other.example", step), None, None)

    found = store.forgetting.find(What(host=PLANTED))
    assert (len(found.ids), found.mentions) == (is_mentioned, is_mentioned)


def test_subdomains_are_the_hosts_own(store: Store, measurement: Measurement) -> None:
    store.save(look(measurement, 0, f"www.{PLANTED}"), None, None)
    store.save(look(measurement, 1, f"not{PLANTED}"), None, None)

    found = store.forgetting.find(What(host=PLANTED))
    assert (found.ids, found.mentions) == (("0000",), 0)


@pytest.mark.parametrize("what", [What(host=PLANTED), What(), What(before=NOW.replace(year=2027))])
def test_no_file_holds_the_bytes_afterwards(
    tmp_path: Path, measurement: Measurement, verdict: Verdict, what: What
) -> None:
    def holding() -> list[str]:
        return [f.name for f in tmp_path.iterdir() if PLANTED.encode() in f.read_bytes()]

    with Store.open(str(tmp_path / "a.sqlite")) as store:
        fill(store, measurement, verdict, *(f"{n}.{PLANTED}" for n in range(60)), "b.example")
        assert holding() != []
        store.forgetting.forget(what)
        assert holding() == [], "while it is still open"
    assert holding() == []
    with Store.open_to_read(str(tmp_path / "a.sqlite")) as store:
        assert len(store.find_ids("", 99)) == (what.host is not None)


def test_another_program_reading_is_named_and_a_second_try_ends_it(
    tmp_path: Path, measurement: Measurement, verdict: Verdict
) -> None:
    path = tmp_path / "a.sqlite"
    with Store.open(str(path)) as store:
        fill(store, measurement, verdict, PLANTED)
        other = sqlite3.connect(path)
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM steps").fetchall()
        with store._engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout = 50")
        with pytest.raises(StorageError, match="another program has the database open"):
            store.forgetting.forget(What())
        other.close()
        assert store.forgetting.forget(What()) == 0
    assert not any(PLANTED.encode() in file.read_bytes() for file in tmp_path.iterdir())
