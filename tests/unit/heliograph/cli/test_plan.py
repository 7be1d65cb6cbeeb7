"""A dry run in short: each destination once, and for how many targets."""

import pytest

from heliograph.cli.kinds import Split
from heliograph.cli.plan import Destination, destinations, in_short, is_made, show
from heliograph.config import Config, NetworkConfig, Resolver
from heliograph.model import SURROUNDINGS, StepKind, Target
from heliograph.plugin import Contact, Cost, PlannedProbe
from heliograph.url import parse_target
from probes import BUILTIN
from probes.tls import TlsProbe

CONFIG = Config(
    network=NetworkConfig(
        resolver=Resolver.parse("udp://192.0.2.53"),
        trusted_resolvers=(Resolver.parse("udp://192.0.2.3"),),
        control_names=("control.example", "other.example"),
        connectivity_checks=("http://check.example/204",),
    )
)


def planned(*targets: str) -> list[Destination]:
    web = next(probe for probe in BUILTIN if probe.name == "web")
    return list(destinations(CONFIG, [parse_target(target) for target in targets], [web]))


def test_each_destination_stands_once_with_how_often() -> None:
    lines = list(in_short(planned("a.example", "b.example", "c.example")))
    told = dict(line.strip().rpartition(": ")[::2] for line in lines if line.startswith("  "))

    assert told["udp://192.0.2.53"] == "for 3 targets, once a run"
    assert told["wherever its redirects lead"] == "for 3 targets if need be"
    assert told["http://check.example/204"] == "once a run"
    assert len(told) == len([line for line in lines if line.startswith("  ")])


def test_what_is_sent_once_a_run_stands_under_no_target_and_names_hosts_ports_and_steps() -> None:
    around = [place for place in planned("a.example") if place.probe == SURROUNDINGS]

    assert {place.target for place in around} == {""}
    for place in around:
        assert place.to == "all of these" or (place.hosts and place.ports and place.kinds)
    (near,) = [place for place in around if "of the targets at most" in place.to]
    assert near.hosts == ("a.example",)
    assert near.kinds[0] is StepKind.DNS_QUERY


def test_where_no_target_may_be_looked_at_nobody_is_contacted() -> None:
    assert [(place.to, place.when) for place in planned("127.0.0.1")] == [("nobody", "never")]


@pytest.mark.parametrize(("name", "why"), [("keyword", "sink"), ("content", "--targets")])
def test_where_no_probe_can_look_at_any_target_nobody_is_contacted(name: str, why: str) -> None:
    probe = next(probe for probe in BUILTIN if probe.name == name)
    (place,) = destinations(CONFIG, [parse_target("https://a.example/")], [probe])

    assert (place.to, place.when) == ("nobody", "never")
    assert why in place.what
    assert not is_made(CONFIG, parse_target("https://a.example/"), probe)


def test_one_probe_that_can_look_at_a_target_is_enough_to_ask_about_the_surroundings() -> None:
    probes = [probe for probe in BUILTIN if probe.name in {"web", "keyword"}]
    found = destinations(CONFIG, [parse_target("https://a.example/")], probes)

    assert any(place.probe == SURROUNDINGS for place in found)


def test_a_redirect_may_tell_its_host_to_all_innocuous_servers() -> None:
    (redirects,) = [p for p in planned("a.example") if p.to == "wherever its redirects lead"]

    assert "control.example and other.example" in redirects.what


def told_of(
    capsys: pytest.CaptureFixture[str], *probes: str, target: str = "https://site.example/"
) -> str:
    chosen = [probe for probe in BUILTIN if probe.name in probes]
    show(CONFIG, Split((parse_target(target),), (), ()), chosen, json=False)
    return capsys.readouterr().out


def test_a_run_s_most_is_that_of_each_probe_and_not_of_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    trace = next(probe for probe in BUILTIN if probe.name == "trace")
    assert isinstance(trace, PlannedProbe)
    cost = trace.cost(parse_target("https://site.example/"), CONFIG.network)

    alone, both = told_of(capsys, "trace"), told_of(capsys, "trace", "web")

    assert f"that is {cost.connections} connections and {cost.queries} DNS queries" in alone
    assert "24 connections" not in alone
    assert f"that is {cost.connections + 24} connections and {cost.queries + 80} DNS" in both
    assert "any other at it ends at 24 connections" in both


def test_a_look_that_is_not_made_costs_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    told = told_of(capsys, "throttle", "web", target="http://site.example/")

    assert "One look by throttle" not in told
    assert "this run makes 1 look." in told


class Foreign(TlsProbe):
    """Of another package, and says whom it contacts."""

    name = "foreign"

    def cost(self, target: Target, settings: NetworkConfig) -> Cost:
        return Cost(connections=1, packets=9, bytes=900, seconds=1)

    def plan(
        self, target: Target, settings: NetworkConfig, resolver: Resolver
    ) -> tuple[Contact, ...]:
        return (Contact(to="there", what="says it", when="always"),)


def test_a_probe_of_another_package_that_says_whom_it_contacts_is_believed() -> None:
    target = parse_target("https://site.example/")
    found = [place for place in destinations(CONFIG, [target], [Foreign()]) if place.target]

    assert [place.to for place in found] == ["there"]
