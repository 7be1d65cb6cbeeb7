"""A record that tells the hour and no more, for a page that is given to somebody one trusts.

Whoever keeps a provider's logs can find the line a visit came from by its second, and by the port
it came from. What a page's own text says of the time stays as it is, and so does all else: what
everybody may read is made by storage.packages.public.
"""

import re

import msgspec

from heliograph.detail import HttpDetail, read
from heliograph.ids import with_id
from heliograph.model import Measurement, Step, StepKind
from storage.ooni.own import UNREADABLE

# RFC 9110, 5.6.7: the date as headers write it, and its two obsolete forms; RFC 6265: in cookies.
_CLOCK = re.compile(r"(?<![0-9:])([0-2][0-9]):[0-5][0-9]:[0-6][0-9](?![0-9:])")


def coarsened(measurement: Measurement) -> Measurement:
    """The measurement as of the full hour: no minutes, no source ports, under an id of its own.

    The steps, and so the verdict, are otherwise the same. The id of the record itself must not
    stand beside it: made from the exact second, it would let anybody find that by trying.
    """
    return with_id(
        msgspec.structs.replace(
            measurement,
            started=measurement.started.replace(minute=0, second=0, microsecond=0),
            steps=tuple(map(_coarse, measurement.steps)),
        )
    )


def _coarse(step: Step) -> Step:
    detail = step.detail
    if step.kind is StepKind.HTTP_EXCHANGE and _CLOCK.search(detail):
        detail = _without_clock(step)
    return msgspec.structs.replace(step, source_port=None, detail=detail)


def _without_clock(step: Step) -> str:
    """The detail with the hour alone in its headers; with no headers where it can't be read."""
    try:
        found = read(step, HttpDetail)
    except UNREADABLE:
        return "{}"
    headers = tuple((name, _CLOCK.sub(r"\1:00:00", value)) for name, value in found.headers)
    return msgspec.json.encode(msgspec.structs.replace(found, headers=headers)).decode()
