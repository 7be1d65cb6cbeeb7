"""A dry run in short: each destination once, and for how many targets."""

from heliograph.cli.plan import Destination, destinations, in_short
from heliograph.config import Config, NetworkConfig, Resolver
from heliograph.model import SURROUNDINGS, StepKind
from heliograph.url import parse_target
from probes import BUILTIN

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


def test_a_redirect_may_tell_its_host_to_all_innocuous_servers() -> None:
    (redirects,) = [p for p in planned("a.example") if p.to == "wherever its redirects lead"]

    assert "control.example and other.example" in redirects.what
