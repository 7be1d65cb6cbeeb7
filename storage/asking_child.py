"""The process that answers one question and ends; ``storage.asking`` starts it and speaks to it.

The system bounds it before it opens anything. Little is loaded here, so asking costs little.
"""

import resource
import sys
from collections.abc import Callable
from importlib import import_module
from math import ceil
from typing import cast

import msgspec

from storage.question import MEGABYTE, Answer, Limits, No, Question, too_large

ENGINES = ("sqlite", "postgresql", "duckdb")
"""Each has a module ``storage.asking_NAME`` whose ``answer`` answers."""

_MODULES = {"postgresql": "postgres"}
_RESERVED = {"duckdb": 1024 * MEGABYTE}
"""Of addresses, that an engine sets aside when it starts and never fills."""
_STARTING = {"duckdb": 1}
"""Seconds of processor time that an engine's start may take on a slow computer."""

_SPARE_SECONDS = 1
"""Of processor time, beyond what the engine's own clock allows."""


def main() -> None:
    """Read a question from stdin, and write its answer to stdout."""
    question = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Question)
    engine = question.engine
    bound(question.limits, _RESERVED.get(engine, 0), _STARTING.get(engine, 0))
    try:
        reply = msgspec.msgpack.encode(answerer(question.engine)(question))
    except MemoryError:
        reply = msgspec.msgpack.encode(too_large(question.limits))
    sys.stdout.buffer.write(reply)


def answerer(engine: str) -> Callable[[Question], Answer | No]:
    """Who answers for the engine; no other engine is loaded."""
    module = import_module(f"storage.asking_{_MODULES.get(engine, engine)}")
    return cast("Callable[[Question], Answer | No]", module.answer)


def bound(limits: Limits, reserved: int = 0, starting: int = 0) -> None:
    """From here on this process writes to no file, and ends when it takes more than granted.

    ``reserved`` bytes of addresses may be set aside beyond what is granted to be filled, and
    ``starting`` seconds of processor time be spent beyond what is granted to answer.
    """
    seconds = ceil(limits.seconds) + _SPARE_SECONDS + starting
    for what, most in (
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_DATA, limits.memory_bytes),
        (resource.RLIMIT_AS, limits.memory_bytes + reserved),
    ):
        _, hard = resource.getrlimit(what)
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (allowed, allowed))
