"""What a package for everybody tells: enough to say what is blocked in a country, and not by whom
it was seen.

A record names no vantage, so nobody can tell from a database how many vantages its measurements
of one country, network and day come from; of a volunteer's own it is one. Every such cell is
therefore below ``LEAST_VANTAGES`` and is masked: the day stands for the moment, the country for the
network. So that nothing else gives the network away, what was seen of it is left out: addresses
(answers and caches are often the provider's own), resolvers, names other than the target's (a
provider's block page), and the details. Lengths and amounts are rounded, since whoever keeps a
provider's logs could find a connection by them. What remains of each step says what was done, in
which trial, and how it failed.
"""

import re
from collections.abc import Callable
from math import ceil

import msgspec

from heliograph.ids import with_id
from heliograph.model import WITHHELD, Measurement, Step, Vantage, Verdict

LEAST_VANTAGES = 3
"""Fewer of a country, network and day are masked."""

SOURCE = "public package of heliograph"
"""The ``source`` of a masked record: who reads it can't take it for one of their own."""

TRIAL = "trial "
"""Begins the names of the trials of a masked record."""

EXPLANATION = (
    "The sentence is withheld, since it may name a network; the rules that fired say what was seen."
)
_KIBIBYTE = 1024
_IN_TENTHS = "rounded to tenths of a second here"
_IN_KIBIBYTES = "rounded up to KiB here, step by step: a sum is at most so much"
ROUNDED = {
    ("measurements", "seconds"): _IN_TENTHS,
    ("steps", "started"): _IN_TENTHS,
    ("steps", "seconds"): _IN_TENTHS,
    ("steps", "bytes_sent"): _IN_KIBIBYTES,
    ("steps", "bytes_received"): _IN_KIBIBYTES,
}
"""What is to be said of columns, by table and name, where a record is ``published``."""
_ANOMALY = re.compile(r"[a-z]+\.[a-z_]+")
_SCHEME = re.compile("(?:udp|tcp|tls|https)(?=://)")


def published(measurement: Measurement, number: int = 1) -> Measurement:
    """The measurement as of its day and country, under an id of its own.

    Several looks can be masked into the same; ``number`` tells the second and third from the first.
    """
    target = measurement.target
    numbered: dict[str, str] = {}
    return with_id(
        msgspec.structs.replace(
            measurement,
            target=msgspec.structs.replace(target, input=target.url),
            vantage=Vantage(country=measurement.vantage.country, source=WITHHELD),
            started=measurement.started.replace(hour=0, minute=0, second=0, microsecond=0),
            seconds=_tenths(measurement.seconds),
            reason=None,
            campaign=None,
            consent=None,
            stack=None,
            context=tuple(dict.fromkeys(map(_flag, measurement.context))),
            steps=tuple(
                _masked(step, target.host, lambda pair: _number(pair, numbered))
                for step in measurement.steps
            ),
            source=SOURCE if number == 1 else f"{SOURCE}, look {number} of this kind",
        )
    )


def is_public(measurement: Measurement) -> bool:
    """Whether it comes from a package for everybody: it tells the day and the country alone."""
    return (measurement.source or "").startswith(SOURCE)


def published_verdict(verdict: Verdict, measurement_id: str) -> Verdict:
    """The verdict on the measurement of that id, without what names places."""
    return msgspec.structs.replace(
        verdict,
        measurement_id=measurement_id,
        explanation=EXPLANATION,
        anomalies=tuple(
            dict.fromkeys(
                found[0]
                for said in verdict.anomalies
                if (found := _ANOMALY.match(said)) is not None
            )
        ),
    )


def _masked(step: Step, host: str, number: Callable[[str], str]) -> Step:
    scheme = None if step.resolver is None else _SCHEME.match(step.resolver)
    return Step(
        kind=step.kind,
        role=step.role,
        pair=None if step.pair is None else number(step.pair),
        hop=step.hop,
        host=host if step.host == host else None,
        resolver=None if scheme is None else scheme[0],
        port=step.port,
        sni=host if step.sni == host else None,
        started=_tenths(step.started),
        seconds=_tenths(step.seconds),
        bytes_sent=_kibibytes(step.bytes_sent),
        bytes_received=_kibibytes(step.bytes_received),
        failure=step.failure,
    )


def _number(pair: str, numbered: dict[str, str]) -> str:
    """The name of a trial may hold an address, so trials are counted."""
    return numbered.setdefault(pair, f"{TRIAL}{len(numbered) + 1}")


def _flag(flag: str) -> str:
    """A context flag without what stands after its colon: addresses, reasons."""
    return flag.partition(":")[0]


def _tenths(seconds: float) -> float:
    return round(seconds, 1)


def _kibibytes(count: int) -> int:
    return ceil(count / _KIBIBYTE) * _KIBIBYTE
