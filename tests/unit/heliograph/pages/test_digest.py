"""The head of a report says in short what is in it."""

from datetime import UTC, datetime

import msgspec

from heliograph.model import (
    Measurement,
    Outcome,
    State,
    Step,
    StepKind,
    Target,
    Vantage,
    VerdictRow,
)
from heliograph.pages.digest import AROUND, MEANINGS, digest, moment, place_of


def row(
    state: State | None, started: str = "2026-11-24T10:00:00Z", *, country: str = "XA", asn: int = 7
) -> VerdictRow:
    return VerdictRow(
        measurement_id="m",
        started=started,
        input="x",
        target="https://x.example/",
        host="x.example",
        probe="web",
        outcome=Outcome.SKIPPED if state is None else Outcome.MEASURED,
        reason=None,
        state=state,
        country=country,
        asn=asn,
    )


def costing(count: int) -> Measurement:
    return Measurement(
        probe="web",
        probe_version=1,
        target=Target(input="", url="", scheme="", host="", port=0),
        vantage=Vantage(),
        started=datetime(2026, 11, 24, tzinfo=UTC),
        steps=(Step(kind=StepKind.HTTP_EXCHANGE, bytes_sent=count, bytes_received=1),),
    )


def test_looks_at_the_surroundings_are_about_no_site() -> None:
    around = [msgspec.structs.replace(row(State.OK), probe="surroundings")] * 2
    told = digest([*around, row(State.OK)], [])

    assert told.counts == (("ok", 1, MEANINGS[State.OK]), ("ok", 2, AROUND[State.OK]))
    assert "site itself" not in AROUND[State.OK]


def test_every_word_a_row_may_have_is_explained() -> None:
    assert set(MEANINGS) == {*State, Outcome.SKIPPED, Outcome.BROKEN}


def test_states_are_counted_in_a_fixed_order_and_those_not_there_are_left_out() -> None:
    told = digest([row(None), row(State.BLOCKED), row(State.OK), row(State.BLOCKED)], [])

    assert told.counts == (
        ("ok", 1, MEANINGS[State.OK]),
        ("blocked", 2, MEANINGS[State.BLOCKED]),
        ("skipped", 1, MEANINGS[Outcome.SKIPPED]),
    )


def test_when_where_and_how_much_are_told() -> None:
    rows = [
        row(State.OK, "2026-11-24T10:00:05Z"),
        row(State.OK, "2026-11-23T09:00:00Z", country="ZZ", asn=0),
    ]
    told = digest(rows, [costing(400), costing(600)])

    assert (told.first, told.last) == ("2026-11-23 09:00:00 UTC", "2026-11-24 10:00:05 UTC")
    assert told.places == ("network AS7, XA", "unknown network, unknown country")
    assert told.data_used == "1.0 kB (sent 1.0 kB, received 2 bytes)"


def test_a_report_of_nothing_has_a_head() -> None:
    told = digest([], [])

    assert (told.counts, told.first, told.last, told.places) == ((), "", "", ())


def test_moments_and_places_are_told_as_people_write_them() -> None:
    assert moment("2026-11-24T10:00:00Z") == "2026-11-24 10:00:00 UTC"
    assert place_of(row(State.OK, asn=0)) == "unknown network, XA"


def test_looks_at_the_surroundings_are_counted_in_and_said_apart() -> None:
    told = digest([row(State.OK)], [costing(1000)], [costing(500), costing(99)])

    assert told.data_used == (
        "1.6 kB (sent 1.6 kB, received 3 bytes), 601 bytes of it for 2 looks at the surroundings"
    )
    one = digest([row(State.OK)], [], [costing(500)]).data_used
    assert one.endswith(", 501 bytes of it for 1 look at the surroundings")
