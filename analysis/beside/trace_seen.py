"""What a look by the trace probe holds: how far each name got, hop by hop."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from analysis.beside.reading import owners, recorded
from heliograph.detail import DnsDetail, HopTrial, SweepDetail, read
from heliograph.failure import CERTIFICATE_FAILURES
from heliograph.model import RESIDUAL_POSSIBLE, Measurement, Role, Step, StepKind

ACTED = frozenset({"reset", "closed", "answered"})
"""Ends that somebody brought about who read the packet."""

_LEAST_TRIALS = 2
"""So many trials that end short of the server; one may have gone a shorter way to it."""


@dataclass(frozen=True, slots=True)
class Names:
    """What became of the target's name and of another one, said in the same way at one place."""

    said: str
    steps: tuple[Step, ...]
    before: Mapping[int, HopTrial]
    test: Mapping[int, HopTrial]
    after: Mapping[int, HopTrial]
    again: Mapping[int, HopTrial]
    """The target's name once more, after the control's second time."""

    @property
    def length(self) -> int | None:
        """The hop at which the server is: from there on, and no sooner, it answers the control."""
        answered = [ttl for ttl, trial in self.before.items() if trial.ended == "answered"]
        if not answered:
            return None
        first = min(answered)
        beyond = [trial for ttl, trial in self.before.items() if ttl >= first]
        return first if all(trial.ended == "answered" for trial in beyond) else None

    @property
    def controlled(self) -> bool:
        """The control was answered by the server and by nobody before it, twice."""
        length = self.length
        if length is None:
            return False
        short = [t for ttl, t in (*self.before.items(), *self.after.items()) if ttl < length]
        whole = [t for ttl, t in self.after.items() if ttl >= length]
        clean = all(trial.ended not in ACTED for trial in short)
        answered = [trial for trial in whole if trial.ended == "answered"]
        others = {trial.ended for trial in whole} - {"answered", "silent"}
        return clean and len(answered) >= _LEAST_TRIALS and not others

    @property
    def other(self) -> str | None:
        """The name it is compared with; None where no other was said."""
        return next((s.host for s in self.steps if s.role is not Role.TEST), None)

    def acted_once(self) -> tuple[str, int] | None:
        """How, and from which hop on, the target's name ended short of the server at first."""
        hits = self._short(self.test)
        if not self.controlled or len(hits) < _LEAST_TRIALS or len(set(hits.values())) != 1:
            return None
        first = min(hits)
        return hits[first], first

    def acted(self) -> tuple[str, int] | None:
        """The same, where it ended so the second time, too; None where it was not said again."""
        once, again = self.acted_once(), self._short(self.again)
        if once is None or again.get(once[1]) != once[0] or set(again.values()) != {once[0]}:
            return None
        return once

    def _short(self, trials: Mapping[int, HopTrial]) -> dict[int, str]:
        """Ends that somebody brought about short of the server, by hop."""
        length = self.length or 0
        return {ttl: t.ended for ttl, t in trials.items() if ttl < length and t.ended in ACTED}

    def swallowed(self) -> int | None:
        """The hop from which on the target's name vanishes, where that is short of the server.

        Routers told of the other name, before and after it, at hops where they are silent now.
        Where it was said again, it has to have vanished again.
        """
        length = self.length if self.controlled else None
        if length is None:
            return None
        whole = [trial for ttl, trial in self.test.items() if ttl >= length]
        repeated = [trial for ttl, trial in self.again.items() if ttl >= length]
        if len(whole) < _LEAST_TRIALS or not all(map(_is_gone, (*whole, *repeated))):
            return None
        if self._short(self.again):
            return None
        last = max((ttl for ttl, trial in self.test.items() if trial.expired), default=0)
        gone = [ttl for ttl in range(last + 1, length) if self._told(ttl) and ttl in self.test]
        silent = all(_is_gone(self.test[ttl]) for ttl in gone)
        if len(gone) < _LEAST_TRIALS or gone[0] != last + 1 or not silent:
            return None
        return gone[0]

    def _told(self, ttl: int) -> bool:
        """A router told, both times, that it threw the other name away there."""
        return all(ttl in each and each[ttl].expired for each in (self.before, self.after))

    @property
    def passed(self) -> bool:
        """The target's name is answered from the server on, as the control is, by a handshake or a
        response, and nobody does anything before."""
        length = self.length
        if length is None:
            return False
        short = [t for ttl, t in self.test.items() if ttl < length]
        whole = [t for ttl, t in self.test.items() if ttl >= length]
        good = all(t.ended == "answered" and _is_proper(t.answer) for t in whole)
        return bool(whole) and good and all(trial.ended not in ACTED for trial in short)


def _is_gone(trial: HopTrial) -> bool:
    return trial.ended == "silent" and not trial.expired


def _is_proper(answer: str) -> bool:
    return answer == "tls" or answer.startswith("HTTP/")


@dataclass(frozen=True, slots=True)
class TraceFacts:
    """A look as the rules ask about it."""

    measurement: Measurement
    names: Names | None
    """Said to the target's server; None where that was not tried."""
    queries: Names | None
    """Asked of an address where no resolver lives."""
    hops: Mapping[int, HopTrial]
    """What is known of each hop of the way to the server."""
    owner: int | None
    """The number of the network that the server's address is in; None where it is not known."""
    misnamed: bool
    """A certificate was presented at that address that is not good for the target's name."""
    told: frozenset[str]
    """The addresses that the system's resolver gave for the target, its first answer."""
    disturbed: bool

    @property
    def host(self) -> str:
        """The target's name."""
        return self.measurement.target.host

    @property
    def forged(self) -> int | None:
        """The hop from which on queries for the target are answered where nobody answers any."""
        if self.queries is None:
            return None
        others = (*self.queries.before.values(), *self.queries.after.values())
        if not others or any(trial.ended == "answered" for trial in others):
            return None
        hits = [ttl for ttl, trial in self.queries.test.items() if trial.ended == "answered"]
        return min(hits) if len(hits) >= _LEAST_TRIALS else None

    @property
    def lies(self) -> frozenset[str]:
        """The addresses in those answers."""
        trials = () if self.queries is None else self.queries.test.values()
        return frozenset(a for trial in trials for a in trial.answer.split(", ") if a)


def facts(measurement: Measurement) -> TraceFacts:
    """What the steps of a look say."""
    sweeps = [(step, read(step, SweepDetail)) for step in recorded(measurement, StepKind.HOP_PROBE)]
    names = _names([each for each in sweeps if each[1].said in {"tls", "http"}])
    place = names.steps[0].address if names is not None else None
    return TraceFacts(
        measurement=measurement,
        names=names,
        queries=_names([each for each in sweeps if each[1].said == "dns"]),
        hops=_hops([detail for _, detail in sweeps if detail.said == "routers"]),
        owner=owners(measurement).get(place) or None,
        misnamed=any(
            step.failure in CERTIFICATE_FAILURES
            for step in recorded(measurement, StepKind.TLS_HANDSHAKE)
            if step.sni == measurement.target.host and step.address == place
        ),
        told=_told(measurement),
        disturbed=RESIDUAL_POSSIBLE in measurement.context,
    )


def _names(sweeps: list[tuple[Step, SweepDetail]]) -> Names | None:
    """What was said in one way at one place, that of the first sweep."""
    if not sweeps:
        return None
    place = _place(*sweeps[0])
    sweeps = [each for each in sweeps if _place(*each) == place]
    tests = [each for each in sweeps if each[0].role is Role.TEST]
    again = next((n for n, one in enumerate(tests) if _repeats(tests[:n], one)), len(tests))
    return Names(
        said=sweeps[0][1].said,
        steps=tuple(step for step, _ in sweeps),
        before=_by_hop(d for s, d in sweeps if s.role is Role.CONTROL_BEFORE),
        test=_by_hop(detail for _, detail in tests[:again]),
        after=_by_hop(d for s, d in sweeps if s.role is Role.CONTROL_AFTER),
        again=_by_hop(detail for _, detail in tests[again:]),
    )


def _place(step: Step, detail: SweepDetail) -> tuple[str | None, int | None, str]:
    return step.address, step.port, detail.said


def _repeats(earlier: list[tuple[Step, SweepDetail]], one: tuple[Step, SweepDetail]) -> bool:
    """A hop is tried for the second time."""
    known = {trial.ttl for _, detail in earlier for trial in detail.trials}
    return any(trial.ttl in known for trial in one[1].trials)


def _by_hop(details: Iterable[SweepDetail]) -> dict[int, HopTrial]:
    return {trial.ttl: trial for detail in details for trial in detail.trials}


def _hops(details: Iterable[SweepDetail]) -> dict[int, HopTrial]:
    return {ttl: t for ttl, t in _by_hop(details).items() if t.ended in {"expired", "refused"}}


def _told(measurement: Measurement) -> frozenset[str]:
    firsts = (
        next((reply for reply in read(step, DnsDetail).replies if reply.problem is None), None)
        for step in recorded(measurement, StepKind.DNS_QUERY)
        if step.host == measurement.target.host
    )
    return frozenset(a.value for first in firsts if first is not None for a in first.answers)
