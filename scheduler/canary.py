"""The last look at a record before it is stored: does it still name the volunteer's computer?"""

from collections.abc import Callable, Iterable

import msgspec

from heliograph.model import Measurement, Step, Target, Verdict

WITHHELD = "an address of this computer was still in what was found, so nothing of it is kept"
"""Why a measurement that names the volunteer is stored without its evidence."""

_PLACES = ("pair", "host", "resolver", "address", "sni")
Scrub = Callable[[str], str]


def without_own(steps: Iterable[Step], scrub: Scrub, typed: str) -> tuple[Step, ...]:
    """The steps with own addresses taken out of their places, too.

    A redirect, a forged answer or a resolver on this very host can put one there. The host that
    the person typed stays as it is: they chose to write it down.
    """
    return tuple(_without_own(step, scrub, typed) for step in steps)


def _without_own(step: Step, scrub: Scrub, typed: str) -> Step:
    changed: dict[str, str] = {}
    for name in _PLACES:
        text = getattr(step, name)
        if text and text != typed and (scrubbed := scrub(text)) != text:
            changed[name] = scrubbed
    return msgspec.structs.replace(step, **changed) if changed else step


def names_us(measurement: Measurement, verdict: Verdict | None, scrub: Scrub) -> bool:
    """Whether anything in it but the target as it was typed holds an own address.

    The ids are left out: they are hashes, in which anything may seem to stand.
    """
    record = msgspec.structs.replace(measurement, id="")
    said = None if verdict is None else msgspec.structs.replace(verdict, measurement_id="")
    text = msgspec.json.encode([record, said]).decode()
    for typed in _as_typed(measurement.target):
        text = text.replace(typed, "")
    return scrub(text) != text


def _as_typed(target: Target) -> list[str]:
    """What the person chose, as it stands in JSON, the longest first."""
    texts = {target.input, target.url, target.host} - {""}
    spelled = (msgspec.json.encode(text).decode()[1:-1] for text in texts)
    return sorted(spelled, key=len, reverse=True)
