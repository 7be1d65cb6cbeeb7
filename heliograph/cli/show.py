"""The ``show`` command: one measurement as a waterfall of evidence."""

import shlex
import sys
from collections.abc import Sequence
from shutil import get_terminal_size

import msgspec

from analysis.beside.readings import EVERY_RULE
from analysis.grounds import grounds
from analysis.single import JUDGED
from analysis.surroundings import in_words as flag_in_words
from analysis.surroundings import told
from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.output import LEAST_WIDTH, print_json, say, sentence_of
from heliograph.cli.place import database, hint
from heliograph.model import Measurement, Outcome, Side, State, Step, VerdictRow
from heliograph.pages.digest import place_of
from heliograph.pages.expected import explained
from heliograph.pages.published import NOT_PUBLISHED, data_used, is_rounded, is_unpublished
from heliograph.pages.report import Bar, bars
from heliograph.text import for_terminal
from storage.retired import Retirement
from storage.store import Store

_AXIS = 24
_OUTCOME = 24
_MOST_NAMED = 8
_BEFORE_PUBLISHING = (
    "before you tell others: run it again later, and from another network. A filter in this house,"
    " office or device\n(router, antivirus, family filter) looks the same as one of the provider or"
    " the state. docs/guide/results.md says more."
)
_SIGNS = {Side.FOR: "+", Side.AGAINST: "-", Side.FACT: "."}


def one(db: str | None, prefix: str, *, json: bool, why: bool = False) -> None:
    """Print the measurement whose id begins so; ``why`` leaves the steps out."""
    with Store.open_to_read(database(db)) as store:
        identity = _only(store, prefix, hint("results", db))
        records = list(store.records(identity)) if json else []
        measurement, row = store.measurement(identity), store.row(identity)
        elsewhere = store.retired.find(identity)
    assert measurement is not None
    if row is None:
        raise Stop(
            ExitCode.BAD_INPUT,
            f"api_v1_verdicts does not have {identity}: the database was altered",
        )
    if json:
        for record in records:
            print_json(record)
        for ground in grounds(measurement, row.hop):
            told = msgspec.structs.asdict(ground)
            print_json({"record": "comparison", "measurement_id": row.measurement_id, **told})
        if elsewhere is not None:
            told = msgspec.structs.asdict(elsewhere)
            print_json({"record": "retired", "measurement_id": row.measurement_id, **told})
        return
    _print_head(measurement, row, used=elsewhere is None)
    if elsewhere is not None:
        _print_elsewhere(row, elsewhere)
        return
    _print_grounds(measurement, row)
    if not why:
        _print_steps(measurement)


def _only(store: Store, prefix: str, listing: str) -> str:
    """The one id that begins so; raises Stop, and names those there are when they are several.

    ``listing`` is the command that lists them all.
    """
    if not prefix:
        raise Stop(ExitCode.USAGE, f"an id is wanted, or its beginning; '{listing}' lists them")
    found = store.find_ids(prefix, _MOST_NAMED + 1)
    if not found:
        raise Stop(
            ExitCode.INPUT_MISSING,
            f"no measurement has an id beginning with {prefix!r}; '{listing}' lists them",
        )
    if len(found) == 1:
        return found[0]
    for identity in found[:_MOST_NAMED]:
        row = store.row(identity)
        if row is not None:
            say(f"{identity}  {for_terminal(row.target)} ({for_terminal(row.probe)})")
    those = "among them those above" if len(found) > _MOST_NAMED else "those above"
    raise Stop(
        ExitCode.USAGE, f"{prefix!r} begins several ids, {those}; give more of the one you mean"
    )


def _print_head(measurement: Measurement, row: VerdictRow, *, used: bool) -> None:
    state = row.state or row.outcome
    lines = [
        f"{row.target}  [{state}{''.join(f', {t}' for t in row.techniques)}]",
        _sentence(row),
        "",
        f"probe        {row.probe} v{measurement.probe_version}, {_length(row)}, {row.started}",
        f"vantage      {place_of(row)}{_who_says(measurement)}",
        *([f"data used    {data_used(measurement)}"] if used else []),
        f"id           {row.measurement_id}",
    ]
    lines += [f"rule         {rule}{_strength(rule)}: {text}" for rule, text in _in_words(row)]
    if row.rules:
        lines.append(f"ruleset      {row.ruleset_version}")
    if row.confidence_word is not None:
        lines.append(f"confidence   {row.confidence_word} ({row.confidence:.2f})")
    if row.confounders:
        told = "; ".join(f"{name}: {what}" for name, what in row.confounders.items())
        lines.append(f"other causes {told.replace('_', ' ')}")
    lines += [f"also odd     {anomaly}" for anomaly in row.anomalies]
    lines += [f"surroundings {flag}: {flag_in_words(flag)}" for flag in row.context]
    _print("\n".join(for_terminal(line) for line in lines))


def _print_elsewhere(row: VerdictRow, retired: Retirement) -> None:
    """Where the steps are: what they say, and what was compared, can't be told here."""
    folder = "FOLDER" if retired.archive is None else shlex.quote(retired.archive)
    identity = row.measurement_id.replace("'", "''")
    sql = f"SELECT * FROM api_v1_steps WHERE measurement_id = '{identity}' ORDER BY number"  # noqa: S608 - to be read
    _print(
        f"\nits steps ({retired.steps}) are not in this database: they were left to an archive; the"
        " last one was"
    )
    asked = f'"{sql}"' if identity.replace("-", "").isalnum() else shlex.quote(sql)
    _print("\n" + for_terminal(f"  heliograph query --db {folder} {asked}"))


def _sentence(row: VerdictRow) -> str:
    """What the verdict says; of a test that no rule is about, that there is none."""
    foreign = row.source is not None and row.probe not in JUDGED
    if row.state is None and row.outcome is Outcome.MEASURED and foreign:
        return "kept without a verdict: no rule is about this test"
    return sentence_of(row)


def _who_says(measurement: Measurement) -> str:
    """The network's name, and whose word the place is (docs/guide/place.md)."""
    vantage = measurement.vantage
    name = "" if vantage.network_name is None else f", {vantage.network_name}"
    return f"{name} (by: {vantage.source})"


def _length(row: VerdictRow) -> str:
    if row.source is not None and not row.seconds:
        return f"length {NOT_PUBLISHED}"
    return f"{row.seconds:.1f} s"


def _strength(name: str) -> str:
    """How strongly a rule speaks, by kind of evidence and by number."""
    rule = next((rule for rule in EVERY_RULE if rule.id == name), None)
    if rule is None:
        return ""
    word = "" if rule.word is None else f"{rule.word}, "
    return f" ({word}{rule.weight:.2f})"


def _in_words(row: VerdictRow) -> list[tuple[str, str]]:
    """What each rule that fired says; one of another ruleset by its id alone."""
    known = {rule.id: rule for rule in EVERY_RULE}
    context = told(row.context)
    host = row.host if row.hop in {None, 1} else f"the host of hop {row.hop}"
    return [
        (rule, known[rule].told(host, context) if rule in known else "of another ruleset")
        for rule in row.rules
    ]


def _print_grounds(measurement: Measurement, row: VerdictRow) -> None:
    """Every comparison of the hop the verdict is about, and what it speaks for."""
    found = grounds(measurement, row.hop)
    if found:
        _print("\nwhat was compared (+ speaks for interference, - against, . is a fact to explain)")
    for ground in found:
        numbers = ", ".join(str(number) for number in ground.steps)
        steps = f"  [{numbers}]" if numbers else ""
        _print(for_terminal(f"  {_SIGNS[ground.side]} {ground.text}{steps}"))
    if row.state == State.BLOCKED:
        _print(f"\n{_BEFORE_PUBLISHING}")


def _print_steps(measurement: Measurement) -> None:
    """Hop by hop what was done here, and beside it what a control elsewhere saw."""
    side: tuple[int, bool] | None = None
    drawn, narrow = bars(measurement), _is_narrow()
    room = max([_OUTCOME, *(len(bar.outcome) for bar in drawn)])
    for bar in drawn:
        if side != (bar.hop, bar.elsewhere):
            side = bar.hop, bar.elsewhere
            where = "as a control elsewhere saw it" if bar.elsewhere else "from here"
            _print(f"\nhop {bar.hop}, {where}")
        step = measurement.steps[bar.number]
        part = "" if bar.role in {"test", "remote control"} else f"({bar.role}) "
        took = _took(measurement, step)
        _print_step(bar, took, part, None if narrow else room)
    _print_legend(drawn)


def _took(measurement: Measurement, step: Step) -> str:
    """When the step began and how long it took, where that is known; always as wide."""
    if is_rounded(measurement):
        return f"{step.started:7.1f} s +{step.seconds:7.1f}"
    if not is_unpublished(measurement, step.seconds):
        return f"{step.started:7.3f} s +{step.seconds:7.4f}"
    if not step.started:
        return f"{NOT_PUBLISHED:18}"
    return f"{step.started:7.3f} s +{'?':>7}"


def _print_step(bar: Bar, took: str, part: str, room: int | None) -> None:
    """A step as a line on the time axis; as a block of short ones where there is no ``room``."""
    if room is None:
        lines = (f"{bar.what}, {bar.outcome}", took.strip(), f"{part}{bar.where}", bar.note)
        told = [line for line in lines if line.strip()]
        _print("\n".join((f"{bar.number:3} {told[0]}", *(f"    {line}" for line in told[1:]))))
        return
    _print(
        f"{bar.number:3} {took} {_axis(bar)} {bar.what:14} {bar.outcome:{room}} {part}{bar.where}"
    )
    if bar.note:
        _print(f"{'':23}{' ' * _AXIS}{bar.note}")


def _is_narrow() -> bool:
    """Whether this is a terminal on which a line of the time axis would be folded."""
    return sys.stdout.isatty() and get_terminal_size().columns < LEAST_WIDTH


def _print_legend(drawn: Sequence[Bar]) -> None:
    """What the words above mean, those alone that stand there."""
    if not drawn:
        return
    words = {"hop", *(bar.role for bar in drawn), *(bar.outcome for bar in drawn)}
    _print("\nwords used above; more in docs/guide/results.md, 'Read one verdict'")
    for word, what in explained(words):
        _print(f"  {word}: {what}")


def _axis(bar: Bar) -> str:
    start = min(int(bar.left / 100 * _AXIS), _AXIS - 1)
    length = max(1, round(bar.width / 100 * _AXIS))
    return (" " * start + _mark() * length)[:_AXIS].ljust(_AXIS)


def _mark() -> str:
    """What bars are drawn with, in the terminal's character set."""
    try:
        "━".encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return "="
    return "━"


def _print(line: str) -> None:
    print(line)
