"""What a run would contact, without contacting anything."""

from collections.abc import Iterator, Sequence
from itertools import chain

import msgspec

from heliograph.cli import checks_around
from heliograph.cli.announced import MAY, NEVER, Place, announced, nobody
from heliograph.cli.compose import guard_of, refusing
from heliograph.cli.kinds import Split
from heliograph.cli.output import print_json, say
from heliograph.config import Config
from heliograph.model import SURROUNDINGS, Target
from heliograph.plugin import Probe
from heliograph.text import for_terminal
from probes import BUILTIN
from probes.net.spending import MOST_CONNECTIONS, MOST_QUERIES
from probes.surroundings import MOST_NEAR, MOST_VISITED_NEAR, subject
from probes.web import WebProbe, cost


class Destination(Place, frozen=True, kw_only=True, tag_field="kind", tag="destination"):
    """One place a run may send something to, and for which look."""

    target: str
    probe: str


def show(config: Config, wanted: Split, probes: Sequence[Probe], *, json: bool) -> None:
    """Print every destination on stdout, and what a look at most costs."""
    left_out = (
        _destination(target, probe.name, nobody(reason))
        for target, reason in wanted.left_out
        for probe in probes
    )
    looked_at = False
    for place in chain(destinations(config, wanted.targets, probes), left_out):
        looked_at = looked_at or (place.when != NEVER and place.probe != SURROUNDINGS)
        if json:
            print_json(place)
        else:
            line = f"{place.when:6} {place.probe:5} {place.target}  ->  {place.to}: {place.what}"
            print(for_terminal(line))
    if looked_at:
        _show_cost(config, probes, json=json)


def _show_cost(config: Config, probes: Sequence[Probe], *, json: bool) -> None:
    tell = say if json else print
    if any(isinstance(probe, WebProbe) for probe in probes):
        most = cost(config.network)
        tell(
            f"One look at a healthy https target costs at most {most.connections} TCP connections"
            f" and {most.queries} DNS queries; what the control sends is not counted."
        )
    if any(probe in BUILTIN for probe in probes):
        tell(
            f"However a target fails, a look at it ends at {MOST_CONNECTIONS} connections and"
            f" {MOST_QUERIES} DNS queries; over UDP, one that nobody answers is sent twice."
        )


def _destination(target: Target, probe: str, place: Place) -> Destination:
    told = msgspec.structs.asdict(place)
    return Destination(target=target.url, probe=probe, **told)


def destinations(
    config: Config, targets: Sequence[Target], probes: Sequence[Probe]
) -> Iterator[Destination]:
    """Everything each probe may contact for each target."""
    refuse = refusing(guard_of(config))
    for target in targets:
        reason = refuse(target)
        for probe in probes:
            found = _of_probe(config, target, probe) if reason is None else [nobody(reason)]
            for place in found:
                yield _destination(target, probe.name, place)
    if targets:
        yield from _around(config)


def _of_probe(config: Config, target: Target, probe: Probe) -> Iterator[Place]:
    if probe in BUILTIN:
        yield from announced(config, target, probe)
    else:
        what = "a probe of another package: read its page"
        yield Place(to="wherever it chooses", what=what, when=MAY)


def _around(config: Config) -> Iterator[Destination]:
    """What is contacted once for all targets, before the first of them."""
    filed_under = subject(config.network)
    if filed_under is None:
        return
    for to, what in checks_around.destinations(config):
        yield _destination(filed_under, SURROUNDINGS, Place(to=to, what=what, when="always"))
    near = f"{MOST_NEAR} of the targets at most, where nothing abroad is reached"
    what = (
        f"asks for their names, and visits {MOST_VISITED_NEAR} whose addresses lie in this country:"
        " checks their certificates, asks for the time"
    )
    yield _destination(filed_under, SURROUNDINGS, Place(to=near, what=what, when=MAY))
    again = "the same again when more than half of ten looks fail, every 30 seconds at most"
    yield _destination(filed_under, SURROUNDINGS, Place(to="all of these", what=again, when=MAY))
