"""Documents damaged at random, in their bytes and in their meaning."""

import json
import random
from typing import Any

_BYTES = (
    b"\x00",
    b"\xff",
    b'"',
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\\",
    b"\\u",
    b"\n",
    b"-",
    b"9",
)
_VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    443,
    2**63,
    10**400,
    1e308,
    -0.5,
    "",
    "\x00",
    "\ud800",
    "a" * 70_000,
    "\u202e<title>",
    "1e999",
    "depth=99999999999",
    "[::1%eth0]:443",
    "999.1.1.1:443",
    "xn--" + "a" * 80,
    "http://[/",
    "https://user:word@site.example.org:22/",
    "unknown_failure: remote error: tls: handshake failure",
    [],
    {},
    [[]],
    [{}],
    [None],
    {"data": "!", "format": "base64"},
    {"data": "AAAA", "format": 7},
    {"": {"": {"": []}}},
)


def mutated(chance: random.Random, line: bytes) -> bytes:
    """The line with one to five things wrong with it."""
    for _ in range(chance.randint(1, 5)):
        line = _in_meaning(chance, line) if chance.random() < 0.7 else _in_bytes(chance, line)
    return line


def _in_bytes(chance: random.Random, line: bytes) -> bytes:
    place, length = chance.randrange(len(line) + 1), chance.randrange(20)
    way = chance.randrange(5)
    if way == 0:
        return line[:place]
    if way == 1:
        return line[:place] + line[place + length :]
    if way == 2:
        return line[:place] + line[place : place + length] * 2 + line[place + length :]
    if way == 3:
        return line[:place] + bytes([chance.randrange(256)]) + line[place + 1 :]
    return line[:place] + chance.choice(_BYTES) + line[place:]


def _in_meaning(chance: random.Random, line: bytes) -> bytes:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return _in_bytes(chance, line)
    changed = _changed(chance, found)
    text = json.dumps(changed, ensure_ascii=chance.random() < 0.5)
    return text.replace('"1e999"', "1e999").encode("utf-8", "surrogatepass")


def _changed(chance: random.Random, value: Any) -> Any:
    """The value with one part of it, however deep, replaced, doubled or taken away."""
    if not isinstance(value, (dict, list)) or not value or chance.random() < 0.05:
        return chance.choice(_VALUES)
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    key = chance.choice(keys)
    made = dict(value) if isinstance(value, dict) else list(value)
    way = chance.randrange(12)
    if way == 0:
        del made[key]
    elif way == 1 and isinstance(made, list):
        made *= chance.randint(2, 9)
    elif way == 2 and isinstance(made, dict):
        made[chance.choice(("", "\x00", "control", "x_new", "headers"))] = chance.choice(_VALUES)
    else:
        made[key] = _changed(chance, value[key])
    return made
