"""What goes into the store comes out of it, once, and all or nothing."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from sqlalchemy.exc import IntegrityError

from heliograph.failure import Failure
from heliograph.model import (
    Measurement,
    Outcome,
    Stack,
    State,
    Step,
    StepKind,
    Target,
    Vantage,
    Verdict,
)
from storage.errors import CannotWrite, MissingDatabase, StorageError
from storage.store import Store

POISON = "\x00 \ud800 \udfff \\ \x1a \x1b[31m \u202e 'quoted\" %s :name ?"
DEEP = "[" * 100_000 + "]" * 100_000


def numbered(measurement: Measurement, number: int) -> Measurement:
    return msgspec.structs.replace(measurement, id=f"{number:04}")


def test_a_measurement_and_its_verdict_come_back_equal(
    store: Store, measurement: Measurement, verdict: Verdict
) -> None:
    store.save(measurement, verdict, None)
    assert store.measurement(measurement.id) == measurement
    assert store.verdicts(measurement.id) == [verdict]


def test_every_value_comes_back_in_its_own_type_and_order(
    store: Store, measurement: Measurement, verdict: Verdict
) -> None:
    store.save(measurement, verdict, None)
    assert repr(store.measurement(measurement.id)) == repr(measurement)
    assert repr(store.verdicts(measurement.id)) == repr([verdict])


def test_a_measurement_of_nothing_but_defaults_comes_back_equal(store: Store) -> None:
    bare = Measurement(
        id="m",
        probe="p",
        probe_version=1,
        target=Target(input="", url="", scheme="", host="", port=0),
        vantage=Vantage(),
        started=datetime(2026, 1, 1, tzinfo=UTC),
    )
    store.save(bare, None, None)
    assert store.measurement("m") == bare


@pytest.mark.parametrize("detail", [POISON, DEEP, '{"n":1' + "0" * 5000 + "}", "", "{"])
def test_hostile_detail_comes_back_equal(
    store: Store, measurement: Measurement, detail: str
) -> None:
    step = Step(kind=StepKind.HTTP_EXCHANGE, detail=detail)
    hostile = msgspec.structs.replace(measurement, steps=(step, step))
    store.save(hostile, None, None)
    assert store.measurement(measurement.id) == hostile


def test_poison_in_every_text_comes_back_equal(store: Store) -> None:
    step = Step(
        kind=StepKind.DNS_QUERY,
        pair=POISON,
        host=POISON,
        resolver=POISON,
        address=POISON,
        sni=POISON,
        failure=Failure.UNKNOWN_FAILURE,
        detail=POISON,
    )
    hostile = Measurement(
        id=POISON, probe=POISON, probe_version=1,
        target=Target(input=POISON, url=POISON, scheme=POISON, host=POISON, port=1),
        vantage=Vantage(country=POISON, asn=2**32 - 1, network_name=POISON, source=POISON),
        started=datetime(2026, 1, 1, tzinfo=UTC), outcome=Outcome.BROKEN, reason=POISON,
        campaign=POISON, consent=POISON, software=POISON, source=POISON,
        stack=Stack(system=POISON, tls_library=POISON, http_library=POISON),
        context=(POISON,), steps=(step,),
    )  # fmt: skip
    judged = Verdict(
        measurement_id=POISON, ruleset_version=1, state=State.OK, explanation=POISON,
        techniques=(POISON,), anomalies=(POISON,),
    )  # fmt: skip
    store.save(hostile, judged, None)
    assert store.measurement(POISON) == hostile
    assert store.verdicts(POISON) == [judged]
    line = store.row(POISON)
    assert line is not None
    assert (line.host, line.explanation, line.context) == (POISON, POISON, (POISON,))


def test_saving_twice_is_one_row_each_and_the_first_one_stays(
    store: Store, measurement: Measurement, verdict: Verdict
) -> None:
    run = store.runs.begin("h", measurement.started, 1)
    store.save(measurement, verdict, run)
    changed = msgspec.structs.replace(verdict, explanation="something else")
    store.save(msgspec.structs.replace(measurement, steps=()), changed, run)
    assert store.measurement(measurement.id) == measurement
    assert store.verdicts(measurement.id) == [verdict]
    assert len(list(store.rows())) == 1


def test_verdicts_of_other_rulesets_are_added_and_come_oldest_first(
    store: Store, measurement: Measurement, verdict: Verdict
) -> None:
    second = msgspec.structs.replace(verdict, ruleset_version=2, state=State.OK)
    store.save(measurement, second, None)
    store.save(measurement, verdict, None)
    assert store.verdicts(measurement.id) == [verdict, second]
    assert [row.state for row in store.rows()] == [State.BLOCKED]
    store.activate(2)
    assert [row.state for row in store.rows()] == [State.OK]


def test_a_save_that_fails_leaves_nothing(
    store: Store, measurement: Measurement, verdict: Verdict
) -> None:
    with pytest.raises(IntegrityError):
        store.save(measurement, verdict, 999)
    assert store.measurement(measurement.id) is None
    assert store.verdicts(measurement.id) == []


def test_several_are_kept_together_or_none_is(store: Store, measurement: Measurement) -> None:
    run = store.runs.begin("h", measurement.started, 2)
    first, second = (msgspec.structs.replace(measurement, id=name) for name in ("a", "b"))
    store.save_together([], run)
    with pytest.raises(IntegrityError):
        store.save_together([first], run + 1)
    assert store.measurement("a") is None

    store.save_together([first, second], run)
    assert [store.measurement("a"), store.measurement("b")] == [first, second]


def test_a_measurement_without_id_is_refused(store: Store, measurement: Measurement) -> None:
    with pytest.raises(ValueError, match="without id"):
        store.save(msgspec.structs.replace(measurement, id=""), None, None)


def test_a_verdict_on_another_measurement_is_refused(
    store: Store, measurement: Measurement, verdict: Verdict
) -> None:
    with pytest.raises(ValueError, match="the verdict is on other"):
        store.save(measurement, msgspec.structs.replace(verdict, measurement_id="other"), None)


def test_what_is_not_there_is_none(store: Store) -> None:
    assert store.measurement("nowhere") is None
    assert store.row("nowhere") is None
    assert store.verdicts("nowhere") == []
    assert list(store.rows()) == []


def test_ids_are_found_by_their_beginning(store: Store, measurement: Measurement) -> None:
    for name in ("0199ab", "0199ac", "02", "%1"):
        store.save(msgspec.structs.replace(measurement, id=name), None, None)
    assert store.find_ids("0199", 10) == ["0199ab", "0199ac"]
    assert store.find_ids("0199", 1) == ["0199ab"]
    assert store.find_ids("02", 10) == ["02"]
    assert store.find_ids("%", 10) == ["%1"]
    assert store.find_ids("_", 10) == []
    assert store.find_ids("\udcff\x00", 10) == []


def test_rows_have_the_verdict_and_what_was_measured(
    store: Store, measurement: Measurement, verdict: Verdict
) -> None:
    store.save(measurement, verdict, None)
    (line,) = store.rows()
    assert msgspec.to_builtins(line) == {
        "kind": "verdict",
        "measurement_id": measurement.id,
        "started": "2026-11-23T12:00:00Z",
        "input": "Example.org",
        "target": "https://example.org/",
        "host": "example.org",
        "probe": "tls",
        "outcome": "measured",
        "reason": "because",
        "state": "blocked",
        "techniques": ("tls.reset", "dns.bogon"),
        "hop": 1,
        "confidence": 0.98,
        "confidence_word": "likely",
        "explanation": verdict.explanation,
        "anomalies": ("dns.injection",),
        "context": ("shutdown", "tunnel"),
        "confounders": {"server_down": "ruled_out", "geo": "possible"},
        "rules": ("tls-reset", "paired"),
        "ruleset_version": 1,
        "seconds": 1.9,
        "source": "elsewhere",
        "country": "XA",
        "asn": 64500,
    }


def test_the_records_of_one_measurement_are_the_rows_of_the_views(
    store: Store, measurement: Measurement, verdict: Verdict
) -> None:
    store.save(measurement, verdict, None)
    store.save(numbered(measurement, 2), None, None)
    records = list(store.records(measurement.id))
    assert [record["record"] for record in records] == ["measurement", "step", "step", "verdict"]
    assert {record["measurement_id"] for record in records} == {measurement.id}
    assert [record["number"] for record in records[1:3]] == [0, 1]
    assert records[3]["weights"] == [0.9, 0.5]
    assert list(store.records("nowhere")) == []


def test_rows_can_be_read_while_others_are_saved_and_left_half_read(
    tmp_path: Path, measurement: Measurement
) -> None:
    with Store.open(str(tmp_path / "a.sqlite")) as store:
        for number in range(3):
            store.save(numbered(measurement, number), None, None)
        rows = store.rows()
        first = next(rows)
        store.save(numbered(measurement, 9), None, None)
        assert [first.measurement_id, *(row.measurement_id for row in rows)] == [
            "0002", "0001", "0000",
        ]  # fmt: skip
        next(store.rows())
        assert store.find_ids("0009", 1) == ["0009"]


def test_a_new_database_has_no_current_ruleset() -> None:
    with Store.open(":memory:") as store:
        assert store.current_ruleset() is None
        store.activate(7)
        assert store.current_ruleset() == 7


def test_what_was_saved_is_there_after_opening_again(
    tmp_path: Path, measurement: Measurement, verdict: Verdict
) -> None:
    location = str(tmp_path / "a.sqlite")
    with Store.open(location) as store:
        store.activate(1)
        store.save(measurement, verdict, None)
    for opened in (Store.open(location), Store.open_to_read(location)):
        with opened as store:
            assert store.measurement(measurement.id) == measurement
            assert [row.state for row in store.rows()] == [State.BLOCKED]


def test_reading_needs_a_database(tmp_path: Path) -> None:
    with pytest.raises(MissingDatabase):
        Store.open_to_read(str(tmp_path / "none.sqlite"))
    with pytest.raises(MissingDatabase):
        Store.open_to_read(":memory:")


@pytest.mark.parametrize("way", [Store.open, Store.open_to_read])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, way: Callable[[str], Store]) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("no database" * 1000)
    with pytest.raises(StorageError, match="is not a SQLite database"):
        way(str(path))


def test_a_full_disk_keeps_what_was_saved_before(tmp_path: Path, measurement: Measurement) -> None:
    with Store.open(str(tmp_path / "a.sqlite")) as store:
        store.save(numbered(measurement, 1), None, None)
        with store._engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 1")
        large = Step(kind=StepKind.DATAGRAM, detail="x" * 1_000_000)
        with pytest.raises(CannotWrite, match="full"):
            store.save(msgspec.structs.replace(measurement, steps=(large,)), None, None)
        assert store.find_ids("", 10) == ["0001"]


def test_a_run_is_let_go_of_only_when_the_database_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever waits for the run to be over may then remove the file."""
    store = Store.open(str(tmp_path / "x.sqlite"))
    order: list[str] = []
    let_go, dispose = store.runs.close, store._engine.dispose

    def noting(what: str, do: Callable[[], None]) -> Callable[[], None]:
        def noted() -> None:
            order.append(what)
            do()

        return noted

    monkeypatch.setattr(store.runs, "close", noting("run", let_go))
    monkeypatch.setattr(store._engine, "dispose", noting("database", dispose))
    store.close()

    assert order == ["database", "run"]
