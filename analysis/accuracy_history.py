"""How often findings are right where it is known what happened, how soon, and how exactly.

A finding is of an event when type, country, a network and a target fit and the times overlap.
Silence is told and never counted: it accuses nobody. Times are compared in days.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from statistics import fmean, median

import msgspec

from analysis.accuracy import Rate, wilson
from heliograph.finding import Finding, FindingType
from heliograph.model import ConfidenceWord

LONG_DAYS = 5.0
"""Length of an event that must be found."""
_SLACK_DAYS = 1.0
"""A finding may miss an event by so much and still be of it."""
_DAY = 86_400.0


class Staged(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened. Without networks or targets it concerns all there are."""

    type: str
    found: bool
    """Whether it must be found; else no finding may be made of it."""
    country: str
    asns: frozenset[int]
    targets: frozenset[str]
    onset: str
    end: str | None

    @property
    def span(self) -> tuple[float, float]:
        """Days of onset and end, the latter infinite where it is to come."""
        return day_of(self.onset), inf if self.end is None else day_of(self.end)

    def is_shown_by(self, one: Finding) -> bool:
        """Whether a finding is of this, apart from its type."""
        onset, end = self.span
        until = inf if one.end is None else day_of(one.end)
        return (
            self.country in {"", one.country}
            and (not self.asns or not self.asns.isdisjoint(one.asns))
            and (not self.targets or not self.targets.isdisjoint(one.targets))
            and day_of(one.onset) <= end + _SLACK_DAYS
            and until >= onset - _SLACK_DAYS
        )


class HistoryAccuracy(msgspec.Struct, frozen=True, kw_only=True):
    """What findings in some histories of one kind are worth. Days; None where there is nothing."""

    preset: str
    seeds: tuple[int, ...]
    series_days: int
    events: int
    """Of any length."""
    recall: Rate
    """Events of five days or more that are found."""
    precision: Rate
    """Findings that are of an event."""
    onset_error_median: float | None
    onset_error_mean: float | None
    onset_covered: Rate
    """Events whose onset is in the interval that is told."""
    onset_width_median: float | None
    end_error_median: float | None
    findings_per_event: float | None
    events_per_finding: float | None
    false_findings: int
    false_per_1000_series_days: float
    loud_lies: int
    """Findings of nothing but a lie that are more than a signal."""
    delay_median: float | None = None
    """Nights from the one that closes the onset's day until an event of five days or more is told;
    one never told counts as the longest. None where no nights were replayed."""
    delay_told: Rate | None = None
    """Of these events, how many were told on some night."""
    false_on_a_night: int | None = None
    """Series falsely told on any night, though perhaps not any more on the last one."""


@dataclass
class Tally:
    """One history's findings beside what happened."""

    staged: Sequence[Staged]
    series_days: int
    last_day: float
    found: int = 0
    long: int = 0
    told: int = 0
    per_finding: list[int] = field(default_factory=list)
    per_event: list[int] = field(default_factory=list)
    onset_errors: list[float] = field(default_factory=list)
    covered: list[bool] = field(default_factory=list)
    widths: list[float] = field(default_factory=list)
    end_errors: list[float] = field(default_factory=list)
    loud_lies: int = 0
    delays: list[float] | None = None
    false_on_a_night: int | None = None


def tallied(
    staged: Sequence[Staged], findings: Sequence[Finding], series_days: int, last_day: str
) -> Tally:
    """Count one history; ``last_day`` is the day after its last."""
    tally = Tally(staged, series_days, day_of(last_day))
    events = [one for one in staged if one.found and one.type != FindingType.SILENCE]
    shown: dict[int, list[Finding]] = defaultdict(list)
    for finding in told_of(findings):
        mine = [n for n, one in enumerate(events) if _is_of(finding, one)]
        tally.told += 1
        if mine:
            tally.per_finding.append(len(mine))
        elif _is_loud_lie(finding, staged):
            tally.loud_lies += 1
        for n in mine:
            shown[n].append(finding)
    for n, one in enumerate(events):
        is_long = _length(one, tally.last_day) >= LONG_DAYS
        tally.long += is_long
        tally.found += is_long and n in shown
        if n in shown:
            _measure(tally, one, shown[n])
    return tally


def told_of(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings that are counted."""
    return (one for one in findings if one.type is not FindingType.SILENCE)


def _is_of(finding: Finding, event: Staged) -> bool:
    return finding.type == event.type and event.is_shown_by(finding)


def _is_loud_lie(finding: Finding, staged: Sequence[Staged]) -> bool:
    lied = any(one.type == "lie" and one.is_shown_by(finding) for one in staged)
    return lied and finding.confidence_word != ConfidenceWord.SIGNAL


def _length(event: Staged, last_day: float) -> float:
    onset, end = event.span
    return min(end, last_day) - onset


def _measure(tally: Tally, event: Staged, mine: Sequence[Finding]) -> None:
    onset, end = event.span
    near = min(mine, key=lambda one: abs(day_of(one.onset) - onset))
    earliest, latest = day_of(near.onset_from), day_of(near.onset_to)
    tally.per_event.append(len(mine))
    tally.onset_errors.append(abs(day_of(near.onset) - onset))
    tally.covered.append(earliest <= onset <= latest)
    tally.widths.append(latest - earliest)
    if near.end is not None or end < tally.last_day:
        told = tally.last_day if near.end is None else day_of(near.end)
        tally.end_errors.append(abs(told - min(end, tally.last_day)))


class Nights:
    """How soon events are told, and what is told falsely, as nights go by."""

    def __init__(self, staged: Sequence[Staged], last_day: str) -> None:
        counted = [one for one in staged if one.found and one.type != FindingType.SILENCE]
        self._events = counted
        long = [one for one in counted if _length(one, day_of(last_day)) >= LONG_DAYS]
        self._waiting = dict(enumerate(long))
        self._delays = dict.fromkeys(self._waiting, inf)
        self._false = set[tuple[str, int, str, str]]()

    def hear(self, night: float, findings: Sequence[Finding]) -> None:
        """What was told when day ``night`` (as of ``day_of``) had closed."""
        told = list(told_of(findings))
        for n, event in list(self._waiting.items()):
            onset = event.span[0]
            if onset <= night and any(_is_of(one, event) for one in told):
                self._delays[n] = night - onset
                del self._waiting[n]
        begun = [event for event in self._events if event.span[0] <= night]
        for one in told:
            if not any(_is_of(one, event) for event in begun):
                self._false.update((one.country, m.asn, m.target, m.probe) for m in one.members)

    def close(self, tally: Tally) -> Tally:
        """Write down what was heard."""
        tally.delays = list(self._delays.values())
        tally.false_on_a_night = len(self._false)
        return tally


def history_accuracy(preset: str, tallies: Mapping[int, Tally]) -> HistoryAccuracy:
    """What the tallies of several seeds say together."""
    every = list(tallies.values())
    true = [n for one in every for n in one.per_finding]
    told, days = sum(one.told for one in every), sum(one.series_days for one in every)
    onset = [x for one in every for x in one.onset_errors]
    covered = [x for one in every for x in one.covered]
    replayed = [one for one in every if one.delays is not None]
    delays = [x for one in replayed for x in one.delays or ()]
    wrong = told - len(true)
    return HistoryAccuracy(
        preset=preset,
        seeds=tuple(sorted(tallies)),
        series_days=days,
        events=sum(1 for one in every for event in one.staged if event.found),
        recall=wilson(sum(one.found for one in every), sum(one.long for one in every)),
        precision=wilson(len(true), told),
        onset_error_median=_median(onset),
        onset_error_mean=_mean(onset),
        onset_covered=wilson(sum(covered), len(covered)),
        onset_width_median=_median([x for one in every for x in one.widths]),
        end_error_median=_median([x for one in every for x in one.end_errors]),
        findings_per_event=_mean([n for one in every for n in one.per_event]),
        events_per_finding=_mean(true),
        false_findings=wrong,
        false_per_1000_series_days=round(1000 * wrong / days, 6) if days else 0.0,
        loud_lies=sum(one.loud_lies for one in every),
        delay_median=_median(delays),
        delay_told=wilson(sum(x < inf for x in delays), len(delays)) if replayed else None,
        false_on_a_night=sum(one.false_on_a_night or 0 for one in every) if replayed else None,
    )


def day_of(text: str) -> float:
    """Days since 1970 of a time (RFC 3339)."""
    return datetime.fromisoformat(text).timestamp() / _DAY


def _median(found: Sequence[float]) -> float | None:
    return float(median(found)) if found else None


def _mean(found: Sequence[float]) -> float | None:
    return round(fmean(found), 3) if found else None
