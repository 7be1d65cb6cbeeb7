"""One run under way: looks made, stored and printed as they end, and the sum of them."""

import time
from collections import Counter
from collections.abc import Coroutine, Iterable, Iterator, Sequence
from contextlib import contextmanager

from analysis.surroundings import in_words as in_plain_words
from heliograph.cli.compared import Compared, is_summed_up
from heliograph.cli.cooling import Cooling
from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.output import in_words, print_json, print_table, say
from heliograph.cli.place import hint, now
from heliograph.cli.progress import Progress, line_of
from heliograph.cli.signals import Ending
from heliograph.cli.targets import Refused
from heliograph.cli.unfinished import Unfinished
from heliograph.limits import LimitsConfig
from heliograph.model import (
    SURROUNDINGS,
    Measurement,
    Outcome,
    RunSummary,
    State,
    Target,
    VerdictRow,
)
from heliograph.plugin import Probe
from heliograph.text import clean
from heliograph.url import MOST_CHARACTERS, without_user_info
from scheduler.allowance import Allowance
from scheduler.halting import DATABASE_GONE, Why, until_halted
from scheduler.looks import Finished, Look
from scheduler.runner import Runner
from scheduler.vigil import OFFLINE, Offline
from storage.store import Store


class Session:
    """One run under way: stores each finished look, then prints it, and sums up at the end."""

    def __init__(
        self, store: Store, run_id: int, *, json: bool, waits: bool = False, db: str | None = None
    ) -> None:
        """With ``waits``, what other looks may have spoiled is waited for, and looked at again.

        ``db`` is what the user wrote, for the commands named to them.
        """
        self._store = store
        self._run_id = run_id
        self._json = json
        self._waits = waits
        self._db = db
        self._rows: list[VerdictRow] = []
        self._given_up: list[Measurement] = []
        self._told: set[str] = set()
        self._laid = False
        self._compared = Compared()
        self._began = now()
        self.stored = store.runs.done(run_id)

    def go(
        self,
        runner: Runner,
        looks: Sequence[Look],
        limits: LimitsConfig,
        ending: Ending,
        halts: Why,
    ) -> None:
        """Make the looks; what is finished when a signal comes or a budget ends is summed up.

        Of a look under way then, what it sent is on record, and the look is made again.
        ``halts`` is asked all the time for a reason to end the run at once.
        """
        allowance = Allowance(limits, time.monotonic)
        cooling = Cooling(self._store.hits, limits)
        cooling.begin(runner)
        made = 0
        with Progress(len(looks)) as progress:

            def done(finished: Finished) -> None:
                nonlocal made
                self._keep(finished)
                cooling.note(finished, runner)
                told = line_of(finished.measurement, finished.verdict)
                if finished.is_second:
                    progress.note(f"once more: {told}")
                    return
                made += 1
                progress.advance(told)

            def given_up(finished: Finished) -> None:
                allowance.count(finished.measurement)
                self._given_up.append(finished.measurement)

            def aside(finished: Finished) -> None:
                allowance.count(finished.measurement)
                self._lay(finished)

            def work() -> Coroutine[None, None, None]:
                patience = cooling.patience(progress.note, waits=self._waits)
                return runner.run(looks, done, allowance, aside, patience)

            runner.given_up = given_up
            with self._kept_whatever_comes():
                ending.run(lambda: until_halted(work, halts, allowance.halt), allowance.stop)
        left = len(looks) - made
        if not left:
            self._store.runs.finish(self._run_id, now())
        self._sum_up(allowance, left)
        spoiled = cooling.sentence()
        if spoiled is not None:
            say(spoiled)
        ending.settle()

    @contextmanager
    def _kept_whatever_comes(self) -> Iterator[None]:
        """Store what was given up when this is left, and say that a run without a line ended."""
        try:
            yield
        except Offline as error:
            tried = hint(f"results --probe {SURROUNDINGS}", self._db)
            told = f"{error}; what was sent to find out is on record: '{tried}'"
            raise Stop(ExitCode.OFFLINE, told) from error
        finally:
            self._store.save_together(self._given_up, self._run_id)

    def refuse(self, bad: Refused, runner: Runner, probe: Probe) -> None:
        """Keep an input that is no target as a skipped measurement, so that nothing is lost."""
        text = clean(without_user_info(bad.text))[:MOST_CHARACTERS]
        if (text, probe.name) in self.stored:
            return
        target = Target(input=text, url=text, scheme="", host="", port=0)
        self._keep(runner.skip(Look(target, probe), f"{bad.place}: {bad.problem}"))

    def leave_out(
        self,
        targets: Iterable[tuple[Target, str]],
        runner: Runner,
        probes: Sequence[Probe],
    ) -> None:
        """Keep targets that are not to be looked at as skipped measurements, with the reason."""
        for target, reason in targets:
            for probe in probes:
                if (target.url, probe.name) not in self.stored:
                    self._keep(runner.skip(Look(target, probe), reason))

    def _lay(self, finished: Finished) -> None:
        """Store a look at the surroundings; it is no target of this run, and is not printed."""
        self._store.save(finished.measurement, finished.verdict, None)
        ends_the_run = set() if self._laid else {OFFLINE}  # and is told as the reason
        self._laid = True
        for flag in finished.measurement.context:
            if flag not in self._told | ends_the_run and not is_summed_up(flag):
                say(f"surroundings: {in_plain_words(flag)}")
        self._told |= set(finished.measurement.context)

    def _keep(self, finished: Finished) -> None:
        self._compared.note(finished.measurement)
        self._store.save(finished.measurement, finished.verdict, self._run_id, finished.hits)
        row = self._store.row(finished.measurement.id)
        assert row is not None
        self._rows.append(row)
        if self._json:
            print_json(row)

    def _rows_given_up(self) -> list[VerdictRow]:
        """Looks under way at the end, but for those made once more of what was finished before."""
        finished = {(row.target, row.probe) for row in self._rows}
        found = (self._store.row(measurement.id) for measurement in self._given_up)
        return [r for r in found if r is not None and (r.target, r.probe) not in finished]

    def _sum_up(self, allowance: Allowance, left: int) -> None:
        given_up = self._rows_given_up()
        outcomes = Counter(row.outcome for row in self._rows)
        states = Counter(row.state for row in self._rows if row.state is not None)
        flags = {flag for row in self._rows for flag in row.context}
        end = allowance.end if left else None
        summary = RunSummary(
            measured=outcomes[Outcome.MEASURED],
            skipped=outcomes[Outcome.SKIPPED],
            broken=outcomes[Outcome.BROKEN],
            states={state: states[state] for state in State if states[state]},
            context=tuple(sorted(flags if end is None else {*flags, end.flag})),
            seconds=round((now() - self._began).total_seconds(), 1),
            bytes_sent=allowance.usage.sent,
            bytes_received=allowance.usage.received,
            left=left,
            given_up=len(given_up),
        )
        summary = self._compared.into(summary)
        shown = [*self._rows, *given_up]
        if self._json:
            for row in (*given_up, summary):
                print_json(row)
        else:
            if shown:
                print_table(shown)
            say(in_words(summary))
            if shown and (end is None or end.flag != DATABASE_GONE):
                say(f"the evidence behind a verdict: {hint('show ID', self._db)}")
        for sentence in self._compared.sentences():
            say(sentence)
        if left:
            say(Unfinished(left, len(given_up), end).in_words())
