"""A zero in a record of others is no fact; in one of ours it is."""

import msgspec

from heliograph.pages.digest import digest
from heliograph.pages.published import NOT_PUBLISHED, data_used, is_unpublished
from heliograph.pages.report import bars
from storage.packages.public import published
from tests.unit.analysis.builders import measured, system, tcp

OURS = measured(system("203.0.113.10"), tcp(), probe="web")
BARE = msgspec.structs.replace(
    OURS,
    steps=tuple(
        msgspec.structs.replace(step, started=0.0, seconds=0.0, bytes_sent=0, bytes_received=0)
        for step in OURS.steps
    ),
)
THEIRS = msgspec.structs.replace(BARE, source="ooni:1")


def test_no_bytes_are_a_fact_of_ours_alone() -> None:
    assert data_used(BARE) == "0 bytes (sent 0 bytes, received 0 bytes)"
    assert data_used(THEIRS) == NOT_PUBLISHED


def test_an_amount_that_was_published_is_shown() -> None:
    assert not is_unpublished(THEIRS, 0.25)
    sent = msgspec.structs.replace(THEIRS.steps[0], bytes_sent=40)
    assert data_used(msgspec.structs.replace(THEIRS, steps=(sent,))).startswith("40 bytes")


def test_sums_of_amounts_that_were_rounded_up_say_so() -> None:
    sent = msgspec.structs.replace(OURS.steps[0], bytes_sent=40)
    ours = msgspec.structs.replace(OURS, steps=(sent,))
    rounded = published(ours)

    assert data_used(rounded).startswith("at most 1.0 kB")
    assert digest([], [rounded, ours]).data_used.startswith("at most ")
    assert data_used(ours).startswith("40 bytes")


def test_no_moment_is_made_up_for_a_step_of_others() -> None:
    assert {bar.when for bar in bars(THEIRS)} == {NOT_PUBLISHED}
    assert {bar.when for bar in bars(BARE)} == {"0.00 to 0.00 s"}
    began = msgspec.structs.replace(THEIRS.steps[0], started=1.5)
    (bar,) = bars(msgspec.structs.replace(THEIRS, steps=(began,)))
    assert bar.when == f"1.50 s, its length {NOT_PUBLISHED}"


def test_the_head_of_a_report_on_others_alone_makes_up_no_amount() -> None:
    assert digest([], [THEIRS]).data_used == NOT_PUBLISHED
    assert digest([], [THEIRS, BARE]).data_used.startswith("0 bytes")
    assert digest([], []).data_used.startswith("0 bytes")
