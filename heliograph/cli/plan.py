"""What a run would contact, without contacting anything."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

import msgspec

from heliograph.cli import checks_around
from heliograph.cli.announced import announced
from heliograph.cli.compose import guard_of, refusing, resolver_of
from heliograph.cli.kinds import Split
from heliograph.cli.output import print_json, say
from heliograph.config import Config
from heliograph.model import SURROUNDINGS, StepKind, Target
from heliograph.plugin import Contact, Cost, PlannedProbe, Probe
from heliograph.text import counted, for_terminal
from heliograph.valid import is_address
from probes import BUILTIN
from probes.announcing import ALWAYS, MAY, NEVER, SECURE_PAGE, nobody
from probes.net.spending import MOST_CONNECTIONS, MOST_QUERIES
from probes.surroundings import MOST_NEAR, MOST_VISITED_NEAR, subject
from probes.web import WebProbe, cost

_OURS = frozenset(probe.name for probe in BUILTIN)
"""A probe that was told something is another object, of the same name."""


class Destination(Contact, frozen=True, kw_only=True, tag_field="kind", tag="destination"):
    """One place a run may send something to, and for which look."""

    target: str
    """Empty for what is sent once a run, whatever its targets."""
    probe: str


def show(config: Config, wanted: Split, probes: Sequence[Probe], *, json: bool) -> None:
    """Print every destination on stdout, and what a look at most costs."""
    left_out = (
        _destination(target, probe.name, nobody(reason))
        for target, reason in wanted.left_out
        for probe in probes
    )
    found = list(chain(destinations(config, wanted.targets, probes), left_out))
    for place in found:
        if json:
            print_json(place)
        else:
            of = "once a run" if place.probe == SURROUNDINGS else place.target
            line = f"{place.when:6} {place.probe:5} {of}  ->  {place.to}: {place.what}"
            print(for_terminal(line))
    looks = {(p.target, p.probe) for p in found if p.when != NEVER and p.probe != SURROUNDINGS}
    if len({target for target, _ in looks}) > 1 and not json:
        for line in in_short(found):
            print(for_terminal(line))
    if looks:
        made = [
            (target, probe)
            for target in wanted.targets
            for probe in probes
            if (target.url, probe.name) in looks
        ]
        _show_costs(config, made, json=json)
        _show_cost(config, made, json=json)


def in_short(found: Iterable[Destination]) -> Iterator[str]:
    """Each destination once, and for how many targets it is contacted."""
    by_destination: dict[str, list[Destination]] = {}
    for place in found:
        if place.when != NEVER:
            by_destination.setdefault(place.to, []).append(place)
    yield from ("", "In short, by destination:")
    for to, contacts in by_destination.items():
        always = {place.target for place in contacts if place.when == ALWAYS}
        may = {place.target for place in contacts} - always
        told = chain(_for_whom(always, ""), _for_whom(may, " if need be"))
        yield f"  {to}: {', '.join(told)}"
    yield ""


def _for_whom(targets: set[str], condition: str) -> Iterator[str]:
    named = len(targets - {""})
    if named:
        yield f"for {counted(named, 'target')}{condition}"
    if "" in targets:
        yield f"once a run{condition}"


class CostRow(Cost, frozen=True, kw_only=True, tag_field="kind", tag="cost"):
    """The most one look of a probe costs."""

    target: str
    probe: str


def _show_costs(config: Config, looks: Sequence[tuple[Target, Probe]], *, json: bool) -> None:
    """What each look costs of a probe that says so itself; looks that cost the same stand once."""
    rows = [
        CostRow(
            target=target.url,
            probe=probe.name,
            **msgspec.structs.asdict(probe.cost(target, config.network)),
        )
        for target, probe in looks
        if isinstance(probe, PlannedProbe)
    ]
    if json:
        for row in rows:
            print_json(row)
        return
    said = (
        f"One look by {row.probe} costs at most {row.packets} packets, {row.bytes / 1000:.0f} kB,"
        f" both ways together, and {row.seconds:g} seconds."
        for row in rows
    )
    for line in dict.fromkeys(said):
        print(line)


def _show_cost(config: Config, looks: Sequence[tuple[Target, Probe]], *, json: bool) -> None:
    """What one look costs at most, where all is well and where it is not, and what all cost."""
    tell = say if json else print
    if any(isinstance(probe, WebProbe) for _, probe in looks):
        most = cost(config.network)
        tell(
            f"One look at a healthy https target costs at most {most.connections} TCP connections"
            f" and {most.queries} DNS queries; what the control sends is not counted."
        )
    if not all(isinstance(probe, PlannedProbe) for _, probe in looks):
        whose = "a look" if not any(isinstance(p, PlannedProbe) for _, p in looks) else "any other"
        tell(
            f"However a target fails, {whose} at it ends at {MOST_CONNECTIONS} connections and"
            f" {MOST_QUERIES} DNS queries; over UDP, one that nobody answers is sent twice."
        )
    megabytes = config.limits.run_megabytes
    bound = f"; after {megabytes:g} MB no other look starts" if megabytes else ""
    each = [_most(config, target, probe) for target, probe in looks]
    connections, queries = (sum(numbers) for numbers in zip(*each, strict=True))
    tell(
        f"A look is one target by one probe, so this run makes {counted(len(looks), 'look')}."
        f" Should every one fail, that is {connections} connections and {queries} DNS queries and"
        f" other datagrams at most, and the surroundings besides{bound}."
    )


def _most(config: Config, target: Target, probe: Probe) -> tuple[int, int]:
    """Connections and datagrams at which a look ends, whatever happens."""
    if isinstance(probe, PlannedProbe):
        planned = probe.cost(target, config.network)
        return planned.connections, planned.queries
    return MOST_CONNECTIONS, MOST_QUERIES


def _destination(target: Target | None, probe: str, place: Contact) -> Destination:
    told = msgspec.structs.asdict(place)
    return Destination(target="" if target is None else target.url, probe=probe, **told)


def destinations(
    config: Config, targets: Sequence[Target], probes: Sequence[Probe]
) -> Iterator[Destination]:
    """Everything each probe may contact for each target."""
    refuse = refusing(guard_of(config))
    refused = {target.url: refuse(target) for target in targets}
    for target in targets:
        reason = refused[target.url]
        for probe in probes:
            found = _of_probe(config, target, probe) if reason is None else [nobody(reason)]
            for place in found:
                yield _destination(target, probe.name, place)
    looked_at = [
        target
        for target in targets
        if refused[target.url] is None and any(is_made(config, target, each) for each in probes)
    ]
    if looked_at:
        yield from _around(config, looked_at)


def is_made(config: Config, target: Target, probe: Probe) -> bool:
    """Whether a probe can look at a target at all, as far as is known before anything is sent."""
    return any(place.when != NEVER for place in _of_probe(config, target, probe))


def _of_probe(config: Config, target: Target, probe: Probe) -> Iterator[Contact]:
    if probe.name in _OURS or isinstance(probe, PlannedProbe):
        yield from announced(config, target, probe)
    else:
        what = "a probe of another package: read its page"
        yield Contact(to="wherever it chooses", what=what, when=MAY)


def _around(config: Config, targets: Sequence[Target]) -> Iterator[Destination]:
    """What is contacted once for all targets, before the first of them."""
    for place in checks_around.destinations(config):
        yield _destination(None, SURROUNDINGS, place)
    if subject(config.network) is not None:
        yield _destination(None, SURROUNDINGS, _near(config, targets))
    again = "the same again when more than half of ten looks fail, every 30 seconds at most"
    yield _destination(None, SURROUNDINGS, Contact(to="all of these", what=again, when=MAY))


def _near(config: Config, targets: Sequence[Target]) -> Contact:
    """What tells a shutdown from a broken line."""
    hosts = tuple(dict.fromkeys(t.host for t in targets if not is_address(t.host)))
    return Contact(
        to=f"{MOST_NEAR} of the targets at most, where nothing abroad is reached",
        what=f"asks for their names, and visits {MOST_VISITED_NEAR} whose addresses lie in this"
        " country: checks their certificates, asks for the time",
        when=MAY,
        hosts=hosts,
        ports=(resolver_of(config).port, 443, 80),
        kinds=(StepKind.DNS_QUERY, *SECURE_PAGE),
    )
