"""The ``analyse`` command: stored measurements judged by this version's rules, and the switch."""

from collections.abc import Iterator, Sequence
from contextlib import suppress

import msgspec

from analysis.rules import RULESET_VERSION
from heliograph.cli.exits import ExitCode, Stop, fail
from heliograph.cli.output import print_json, say
from heliograph.cli.place import database
from heliograph.cli.progress import Progress
from heliograph.cli.signals import Ending
from heliograph.model import State
from heliograph.text import counted
from scheduler.rejudging import Rejudging, bring_up_to_date, is_behind
from storage.errors import OlderDatabase
from storage.judging import Change
from storage.store import Store

_JUDGING = "judging"
_ID_SHOWN = 18
"""So much of an id as ``results`` prints."""


class Changed(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="change"):
    """So many measurements that the rules in force call ``was``, and these rules ``is``."""

    was: State | None
    """None: the rules in force said nothing of them."""
    now: State = msgspec.field(name="is")
    count: int
    other_technique: int
    """Those of them whose techniques are others."""
    example: str
    """The id of one of them."""


class Analysed(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="analysis"):
    """What came of it, last of the lines."""

    ruleset_version: int
    """Of these rules."""
    was: int | None
    """The ruleset in force before; None where there was none."""
    judged: int
    """Measurements judged now; those judged by these rules before are not counted."""
    left: int
    """Measurements these rules have not judged."""
    unreadable: int
    """Measurements this version can't judge; they are not waited for."""
    changed: int
    """Measurements whose state or techniques these rules change."""
    activated: bool
    """These rules are in force."""


def analyse(db: str | None, *, activate: bool, json: bool) -> None:
    """Judge what these rules have not judged; with ``activate`` make them those that are shown.

    Where all is judged and shown, nothing is written: an exported folder stays as it is.

    Leaves with 65 when some can't be judged by this version, with 75 when others came meanwhile,
    so that it was not switched, and as signals say, with what was done kept.
    """
    location = database(db)
    # An older one is brought to this version below; where there is none, none is made.
    with suppress(OlderDatabase), Store.open_to_read(location) as store:
        if store.current_ruleset() == RULESET_VERSION and not Rejudging(store).left:
            changes = store.judging.changes(RULESET_VERSION, RULESET_VERSION)
            done = _summed(Rejudging(store), RULESET_VERSION, changes, activated=True)
            _tell(done, changes, json=json)
            return
    with Ending() as ending, Store.open(location) as store:
        before = store.current_ruleset()
        if before is not None and before > RULESET_VERSION:
            newer = f"verdicts of ruleset {before} are in force, this version has {RULESET_VERSION}"
            raise Stop(ExitCode.BAD_INPUT, f"{location}: {newer}; upgrade heliograph")
        work = Rejudging(store)
        _judge_all(work, ending)
        changes = store.judging.changes(before, RULESET_VERSION)
        switched = not is_behind(store) or (activate and work.switch())
        _tell(_summed(work, before, changes, activated=switched), changes, json=json)
    _require_done(work, refused=activate and not switched)


def up_to_date(store: Store) -> None:
    """Bring a database to these rules before a run, and say so if that changed anything."""
    with Progress(Rejudging(store).left if is_behind(store) else 0, _JUDGING) as progress:
        work = bring_up_to_date(store, lambda count: progress.advance_by(count, _JUDGING))
    if work.judged:
        say(f"judged {work.judged} earlier measurements again, by the rules of this version")
    if work.unreadable:
        say(f"heliograph: {_unreadable(work)}")


def _judge_all(work: Rejudging, ending: Ending) -> None:
    """Batch by batch; a signal ends it after the batch under way, and is raised then."""
    with Progress(work.left, _JUDGING) as progress:

        def judged() -> Iterator[None]:
            for count in work.batches():
                progress.advance_by(count, _JUDGING)
                yield

        ending.each(judged())
    if ending.asked is not None:
        say(f"judged {work.judged}, {work.left} left: the same command goes on with them")
    ending.settle()


def _summed(
    work: Rejudging, before: int | None, changes: Sequence[Change], *, activated: bool
) -> Analysed:
    return Analysed(
        ruleset_version=RULESET_VERSION,
        was=before,
        judged=work.judged,
        left=work.left,
        unreadable=len(work.unreadable),
        changed=sum(_differing(change) for change in changes),
        activated=activated,
    )


def _differing(change: Change) -> int:
    return change.other_technique if change.was is change.now else change.count


def _tell(done: Analysed, changes: Sequence[Change], *, json: bool) -> None:
    """Every pair of states as JSON; those that differ as a table."""
    if json:
        for change in changes:
            print_json(
                msgspec.convert(msgspec.structs.asdict(change) | {"is": change.now}, Changed)
            )
        print_json(done)
        return
    differing = [change for change in changes if _differing(change)]
    if differing:
        print(f"{'was':12}    {'is':12}  {'measurements':>12}  one of them")
    for change in differing:
        note = "  by another technique" if change.was is change.now else ""
        print(
            f"{change.was or 'none':12} -> {change.now:12}  {_differing(change):12}"
            f"  {change.example[:_ID_SHOWN]}{note}"
        )
    say(_in_words(done, sum(change.count for change in changes)))


def _in_words(done: Analysed, verdicts: int) -> str:
    judged = f"{counted(done.judged, 'measurement')} judged now by ruleset {done.ruleset_version}"
    same = f"{verdicts - done.changed} of {verdicts} verdicts stay as they were"
    if done.activated and done.was == done.ruleset_version:
        return f"{judged}, which is in force already"
    if done.activated:
        return f"{judged}, {same}; it is in force now, and older verdicts stay as history"
    if done.was is None:
        return f"{judged}; 'heliograph analyse --activate' puts it in force"
    return (
        f"{judged}, {same}; ruleset {done.was} stays in force until 'heliograph analyse --activate'"
    )


def _unreadable(work: Rejudging) -> str:
    why = next(iter(work.unreadable.values()))
    count = counted(len(work.unreadable), "measurement")
    return f"{count} can't be judged by this version, and has no verdict of its rules: {why}"


def _require_done(work: Rejudging, *, refused: bool) -> None:
    if refused:
        came = counted(work.left, "measurement")
        fail(ExitCode.QUEUED, f"not switched: {came} came meanwhile; the same command goes on")
    if work.unreadable:
        fail(ExitCode.BAD_INPUT, _unreadable(work))
