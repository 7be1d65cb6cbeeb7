"""Documents that are not as they should be: what can be read of them, and what is wrong."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import NoneType, UnionType
from typing import Union, get_args, get_origin

import msgspec

from heliograph.text import clean, clean_json
from storage.ooni.shapes import NOTHING, Control, Document, Event, Handshake, Keys, Ping

_MOST_PROBLEMS = 5
_CHARACTERS = 200
_ROOT = "$"
_MISFIT = object()
_MOST_DIGITS = 18
_MOST_VALUES = 200_000
_TOO_LONG = (
    f"something in it is odd, and with more than {_MOST_VALUES} values it is too long to mend"
)
_WEB = "web_connectivity"
_WITHIN: Mapping[str, object] = {
    "network_events": list[Event],
    "bootstrap": Keys,
    "lookups": dict[str, Keys],
    "targets": dict[str, Keys],
    "pings": list[Ping],
}
"""What the parts of ``test_keys`` that are read late have to be."""

_EVIDENCE = ("$.test_keys", "$.input", "$.test_name", "$.measurement_start_time")
"""Where something odd leaves the measurement broken; elsewhere it is passed over."""


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What could be read, and what is wrong with the rest, each in a few words."""

    document: Document
    problems: tuple[str, ...]


class _TooMuch(Exception):
    """Nobody would wait for the rest."""


@dataclass(slots=True)
class _Problems:
    """The first few of what is wrong; ``looked`` counts all that was looked at."""

    found: list[str] = field(default_factory=list)
    more: int = 0
    looked: int = 0

    def look(self) -> None:
        self.looked += 1
        if self.looked > _MOST_VALUES:
            raise _TooMuch

    def note(self, path: str, why: str) -> None:
        if path != _ROOT and not path.startswith(_EVIDENCE):
            return
        if len(self.found) < _MOST_PROBLEMS:
            self.found.append(clean(f"{path}: {why}")[:_CHARACTERS])
        else:
            self.more += 1

    def told(self) -> tuple[str, ...]:
        return (*self.found, f"and {self.more} more") if self.more else tuple(self.found)


def salvage(line: bytes) -> Salvaged:
    """Read what fits its place in the document; never raises."""
    problems = _Problems()
    try:
        found = _parsed(line)
    except (ValueError, RecursionError) as error:
        return Salvaged(Document(), (_not_json(line, error),))
    if isinstance(found, dict) and "test_keys" not in found:
        found = found.get("content", found)  # as the archive keeps what was posted
    if not isinstance(found, dict):
        problems.note(_ROOT, f"is {_kind(found)}, and no measurement")
        return Salvaged(Document(), problems.told())
    try:
        return Salvaged(_document(found, problems), problems.told())
    except _TooMuch:
        around = {name: value for name, value in found.items() if name != "test_keys"}
        return Salvaged(_document(around, _Problems()), (*problems.told(), _TOO_LONG))


def _not_json(line: bytes, error: Exception) -> str:
    """Why it can't be read; of several documents over many lines, what would mend it."""
    several = b"\n" in line and str(error).startswith("Extra data")
    hint = "; of documents over many lines, one a file is read" if several else ""
    return f"{clean(f'not JSON: {error}')[: _CHARACTERS - len(hint)]}{hint}"


def _document(found: Mapping[str, object], problems: _Problems) -> Document:
    document = _struct(found, Document, _ROOT, problems)
    assert isinstance(document, Document)
    keys = found.get("test_keys")
    if document.test_keys is not None and isinstance(keys, dict):
        document.test_keys = _settled(document.test_keys, keys, document.test_name, problems)
    return document


def _parsed(line: bytes) -> object:
    """JSON read by a parser that takes more than it should, numbers nobody can hold left out."""
    text = clean_json(line.decode("utf-8", "replace"))
    return json.loads(
        text,
        strict=False,
        parse_float=_finite,
        parse_int=lambda digits: int(digits) if len(digits) <= _MOST_DIGITS else None,
        parse_constant=lambda _: None,
    )


def _finite(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


def _settled(
    keys: Keys, told: Mapping[str, object], test_name: str | None, problems: _Problems
) -> Keys:
    """The keys, with the parts that are read late made such that they can be read."""
    shapes: dict[str, object] = {**_WITHIN, "control": Keys, "target": Keys}
    if test_name == _WEB:
        shapes["control"] = Control
    changed = {
        name: _again(told[name], shape, f"$.test_keys.{name}", problems)
        for name, shape in shapes.items()
        if told.get(name) is not None
    }
    return msgspec.structs.replace(keys, **changed)


def _again(value: object, shape: object, path: str, problems: _Problems) -> msgspec.Raw:
    """What fits, as JSON once more."""
    fitting = _fitted(value, shape, path, problems)
    if fitting is _MISFIT:
        return NOTHING
    if shape is Keys and isinstance(value, dict):  # echcheck had handshakes in these places
        shaken = _struct(value, Handshake, path, _Problems())
        parts = {**msgspec.to_builtins(fitting), **msgspec.to_builtins(shaken)}
        return msgspec.Raw(msgspec.json.encode(parts))
    return msgspec.Raw(msgspec.json.encode(fitting))


def _fitted(value: object, shape: object, path: str, problems: _Problems) -> object:
    """The value as its place wants it, or ``_MISFIT`` once the problem is noted."""
    problems.look()
    if shape is msgspec.Raw:
        return msgspec.Raw(json.dumps(value).encode())
    if get_origin(shape) in {Union, UnionType}:
        return _one_of(value, shape, path, problems)
    if isinstance(value, (list, dict)):
        composed = _composed(value, shape, path, problems)
        if composed is not _MISFIT:
            return composed
    return _plain(value, shape, path, problems)


def _composed(value: object, shape: object, path: str, problems: _Problems) -> object:
    """An array or object, with those of its parts that fit; ``_MISFIT`` where none is wanted."""
    of = get_args(shape)
    if get_origin(shape) is list and isinstance(value, list):
        items = (_fitted(one, of[0], f"{path}[{i}]", problems) for i, one in enumerate(value))
        return [item for item in items if item is not _MISFIT]
    if get_origin(shape) is dict and isinstance(value, dict):
        pairs = [
            (key, _fitted(one, of[1], f"{path}.{key}", problems)) for key, one in value.items()
        ]
        return {key: one for key, one in pairs if one is not _MISFIT}
    if isinstance(shape, type) and issubclass(shape, msgspec.Struct) and isinstance(value, dict):
        return _struct(value, shape, path, problems)
    return _MISFIT


def _plain(value: object, shape: object, path: str, problems: _Problems) -> object:
    """A value without parts, or a pair of a header's name and value."""
    try:
        return msgspec.convert(value, shape, strict=False)
    except (msgspec.ValidationError, ValueError, OverflowError):
        problems.note(path, f"is {_kind(value)}")
        return _MISFIT


def _one_of(value: object, shape: object, path: str, problems: _Problems) -> object:
    """A value that may have one of several types, null mostly among them."""
    kinds = [kind for kind in get_args(shape) if kind is not NoneType]
    if value is None and len(kinds) < len(get_args(shape)):
        return None
    fitting = next((kind for kind in kinds if _takes(kind, value)), None)
    if fitting is not None:
        return _fitted(value, fitting, path, problems)
    return _plain(value, shape, path, problems)


def _takes(kind: object, value: object) -> bool:
    is_struct = isinstance(kind, type) and issubclass(kind, msgspec.Struct)
    if isinstance(value, dict):
        return is_struct or get_origin(kind) is dict
    return isinstance(value, list) and get_origin(kind) is list


def _struct(
    value: Mapping[str, object], shape: type[msgspec.Struct], path: str, problems: _Problems
) -> msgspec.Struct:
    """The struct with those of its fields that fit."""
    parts = {}
    for known in msgspec.structs.fields(shape):
        if known.name in value:
            of = f"{path}.{known.name}"
            part = _fitted(value[known.name], known.type, of, problems)
            if part is not _MISFIT:
                parts[known.name] = part
    return shape(**parts)


def _kind(value: object) -> str:
    """What a value is, in the words of JSON."""
    names = {dict: "an object", list: "an array", str: "a string", bool: "true or false"}
    if value is None:
        return "null"
    return names.get(type(value), "a number")
