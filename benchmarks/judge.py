"""How many measurements a second are judged on one core, over the corpus; prints JSON.

``decoded`` is of measurements in memory, ``stored`` of the JSON they are stored as. Seconds are
those of the processor; medians of five rounds after one that warms up. Every pass has measurements
of its own, decoded anew, so that nothing worked out for one serves the next.
"""

import json
import statistics
import time
from collections.abc import Callable

import msgspec

from analysis.judge import judge
from heliograph.model import Measurement
from tests.unit.analysis.kept import corpus

ROUNDS = 5
LEAST_SECONDS = 1.0
"""Of judging in each round."""

_decoder = msgspec.json.Decoder(Measurement)
Pass = Callable[[list[bytes]], float]
"""Judges each once and returns the seconds it took."""


def main() -> None:
    """Measure and print."""
    stored = [msgspec.json.encode(kept.measurement) for kept in corpus()]
    told = {
        "measurements": len(stored),
        "kilobytes_each": round(sum(map(len, stored)) / len(stored) / 1000, 1),
        "decoded_a_second": round(median(_of_decoded, stored)),
        "stored_a_second": round(median(_of_stored, stored)),
    }
    print(json.dumps(told))


def median(once: Pass, stored: list[bytes]) -> float:
    """Measurements a second: of the rounds after the first, the one in the middle."""
    return statistics.median([_rate(once, stored) for _ in range(1 + ROUNDS)][1:])


def _rate(once: Pass, stored: list[bytes]) -> float:
    judged, seconds = 0, 0.0
    while seconds < LEAST_SECONDS:
        seconds += once(stored)
        judged += len(stored)
    return judged / seconds


def _of_decoded(stored: list[bytes]) -> float:
    looks = [_decoder.decode(text) for text in stored]
    began = time.process_time()
    for look in looks:
        judge(look)
    return time.process_time() - began


def _of_stored(stored: list[bytes]) -> float:
    began = time.process_time()
    for text in stored:
        judge(_decoder.decode(text))
    return time.process_time() - began


if __name__ == "__main__":
    main()
