"""The ``show`` command: one measurement as a waterfall of evidence."""

from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.output import place_of, print_json, sentence_of
from heliograph.cli.place import database
from heliograph.model import Measurement, VerdictRow
from heliograph.pages.report import Bar, bars
from heliograph.text import for_terminal
from storage.store import Store

_AXIS = 24


def one(db: str | None, prefix: str, *, json: bool) -> None:
    """Print the measurement whose id begins so."""
    with Store.open_to_read(database(db)) as store:
        identity = _only(store.find_ids(prefix, 6), prefix)
        if json:
            for record in store.records(identity):
                print_json(record)
            return
        measurement, row = store.measurement(identity), store.row(identity)
    assert measurement is not None
    assert row is not None
    _print_head(measurement, row)
    _print_steps(measurement)


def _only(found: list[str], prefix: str) -> str:
    if not found:
        raise Stop(
            ExitCode.INPUT_MISSING,
            f"no measurement has an id beginning with {prefix!r}; 'heliograph results' lists them",
        )
    if len(found) > 1:
        raise Stop(
            ExitCode.USAGE, f"{prefix!r} begins several ids, among them {', '.join(found[:5])}"
        )
    return found[0]


def _print_head(measurement: Measurement, row: VerdictRow) -> None:
    state = row.state or row.outcome
    lines = [
        f"{row.target}  [{state}{''.join(f', {t}' for t in row.techniques)}]",
        sentence_of(row),
        "",
        f"probe        {row.probe} v{measurement.probe_version}, {row.seconds:.1f} s,"
        f" {row.started}",
        f"vantage      {place_of(row)}",
        f"id           {row.measurement_id}",
    ]
    if row.rules:
        lines.append(f"rules        {', '.join(row.rules)} (ruleset {row.ruleset_version})")
    if row.confidence_word is not None:
        lines.append(f"confidence   {row.confidence_word} ({row.confidence:.2f})")
    if row.confounders:
        told = "; ".join(f"{name}: {what}" for name, what in row.confounders.items())
        lines.append(f"other causes {told.replace('_', ' ')}")
    lines += [f"also odd     {anomaly}" for anomaly in row.anomalies]
    lines += [f"surroundings {flag}" for flag in row.context]
    _print("\n".join(for_terminal(line) for line in lines))


def _print_steps(measurement: Measurement) -> None:
    _print("")
    for number, (bar, step) in enumerate(zip(bars(measurement), measurement.steps, strict=True)):
        _print(
            f"{number:3} {step.started:7.3f} s {_axis(bar)} {bar.what:14} {bar.outcome:24}"
            f" {'' if bar.role == 'test' else f'({bar.role}) '}{bar.where}"
        )
        if bar.note:
            _print(f"{'':17}{' ' * _AXIS}{bar.note}")


def _axis(bar: Bar) -> str:
    start = min(int(bar.left / 100 * _AXIS), _AXIS - 1)
    length = max(1, round(bar.width / 100 * _AXIS))
    return (" " * start + "━" * length)[:_AXIS].ljust(_AXIS)


def _print(line: str) -> None:
    print(line)
