"""What ``doctor`` finds out about the network around this host: the look that begins every run."""

import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from analysis.surroundings import in_words, masking, mend_of
from heliograph.cli.checks import Found, fine, problem, untested
from heliograph.cli.compose import resolver_of, surroundings_of, vigil_of
from heliograph.cli.exits import ExitCode
from heliograph.cli.place import now
from heliograph.config import Config
from heliograph.control import places
from heliograph.plugin import Contact
from heliograph.trace import Trace
from probes.announcing import ALWAYS, PAGE, SECURE_PAGE, query
from probes.surroundings import MOST_CHECKS, MOST_RESOLVERS, innocuous

NAME = "surroundings"
_HARMLESS = frozenset({"no_ipv6", "nxdomain_rewritten"})
"""Flags with nothing to mend; a route to IPv6 is a check of its own."""


def destinations(config: Config) -> Iterator[Contact]:
    """Whom a look at the surroundings contacts, and for what."""
    names = innocuous(config.network)
    urls = config.network.connectivity_checks[:MOST_CHECKS]
    yield from map(_check, urls)
    checks = tuple(urlsplit(url).hostname or "" for url in urls)
    asked = f"asks for {', '.join((*names, 'a name that nobody has'))}"
    system = ", and for the hosts of connectivity checks" if checks else ""
    yield query(resolver_of(config), (*names, *checks), ALWAYS, f"{asked}{system}")
    for each in config.network.trusted_resolvers[:MOST_RESOLVERS]:
        yield query(each, names, ALWAYS, asked)
    for name in names:
        yield Contact(
            to=f"the address of {name}, port 443 or 80",
            what="checks its certificate, asks for the time",
            when=ALWAYS,
            hosts=(name,),
            ports=(443, 80),
            kinds=SECURE_PAGE,
        )
    for place in places(config) if names else ():
        yield Contact(
            to=place.url,
            what=f"asks it to look at https://{names[0]}/ from there",
            when=ALWAYS,
            hosts=(place.host,),
            ports=(place.port,),
            kinds=SECURE_PAGE,
        )


def _check(url: str) -> Contact:
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    return Contact(
        to=url,
        what="asks for it, after its address",
        when=ALWAYS,
        hosts=(parts.hostname or "",),
        ports=(parts.port or (443 if secure else 80),),
        kinds=SECURE_PAGE if secure else PAGE,
    )


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
