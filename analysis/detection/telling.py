"""Findings from groups of episodes and from silences: dates as text, words, one plain sentence."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from math import exp

from analysis.detection.episodes import Episode
from analysis.detection.grid import Grid
from analysis.detection.grouping import Group
from analysis.detection.series import ONE_PERSON, UNKNOWN, Table
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
    """The kind of evidence: what one person alone may see, or a low share, is a signal and no more.

    Counts don't show whose block page it was, so ``confirmed`` is never said of them.
    """
    strong = _strong(group)
    sound = [one for one in strong if not _may_be_one_vantage(one)]
    if len({one.key.asn for one in sound if one.key.asn and one.vantages != UNKNOWN}) >= 2:
        return ConfidenceWord.CORROBORATED
    networks = {one.key.asn for one in strong if one.key.asn}
    likely = sound or len(networks) > ONE_PERSON
    return ConfidenceWord.LIKELY if likely else ConfidenceWord.SIGNAL


def _strong(group: Group) -> list[Episode]:
    return [one for one in group if one.level >= _LOW_LEVEL]


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
    share = sum(one.hits for one in group) / max(sum(one.decided for one in group), 1)
    where = _where(tuple(networks), group[0].key.country)
    deciding = " that say anything" if any(one.looks > one.decided for one in group) else ""
    parts = [f"{what} {_DOING[kind]} in {where}: {share:.0%} of looks{deciding}"]
    if any(one.pauses for one in group):
        parts.append(f"it came and went ({counted(max(o.pauses for o in group), 'pause')})")
    if not all(one.seen_before for one in group):
        parts.append("it may be older than the data")
    if all(one.end is None for one in group):
        parts.append("it goes on as far as the data go")
    if kind is FindingType.BLOCKING and _is_by_address(group):
        parts.append("a site that turns this country away by its addresses looks the same")
    if word is ConfidenceWord.SIGNAL:
        parts.append(_doubt(group, networks))
    if any(one.vantages == UNKNOWN for one in group):
        parts.append("how many vantages saw it is not known")
    return "; ".join(parts)


def _is_by_address(group: Group) -> bool:
    """All techniques that are told are of connections that are not taken, whatever name is said."""
    told = _techniques(group)
    return bool(told) and all(name.startswith("tcp.") for name in told)


def _doubt(group: Group, networks: Collection[int]) -> str:
    """What else than a network may make a signal."""
    if not _strong(group):
        return "few vantages can make so small a share"
    if len(networks) > 1:
        return "one person with several lines may be the cause"
    return "one vantage alone may be the cause"


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
        confidence_word=_quiet_word(one),
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


def _quiet_word(one: Quiet) -> ConfidenceWord:
    """Nothing rests on networks whose looks say nothing, nor much on what may be one person."""
    if not one.shutdown or one.alone or len(one.asns) - one.mute < 2:
        return ConfidenceWord.SIGNAL
    return ConfidenceWord.CORROBORATED if one.stopped_twice >= 2 else ConfidenceWord.LIKELY


def _of_quiet(one: Quiet) -> str:
    networks = _where(one.asns, one.country)
    if one.shutdown:
        said = _of_shutdown(one, f"{networks} of {one.country}")
        return f"{said}; one person with several lines may be the cause" if one.alone else said
    told = "nothing came" if one.all_silent else "almost nothing came"
    return f"{told} from {networks}: a shutdown, or vantages that stopped; it is no blocking"


def _of_shutdown(one: Quiet, where: str) -> str:
    if one.stopped:
        nothing = "nothing that says anything" if one.mute else "nothing"
        return f"everything failed in {where} at once, or {nothing} came"
    said = "nothing that says anything" if one.mute else "almost nothing"
    said = "nothing" if one.all_silent else said
    return f"{said} came from {where} while other countries went on"


def ordered(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """In order of onset, then by what they are about."""
    return tuple(sorted(findings, key=lambda one: one.place))
