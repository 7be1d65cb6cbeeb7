"""Many measurements at once are stored as each alone would be, and each of them once."""

import msgspec
import pytest

from heliograph.ids import with_id
from heliograph.model import Measurement, Step, StepKind, Verdict
from storage.errors import StorageError
from storage.imports import Judged, Unstorable
from storage.store import Store


def others(measurement: Measurement, count: int) -> list[Measurement]:
    return [
        with_id(msgspec.structs.replace(measurement, source=f"ooni:{number}"))
        for number in range(count)
    ]


def test_one_that_is_imported_reads_as_it_was(
    store: Store, measurement: Measurement, verdict: Verdict
) -> None:
    assert store.imports.keep([Judged(measurement, verdict)]) == 1

    assert store.measurement(measurement.id) == measurement
    assert store.verdicts(measurement.id) == [verdict]


def test_one_without_steps_or_verdict_is_stored(store: Store, measurement: Measurement) -> None:
    bare = with_id(msgspec.structs.replace(measurement, steps=(), source=None))
    store.imports.keep([Judged(bare, None)])

    assert store.measurement(bare.id) == bare
    assert store.verdicts(bare.id) == []


def test_what_is_stored_already_stays_and_is_known(
    store: Store, measurement: Measurement, verdict: Verdict
) -> None:
    first, second, third = others(measurement, 3)
    store.save(first, None, None)
    again = msgspec.structs.replace(verdict, measurement_id=first.id)

    assert (
        store.imports.keep([Judged(first, again), Judged(second, None), Judged(second, None)]) == 1
    )
    assert store.verdicts(first.id) == []
    assert store.imports.known(one.id for one in (first, second, third)) == {first.id, second.id}


def test_more_ids_than_one_question_takes_are_asked_about(
    store: Store, measurement: Measurement
) -> None:
    many = others(measurement, 1200)
    store.imports.keep([Judged(one, None) for one in many])

    assert store.imports.known(one.id for one in many) == {one.id for one in many}
    assert store.imports.known([]) == set()


@pytest.mark.parametrize("hostile", ["\x00", "\ud800", "\x1aescaped", "é"])
def test_hostile_text_comes_back(store: Store, measurement: Measurement, hostile: str) -> None:
    step = Step(kind=StepKind.TCP_CONNECT, host=hostile, failure=None)
    one = msgspec.structs.replace(measurement, reason=hostile, steps=(step,))
    store.imports.keep([Judged(one, None)])

    assert store.measurement(one.id) == one


def test_nothing_of_a_batch_is_stored_when_one_of_it_can_not_be(
    store: Store, measurement: Measurement, verdict: Verdict
) -> None:
    good, bad = others(measurement, 2)
    wrong = msgspec.structs.replace(verdict, measurement_id="nobody")

    with pytest.raises(Exception, match=r"(?i)foreign key"):
        store.imports.keep([Judged(good, None), Judged(bad, wrong)])
    assert store.imports.known([good.id]) == set()


def test_a_number_that_no_database_holds_costs_its_own_record_alone(
    store: Store, measurement: Measurement
) -> None:
    first, last, *bad = others(measurement, 6)
    vast = [msgspec.structs.replace(one, probe_version=2**63) for one in bad]
    sent = [Judged(one, None) for one in (first, *vast, last)]

    with pytest.raises(
        Unstorable, match=r"left out were \S+ \(probe_version\),.* and 1 more"
    ) as told:
        store.imports.keep(sent)
    assert (told.value.new, set(told.value.why)) == (2, {one.id for one in vast})
    assert set(store.find_ids("", 9)) == {first.id, last.id}
    with pytest.raises(StorageError, match=f"measurement {vast[0].id} can't be stored"):
        store.save(vast[0], None, None)


@pytest.mark.parametrize("edge", [2**63 - 1, -(2**63), 2**31, 0])
def test_the_widest_numbers_that_fit_come_back(
    store: Store, measurement: Measurement, edge: int
) -> None:
    step = Step(kind=StepKind.TCP_CONNECT, hop=edge, port=edge, source_port=edge, bytes_sent=edge)
    one = msgspec.structs.replace(measurement, probe_version=edge, steps=(step,))
    store.imports.keep([Judged(one, None)])

    assert store.measurement(one.id) == one


@pytest.mark.parametrize("identity", ["\x00", "\ud800", "\x1aescaped"])
def test_a_hostile_id_ties_steps_and_verdict_to_its_measurement(
    store: Store, measurement: Measurement, verdict: Verdict, identity: str
) -> None:
    one = msgspec.structs.replace(measurement, id=identity)
    its = msgspec.structs.replace(verdict, measurement_id=identity)

    assert store.imports.keep([Judged(one, its)]) == 1
    assert store.measurement(identity) == one
    assert store.verdicts(identity) == [its]
