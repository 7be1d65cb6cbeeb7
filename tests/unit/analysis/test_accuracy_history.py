"""Findings beside what happened: what is counted as right, as false, as soon and as exact."""

from collections.abc import Sequence
from dataclasses import replace

import msgspec
import pytest

from analysis.accuracy_history import Nights, Staged, Tally, day_of, history_accuracy, tallied
from heliograph.finding import Finding, FindingType, Member
from heliograph.model import ConfidenceWord

SITE = "https://site.example/"
LAST = "2024-06-29T00:00:00Z"


def day(number: int) -> str:
    month, rest = divmod(number, 28)
    return f"2024-{month + 1:02}-{rest + 1:02}T00:00:00Z"


def event(onset: int = 30, end: int | None = 45, kind: str = "blocking", **told: object) -> Staged:
    usual: dict[str, object] = {
        "type": kind,
        "found": kind in set(FindingType),
        "country": "XA",
        "asns": frozenset({1}),
        "targets": frozenset({SITE}),
        "onset": day(onset),
        "end": None if end is None else day(end),
    }
    return msgspec.convert({**usual, **told}, Staged)


def finding(
    onset: int = 30,
    end: int | None = 45,
    *,
    asn: int = 1,
    kind: FindingType = FindingType.BLOCKING,
    word: ConfidenceWord = ConfidenceWord.LIKELY,
) -> Finding:
    until = None if end is None else day(end)
    return Finding(
        type=kind,
        country="XA",
        asns=(asn,),
        targets=(SITE,),
        probes=("web",),
        techniques=(),
        onset=day(onset),
        onset_from=day(onset - 1),
        onset_to=day(onset + 1),
        end=until,
        end_from=until,
        end_to=until,
        confidence=0.9,
        confidence_word=word,
        members=(Member(asn=asn, target=SITE, probe="web", onset=day(onset), end=until),),
        explanation="",
    )


def tally(staged: Sequence[Staged], found: Sequence[Finding]) -> Tally:
    return tallied(staged, found, 1000, LAST)


def test_a_finding_of_an_event_is_measured_against_it() -> None:
    found = tally([event()], [finding(32, 44)])

    assert (found.found, found.long, found.told) == (1, 1, 1)
    assert (found.onset_errors, found.end_errors) == ([2.0], [1.0])
    assert (found.covered, found.widths) == ([False], [2.0])


@pytest.mark.parametrize(
    "one",
    [
        finding(asn=2),
        finding(60, 70),
        finding(kind=FindingType.THROTTLING),
        msgspec.structs.replace(finding(), country="XB"),
        msgspec.structs.replace(finding(), targets=("https://other.example/",)),
    ],
)
def test_what_misses_in_place_time_or_kind_is_false(one: Finding) -> None:
    found = history_accuracy("p", {1: tally([event()], [one])})

    assert (found.recall.right, found.precision.right, found.false_findings) == (0, 0, 1)
    assert found.false_per_1000_series_days == 1.0


def test_a_finding_of_an_outage_is_false_though_something_happened() -> None:
    found = tally([event(kind="network outage", targets=frozenset())], [finding()])

    assert (found.told, found.per_finding) == (1, [])


def test_silence_is_neither_right_nor_false() -> None:
    quiet = tally([event(kind="silence")], [finding(kind=FindingType.SILENCE)])

    assert (quiet.long, quiet.told) == (0, 0)


def test_short_events_may_be_missed_and_their_findings_are_right() -> None:
    found = tally([event(30, 33)], [finding(30, 33)])

    assert (found.long, found.per_finding) == (0, [1])
    assert tally([event(30, 33)], []).long == 0


def test_two_findings_of_an_event_and_a_finding_of_two_are_counted() -> None:
    two = history_accuracy("p", {1: tally([event()], [finding(30, 36), finding(38, 45)])})
    both = history_accuracy("p", {1: tally([event(30, 36), event(38, 45)], [finding(30, 45)])})

    assert (two.findings_per_event, two.events_per_finding) == (2.0, 1.0)
    assert (both.findings_per_event, both.events_per_finding) == (1.0, 2.0)


def test_a_lie_may_be_a_signal_and_no_more() -> None:
    lie = event(kind="lie")
    signal, likely = (
        tally([lie], [finding(word=word)])
        for word in (ConfidenceWord.SIGNAL, ConfidenceWord.LIKELY)
    )

    assert (signal.loud_lies, likely.loud_lies) == (0, 1)


def test_an_end_that_was_not_told_errs_up_to_the_last_day() -> None:
    found = tally([event(30, 45)], [finding(30, None)])

    assert found.end_errors == [day_of(LAST) - day_of(day(45))]
    assert tally([event(30, None)], [finding(30, None)]).end_errors == []


def test_the_night_that_closes_the_day_of_the_onset_counts_nothing() -> None:
    heard = Nights([event(30), event(50, 60), event(70, 80)], LAST)
    heard.hear(day_of(day(30)), [finding(30, None)])
    heard.hear(day_of(day(53)), [finding(30, 45), finding(50, None)])
    found = history_accuracy("p", {1: heard.close(tally([event()], []))})

    assert found.delay_median == 3.0
    assert found.delay_told is not None
    assert (found.delay_told.right, found.delay_told.of) == (2, 3)


def test_what_was_told_falsely_on_one_night_is_remembered() -> None:
    heard = Nights([event()], LAST)
    heard.hear(day_of(day(10)), [finding(9, None)])
    heard.hear(day_of(day(11)), [finding(9, None)])
    heard.hear(day_of(day(12)), [])

    assert heard.close(tally([event()], [])).false_on_a_night == 1


def test_seeds_add_up() -> None:
    one, other = tally([event()], [finding()]), tally([event()], [])
    found = history_accuracy("p", {7: one, 3: replace(other)})

    assert found.seeds == (3, 7)
    assert (found.recall.right, found.recall.of, found.series_days) == (1, 2, 2000)
    assert found.delay_median is None
