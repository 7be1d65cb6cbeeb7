"""The ``events`` commands: what happened, and whether blocking changed around it."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import msgspec

from analysis.detection.reading import read_table
from analysis.detection.series import Table
from analysis.events import BadEvents, Event, Events, read_events, shipped
from analysis.impact import Impact, TargetImpact, impact
from analysis.impact_plan import Plan, plan_of
from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.filters import country_of
from heliograph.cli.findings import read_counts
from heliograph.cli.output import print_json, say
from heliograph.cli.place import database
from heliograph.cli.targets import read_named
from heliograph.model import SURROUNDINGS
from heliograph.text import counted, for_terminal
from storage.asking import Asking
from storage.question import MEGABYTE, Limits

_COUNTS = f"""
SELECT substr(started, 1, 10) AS time, country, asn, target, probe,
  SUM(CASE WHEN state = 'ok' THEN 1 ELSE 0 END) AS n_ok,
  SUM(CASE WHEN state = 'blocked' THEN 1 ELSE 0 END) AS n_blocked,
  SUM(CASE WHEN state = 'throttled' THEN 1 ELSE 0 END) AS n_throttled
FROM api_v1_verdicts
WHERE state IN ('ok', 'blocked', 'throttled') AND probe <> '{SURROUNDINGS}'
  AND started >= '{{first}}' AND started < '{{last}}U'
GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
"""  # noqa: S608 - names and words of our own
"""Days are plain text compared by bytes: a moment begins with its day and a T."""
_LIMITS = Limits(
    seconds=600.0, rows=5_000_000, answer_bytes=1024 * MEGABYTE, memory_bytes=4096 * MEGABYTE
)
_WIDTH = 92


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked for."""

    event: str
    csv: Path | None
    targets: str | None
    days: Mapping[str, int | None]
    """Of the window: before, after, lead; None leaves what the event says."""
    plan: bool
    events: Path | None
    db: str | None
    json: bool


class PlanRow(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="plan"):
    """A plan that no data were held against, and its fingerprint."""

    plan: Plan
    plan_sha256: str


def listing(country: str | None, since: str | None, file: Path | None, *, json: bool) -> None:
    """Print events in the order of time; raises Stop for a date that is none."""
    if since is not None:
        _require_day(since)
    found = sorted(_events(file).event, key=lambda one: (one.onset_from, one.id))
    if country is not None:
        wanted = country_of(country, {one.country for one in found})
        found = [one for one in found if one.country == wanted]
    if since is not None:
        found = [one for one in found if one.onset_to >= since]
    for one in found:
        if json:
            print_json(one)
        else:
            print(for_terminal(f"{_when(one)}  {one.country}  {one.id}"))
            print(for_terminal(f"    {one.title} ({', '.join(s.publisher for s in one.sources)})"))
    if not json:
        say(f"{counted(len(found), 'event')}, edition {_events(file).edition}")


def examine(wish: Wish) -> None:
    """Print the answer; raises Stop for what is not there or can't be understood."""
    if wish.csv is not None and wish.db is not None:
        raise Stop(ExitCode.USAGE, "--csv or --db, not both")
    events = _events(wish.events)
    event = next((one for one in events.event if one.id == wish.event), None)
    if event is None:
        known = ", ".join(one.id for one in events.event) or "none"
        raise Stop(ExitCode.USAGE, f"there is no event {wish.event!r}; there are: {known}")
    plan = _plan(event, events, wish)
    if wish.plan:
        row = PlanRow(plan=plan, plan_sha256=plan.digest)
        print_json(row) if wish.json else print(_plan_in_words(plan))
        return
    table = _from_db(plan, wish.db) if wish.csv is None else read_counts(wish.csv)[0]
    found = impact(table, plan)
    print_json(found) if wish.json else print(_answer_in_words(event, found))


def _events(file: Path | None) -> Events:
    if file is None:
        return shipped()
    try:
        return read_events(file.read_bytes())
    except BadEvents as error:
        raise Stop(ExitCode.BAD_INPUT, f"{file}: {error}") from error
    except OSError as error:
        raise Stop(ExitCode.INPUT_MISSING, f"{file}: {error.strerror}") from error


def _plan(event: Event, events: Events, wish: Wish) -> Plan:
    changed = {name: days for name, days in wish.days.items() if days is not None}
    window = msgspec.structs.replace(event.window, **changed)
    if not (0 < window.before <= 3650 and 0 < window.after <= 3650 and 0 <= window.lead <= 3650):
        raise Stop(ExitCode.USAGE, "a window has 1 to 3,650 days on either side, and 0 to lead")
    kinds = None if wish.targets is None else _kinds(wish.targets)
    try:
        return plan_of(event, events.edition, window=window, kinds=kinds)
    except OverflowError as error:
        raise Stop(ExitCode.USAGE, "the window begins or ends beyond all calendars") from error


def _kinds(name: str) -> Iterator[tuple[str, str | None]]:
    """The URLs of a list, each with the kind of site that it is there."""
    return ((entry.target.url, entry.category) for entry in read_named(name).entries)


def _from_db(plan: Plan, db: str | None) -> Table:
    question = _COUNTS.format(first=plan.before_from, last=plan.after_to)
    with Asking(database(db)) as asking:
        answer = asking.ask(question, _LIMITS)
    if answer.cut:
        raise Stop(ExitCode.BAD_INPUT, "more series and days than fit; export them with 'query'")
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(answer.columns)
    writer.writerows(answer.rows)
    text.seek(0)
    return read_table(text)[0]


def _when(one: Event) -> str:
    onset = one.onset_from if one.onset_from == one.onset_to else one.onset_from[:7]
    return f"{onset:10}"


def _require_day(text: str) -> None:
    try:
        date.fromisoformat(text)
    except ValueError as error:
        raise Stop(ExitCode.USAGE, f"--since {text!r} is no day, as 2017-06-01 is") from error


def _plan_in_words(plan: Plan) -> str:
    about = ", ".join((*plan.targets, *plan.categories)) or "all targets"
    if plan.categories:
        about += f" ({counted(len(plan.listed), 'URL')} of the list)"
    return for_terminal(
        f"{plan.event}: {plan.country}, {about}; {plan.before_from} to {plan.before_to} beside"
        f" {plan.after_from} to {plan.after_to}; plan {plan.digest}"
    )


def _answer_in_words(event: Event, found: Impact) -> str:
    lines = [f"{event.onset_from}  {event.country}  {event.title}", found.explanation]
    if found.effect is not None:
        lines.append(
            f"{found.series} series of {counted(found.networks, 'network')},"
            f" {found.buckets_before} buckets before and {found.buckets_after} after,"
            f" beside {_controls_in_words(found)}; {found.permutations} permutations"
        )
    lines += [_target_in_words(one) for one in found.targets]
    lines.append(f"plan {found.plan_sha256}")
    return "\n".join(for_terminal(line) for line in lines)


def _controls_in_words(found: Impact) -> str:
    if found.control == "targets":
        return counted(found.controls, "other target")
    return "1 other country" if found.controls == 1 else f"{found.controls} other countries"


def _target_in_words(one: TargetImpact) -> str:
    reason = f" ({one.reason})" if one.reason else ""
    effect, low, high = (f"{100 * share:+.0f}" for share in (one.effect, one.low, one.high))
    return (
        f"  {one.target[:_WIDTH]}  {one.answer}{reason}, {effect} points, {low} to {high},"
        f" p {one.p_adjusted:.3f} (corrected)"
    )
