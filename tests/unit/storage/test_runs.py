"""Runs that can be resumed."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from heliograph.model import STOPPED, Measurement, Outcome, Verdict
from storage.runs import Taken
from storage.store import Store

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


def test_a_run_that_did_not_finish_is_found_by_its_hash(store: Store) -> None:
    run = store.runs.begin("h", NOW, 3)
    assert store.runs.unfinished("h", NOW + timedelta(hours=1)) == run
    assert store.runs.unfinished("other", NOW) is None


def test_the_newest_unfinished_run_is_taken(store: Store) -> None:
    store.runs.begin("h", NOW, 3)
    newer = store.runs.begin("h", NOW, 3)
    assert store.runs.unfinished("h", NOW) == newer


def test_a_run_as_old_as_a_day_is_not_resumed(store: Store) -> None:
    run = store.runs.begin("h", NOW, 3)
    day = timedelta(hours=24)
    assert store.runs.unfinished("h", NOW + day - timedelta(seconds=1)) == run
    assert store.runs.unfinished("h", NOW + day) is None


def test_a_finished_run_is_never_resumed(store: Store) -> None:
    run = store.runs.begin("h", NOW, 3)
    store.runs.finish(run, NOW)
    assert store.runs.unfinished("h", NOW) is None


def test_finishing_one_run_leaves_the_others_unfinished(store: Store) -> None:
    first = store.runs.begin("h", NOW, 3)
    store.runs.finish(store.runs.begin("h", NOW, 3), NOW)
    assert store.runs.unfinished("h", NOW) == first


def test_done_is_what_the_run_itself_has_stored(
    store: Store, measurement: Measurement, verdict: Verdict
) -> None:
    run, other = store.runs.begin("h", NOW, 2), store.runs.begin("h", NOW, 2)
    store.save(measurement, verdict, run)
    store.save(measurement, verdict, run)
    store.save(msgspec.structs.replace(measurement, id="second", probe="dns"), None, run)
    assert store.runs.done(run) == {
        ("https://example.org/", "tls"),
        ("https://example.org/", "dns"),
    }
    assert store.runs.done(other) == set()


def test_what_was_given_up_half_way_is_not_done_and_belongs_to_the_run(
    store: Store, measurement: Measurement
) -> None:
    run = store.runs.begin("h", NOW, 3)
    broken = msgspec.structs.replace(measurement, outcome=Outcome.BROKEN)
    replace = msgspec.structs.replace
    store.save_together([replace(broken, id="given up", probe="dns", reason=STOPPED)], run)
    store.save(replace(broken, id="our bug", probe="tcp", reason="Traceback"), None, run)
    store.save(replace(measurement, id="whole", reason=None), None, run)

    assert {probe for _, probe in store.runs.done(run)} == {"tcp", "tls"}
    assert len(store.runs.spans(["given up"])) == 1


def test_the_spans_of_measurements_are_those_of_the_runs_that_made_them(
    store: Store, measurement: Measurement
) -> None:
    hour, day = timedelta(hours=1), timedelta(hours=24)
    ended, begun, other = (store.runs.begin("h", NOW + n * hour, 2) for n in (0, 2, 4))
    store.runs.finish(ended, NOW + hour)
    for run, identity in ((ended, "a"), (ended, "b"), (begun, "c"), (other, "d")):
        store.save(msgspec.structs.replace(measurement, id=identity), None, run)

    assert store.runs.spans(["a", "b", "c"]) == [
        (NOW, NOW + hour),
        (NOW + 2 * hour, NOW + 2 * hour + day),
    ]
    assert store.runs.spans([*(f"none {n}" for n in range(1200)), "a"]) == [(NOW, NOW + hour)]
    assert store.runs.spans([]) == []


def test_a_run_is_begun_once_and_then_gone_on_with(store: Store) -> None:
    first = store.runs.take("h", NOW, 3, fresh=False)
    again = store.runs.take("h", NOW, 3, fresh=False)
    fresh = store.runs.take("h", NOW, 3, fresh=True)

    assert (first, again, fresh) == (Taken(1, False), Taken(1, True), Taken(2, False))


def test_a_run_that_another_process_is_at_is_not_taken(tmp_path: Path) -> None:
    location = tmp_path / "results.sqlite"
    with Store.open(str(location)) as store:
        run = store.runs.begin("h", NOW, 3)
        with held_by_another(Path(f"{location}-lock"), run):
            assert store.runs.take("h", NOW, 3, fresh=False) is None
            assert store.runs.take("other", NOW, 3, fresh=False) == Taken(run + 1, False)
        assert store.runs.take("h", NOW, 3, fresh=False) == Taken(run, True)


@contextmanager
def held_by_another(path: Path, run: int) -> Iterator[None]:
    """Another process holds the lock on this run until left."""
    code = "import sys; from pathlib import Path; from storage.locks import Locks"
    code += "; print(Locks(Path(sys.argv[1])).take(int(sys.argv[2])), flush=True); input()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(path), str(run)],
        cwd=Path(__file__).parents[3],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"True\n"
        yield
        process.communicate(b"\n")
