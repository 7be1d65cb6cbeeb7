"""Whole surroundings: what is seen where nobody answers, somebody lies, or a clock is wrong."""

from heliograph.failure import Failure
from heliograph.model import PAIR_CHECK, PAIR_INNOCUOUS, PAIR_NOWHERE, Step
from tests.unit.analysis.around_steps import (
    CHECK,
    DOH,
    NAMES,
    NOWHERE,
    OUTDATED,
    PLACES,
    PORTAL,
    SERVFAIL,
    THEN,
    TIMEOUT,
    TWO_YEARS,
    UNKNOWN_CA,
    ask,
    connect,
    control_asked,
    lost,
    query,
    shake,
)


def silent() -> list[Step]:
    """Not even the resolver of this network says a word."""
    return [
        query(PAIR_CHECK, CHECK, failure=TIMEOUT),
        *(query(PAIR_INNOCUOUS, name, failure=TIMEOUT) for name in NAMES),
        *(query(PAIR_INNOCUOUS, name, resolver=DOH, failure=TIMEOUT) for name in NAMES),
        control_asked(TIMEOUT),
    ]


def unknown_to_system(name: str, failure: Failure = SERVFAIL) -> list[Step]:
    """A name that only others find, and that is proved where they lead."""
    place = PLACES[name]
    return [
        query(PAIR_INNOCUOUS, name, failure=failure),
        query(PAIR_INNOCUOUS, name, failure=failure),
        query(PAIR_INNOCUOUS, name, place, resolver=DOH),
        connect(PAIR_INNOCUOUS, name, place),
        shake(PAIR_INNOCUOUS, name, place),
    ]


def led_astray(name: str, to: str) -> list[Step]:
    """A name that the system's resolver leads elsewhere; others lead to the real place."""
    place = PLACES[name]
    return [
        query(PAIR_INNOCUOUS, name, to),
        query(PAIR_INNOCUOUS, name, place, resolver=DOH),
        connect(PAIR_INNOCUOUS, name, to),
        shake(PAIR_INNOCUOUS, name, to, UNKNOWN_CA, issuer="CN=Portal"),
        connect(PAIR_INNOCUOUS, name, place),
        shake(PAIR_INNOCUOUS, name, place),
    ]


def opened(name: str, issuer: str = "CN=Antivirus") -> list[Step]:
    """A name in whose place somebody else shows a certificate."""
    place = PLACES[name]
    return [
        query(PAIR_INNOCUOUS, name, place),
        connect(PAIR_INNOCUOUS, name, place),
        shake(PAIR_INNOCUOUS, name, place, UNKNOWN_CA, issuer=issuer),
    ]


def walled(*, others_silent: bool = True) -> list[Step]:
    """Every name is led to a portal without TLS."""
    steps = [query(PAIR_NOWHERE, NOWHERE, PORTAL)]
    for name in NAMES:
        steps += [
            query(PAIR_INNOCUOUS, name, PORTAL),
            connect(PAIR_INNOCUOUS, name, PORTAL, TIMEOUT),
        ]
        if others_silent:
            steps.append(query(PAIR_INNOCUOUS, name, resolver=DOH, failure=TIMEOUT))
    return steps


def later(name: str) -> list[Step]:
    """A name whose certificate is valid two years from now, at a server that says so."""
    place = PLACES[name]
    return [
        query(PAIR_INNOCUOUS, name, place),
        connect(PAIR_INNOCUOUS, name, place),
        shake(
            *(PAIR_INNOCUOUS, name, place, OUTDATED),
            dates=THEN,
            verification="certificate is not yet valid (code 9, depth 0)",
        ),
        ask(PAIR_INNOCUOUS, name, 200, ahead=-TWO_YEARS),
    ]


def lost_abroad() -> list[Step]:
    place = PLACES[CHECK]
    return [
        query(PAIR_CHECK, CHECK, place),
        connect(PAIR_CHECK, CHECK, place, TIMEOUT),
        *lost(NAMES[0]),
        *lost(NAMES[1]),
        control_asked(TIMEOUT),
    ]
