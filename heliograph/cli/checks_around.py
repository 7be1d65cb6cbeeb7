"""What ``doctor`` finds out about the network around this host: the look that begins every run."""

import time
from collections.abc import Iterator

from analysis.surroundings import in_words, masking, mend_of
from heliograph.cli.checks import Found, fine, problem, untested
from heliograph.cli.compose import resolver_of, surroundings_of, vigil_of
from heliograph.cli.exits import ExitCode
from heliograph.cli.place import now
from heliograph.config import Config
from heliograph.control import places
from heliograph.trace import Trace
from probes.surroundings import MOST_CHECKS, MOST_RESOLVERS, innocuous

NAME = "surroundings"
_HARMLESS = frozenset({"no_ipv6", "nxdomain_rewritten"})
"""Flags with nothing to mend; a route to IPv6 is a check of its own."""


def destinations(config: Config) -> Iterator[tuple[str, str]]:
    """Whom a look at the surroundings contacts, and for what."""
    names = innocuous(config.network)
    resolver = str(resolver_of(config))
    for url in config.network.connectivity_checks[:MOST_CHECKS]:
        yield url, f"asks {resolver} for its address, then asks for it"
    others = [str(each) for each in config.network.trusted_resolvers[:MOST_RESOLVERS]]
    for each in (resolver, *others):
        yield each, f"asks for {', '.join((*names, 'a name that nobody has'))}"
    for name in names:
        yield f"the address of {name}, port 443 or 80", "checks its certificate, asks for the time"
    for place in places(config) if names else ():
        yield place.url, f"asks it to look at https://{names[0]}/ from there"


async def look(config: Config) -> list[Found]:
    """What holds of the surroundings, one row for each flag, with its mend."""
    around = surroundings_of(config)
    vigil = vigil_of(around)
    if vigil.target is None:
        return [untested(NAME, "neither network.connectivity_checks nor control_names is set")]
    await vigil.look(Trace(time.monotonic, around.scrubber.scrub), now(), ())
    found = [flag for flag in vigil.context if flag.partition(":")[0] not in _HARMLESS]
    if not found:
        return [fine(NAME, "nothing in this network stands in the way of measurements")]
    return [_row(flag) for flag in found]


def _row(flag: str) -> Found:
    code = ExitCode.OFFLINE if flag in {"offline", "captive_portal"} else None
    told = in_words(flag)
    if masking((flag,)):
        told = f"{told}; verdicts stay inconclusive"
    return problem(f"{NAME} {flag}", told, mend_of(flag), code)
