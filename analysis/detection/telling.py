"""Findings from groups of episodes and from silences: dates as text, words, one plain sentence."""

from collections import Counter
from collections.abc import Iterator, Sequence
from math import exp

from analysis.detection.episodes import Episode
from analysis.detection.grid import Grid
from analysis.detection.grouping import Group
from analysis.detection.series import UNKNOWN, Table
from analysis.detection.silence import Quiet
from heliograph.finding import Finding, FindingType, Member, MethodChange
from heliograph.model import UNKNOWN_COUNTRY, ConfidenceWord
from heliograph.text import counted

_OUTLIER = 1.5
"""Vantages that what was blocked could come from; below it one alone would do."""
_LOW_LEVEL = 0.45
_LEAST_RUN = 2
"""Buckets in a row that another technique must last to be a change."""
_KEPT_WITNESSES = 10


def of_group(group: Group, kind: FindingType, grid: Grid) -> Finding:
    """One finding of the episodes that moved together."""
    onset = min(group, key=lambda one: (one.onset.at, one.onset.earliest))
    ends = [one.end for one in group if one.end is not None]
    end = max(ends, key=lambda c: (c.at, c.latest)) if len(ends) == len(group) else None
    word = word_of(group)
    changes = tuple(_changes(group, grid))
    return Finding(
        type=kind,
        country=group[0].key.country,
        asns=tuple(sorted({one.key.asn for one in group})),
        targets=tuple(sorted({one.key.target for one in group})),
        probes=tuple(sorted({one.key.probe for one in group})),
        techniques=_techniques(group),
        onset=grid.text(onset.onset.at),
        onset_from=grid.text(onset.onset.earliest),
        onset_to=grid.text(onset.onset.latest),
        end=None if end is None else grid.text(end.at),
        end_from=None if end is None else grid.text(end.earliest),
        end_to=None if end is None else grid.text(end.latest),
        confidence=confidence_of(group),
        confidence_word=word,
        members=tuple(_member(one, grid) for one in sorted(group, key=lambda one: one.key)),
        changes=changes,
        witnesses=tuple(dict.fromkeys(w for one in group for w in one.witnesses))[:_KEPT_WITNESSES],
        explanation=_sentence(group, kind, word),
    )


def word_of(group: Group) -> ConfidenceWord:
    """The kind of evidence: one vantage, or a low share, is a signal and no more.

    Counts don't show whose block page it was, so ``confirmed`` is never said of them.
    """
    sound = [one for one in group if not _may_be_one_vantage(one) and one.level >= _LOW_LEVEL]
    witnessed = {one.key.asn for one in sound if one.vantages >= 2 and one.key.asn}
    if len(witnessed) >= 2:
        return ConfidenceWord.CORROBORATED
    networks = {one.key.asn for one in group if one.level >= _LOW_LEVEL and one.key.asn}
    return ConfidenceWord.LIKELY if sound or len(networks) >= 2 else ConfidenceWord.SIGNAL


def _may_be_one_vantage(one: Episode) -> bool:
    return one.vantages != UNKNOWN and one.level * one.vantages < _OUTLIER


def confidence_of(group: Group) -> float:
    """From evidence and share of looks: orders findings, and is no chance of being right."""
    score = sum(one.score for one in group)
    level = max(one.level for one in group)
    return round((1 - exp(-score / 8)) * (0.5 + 0.5 * level), 4)


def _member(one: Episode, grid: Grid) -> Member:
    return Member(
        asn=one.key.asn,
        target=one.key.target,
        probe=one.key.probe,
        onset=grid.text(one.onset.at),
        end=None if one.end is None else grid.text(one.end.at),
    )


def _techniques(group: Group) -> tuple[str, ...]:
    counted_ = Counter(technique for one in group for _, technique in one.techniques)
    return tuple(name for name, _ in sorted(counted_.items(), key=lambda c: (-c[1], c[0])))


def _changes(group: Group, grid: Grid) -> Iterator[MethodChange]:
    """Changes of the main technique; one that several series made within days is told once."""
    near = grid.in_days(3.0)
    found = sorted(change for one in group for change in _of_series(one))
    told: list[tuple[int, str, str]] = []
    for at, was, now in found:
        if any(at - t <= near and (was, now) == (w, n) for t, w, n in told):
            continue
        told.append((at, was, now))
        yield MethodChange(at=grid.text(at), was=was, now=now)


def _of_series(one: Episode) -> Iterator[tuple[int, str, str]]:
    current = ""
    run: list[tuple[int, str]] = []
    for at, technique in one.techniques:
        run = [*run, (at, technique)] if run and run[0][1] == technique else [(at, technique)]
        if len(run) < _LEAST_RUN or technique == current:
            continue
        if current:
            yield run[0][0], current, technique
        current = technique


_DOING = {FindingType.BLOCKING: "blocked", FindingType.THROTTLING: "slowed down"}


def _sentence(group: Group, kind: FindingType, word: ConfidenceWord) -> str:
    targets, networks = {o.key.target for o in group}, {o.key.asn for o in group}
    what = f"{len(targets)} targets are" if len(targets) > 1 else f"{min(targets) or 'it'} is"
    level = sum(one.level for one in group) / len(group)
    where = _where(tuple(networks), group[0].key.country)
    parts = [f"{what} {_DOING[kind]} in {where}: {level:.0%} of looks"]
    if any(one.pauses for one in group):
        parts.append(f"it came and went ({counted(max(o.pauses for o in group), 'pause')})")
    if not all(one.seen_before for one in group):
        parts.append("it may be older than the data")
    if all(one.end is None for one in group):
        parts.append("it goes on as far as the data go")
    if word is ConfidenceWord.SIGNAL:
        parts.append("one vantage alone may be the cause")
    elif any(one.vantages == UNKNOWN for one in group):
        parts.append("how many vantages saw it is not known")
    return "; ".join(parts)


def _where(asns: Sequence[int], country: str) -> str:
    if len(asns) > 1:
        return f"{len(asns)} networks"
    if asns[0]:
        return f"AS{asns[0]}"
    return country if country != UNKNOWN_COUNTRY else "a network that is not named"


def of_quiet(one: Quiet, table: Table) -> Finding:
    """A finding of a shutdown or a silence."""
    grid = table.grid
    mine = [s for s in table if s.key.country == one.country and s.key.asn in one.asns]
    onset, past = one.run
    end = None if one.ongoing else grid.text(past)
    both = one.shutdown and one.vantages >= 2 and not one.all_silent
    return Finding(
        type=FindingType.SHUTDOWN if one.shutdown else FindingType.SILENCE,
        country=one.country,
        asns=one.asns,
        targets=tuple(sorted({s.key.target for s in mine})),
        probes=tuple(sorted({s.key.probe for s in mine})),
        techniques=(),
        onset=grid.text(onset),
        onset_from=grid.text(onset - 1),
        onset_to=grid.text(onset + 1),
        end=end,
        end_from=None if end is None else grid.text(past - 1),
        end_to=None if end is None else grid.text(past + 1),
        confidence=round(max(0.0, 1 - one.chance), 4),
        confidence_word=_quiet_word(one, both=both),
        members=tuple(
            Member(
                asn=s.key.asn,
                target=s.key.target,
                probe=s.key.probe,
                onset=grid.text(onset),
                end=end,
            )
            for s in mine
        ),
        explanation=_of_quiet(one),
    )


def _quiet_word(one: Quiet, *, both: bool) -> ConfidenceWord:
    if both:
        return ConfidenceWord.CORROBORATED
    return ConfidenceWord.LIKELY if one.shutdown else ConfidenceWord.SIGNAL


def _of_quiet(one: Quiet) -> str:
    networks = _where(one.asns, one.country)
    if one.shutdown and one.all_silent:
        return f"nothing came from {networks} of {one.country} while other countries went on"
    if one.shutdown:
        return f"everything failed in {networks} of {one.country} at once, or nothing came"
    told = "nothing came" if one.all_silent else "almost nothing came"
    return f"{told} from {networks}: a shutdown, or vantages that stopped; it is no blocking"


def ordered(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """In order of onset, then by what they are about."""
    return tuple(sorted(findings, key=lambda one: one.place))
