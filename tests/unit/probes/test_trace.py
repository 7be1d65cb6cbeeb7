"""The trace probe: which names it says, how far, and when it stops."""

import pytest

from heliograph.config import NetworkConfig, Resolver
from heliograph.detail import SweepDetail, read
from heliograph.fake import FakeNet
from heliograph.model import PAIR_NOBODY, Role, StepKind
from heliograph.plugin import CannotMeasure, Need, PlannedProbe, Risk
from heliograph.url import parse_target
from probes.trace import BEYOND, MOST_HOPS, RawTraceProbe, TraceProbe

HOST, CONTROL, THERE, NOBODY = "site.example", "control.example", "203.0.113.10", "203.0.113.53"
TARGET = parse_target(HOST)
RESOLVER = Resolver.parse("udp://192.0.2.53")
FAR = ("expired",) * 9 + ("answered",)
HIT = ("expired",) * 2 + ("reset",)


def net_with(
    *, controls: tuple[str, ...] = (CONTROL,), nobody: tuple[str, ...] = (NOBODY,)
) -> FakeNet:
    net = FakeNet(
        NetworkConfig(
            trusted_resolvers=(), control_names=controls, injection_probe_addresses=nobody
        )
    )
    net.answers(HOST, THERE)
    return net


def said(net: FakeNet) -> list[tuple[str | None, str, int, int]]:
    """Over TCP: the name, its part, the first and the last time to live."""
    return [
        (step.host, step.role, detail.trials[0].ttl, detail.trials[-1].ttl)
        for step in net.steps
        if step.kind is StepKind.HOP_PROBE
        for detail in [read(step, SweepDetail)]
        if detail.said in {"tls", "http"}
    ]


async def test_the_control_finds_the_server_and_both_names_go_that_far() -> None:
    net = net_with()
    net.lies_beyond(THERE, *FAR, said="tls", name=CONTROL)
    net.lies_beyond(THERE, *FAR, said="tls", name=HOST)

    await TraceProbe().measure(TARGET, net)

    assert said(net) == [
        (CONTROL, Role.CONTROL_BEFORE, 1, 8),
        (CONTROL, Role.CONTROL_BEFORE, 9, 16),
        (HOST, Role.TEST, 1, 8),
        (HOST, Role.TEST, 9, 10 + BEYOND),
        (CONTROL, Role.CONTROL_AFTER, 1, 8),
        (CONTROL, Role.CONTROL_AFTER, 9, 10 + BEYOND),
    ]


async def test_a_name_that_is_hit_is_said_once_more_after_the_control() -> None:
    net = net_with()
    net.lies_beyond(THERE, "expired", "expired", "expired", "answered", said="tls", name=CONTROL)
    net.lies_beyond(THERE, *HIT, said="tls", name=HOST)

    await TraceProbe().measure(TARGET, net)

    assert [name for name, *_ in said(net)] == [CONTROL, HOST, CONTROL, HOST]


async def test_where_no_control_is_answered_the_target_is_not_said() -> None:
    net = net_with()
    net.lies_beyond(THERE, "expired", said="tls", name=CONTROL)

    await TraceProbe().measure(TARGET, net)

    assert {name for name, *_ in said(net)} == {CONTROL}
    assert said(net)[-1][3] == MOST_HOPS


async def test_where_nothing_connects_one_attempt_is_enough() -> None:
    net = net_with()
    net.lies_beyond(THERE, "unconnected", said="tls", name=CONTROL)

    await TraceProbe().measure(TARGET, net)

    assert len(said(net)) == 1


async def test_a_plain_target_is_asked_for_in_the_clear() -> None:
    net = net_with()
    net.lies_beyond(THERE, "answered", said="http", name=CONTROL)

    await TraceProbe().measure(parse_target(f"http://{HOST}/"), net)

    assert (HOST, Role.TEST, 1, 1 + BEYOND) in said(net)


async def test_both_names_are_asked_for_where_no_resolver_lives() -> None:
    net = net_with()

    await TraceProbe().measure(TARGET, net)

    asked = [step for step in net.steps if step.pair == PAIR_NOBODY]
    assert {(step.host, step.address) for step in asked} == {(HOST, NOBODY), (CONTROL, NOBODY)}


async def test_without_such_an_address_nobody_is_asked() -> None:
    net = net_with(nobody=())

    await TraceProbe().measure(TARGET, net)

    assert not [step for step in net.steps if step.pair == PAIR_NOBODY]


@pytest.mark.parametrize(
    ("target", "controls"), [("https://203.0.113.10/", (CONTROL,)), (HOST, ())]
)
async def test_without_two_names_nothing_is_measured(
    target: str, controls: tuple[str, ...]
) -> None:
    net = net_with(controls=controls)

    with pytest.raises(CannotMeasure):
        await TraceProbe().measure(parse_target(target), net)
    assert net.steps == ()


def test_the_plan_names_every_place_and_name() -> None:
    probe: PlannedProbe = TraceProbe()
    settings = net_with().settings
    plan = list(probe.plan(TARGET, settings, RESOLVER))

    assert {host for contact in plan for host in contact.hosts} >= {HOST, CONTROL}
    assert {port for contact in plan for port in contact.ports} == {53, 443, 33_434}
    assert probe.cost(TARGET, settings).connections == 4 * (MOST_HOPS + BEYOND)


def test_the_other_one_captures_and_says_so() -> None:
    assert (TraceProbe.risk, TraceProbe.needs) == (Risk.UNUSUAL, frozenset())
    assert (RawTraceProbe.risk, RawTraceProbe.needs) == (
        Risk.PRIVILEGED,
        frozenset({Need.RAW_SOCKET}),
    )


async def test_where_rights_are_wanted_captures_are() -> None:
    net = net_with()
    net.lies_beyond(THERE, "answered", said="tls", name=CONTROL)

    await RawTraceProbe().measure(TARGET, net)

    sweeps = [read(step, SweepDetail) for step in net.steps if step.kind is StepKind.HOP_PROBE]
    assert {sweep.captured for sweep in sweeps if sweep.said == "tls"} == {True}
