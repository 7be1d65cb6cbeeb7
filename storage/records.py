"""Records of heliograph.model as rows of the tables, and back, without loss."""

import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from operator import attrgetter
from typing import TypeVar

import msgspec

from heliograph.model import Measurement, Step, Verdict, VerdictRow
from storage.column_types import rfc3339
from storage.errors import StorageError

R = TypeVar("R", bound=msgspec.Struct)
Row = Mapping[str, object]

_WIDEST = 2**63
_NUMBERS = ("hop", "port", "source_port", "bytes_sent", "bytes_received", "started", "seconds")
"""The numbers of a step."""

_numbers_of = attrgetter(*_NUMBERS)

_TARGET = ("input", "url", "scheme", "host", "port")


def measurement_row(record: Measurement) -> dict[str, object]:
    """The row of ``measurements`` for this record; its steps are rows of their own."""
    row: dict[str, object] = msgspec.structs.asdict(record)
    del row["target"], row["vantage"], row["steps"]
    row |= {f"target_{name}": getattr(record.target, name) for name in _TARGET}
    row |= msgspec.structs.asdict(record.vantage)
    row |= {
        "vantage_source": record.vantage.source,
        "source": record.source,
        "outcome": record.outcome.value,
        "stack": None if record.stack is None else msgspec.to_builtins(record.stack),
    }
    return row


def step_rows(record: Measurement) -> list[dict[str, object]]:
    """The rows of ``steps`` for this record, in its order."""
    return [
        {
            "measurement_id": record.id,
            "number": number,
            **msgspec.structs.asdict(step),
            "kind": step.kind.value,
            "role": step.role.value,
            "failure": None if step.failure is None else step.failure.value,
        }
        for number, step in enumerate(record.steps)
    ]


def unstorable(record: Measurement) -> str | None:
    """Which number of the record no database can hold, or None: 64 bits, and nothing infinite."""
    own: tuple[tuple[str, float], ...] = (
        ("probe_version", record.probe_version),
        ("port", record.target.port),
        ("asn", record.vantage.asn),
        ("seconds", record.seconds),
    )
    for name, number in own:
        if not _fits(number):
            return name
    for position, step in enumerate(record.steps):
        numbers = _numbers_of(step)
        if not all(map(_fits, numbers)):
            at = [_fits(number) for number in numbers].index(False)
            return f"{_NUMBERS[at]} of step {position}"
    return None


def _fits(number: float | None) -> bool:
    if type(number) is int:
        return -_WIDEST <= number < _WIDEST
    return number is None or math.isfinite(number)


def refuse_unstorable(record: Measurement) -> None:
    """Raise StorageError for a record with a number that no database can hold."""
    if (name := unstorable(record)) is not None:
        raise StorageError(
            f"measurement {record.id} can't be stored: {name} is beyond 64 bits, or infinite"
        )


def measurement_from(row: Row, its_steps: Iterable[Row]) -> Measurement:
    """The record that ``measurement_row`` and ``step_rows`` were made from."""
    steps = tuple(_read(step, Step, step["measurement_id"]) for step in its_steps)
    parts: dict[str, object] = {
        **row,
        "target": {name: row[f"target_{name}"] for name in _TARGET},
        "vantage": {
            "country": row["country"],
            "asn": row["asn"],
            "network_name": row["network_name"],
            "source": row["vantage_source"],
        },
    }
    return msgspec.structs.replace(_read(parts, Measurement, row["id"]), steps=steps)


def verdict_row(verdict: Verdict) -> dict[str, object]:
    """The row of ``verdicts`` for this verdict."""
    row: dict[str, object] = msgspec.structs.asdict(verdict)
    del row["fired"]
    word = verdict.confidence_word
    row |= {
        "state": verdict.state.value,
        "confidence_word": None if word is None else word.value,
        "confounders": {name: standing.value for name, standing in verdict.confounders.items()},
        "rules": [fired.rule for fired in verdict.fired],
        "weights": [fired.weight for fired in verdict.fired],
    }
    return row


def verdict_from(row: Row) -> Verdict:
    """The verdict that ``verdict_row`` was made from."""
    names, weights, name = row["rules"], row["weights"], row["measurement_id"]
    if not (isinstance(names, list) and isinstance(weights, list) and len(names) == len(weights)):
        raise StorageError(
            f"the verdict on measurement {name} can't be read: its rules and weights are no lists"
            " of one length; it is damaged, or was altered"
        )
    fired = [{"rule": n, "weight": w} for n, w in zip(names, weights, strict=True)]
    return _read({**row, "fired": fired}, Verdict, name)


def verdict_line(row: Row) -> VerdictRow:
    """A row of the view ``api_v1_verdicts`` as the line that commands print."""
    moment = msgspec.convert(row["started"], type=datetime)
    return _read({**row, "started": rfc3339(moment)}, VerdictRow, row["measurement_id"])


def _read(row: Row, shape: type[R], name: object) -> R:
    plain = {
        str(key): value for key, value in row.items()
    }  # SQLAlchemy's names are a str of its own
    try:
        return msgspec.convert(plain, type=shape)
    except msgspec.ValidationError as error:
        raise StorageError(
            f"measurement {name} can't be read ({error}); a newer heliograph may know it"
        ) from error
