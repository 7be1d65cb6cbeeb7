"""The hops of a measurement: each redirect is a target of its own, with evidence of its own."""

from urllib.parse import urljoin

from analysis.evidence import Evidence
from analysis.once import kept
from analysis.outlines import same_end
from analysis.pages import redirects_to
from heliograph.model import Measurement, Target
from heliograph.url import BadTarget, parse_target


def hops(measurement: Measurement) -> tuple[Evidence, ...]:
    """The evidence of every hop that was gone, in order; at least that of the target itself."""
    found = [Evidence(measurement)]
    last = max([step.hop for step in measurement.steps], default=0)
    for hop in range(2, last + 1):
        target = _led_to(found[-1])
        if target is None:
            break
        found.append(Evidence(measurement, hop, target, found[-1]))
    return tuple(found)


@kept
def authentic(e: Evidence) -> bool:
    """Nobody in between can have led the way here: each redirect is the site's own.

    One over TLS is. One in the clear is believed when it stays with the host or below it (whoever
    answers there must prove it), or when a control was led to the same host. All are when the way
    ends with the page that a control, which followed redirects by itself, was shown at its end.
    """
    if e.remote.at_the_end and same_end(e.page, e.remote.page):
        return True
    before = e.before
    while before is not None:
        if before.plain and not _own_redirect(before, e.host):
            return False
        e, before = before, before.before
    return True


def _own_redirect(before: Evidence, host: str) -> bool:
    return stays_with(before.host, host) or before.agrees is True


def stays_with(host: str, other: str) -> bool:
    """The other name is the host, below it, or it without the ``www`` in front."""
    return other == host or other.endswith(f".{host}") or host == f"www.{other}"


def _led_to(e: Evidence) -> Target | None:
    location = redirects_to(e.page)
    if location is None:
        return None
    try:
        return parse_target(urljoin(e.target.url, location))
    except (BadTarget, ValueError):
        return None
