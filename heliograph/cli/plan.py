"""What a run would contact, without contacting anything."""

from collections.abc import Iterator, Sequence
from itertools import chain

import msgspec

from heliograph.cli import checks_around
from heliograph.cli.compose import guard_of, refusing, resolver_of
from heliograph.cli.kinds import Split
from heliograph.cli.output import print_json, say
from heliograph.config import Config, is_address
from heliograph.control import places
from heliograph.model import SURROUNDINGS, Target
from heliograph.plugin import Probe
from heliograph.text import for_terminal
from probes import BUILTIN
from probes.answers import MOST_CONTROLS
from probes.surroundings import subject
from probes.web import WebProbe, cost, first_asked


class Destination(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="destination"):
    """One place a run may send something to."""

    target: str
    probe: str
    to: str
    what: str
    when: str
    """``always``, ``may`` (when it compares, or the first look needs a second one), ``never``."""


def show(config: Config, wanted: Split, probes: Sequence[Probe], *, json: bool) -> None:
    """Print every destination on stdout, and what a look at most costs."""
    left_out = (
        Destination(target=target.url, probe=probe.name, to=to, what=what, when=when)
        for target, reason in wanted.left_out
        for probe in probes
        for to, what, when in _nowhere(reason)
    )
    for place in chain(destinations(config, wanted.targets, probes), left_out):
        if json:
            print_json(place)
        else:
            line = f"{place.when:6} {place.probe:5} {place.target}  ->  {place.to}: {place.what}"
            print(for_terminal(line))
    if any(isinstance(probe, WebProbe) for probe in probes):
        _show_cost(config, json=json)


def _show_cost(config: Config, *, json: bool) -> None:
    most = cost(config.network)
    told = (
        f"One look at a healthy https target costs at most {most.connections} TCP connections"
        f" and {most.queries} DNS queries; what the control sends is not counted."
    )
    if json:
        say(told)
    else:
        print(told)


def destinations(
    config: Config, targets: Sequence[Target], probes: Sequence[Probe]
) -> Iterator[Destination]:
    """Everything each probe may contact for each target."""
    refuse = refusing(guard_of(config))
    for target in targets:
        reason = refuse(target)
        for probe in probes:
            places = _of_probe(config, target, probe) if reason is None else _nowhere(reason)
            for to, what, when in places:
                yield Destination(target=target.url, probe=probe.name, to=to, what=what, when=when)
    if targets:
        yield from _around(config)


def _around(config: Config) -> Iterator[Destination]:
    """What is contacted once for all targets, before the first of them."""
    filed_under = subject(config.network)
    if filed_under is None:
        return
    always = ((*place, "always") for place in checks_around.destinations(config))
    near = "some of the targets whose addresses lie in this country"
    when_lost = "checks their certificates when nothing abroad is reached"
    for to, what, when in (*always, (near, when_lost, "may")):
        yield Destination(target=filed_under.url, probe=SURROUNDINGS, to=to, what=what, when=when)


_Place = tuple[str, str, str]


def _nowhere(reason: str) -> Iterator[_Place]:
    yield "nobody", f"skipped: {reason}", "never"


def _of_probe(config: Config, target: Target, probe: Probe) -> Iterator[_Place]:
    if probe in BUILTIN:
        browsing = isinstance(probe, WebProbe)
        yield from _first_look(config, target)
        if browsing:
            yield "wherever its redirects lead", "the same again, for at most ten hops", "may"
        yield from _comparisons(config, target, browsing=browsing)
        yield from _controls(config, target, browsing=browsing)
        yield from _bootstraps(config)
    else:
        yield "wherever it chooses", "a probe of another package: read its page", "may"


def _first_look(config: Config, target: Target) -> Iterator[_Place]:
    if is_address(target.host):
        yield f"{target.host} port {target.port}", "connects", "always"
        return
    yield str(resolver_of(config)), f"asks for {target.host}", "always"
    where = f"the addresses it gives, port {target.port}"
    yield where, f"connects for {target.host}", "always"


def _controls(config: Config, target: Target, *, browsing: bool) -> Iterator[_Place]:
    when = "always" if browsing else "may"
    for place in places(config):
        to = place.url if place.address is None else f"{place.url} at {place.address}"
        yield to, f"asks it to look at {target.url} from there", when


def _comparisons(config: Config, target: Target, *, browsing: bool) -> Iterator[_Place]:
    port = target.port
    tls_port = port if target.scheme == "https" else 443
    if not is_address(target.host):
        always = first_asked(config.network) if browsing else ()
        for trusted in config.network.trusted_resolvers:
            when = "always" if trusted in always else "may"
            yield str(trusted), f"asks for {target.host}", when
        for address in config.network.injection_probe_addresses[:MOST_CONTROLS]:
            yield f"{address} port 53", f"asks for {target.host}, where nobody answers", "may"
        yield (
            f"the addresses these give, port {tls_port}",
            f"checks the certificate for {target.host}",
            "may",
        )
    for name in config.network.controls_for(target.host)[:MOST_CONTROLS]:
        yield str(resolver_of(config)), f"asks for {name}", "may"
        yield f"the addresses of {target.host}, port {port}", f"says {name} instead", "may"
        usual = 80 if target.scheme == "http" else 443
        asked = f"asks in the clear for a page of {target.host}, and of {name}"
        yield f"the addresses {target.host} is led to, port 80", asked, "may"
        ports = ", ".join(str(p) for p in sorted({port, tls_port, usual}))
        said = f"says {name}, {target.host} and a name nobody has"
        yield f"the addresses of {name}, port {ports}", said, "may"


def _bootstraps(config: Config) -> Iterator[_Place]:
    """A trusted resolver given by name only has to be found first."""
    for trusted in config.network.trusted_resolvers:
        if trusted.address is None:
            yield str(resolver_of(config)), f"asks for {trusted.host}", "may"
