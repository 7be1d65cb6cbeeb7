"""The ``run`` command: inputs, consent, looks, storage and what is printed of them."""

import asyncio
import hashlib
import random
import signal
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from heliograph.cli import consent, plan
from heliograph.cli.compose import assemble, require_route
from heliograph.cli.exits import ExitCode, Stop, Terminated
from heliograph.cli.output import in_words, print_json, print_table, say
from heliograph.cli.place import configuration, database, now
from heliograph.cli.progress import Progress, line_of
from heliograph.cli.targets import Refused, Wanted, gather
from heliograph.config import Config
from heliograph.ids import run_hash
from heliograph.model import Outcome, RunSummary, State, Target, VerdictRow
from heliograph.plugin import Probe
from heliograph.text import clean, for_terminal
from heliograph.url import MOST_CHARACTERS, without_user_info
from probes.registry import Registry, installed
from scheduler.rejudging import bring_up_to_date
from scheduler.runner import Finished, Look, Runner
from storage.store import Store

DEFAULT_PROBES = ("web", "http", "tls")
"""The first of these there is runs when none is named."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked for."""

    arguments: tuple[str, ...]
    files: tuple[str, ...]
    probes: tuple[str, ...]
    dry_run: bool
    yes: bool
    fresh: bool
    db: str | None
    config: Path | None
    json: bool


def execute(wish: Wish) -> None:
    """Do it; raises Stop, ConfigError and the errors of storage."""
    config = configuration(wish.config)
    _note_what_is_unused(config)
    chosen = _probes(wish.probes, installed())
    wanted = gather(wish.arguments, wish.files)
    for bad in wanted.refused:
        say(f"heliograph: {bad.place}: {for_terminal(bad.problem)}")
    if not wanted.targets and not wanted.refused:
        raise Stop(ExitCode.USAGE, "no targets; name some, or a list with --targets FILE")
    if wish.dry_run:
        plan.show(config, wanted.targets, chosen, json=wish.json)
    else:
        location = database(wish.db)
        how = consent.obtain(location, yes=wish.yes)
        with Store.open(location) as store:
            version = consent.keep(store, how, now())
            _run(Job(wish, config, version), store, wanted, chosen)
    if wanted.refused:
        raise Stop(
            ExitCode.BAD_INPUT,
            f"{len(wanted.refused)} of the inputs could not be used; mend what is named above",
        )


@dataclass(frozen=True, slots=True)
class Job:
    """A wish with what was made of it."""

    wish: Wish
    config: Config
    consent: str
    """Version of the consent text in force."""


def _run(job: Job, store: Store, wanted: Wanted, probes: Sequence[Probe]) -> None:
    judged = bring_up_to_date(store)
    if judged:
        say(f"judged {judged} earlier measurements again, by the rules of this version")
    require_route(job.config)
    runner = assemble(job.config, consent=job.consent)
    looks = [Look(target, probe) for target in wanted.targets for probe in probes]
    session = Session(store, _begin(job, store, looks), json=job.wish.json)
    for bad in wanted.refused:
        session.refuse(bad, runner, probes[0])
    left = [look for look in looks if (look.target.url, look.probe.name) not in session.stored]
    if len(left) < len(looks):
        say(f"resuming: {len(looks) - len(left)} of {len(looks)} were finished before")
    random.SystemRandom().shuffle(left)  # a list in its own order would be recognised on the line
    session.go(runner, left)


def _begin(job: Job, store: Store, looks: Sequence[Look]) -> int:
    """The run to go on with, or a new one."""
    digest = hashlib.sha256(msgspec.json.encode(job.config, enc_hook=str)).hexdigest()
    name = run_hash(
        digest, (look.target.url for look in looks), (look.probe.name for look in looks)
    )
    unfinished = None if job.wish.fresh else store.runs.unfinished(name, now())
    return store.runs.begin(name, now(), len(looks)) if unfinished is None else unfinished


class Session:
    """One run under way: stores each finished look, then prints it, and sums up at the end."""

    def __init__(self, store: Store, run_id: int, *, json: bool) -> None:
        self._store = store
        self._run_id = run_id
        self._json = json
        self._rows: list[VerdictRow] = []
        self._began = now()
        self.stored = store.runs.done(run_id)

    def go(self, runner: Runner, looks: Sequence[Look]) -> None:
        """Make the looks; what is finished when a signal comes is stored and summed up."""
        with Progress(len(looks)) as progress:

            def done(finished: Finished) -> None:
                self._keep(finished)
                progress.advance(line_of(finished.measurement, finished.verdict))

            asyncio.run(_until_signal(runner, looks, done))
        self._store.runs.finish(self._run_id, now())
        self._sum_up()

    def refuse(self, bad: Refused, runner: Runner, probe: Probe) -> None:
        """Keep an input that is no target as a skipped measurement, so that nothing is lost."""
        text = clean(without_user_info(bad.text))[:MOST_CHARACTERS]
        target = Target(input=text, url=text, scheme="", host="", port=0)
        self._keep(runner.skip(Look(target, probe), f"{bad.place}: {bad.problem}"))

    def _keep(self, finished: Finished) -> None:
        self._store.save(finished.measurement, finished.verdict, self._run_id)
        row = self._store.row(finished.measurement.id)
        assert row is not None
        self._rows.append(row)
        if self._json:
            print_json(row)

    def _sum_up(self) -> None:
        outcomes = Counter(row.outcome for row in self._rows)
        states = Counter(row.state for row in self._rows if row.state is not None)
        summary = RunSummary(
            measured=outcomes[Outcome.MEASURED],
            skipped=outcomes[Outcome.SKIPPED],
            broken=outcomes[Outcome.BROKEN],
            states={state: states[state] for state in State if states[state]},
            context=tuple(sorted({flag for row in self._rows for flag in row.context})),
            seconds=round((now() - self._began).total_seconds(), 1),
        )
        if self._json:
            print_json(summary)
            return
        print_table(self._rows)
        say(in_words(summary))
        say("'heliograph show ID' shows the evidence behind a verdict")


async def _until_signal(
    runner: Runner, looks: Sequence[Look], done: Callable[[Finished], None]
) -> None:
    """Run to the end, or until SIGTERM, which abandons what is under way."""
    task = asyncio.current_task()
    assert task is not None
    loop = asyncio.get_running_loop()
    asked: list[int] = []

    def stop() -> None:
        asked.append(signal.SIGTERM)
        task.cancel()

    loop.add_signal_handler(signal.SIGTERM, stop)
    try:
        await runner.run(looks, done)
    except asyncio.CancelledError:
        if asked:
            raise Terminated from None
        raise
    finally:
        loop.remove_signal_handler(signal.SIGTERM)


def _probes(names: tuple[str, ...], registry: Registry) -> list[Probe]:
    for problem in registry.problems:
        say(f"heliograph: {for_terminal(problem)}")
    if not names:
        return [next(registry.probes[name] for name in DEFAULT_PROBES if name in registry.probes)]
    for name in names:
        if name not in registry.probes:
            known = ", ".join(sorted(registry.probes))
            raise Stop(ExitCode.USAGE, f"there is no probe {name!r}; there are {known}")
    return [registry.probes[name] for name in dict.fromkeys(names)]


def _note_what_is_unused(config: Config) -> None:
    """Settings this version reads and does not act on yet are named, never passed over."""
    unused = [
        name
        for name, value in (
            ("collector.urls", config.collector.urls),
            ("network.connectivity_checks", config.network.connectivity_checks),
        )
        if value
    ]
    if unused:
        say(f"heliograph: not used by this version yet: {', '.join(unused)}")
