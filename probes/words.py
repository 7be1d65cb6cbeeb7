"""Which part of a text a filter acts on: filler of equal length for the rest, and bisection.

Filler keeps what holds a URL together, so that two requests differ in words alone and never in
their length or form. A text is cut into units: a character, or a percent-encoded byte.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from zlib import crc32

Span = tuple[int, int]
Triggers = Callable[[tuple[Span, ...]], Awaitable[bool]]
"""Whether a text still triggers of which these spans are kept."""

_UNIT = re.compile(r"%[0-9A-Fa-f]{2}|.", re.DOTALL)
_LETTERS = "bcdfghjkmnpqrstvwxz"
"""No vowels: they make no words."""
_LEAST_GAP = 3


def units(text: str) -> list[str]:
    """Characters, and percent-encoded bytes in one piece."""
    return _UNIT.findall(text)


def kept(text: str, spans: Sequence[Span], salt: str = "") -> str:
    """The text with filler in the place of all that is outside of these spans."""
    found = []
    for place, unit in enumerate(units(text)):
        inside = any(first <= place < past for first, past in spans)
        found.append(unit if inside else _filler(unit, f"{salt}{place}"))
    return "".join(found)


def _filler(unit: str, salt: str) -> str:
    """Another letter in the place of a unit, never its own; what is no letter stays."""
    place = crc32(salt.encode()) % len(_LETTERS)
    for letter in (_LETTERS[place], _LETTERS[place - 1]):
        encoded = f"%{ord(letter):02X}"
        if unit.startswith("%") and len(unit) > 1:
            if encoded != unit.upper():
                return encoded
        elif letter != unit.lower():
            return letter if unit.isalnum() else unit
    return unit


def shown(text: str, spans: Sequence[Span]) -> str:
    """What is kept, with an ellipsis between what does not hang together."""
    pieces = units(text)
    return " … ".join("".join(pieces[first:past]) for first, past in spans)


async def smallest(count: int, triggers: Triggers) -> tuple[Span, ...]:
    """The least of a text of so many units that still triggers; all of it is known to.

    One span, or two where a filter wants two words: the search is by halves, from the left, from
    the right, and then in the middle.
    """
    first = await _last_true(0, count, lambda n: triggers(((n, count),)))
    past = await _first_true(first, count, lambda n: triggers(((first, n),)))
    if past - first < 2 * _LEAST_GAP:
        return ((first, past),)
    third = (past - first) // 3
    left, right = first + third, past - third
    if not await triggers(((first, left), (right, past))):
        return await _at_separators(first, past, triggers)
    return await _without_middle(first, past, (left, right), triggers)


async def _at_separators(first: int, past: int, triggers: Triggers) -> tuple[Span, ...]:
    """The middle third is needed: but a few units around the very middle may not be."""
    middle = (first + past) // 2
    left, right = middle - 1, middle + 1
    if right - left >= past - first or not await triggers(((first, left), (right, past))):
        return ((first, past),)
    return await _without_middle(first, past, (left, right), triggers)


async def _without_middle(first: int, past: int, gap: Span, triggers: Triggers) -> tuple[Span, ...]:
    """Both words, as short as they can be; the gap between them is known not to matter."""
    left = await _first_true(first, gap[0], lambda n: triggers(((first, n), (gap[1], past))))
    right = await _last_true(gap[1], past, lambda n: triggers(((first, left), (n, past))))
    return ((first, left), (right, past))


async def _last_true(low: int, high: int, holds: Callable[[int], Awaitable[bool]]) -> int:
    """The largest number below ``high`` at which it holds; it does at ``low``."""
    while high - low > 1:
        middle = (low + high) // 2
        if await holds(middle):
            low = middle
        else:
            high = middle
    return low


async def _first_true(low: int, high: int, holds: Callable[[int], Awaitable[bool]]) -> int:
    """The smallest number above ``low`` at which it holds; it does at ``high``."""
    while high - low > 1:
        middle = (low + high) // 2
        if await holds(middle):
            high = middle
        else:
            low = middle
    return high
