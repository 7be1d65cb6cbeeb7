"""How often ``findings detect`` cries wolf, and how soon and how exactly it finds what is there.

The lab's histories, whose truth is known, each beside a threshold and the rival's cumulative sum
(``benchmarks/rivals.py``). Nothing is sent. Seeds are fixed: the same version prints the same.

    python -m benchmarks.detect [--seeds N] [--only NAME]... [--json]
"""

import argparse
import json
import statistics
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

from analysis.detection.detect import detect
from analysis.detection.grid import DAY
from analysis.detection.nights import as_of
from analysis.detection.reading import read_table
from analysis.detection.series import Table
from benchmarks.rivals import Told, cusum, threshold
from heliograph.finding import Finding, FindingType
from heliograph.lab.history import COLUMNS, FIRST_DAY, history
from heliograph.lab.history_shapes import Shape

_STILL = Shape(episodes=0, network_outages=0, target_outages=0, faults=0)
NULLS = {
    "looks err one by one": replace(_STILL, noise_of="look"),
    "vantages have bad days": _STILL,
    "vantages have half bad days": replace(_STILL, noise_fails=0.5),
    "whole networks have half bad days": replace(_STILL, noise_of="series", noise_fails=0.5),
    "whole networks have bad days": replace(_STILL, noise_of="series"),
    "some are much noisier": replace(_STILL, uneven=True, noise=0.1),
    "bad weekends": replace(_STILL, noise_of="look", weekend_noise=0.3),
    "ever more errors": replace(_STILL, noise_of="look", drift=0.3),
    "one look a day": replace(_STILL, vantages=1, looks=1),
    "every third day missing": replace(_STILL, gaps=0.33),
    "outages and faults": replace(Shape(), episodes=0),
}
_SMALL = Shape(noise_of="look")
BLOCKED = {
    "issue 8, looks err one by one": _SMALL,
    "issue 8, vantages have bad days": Shape(),
    "issue 8, half bad days": Shape(noise_fails=0.5),
    "issue 8, whole networks have half bad days": Shape(noise_of="series", noise_fails=0.5),
    "all looks": Shape(shares=(0.95, 1.0)),
    "part of the looks": Shape(shares=(0.4, 1.0), noise_fails=0.5),
    "grows over ten days": Shape(course="gradual"),
    "five days on, two off": Shape(course="flapping"),
    "throttling": Shape(throttles=True, noise=0.02),
    "every third day missing": Shape(gaps=0.33),
    "one look a day": Shape(vantages=1, looks=1, noise=0.02),
}
_NIGHTS = Shape(
    countries=5, networks=4, targets=10, days=120, episodes=16, network_outages=4, target_outages=4
)
REPLAYED = {
    "looks err one by one": replace(_NIGHTS, noise_of="look"),
    "vantages have half bad days": replace(_NIGHTS, noise_fails=0.5),
    "vantages have bad days": _NIGHTS,
}
FIRST_SEED = 101
"""Those below were looked at while the detector was written; these never."""
LONG = 5
"""Days of an episode that must be found."""


@dataclass(frozen=True)
class Event:
    """Something staged that is to be found; days are counted from the first."""

    country: str
    asns: frozenset[int]
    targets: frozenset[str]
    onset: int
    end: int | None


@dataclass(frozen=True)
class Fleet:
    """The counts and what was staged."""

    table: Table
    events: list[Event]


@dataclass(frozen=True)
class Claim:
    """What any of the three says happened."""

    country: str
    asns: frozenset[int]
    targets: frozenset[str]
    onset: float
    earliest: float
    latest: float
    end: float | None


def main() -> None:
    """Simulate, detect, count and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    seeds = range(FIRST_SEED, FIRST_SEED + asked.seeds)
    for part, shapes, measure in (
        ("null", NULLS, _null),
        ("blocked", BLOCKED, _blocked),
        ("delay", REPLAYED, _delays),
    ):
        for name, shape in shapes.items():
            if asked.only and not {part, name} & set(asked.only):
                continue
            for line in measure(name, shape, seeds):
                _print(line, as_json=asked.json)


def _print(line: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(line), flush=True)
        return
    print("  ".join(f"{name} {value}" for name, value in line.items()), flush=True)


def _null(name: str, shape: Shape, seeds: Iterable[int]) -> Iterator[dict[str, object]]:
    """False alarms in 1,000 series-years."""
    counts = {"heliograph": 0, "threshold": 0, "cusum": 0}
    years, seconds = 0.0, 0.0
    for seed in seeds:
        made = fleet(shape, seed)
        began = time.process_time()
        counts["heliograph"] += len(_of_findings(detect(made.table)))
        seconds += time.process_time() - began
        counts["threshold"] += len(_of_told(threshold(made.table)))
        counts["cusum"] += len(_of_told(cusum(made.table)))
        years += len(made.table.series) * shape.days / 365
    line: dict[str, object] = {"null": name}
    line |= {who: round(1000 * number / years, 1) for who, number in counts.items()}
    line["series_days_a_second"] = round(years * 365 / seconds)
    yield line


def _blocked(name: str, shape: Shape, seeds: Iterable[int]) -> Iterator[dict[str, object]]:
    """How much of what is there is found, and how exactly."""
    made = [fleet(shape, seed) for seed in seeds]
    for who in ("heliograph", "threshold", "cusum"):
        scores = [_Score(one, _claims(who, one.table)) for one in made]
        yield {"blocked": name, "by": who} | _summed(scores)


def fleet(shape: Shape, seed: int) -> Fleet:
    """The lab's history of this shape, as anybody's table."""
    made = history(shape, seed)
    lines = (",".join(cells) + "\n" for cells in chain((COLUMNS,), made.rows()))
    events = [
        Event(
            one.country,
            frozenset(one.asns),
            frozenset(one.targets),
            one.onset,
            one.end if one.end < shape.days else None,
        )
        for one in made.happened
        if one.is_true
    ]
    return Fleet(read_table(lines)[0], events)


def _claims(who: str, table: Table) -> list[Claim]:
    if who == "heliograph":
        return _of_findings(detect(table))
    return _of_told(threshold(table) if who == "threshold" else cusum(table))


def _of_findings(found: Iterable[Finding]) -> list[Claim]:
    return [
        Claim(
            one.country,
            frozenset(one.asns),
            frozenset(one.targets),
            _day(one.onset),
            _day(one.onset_from),
            _day(one.onset_to),
            None if one.end is None else _day(one.end),
        )
        for one in found
        if one.type is not FindingType.SILENCE
    ]


def _of_told(told: Iterable[Told]) -> list[Claim]:
    return [
        Claim(
            one.key.country,
            frozenset([one.key.asn]),
            frozenset([one.key.target]),
            one.onset,
            one.onset,
            one.onset + 1,
            one.end,
        )
        for one in told
    ]


def _day(text: str) -> float:
    return (datetime.fromisoformat(text) - FIRST_DAY).total_seconds() / DAY


class _Score:
    """Claims of one fleet beside its truth."""

    def __init__(self, made: Fleet, claims: list[Claim]) -> None:
        days = made.table.grid.length
        self.events = [e for e in made.events if (e.end or days) - e.onset >= LONG]
        self.claims = claims
        self.matched: dict[int, list[Claim]] = {}
        self.per_claim: list[int] = []
        for claim in claims:
            mine = [n for n, event in enumerate(made.events) if _is_of(claim, event)]
            if mine:
                self.per_claim.append(len(mine))
            for n in mine:
                self.matched.setdefault(n, []).append(claim)
        self.found = sum(made.events.index(event) in self.matched for event in self.events)
        near = [
            (made.events[n], min(claims, key=lambda c: abs(c.onset - made.events[n].onset)))
            for n, claims in self.matched.items()
        ]
        self.onset = [abs(claim.onset - event.onset) for event, claim in near]
        self.covered = [claim.earliest <= event.onset <= claim.latest for event, claim in near]
        self.width = [claim.latest - claim.earliest for _, claim in near]
        self.end = [
            abs(claim.end - event.end)
            for event, claim in near
            if claim.end is not None and event.end is not None
        ]


def _is_of(claim: Claim, event: Event) -> bool:
    if claim.country != event.country:
        return False
    if not (claim.asns & event.asns and claim.targets & event.targets):
        return False
    past = float("inf") if event.end is None else event.end
    until = float("inf") if claim.end is None else claim.end
    return claim.onset <= past + 1 and until >= event.onset - 1


def _summed(scores: list[_Score]) -> dict[str, object]:
    claims = sum(len(one.claims) for one in scores)
    true = [n for one in scores for n in one.per_claim]
    events = sum(len(one.events) for one in scores)
    matched = [m for one in scores for m in one.matched.values()]
    width = [w for one in scores for w in one.width]
    onset = [w for one in scores for w in one.onset]
    end = [w for one in scores for w in one.end]
    covered = [c for one in scores for c in one.covered]
    return {
        "recall": round(sum(one.found for one in scores) / max(events, 1), 3),
        "precision": round(len(true) / claims, 3) if claims else None,
        "onset_error_median": statistics.median(onset) if onset else None,
        "onset_error_mean": round(statistics.mean(onset), 2) if onset else None,
        "end_error_median": statistics.median(end) if end else None,
        "covered": round(sum(covered) / len(covered), 3) if covered else None,
        "width_median": statistics.median(width) if width else None,
        "findings_per_event": round(statistics.mean(map(len, matched)), 2) if matched else None,
        "events_per_finding": round(statistics.mean(true), 2) if true else None,
    }


def _delays(name: str, shape: Shape, seeds: Iterable[int]) -> Iterator[dict[str, object]]:
    """Nights after the one that closes the onset's day, until an episode is told."""
    waited: dict[str, list[float]] = {"heliograph": [], "threshold": [], "cusum": []}
    events = 0
    for seed in seeds:
        made = fleet(shape, seed)
        long = [e for e in made.events if (e.end or shape.days) - e.onset >= LONG]
        events += len(long)
        waited["heliograph"] += _replayed(made.table, long)
        waited["threshold"] += _said(list(threshold(made.table)), long)
        waited["cusum"] += _said(list(cusum(made.table)), long)
    for who, delays in waited.items():
        yield {
            "delay": name,
            "by": who,
            "events": events,
            "found": len(delays),
            "nights_median": statistics.median(delays) if delays else None,
            "nights_mean": round(statistics.mean(delays), 2) if delays else None,
        }


def _replayed(table: Table, events: list[Event]) -> Iterator[float]:
    """Night after night, with what is known by then."""
    waiting = list(events)
    for night in range(table.grid.length):
        due = [event for event in waiting if event.onset <= night]
        claims = _of_findings(detect(as_of(table, night))) if due else []
        for event in due:
            if any(_is_of(claim, event) for claim in claims):
                yield night - event.onset
                waiting.remove(event)


def _said(told: list[Told], events: list[Event]) -> Iterator[float]:
    claims = _of_told(told)
    for event in events:
        delays = [
            one.said - event.onset
            for one, claim in zip(told, claims, strict=True)
            if _is_of(claim, event) and one.said >= event.onset
        ]
        if delays:
            yield min(delays)


if __name__ == "__main__":
    main()
