"""Records become rows and come back equal."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heliograph.model import Fired, Measurement, Standing, State, Step, StepKind, Verdict
from storage.errors import StorageError
from storage.records import (
    measurement_from,
    measurement_row,
    step_rows,
    verdict_from,
    verdict_line,
    verdict_row,
)
from storage.tables import measurements, steps, verdicts


def test_rows_have_exactly_the_columns_of_their_tables(
    measurement: Measurement, verdict: Verdict
) -> None:
    assert set(measurement_row(measurement)) == set(measurements.c.keys())
    assert set(verdict_row(verdict)) == set(verdicts.c.keys())
    assert all(set(row) == set(steps.c.keys()) for row in step_rows(measurement))


def test_a_full_measurement_comes_back_equal(measurement: Measurement) -> None:
    assert measurement_from(measurement_row(measurement), step_rows(measurement)) == measurement


def test_the_source_of_the_vantage_and_of_the_import_are_not_confused(
    measurement: Measurement,
) -> None:
    own = msgspec.structs.replace(measurement, source=None)
    row = measurement_row(own)
    assert (row["vantage_source"], row["source"]) == ("configured", None)
    assert measurement_from(row, step_rows(own)) == own


def test_words_are_plain_text_in_rows(measurement: Measurement, verdict: Verdict) -> None:
    row = step_rows(measurement)[0]
    kinds = {type(row["kind"]), type(row["failure"]), type(measurement_row(measurement)["outcome"])}
    assert kinds | {type(verdict_row(verdict)["state"])} == {str}


def test_a_full_verdict_comes_back_equal(verdict: Verdict) -> None:
    assert verdict_from(verdict_row(verdict)) == verdict


def test_a_verdict_keeps_the_order_of_its_confounders(verdict: Verdict) -> None:
    assert list(verdict_from(verdict_row(verdict)).confounders) == ["server_down", "geo"]


@settings(deadline=None, max_examples=50)
@given(st.text(), st.lists(st.tuples(st.text(), st.floats(0, 1))), st.floats(0, 1) | st.none())
def test_any_verdict_comes_back_equal(
    words: str, fired: list[tuple[str, float]], confidence: float | None
) -> None:
    verdict = Verdict(
        measurement_id="m",
        ruleset_version=3,
        state=State.DOWN,
        confidence=confidence,
        explanation=words,
        confounders={words: Standing.NOT_TESTED},
        fired=tuple(Fired(rule=rule, weight=weight) for rule, weight in fired),
    )
    assert verdict_from(verdict_row(verdict)) == verdict


@pytest.mark.parametrize(
    "altered", [{"rules": "shown"}, {"weights": None}, {"rules": ["a"], "weights": [1.0, 2.0]}]
)
def test_a_verdict_whose_rules_were_altered_is_told(
    verdict: Verdict, altered: dict[str, object]
) -> None:
    with pytest.raises(StorageError, match=f"{verdict.measurement_id} can't be read.*altered"):
        verdict_from(verdict_row(verdict) | altered)


def test_a_word_of_a_newer_version_is_named_with_its_measurement(
    measurement: Measurement,
) -> None:
    row = measurement_row(measurement)
    newer = [{**step_rows(measurement)[0], "failure": "x_from_the_future"}]
    with pytest.raises(StorageError, match=f"{measurement.id}.*x_from_the_future.*newer"):
        measurement_from(row, newer)


def test_a_line_says_its_moment_as_text(measurement: Measurement) -> None:
    row = {
        "measurement_id": "m",
        "started": measurement.started,
        "input": "i",
        "target": "t",
        "host": "h",
        "probe": "p",
        "outcome": "skipped",
        "reason": "r",
        "state": None,
    }
    assert verdict_line(row).started == "2026-11-23T12:00:00Z"


def test_a_step_born_interrupted_stays_so(measurement: Measurement) -> None:
    cut = msgspec.structs.replace(measurement, steps=(Step(kind=StepKind.DATAGRAM),))
    assert step_rows(cut)[0]["failure"] == "interrupted"
    assert measurement_from(measurement_row(cut), step_rows(cut)) == cut
