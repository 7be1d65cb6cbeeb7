"""Runs probes on targets: look, judge, ask, judge again; bounded in time and number."""

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import msgspec

from analysis.judge import judge
from analysis.questions import questions
from heliograph.ids import with_id
from heliograph.limits import LimitsConfig
from heliograph.model import (
    OUT_OF_TIME,
    STOPPED,
    Hit,
    Measurement,
    Outcome,
    Question,
    Stack,
    State,
    Target,
    Vantage,
    Verdict,
)
from heliograph.plugin import (
    AnsweringProbe,
    CannotMeasure,
    Need,
    Net,
    NetContext,
    PlannedProbe,
    Probe,
)
from heliograph.text import clean
from heliograph.trace import Trace
from probes.net.ledger import Ledger
from scheduler.again import HASTE, Patience, Repeats, is_spoiled, look_again
from scheduler.allowance import Allowance
from scheduler.canary import WITHHELD, names_us, without_own
from scheduler.looks import Finished, Look
from scheduler.vigil import Vigil

_MOST_ROUNDS = 5
_TRACEBACK_CHARACTERS = 2000
_RESOLVERS = Target(input="resolvers alone", url="resolvers alone", scheme="", host="", port=0)
"""What a look at the surroundings is filed under that has no place to look at."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What every measurement of a run says of its origin.

    ``vantage`` is asked each time: where this host is may become known during a run.
    """

    vantage: Callable[[], Vantage]
    software: str
    stack: Stack
    consent: str | None
    context: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Means:
    """What the runner works with; made by the composition root.

    ``refuse`` says why a target must not be looked at, or None; ``now`` is the wall clock (UTC),
    ``clock`` a monotonic one in seconds; ``gap`` the seconds to wait before the next look starts,
    ``ledger`` the one that the looks' Net keeps; ``makes`` whether a look's probe can make it, as
    far as is known before anything is sent: where none can, the surroundings are not asked.
    """

    open_net: Callable[[Trace], NetContext]
    refuse: Callable[[Target], str | None]
    scrub: Callable[[str], str]
    now: Callable[[], datetime]
    clock: Callable[[], float]
    available: frozenset[Need] = field(default_factory=frozenset)
    gap: Callable[[], float] = float
    ledger: Ledger | None = None
    makes: Callable[[Look], bool] = lambda _: True


class Runner:
    """Looks at many targets at once, none longer than the limit, whatever a probe does."""

    def __init__(
        self, identity: Identity, limits: LimitsConfig, means: Means, vigil: Vigil | None = None
    ) -> None:
        """``vigil`` looks at the surroundings; without one nothing is known of them."""
        self._identity = identity
        self._limits = limits
        self._means = means
        self._vigil = vigil
        self.given_up: Callable[[Finished], None] = lambda _: None
        """Told of each look that had sent something when it was cancelled, as far as it came."""

    async def run(
        self,
        looks: Sequence[Look],
        done: Callable[[Finished], None],
        allowance: Allowance | None = None,
        aside: Callable[[Finished], None] = lambda _: None,
        patience: Patience = HASTE,
    ) -> None:
        """Make all looks the allowance admits, ``limits.parallel`` at once.

        ``done`` is called as each one ends, ``aside`` for each look at the surroundings: one
        before all others, and one when many fail at once. What residual censorship may have spoiled
        is looked at once more at the end, with as much patience as there is. Raises Offline when
        nothing answers.
        """
        able = (look for look in looks if self._obstacle(look) is None)
        hosts = [look.target.host for look in able if self._means.makes(look)]
        if self._vigil is not None and hosts:
            await self._survey(self._vigil, hosts, aside)
            self._vigil.require_line()
        rest = _Rest(looks, allowance or Allowance(LimitsConfig(), self._means.clock))
        repeats = Repeats(self._means.ledger)

        def ended(look: Look, finished: Finished) -> None:
            repeats.note(look, finished)
            done(finished)

        async def once_more(look: Look) -> None:
            finished = await self.look(look)
            rest.allowance.count(finished.measurement)
            done(replace(finished, is_second=True))

        async with asyncio.TaskGroup() as group:
            for _ in range(min(self._limits.parallel, len(looks))):
                group.create_task(self._work(rest, ended, lambda: self._heed(hosts, aside)))
        await look_again(repeats, rest.allowance, patience, once_more)

    def learn(self, hits: Iterable[Hit]) -> None:
        """Take note of names that were stopped in other runs."""
        if self._means.ledger is not None:
            self._means.ledger.learn(hits, self._means.now())

    async def _work(
        self,
        rest: "_Rest",
        done: Callable[[Look, Finished], None],
        heed: Callable[[], Awaitable[None]],
    ) -> None:
        while (look := await rest.next(self._means.gap)) is not None:
            finished = await self.look(look)
            rest.allowance.count(finished.measurement)
            done(look, finished)
            if self._vigil is not None and finished.verdict is not None:
                self._vigil.note(fine=finished.verdict.state is State.OK)
                await heed()

    async def _heed(self, hosts: Sequence[str], aside: Callable[[Finished], None]) -> None:
        """Look at the surroundings again when many looks failed at once."""
        if self._vigil is not None and self._vigil.overdue:
            await self._survey(self._vigil, hosts, aside)

    async def _survey(
        self, vigil: Vigil, hosts: Sequence[str], aside: Callable[[Finished], None]
    ) -> None:
        """One look at the surroundings; kept, however it ends, where anything was sent."""
        look = Look(vigil.target or _RESOLVERS, vigil.probe)
        record = _Record(look, self._identity, self._means, lambda: vigil.context)
        outcome, reason = Outcome.MEASURED, None
        try:
            await vigil.look(record.trace, record.started, hosts)
        except asyncio.CancelledError:
            outcome, reason = Outcome.BROKEN, STOPPED
            raise
        except Exception as error:  # noqa: BLE001 - a bug of ours there must not end the run
            outcome, reason = Outcome.BROKEN, _told(error)
        finally:
            if vigil.target is not None or record.trace.steps():
                measurement = record.complete(outcome, reason)
                aside(record.sealed(measurement, judge(measurement)))

    def _around(self) -> Callable[[], tuple[str, ...]]:
        """The flags of the surroundings, those at the beginning and those of now."""
        if self._vigil is None:
            return tuple
        vigil, before = self._vigil, self._vigil.context
        return lambda: tuple(dict.fromkeys((*before, *vigil.context)))

    async def look(self, look: Look) -> Finished:
        """One look from first packet to verdict; never raises for what happens in it."""
        reason = self._obstacle(look)
        if reason is not None:
            return self.skip(look, reason)
        record = _Record(look, self._identity, self._means, self._around())
        try:
            outcome, reason = await self._measure(look, record)
        except asyncio.CancelledError:
            if record.trace.steps():  # else nobody was told anything
                self.given_up(record.sealed(record.complete(Outcome.BROKEN, STOPPED), None))
            raise
        measurement = record.complete(outcome, reason)
        try:
            finished = record.sealed(measurement, judge(measurement))
        except Exception as error:  # noqa: BLE001 - the evidence is kept, whatever a rule does with it
            finished = record.sealed(record.complete(Outcome.BROKEN, _told(error)), None)
        return replace(finished, hits=tuple(self._hits()))

    def _hits(self) -> Iterator[Hit]:
        """What the ledger learned, but for what names this host."""
        scrub, ledger = self._means.scrub, self._means.ledger
        for hit in () if ledger is None else ledger.fresh(self._means.now()):
            if (scrub(hit.address), scrub(hit.name)) == (hit.address, hit.name):
                yield hit

    def skip(self, look: Look, reason: str) -> Finished:
        """The record of a look that was not made, and why."""
        record = _Record(look, self._identity, self._means)
        return record.sealed(record.complete(Outcome.SKIPPED, reason), None)

    def _obstacle(self, look: Look) -> str | None:
        lacking = look.probe.needs - self._means.available
        if lacking:
            return f"this host lacks what the probe needs: {', '.join(sorted(lacking))}"
        return self._means.refuse(look.target)

    async def _measure(self, look: Look, record: "_Record") -> tuple[Outcome, str | None]:
        try:
            async with asyncio.timeout(self._limits.seconds_per_target) as limit:
                async with self._means.open_net(record.trace) as net:
                    if isinstance(look.probe, PlannedProbe):
                        self._bound(look.probe, look.target, net, limit)
                    await look.probe.measure(look.target, net)
                    await _settle(look.probe, net, record, self._means.ledger)
        except Exception as error:  # noqa: BLE001 - the one place where a probe's bugs end
            leaf = _leaf(error)
            if isinstance(leaf, CannotMeasure):
                return Outcome.SKIPPED, str(leaf)
            if not limit.expired():
                return Outcome.BROKEN, _told(error)
            record.flag(OUT_OF_TIME)
        if not record.trace.steps():
            return Outcome.BROKEN, "the probe recorded no step"
        return Outcome.MEASURED, None

    def _bound(self, probe: PlannedProbe, target: Target, net: Net, limit: asyncio.Timeout) -> None:
        """Hold a look to what it was said to cost."""
        cost = probe.cost(target, net.settings)
        net.keep_to(cost)
        if cost.seconds < self._limits.seconds_per_target:
            limit.reschedule(asyncio.get_running_loop().time() + cost.seconds)


async def _settle(probe: Probe, net: Net, record: "_Record", ledger: Ledger | None) -> None:
    """Ask what would settle an anomaly until nothing would, or the rounds are over.

    What would be spoiled by another name that was just stopped there is not asked.
    """
    if not isinstance(probe, AnsweringProbe):
        return
    asked: frozenset[Question] = frozenset()
    for _ in range(_MOST_ROUNDS):
        so_far = record.draft()
        verdict = judge(so_far)
        new = () if verdict is None else questions(so_far, verdict, asked)
        if not new:
            return
        asked |= frozenset(new)
        async with asyncio.TaskGroup() as group:
            for question in new:
                if ledger is None or not is_spoiled(question, ledger):
                    group.create_task(probe.answer(question, net))


class _Rest:
    """The looks that have not started yet; they start one after another, with gaps between."""

    def __init__(self, looks: Sequence[Look], allowance: Allowance) -> None:
        self._waiting = iter(looks)
        self._starting = asyncio.Lock()
        self.allowance = allowance

    async def next(self, gap: Callable[[], float]) -> Look | None:
        """The look to start now; None when there is none, or none may start."""
        async with self._starting:
            await self.allowance.pause(gap())
            return None if self.allowance.over else next(self._waiting, None)


class _Record:
    """The measurement as it grows."""

    def __init__(
        self,
        look: Look,
        identity: Identity,
        means: Means,
        around: Callable[[], tuple[str, ...]] = tuple,
    ) -> None:
        """``around`` gives the flags of the surroundings, as they are known by then."""
        self._look = look
        self._identity = identity
        self._around = around
        self.started = means.now().replace(microsecond=0)
        self._flags: tuple[str, ...] = ()
        self.trace = Trace(means.clock, means.scrub)

    def draft(self, outcome: Outcome = Outcome.MEASURED, reason: str | None = None) -> Measurement:
        """The record so far, without an id."""
        identity = self._identity
        return Measurement(
            probe=self._look.probe.name,
            probe_version=self._look.probe.version,
            target=self._look.target,
            vantage=identity.vantage(),
            started=self.started,
            seconds=round(self.trace.elapsed(), 3),
            outcome=outcome,
            reason=None if reason is None else self.trace.scrub(clean(reason)),
            consent=identity.consent,
            software=identity.software,
            stack=identity.stack,
            context=(*identity.context, *self._around(), *self.trace.flags, *self._flags),
            steps=without_own(self.trace.steps(), self.trace.scrub, self._look.target.host),
        )

    def flag(self, context: str) -> None:
        """Note something about the look as a whole."""
        self._flags = (*self._flags, context)

    def complete(self, outcome: Outcome, reason: str | None) -> Measurement:
        """The finished record with its id."""
        return with_id(self.draft(outcome, reason))

    def sealed(self, measurement: Measurement, verdict: Verdict | None) -> Finished:
        """What may be stored: the record, or without its evidence should it name the volunteer."""
        if not names_us(measurement, verdict, self.trace.scrub):
            return Finished(measurement, verdict)
        told = self.draft(Outcome.BROKEN, WITHHELD)
        return Finished(with_id(msgspec.structs.replace(told, steps=(), context=())), None)


def _leaf(error: Exception) -> Exception:
    """What ended the first of several tasks."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error


def _told(error: Exception) -> str:
    """The end of the traceback: what a bug report needs."""
    return "".join(traceback.format_exception(error))[-_TRACEBACK_CHARACTERS:]
