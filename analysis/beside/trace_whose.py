"""Whose doing it may be: whether what befalls a name does so outside its server's own network.

A site's own balancer or shield stands hops before its server, and may end the connection for the
names it knows, or turn visitors away. So nobody else is accused of what happens in the network of
the server's address, or on the link into it. A router at the border often bears an address of the
network next to it: only one farther on proves that the border is not yet reached.
"""

import re
from urllib.parse import urlsplit

from analysis.beside.trace_seen import Names, TraceFacts
from analysis.chain import stays_with
from heliograph.detail import HopTrial
from heliograph.model import ConfidenceWord

_KINDS = {"reset": "reset", "closed": "eof"}
_LOCATION = re.compile(r"^location:[ \t]*(\S+)\r?\n", re.IGNORECASE | re.MULTILINE)
"""To its end: only the beginning of an answer is kept."""
_TIMES, _SECONDS = 2, 0.005
"""So much sooner than the server at least, for it not to be where the server is."""


def befalls(f: TraceFacts) -> tuple[str, int] | None:
    """What is done to the target's name alone short of its server, as a technique, and from which
    hop on; None where nothing is, or another name that was stopped before may explain it."""
    names = f.names
    if names is None or f.disturbed:
        return None
    acted = names.acted()
    if acted is not None:
        ended, hop = acted
        return f"{names.said}.{_kind(names.said, ended, names.test[hop].answer)}", hop
    hop = names.swallowed() or 0
    return (f"{names.said}.timeout", hop) if hop else None


def _kind(said: str, ended: str, answer: str) -> str:
    if ended != "answered":
        return _KINDS[ended]
    if said == "tls":
        return "alert" if answer.startswith("alert") else "mitm"
    return "redirect" if answer.partition(" ")[2].startswith("3") else "blockpage"


def proof(f: TraceFacts) -> ConfidenceWord | None:
    """How surely it happens outside the server's network; None: the site itself may do it.

    Confirmed by a router farther on that is in another network, likely by the router at the hop.
    Where no router tells, likely by the time alone: long before the server can have answered.
    """
    found = befalls(f)
    if found is None or f.names is None or f.names.length is None:
        return None
    hop, way = found[1], {n: router for n, router in f.hops.items() if n < f.names.length}
    if any(_is_own(f, router) for n, router in way.items() if n <= hop):
        return None
    if any(_is_others(f, router) for n, router in way.items() if n > hop):
        return ConfidenceWord.CONFIRMED
    if hop in way and _is_others(f, way[hop]):
        return ConfidenceWord.LIKELY
    near = not any(_is_own(f, router) for router in way.values()) and _is_sooner(f.names, hop)
    return ConfidenceWord.LIKELY if near else None


def _is_own(f: TraceFacts, router: HopTrial) -> bool:
    number = f.measurement.vantage.asn if router.inside else router.asn
    return f.owner is not None and number == f.owner


def _is_others(f: TraceFacts, router: HopTrial) -> bool:
    """It is known to be in another network than the server's address, or in the vantage's own."""
    if router.inside:
        return not _is_own(f, router)
    return None not in {router.asn, f.owner} and router.asn != f.owner


def _is_sooner(names: Names, hop: int) -> bool:
    """The answer came in less than half the time that the server takes over another name.

    Of handshakes alone: over a request a server may think as long as it likes.
    """
    length = names.length or 0
    whole = [(n, t) for sweep in (names.before, names.after) for n, t in sweep.items()]
    server = [t.after for n, t in whole if n >= length and t.after is not None]
    theirs = [t.after for n, t in names.test.items() if hop <= n < length and t.after is not None]
    if names.said != "tls" or not server or not theirs:
        return False
    return min(theirs) * _TIMES < min(server) and min(server) - min(theirs) > _SECONDS


def leads_elsewhere(f: TraceFacts, hop: int) -> bool:
    """The answer there is seen to lead to another site, which many a site's own does not."""
    assert f.names is not None
    found = _LOCATION.search(f.names.test[hop].answer)
    try:
        host = None if found is None else urlsplit(found[1]).hostname
    except ValueError:
        return False
    return host is not None and not stays_with(f.host, host)
