"""Looks by the trace probe, written by hand: how far each name got on a way of six hops."""

import msgspec

from heliograph.detail import Caught, HopTrial, SweepDetail
from heliograph.failure import Failure
from heliograph.model import PAIR_NOBODY, Measurement, Role, Step, StepKind, pair_at
from tests.unit.analysis.builders import CONTROL, HOST, REAL, WRONG, measured, system, written
from tests.unit.analysis.builders_control import SITE_ASN, in_network

LENGTH = 6
BEFORE, AFTER, TEST = Role.CONTROL_BEFORE, Role.CONTROL_AFTER, Role.TEST
PASSES = ("expired",) * 5 + ("answered",) * 3
RESET = ("expired", "expired") + ("reset",) * 6
DROPPED = ("expired", "expired") + ("silent",) * 6
AT_SERVER = ("expired",) * 5 + ("reset",) * 3
UNASKED = ("expired",) * 5 + ("silent",) * 3
FORGED = ("expired", "expired") + ("answered",) * 6


def trial(ttl: int, ended: str, answer: str = "", **more: object) -> HopTrial:
    made = HopTrial(
        ttl=ttl,
        ended=ended,
        expired=ended == "expired",
        answer=answer if ended == "answered" else "",
    )
    return msgspec.structs.replace(made, **more)


def sweep(
    name: str | None,
    role: Role,
    ends: tuple[str, ...],
    *,
    said: str = "tls",
    answer: str = "tls",
    trials: tuple[HopTrial, ...] | None = None,
    address: str = REAL,
) -> Step:
    made = trials or tuple(trial(n, end, answer) for n, end in enumerate(ends, start=1))
    return Step(
        kind=StepKind.HOP_PROBE,
        role=role,
        pair=PAIR_NOBODY if said == "dns" else pair_at(address, 443),
        host=name,
        address=address,
        port=443,
        failure=Failure.CONNECTION_RESET if "reset" in ends else None,
        detail=written(SweepDetail(said=said, trials=made)),
    )


WAY = (
    trial(1, "expired", inside=True),
    trial(2, "expired", inside=True),
    trial(3, "expired", asn=64508, network="Transit", country="XA"),
    trial(4, "expired", asn=64508, network="Transit", country="XA", router="203.0.113.4"),
    trial(5, "expired", asn=64509, network="Far", country="XB", router="203.0.113.5"),
)
"""Two inside, two of a network of their own, one of another; none in the server's."""
MUTE = tuple(trial(n, "silent") for n in range(1, 6))
PLACED = in_network(SITE_ASN, system(REAL))
"""The target's address, and whose network it is in."""


def routers(made: tuple[HopTrial, ...] = WAY) -> Step:
    return sweep(None, TEST, (), said="routers", trials=made)


def look(
    test: tuple[str, ...],
    again: tuple[str, ...] | None = None,
    *,
    before: tuple[str, ...] = PASSES,
    after: tuple[str, ...] = PASSES,
    said: str = "tls",
    answer: str = "tls",
    other: str = "alert 112",
    more: tuple[Step, ...] = (),
    context: tuple[str, ...] = (),
    way: tuple[HopTrial, ...] = WAY,
    placed: Step = PLACED,
) -> Measurement:
    """Control, target, control, and the target again if that is given."""
    steps = [
        sweep(CONTROL, BEFORE, before, said=said, answer=other),
        sweep(HOST, TEST, test, said=said, answer=answer),
        sweep(CONTROL, AFTER, after, said=said, answer=other),
    ]
    if again is not None:
        steps.append(sweep(HOST, TEST, again, said=said, answer=answer))
    return measured(placed, routers(way), *steps, *more, probe="trace", context=context)


def elsewhere(test: tuple[str, ...]) -> Measurement:
    """The target's name at another address than the control's."""
    return measured(
        sweep(CONTROL, BEFORE, PASSES, answer="alert 112"),
        sweep(HOST, TEST, test, address=WRONG),
        sweep(CONTROL, AFTER, PASSES, answer="alert 112"),
        sweep(HOST, TEST, test, address=WRONG),
        probe="trace",
    )


def asked(
    ends: tuple[str, ...],
    forged: str,
    *,
    other: tuple[str, ...] = UNASKED,
    routers: tuple[HopTrial, ...] | None = None,
) -> Measurement:
    """Queries where no resolver lives, beside a name that gets through."""
    return look(
        PASSES,
        more=(
            sweep(CONTROL, BEFORE, other, said="dns", answer=forged, trials=routers),
            sweep(HOST, TEST, ends, said="dns", answer=forged),
        ),
    )


def captured(*caught: Caught) -> Measurement:
    """Resets from the third hop on, and the packets that came for each."""
    hit = tuple(
        trial(n, "expired" if n < 3 else "reset", caught=caught if n >= 3 else ())
        for n in range(1, 9)
    )
    return measured(
        PLACED,
        routers(),
        sweep(CONTROL, BEFORE, PASSES, answer="alert 112"),
        sweep(HOST, TEST, RESET, trials=hit),
        sweep(CONTROL, AFTER, PASSES, answer="alert 112"),
        sweep(HOST, TEST, RESET, trials=hit),
        probe="trace-raw",
    )
