"""The process that answers one question and ends; ``storage.asking`` starts it and speaks to it.

The system bounds it before it opens anything. Little is loaded here, so asking costs little.
"""

import resource
import sys
from collections.abc import Callable
from math import ceil

import msgspec

from storage.asking_sqlite import answer
from storage.question import Answer, Limits, No, Question, too_large

ENGINES: dict[str, Callable[[Question], Answer | No]] = {"sqlite": answer}
"""Who answers for which engine."""

_SPARE_SECONDS = 1
"""Of processor time, beyond what the engine's own clock allows."""


def main() -> None:
    """Read a question from stdin, and write its answer to stdout."""
    question = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Question)
    bound(question.limits)
    try:
        reply = msgspec.msgpack.encode(ENGINES[question.engine](question))
    except MemoryError:
        reply = msgspec.msgpack.encode(too_large(question.limits))
    sys.stdout.buffer.write(reply)


def bound(limits: Limits) -> None:
    """From here on this process writes to no file, and ends when it takes more than granted."""
    seconds = ceil(limits.seconds) + _SPARE_SECONDS
    for what, most in (
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, limits.memory_bytes),
    ):
        _, hard = resource.getrlimit(what)
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (allowed, allowed))
