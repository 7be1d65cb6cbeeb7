"""When the surroundings are looked at, what is kept of it, and which looks it holds for."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from analysis.around import Host
from heliograph.config import NetworkConfig, Resolver
from heliograph.failure import Failure
from heliograph.fake import FakeNet
from heliograph.limits import LimitsConfig
from heliograph.model import STOPPED, SURROUNDINGS, Outcome, State, Target
from heliograph.plugin import Net, NetContext, Reply
from heliograph.trace import Trace
from heliograph.url import parse_target
from probes.surroundings import SurroundingsProbe
from probes.tls import TlsProbe
from scheduler import vigil as module
from scheduler.looks import Finished, Look
from scheduler.runner import Means, Runner
from scheduler.vigil import Lookout, Offline, Vigil
from tests.unit.scheduler.surroundings import IDENTITY, SITE, OpenFake, Surroundings, reachable

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TRUSTED = "https://dns.example/dns-query@192.0.2.1"
NAME, PLACE, CHECK, URL = "weather.example", "203.0.113.1", "203.0.113.204", "http://check.example/"
SETTINGS = NetworkConfig(
    trusted_resolvers=(Resolver.parse(TRUSTED),), control_names=(NAME,), connectivity_checks=(URL,)
)
Script = Callable[[FakeNet], None]


def healthy(net: FakeNet, status: int = 204) -> None:
    net.answers("check.example", CHECK)
    net.accepts(CHECK, 80)
    net.serves(CHECK, URL, Reply(failure=None, status=status))
    for resolver in (None, TRUSTED):
        net.answers(NAME, PLACE, resolver=resolver)
    net.presents(PLACE, 443, NAME)


def walled(net: FakeNet) -> None:
    healthy(net, status=302)


def silent(net: FakeNet) -> None:
    for name in (NAME, "check.example", "www.nobody.com"):
        for resolver in (None, TRUSTED):
            net.answers(name, resolver=resolver, failure=Failure.GENERIC_TIMEOUT_ERROR)


class Watch:
    """A lookout over a scripted network that may change, with a clock that can be turned."""

    def __init__(self, script: Script, settings: NetworkConfig = SETTINGS) -> None:
        self.script = script
        self.settings = settings
        self.seconds = 0.0
        self.corrected: list[timedelta] = []
        self.looks = 0
        self.host = Host(country="XA")
        self.opening: Callable[[Trace], NetContext] = self._open

    def _open(self, trace: Trace) -> NetContext:
        self.looks += 1
        opened = OpenFake(trace, self.script)
        opened._net._settings = self.settings
        return opened

    def _opened(self, trace: Trace) -> NetContext:
        return self.opening(trace)

    @property
    def vigil(self) -> Vigil:
        return Vigil(
            Lookout(
                open_net=self._opened,
                settings=self.settings,
                host=lambda: self.host,
                nowhere=lambda: "www.nobody.com",
                correct=self.corrected.append,
                clock=lambda: self.seconds,
            )
        )


def trace() -> Trace:
    return Trace(lambda: 0.0, lambda text: text)


async def flags_of(watch: Watch) -> tuple[str, ...]:
    vigil = watch.vigil
    await vigil.look(trace(), NOW, ())
    return vigil.context


async def test_what_is_seen_becomes_flags() -> None:
    assert await flags_of(Watch(healthy)) == ()
    assert await flags_of(Watch(walled)) == ("captive_portal",)
    assert await flags_of(Watch(silent)) == ("offline",)


async def test_what_the_host_tells_counts_too() -> None:
    watch = Watch(healthy)
    watch.host = Host(country="XA", tunnel="wg0", ipv6=False)

    assert await flags_of(watch) == ("tunnel", "no_ipv6")


async def test_only_silence_is_no_line() -> None:
    quiet, well = Watch(silent).vigil, Watch(healthy).vigil
    for vigil in (quiet, well):
        await vigil.look(trace(), NOW, ())

    well.require_line()
    with pytest.raises(Offline, match=f"no resolver, {URL}, {NAME}; .*run the same command again"):
        quiet.require_line()


class Hanging(SurroundingsProbe):
    """Never comes back from its first half."""

    async def measure(self, target: Target, net: Net) -> None:
        await net.resolve(NAME)
        await asyncio.Event().wait()


async def test_the_look_is_bounded_and_keeps_what_it_saw(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SECONDS_ABROAD", 0.01)
    vigil, taken = Watch(healthy).vigil, trace()
    vigil.probe = Hanging("www.nobody.com")
    await vigil.look(taken, NOW, ())

    assert [step.host for step in taken.steps()] == [NAME]


async def test_places_nearby_are_visited_when_nothing_abroad_is_reached() -> None:
    def lost(net: FakeNet) -> None:
        healthy(net)
        net.accepts(CHECK, 80, Failure.GENERIC_TIMEOUT_ERROR)
        net.accepts(PLACE, 443, Failure.GENERIC_TIMEOUT_ERROR)

    taken = trace()
    await Watch(lost).vigil.look(taken, NOW, ("near.example",))
    assert "near.example" in {step.host for step in taken.steps()}

    taken = trace()
    await Watch(healthy).vigil.look(taken, NOW, ("near.example",))
    assert "near.example" not in {step.host for step in taken.steps()}


async def test_a_clock_proved_wrong_is_corrected(monkeypatch: pytest.MonkeyPatch) -> None:
    ahead = timedelta(days=-730)
    monkeypatch.setattr(module, "clock_ahead", lambda *_: ahead)
    watch = Watch(healthy)
    await watch.vigil.look(trace(), NOW, ())

    assert watch.corrected == [ahead]


def test_many_failures_after_a_while_are_a_reason_to_look_again() -> None:
    watch = Watch(healthy)
    vigil = watch.vigil
    for _ in range(20):
        vigil.note(fine=False)
    assert not vigil.overdue, "nothing was looked at yet"


@pytest.mark.parametrize(
    ("fine", "failed", "seconds", "overdue"),
    [(4, 6, 30, True), (5, 5, 30, False), (4, 6, 29, False), (3, 6, 99, False)],
)
async def test_more_than_half_of_the_last_ten(
    fine: int, failed: int, seconds: float, overdue: bool
) -> None:
    watch = Watch(healthy)
    vigil = watch.vigil
    await vigil.look(trace(), NOW, ())
    for well in [False] * failed + [True] * fine:
        vigil.note(fine=well)
    watch.seconds = seconds

    assert vigil.overdue is overdue
    await vigil.look(trace(), NOW, ())
    assert not vigil.overdue


# With a runner


def runner(watch: Watch, script: Script = reachable, *, parallel: int = 1) -> Runner:
    means = Means(
        open_net=Surroundings(script).open_net,
        refuse=lambda _: None,
        scrub=lambda text: text,
        now=lambda: NOW,
        clock=lambda: 0.0,
    )
    return Runner(IDENTITY, LimitsConfig(parallel=parallel), means, watch.vigil)


async def ran(
    watch: Watch, looks: int = 1, script: Script = reachable
) -> tuple[list[Finished], list[Finished]]:
    done: list[Finished] = []
    aside: list[Finished] = []
    await runner(watch, script).run(
        [Look(SITE, TlsProbe())] * looks, done.append, None, aside.append
    )
    return done, aside


async def test_a_look_at_the_surroundings_comes_before_all_others_and_is_kept_apart() -> None:
    watch = Watch(healthy)
    done, (aside,) = await ran(watch, looks=3)
    measurement, verdict = aside.measurement, aside.verdict

    assert watch.looks == 1
    assert (measurement.probe, measurement.target) == (SURROUNDINGS, parse_target(URL))
    assert verdict is not None
    assert verdict.state is State.OK
    assert {finished.measurement.probe for finished in done} == {"tls"}
    hosts = {step.host for finished in done for step in finished.measurement.steps}
    assert hosts == {"site.example"}, "nothing of it is among a target's steps"


async def test_its_flags_are_in_every_look_and_mask_them() -> None:
    (first, second), (aside,) = await ran(Watch(walled), looks=2)

    for finished in (first, second, aside):
        assert finished.measurement.context == ("ipv6_missing", "captive_portal")
        assert finished.verdict is not None
        assert finished.verdict.state is State.INCONCLUSIVE
        assert "as networks do before one logs in" in finished.verdict.explanation


async def test_offline_nothing_is_looked_at_and_what_was_tried_is_kept() -> None:
    watch = Watch(silent)
    done: list[Finished] = []
    aside: list[Finished] = []
    with pytest.raises(Offline):
        await runner(watch).run([Look(SITE, TlsProbe())], done.append, None, aside.append)

    assert done == []
    (kept,) = aside
    assert "offline" in kept.measurement.context
    hosts = {step.host for step in kept.measurement.steps}
    assert hosts == {NAME, "check.example", "www.nobody.com"}


async def test_without_means_the_resolvers_asked_are_filed_and_the_host_counts_all_the_same() -> (
    None
):
    watch = Watch(lambda _: None, NetworkConfig(trusted_resolvers=(), control_names=()))
    watch.host = Host(tunnel="wg0")
    (finished,), (aside,) = await ran(watch)

    assert aside.measurement.target.url == "resolvers alone"
    assert [step.host for step in aside.measurement.steps] == ["www.nobody.com"]
    assert "tunnel" in finished.measurement.context


async def test_where_no_target_may_be_looked_at_nobody_is_asked_about_the_surroundings() -> None:
    watch = Watch(healthy)
    made = runner(watch)
    made._means = replace(made._means, refuse=lambda target: "it is ours")
    done: list[Finished] = []
    await made.run([Look(SITE, TlsProbe())], done.append)

    assert watch.looks == 0
    assert [finished.measurement.outcome for finished in done] == [Outcome.SKIPPED]


async def test_where_no_probe_can_make_its_look_nobody_is_asked_about_the_surroundings() -> None:
    watch = Watch(healthy)
    done: list[Finished] = []
    made = runner(watch)
    made._means = replace(made._means, makes=lambda _: False)
    await made.run([Look(SITE, TlsProbe())], done.append)

    assert watch.looks == 0
    assert len(done) == 1


async def test_a_look_that_is_cut_off_is_kept_as_far_as_it_came() -> None:
    watch = Watch(healthy)
    made = runner(watch)
    assert made._vigil is not None
    made._vigil.probe = Hanging("www.nobody.com")
    aside: list[Finished] = []
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await made.run([Look(SITE, TlsProbe())], aside.append, None, aside.append)

    (kept,) = aside
    assert (kept.measurement.outcome, kept.measurement.reason) == (Outcome.BROKEN, STOPPED)
    assert [step.host for step in kept.measurement.steps] == [NAME]


async def test_a_run_of_nothing_looks_at_nothing() -> None:
    watch = Watch(healthy)
    await ran(watch, looks=0)

    assert watch.looks == 0


async def test_a_bug_in_the_look_ends_no_run() -> None:
    watch = Watch(healthy)

    def failing(_: Trace) -> NetContext:
        raise ZeroDivisionError

    watch.opening = failing
    (finished,), (aside,) = await ran(watch)

    assert (aside.measurement.outcome, aside.verdict) == (Outcome.BROKEN, None)
    assert finished.measurement.outcome is Outcome.MEASURED


async def test_many_failures_at_once_bring_a_second_look_whose_flags_hold_from_then_on() -> None:
    watch = Watch(healthy)

    def breaking(net: FakeNet) -> None:
        watch.script = walled
        watch.seconds += 10.0  # nobody answers: the line is gone

    done, aside = await ran(watch, looks=15, script=breaking)
    flagged = ["captive_portal" in finished.measurement.context for finished in done]

    assert watch.looks == 2
    assert flagged == [False] * 10 + [True] * 5
    assert [f.verdict.state for f in aside if f.verdict] == [State.OK, State.INCONCLUSIVE]
    assert aside[1].measurement.context == ("ipv6_missing", "captive_portal")


async def test_a_look_under_way_bears_the_flags_of_its_beginning_and_its_end() -> None:
    watch = Watch(healthy)
    made = runner(watch)
    assert made._vigil is not None
    made._vigil.context = ("tunnel",)
    around = made._around()
    made._vigil.context = ("captive_portal", "tunnel")

    assert around() == ("tunnel", "captive_portal")
