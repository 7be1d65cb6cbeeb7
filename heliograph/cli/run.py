"""The ``run`` command: inputs, consent, looks, storage and what is printed of them."""

import hashlib
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from heliograph.cli import consent, country, kinds, pause, plan, power, vpn
from heliograph.cli.analyse import up_to_date
from heliograph.cli.compose import assemble, require_route
from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.output import say
from heliograph.cli.place import configuration, database, database_file, now
from heliograph.cli.session import Session
from heliograph.cli.signals import Ending
from heliograph.cli.targets import gather
from heliograph.config import Config
from heliograph.ids import run_hash
from heliograph.plugin import Expectation, ExpectingProbe, Probe
from heliograph.text import for_terminal
from probes.registry import Registry, installed
from scheduler.allowance import EarlyEnd
from scheduler.halting import Jumps, Why
from scheduler.looks import Look
from storage.orphans import orphans
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
    anyway: bool = False
    """On a battery, on a metered network and through a VPN, too."""
    wait: bool = False
    """For the cool-down, where a look may have been spoiled by another one."""


def execute(wish: Wish) -> None:
    """Do it; raises Stop, ConfigError and the errors of storage."""
    config = configuration(wish.config)
    _note_what_is_unused(config)
    chosen = _probes(wish.probes, installed())
    wanted = gather(wish.arguments, wish.files)
    chosen = [_told(probe, wanted.expectations) for probe in chosen]
    for bad in wanted.refused:
        say(f"heliograph: {bad.place}: {for_terminal(bad.problem)}")
    if not wanted.targets and not wanted.refused:
        raise Stop(ExitCode.USAGE, "no targets; name some, or a list with --targets FILE")
    here = country.of(config, wish.config)
    if wish.dry_run:
        opted = consent.opted_into(database(wish.db), here)
        plan.show(config, kinds.split(wanted, here.risk, opted), chosen, json=wish.json)
    else:
        _require_good_moment(wish, config)
        location = database(wish.db)
        asked = consent.Asked.by(chosen, kinds.off_here(wanted, here.risk).values(), here)
        agreed = consent.obtain(location, asked, yes=wish.yes)
        with Ending() as ending, Store.open(location) as store:
            given = consent.keep(store, agreed)
            vpn.ask(settled=wish.yes or wish.anyway)
            split = kinds.split(wanted, here.risk, given.categories)
            _run(Job(wish, config, given.text_version, ending), store, split, chosen)
        _name_what_is_left(location)
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
    ending: Ending


def _run(job: Job, store: Store, wanted: kinds.Split, probes: Sequence[Probe]) -> None:
    up_to_date(store)
    require_route(job.config)
    runner = assemble(
        job.config,
        consent=job.consent,
        makes=lambda look: plan.is_made(job.config, look.target, look.probe),
    )
    looks = [Look(target, probe) for target in wanted.targets for probe in probes]
    run_id = _begin(job, store, looks, wanted.expectations)
    wish = job.wish
    session = Session(store, run_id, json=wish.json, waits=wish.wait, db=wish.db)
    for bad in wanted.refused:
        session.refuse(bad, runner, probes[0])
    session.leave_out(wanted.left_out, runner, probes)
    left = [look for look in looks if (look.target.url, look.probe.name) not in session.stored]
    if len(left) < len(looks):
        say(f"resuming: {len(looks) - len(left)} of {len(looks)} were finished before")
    random.SystemRandom().shuffle(left)  # a list in its own order would be recognised on the line
    session.go(runner, left, job.config.limits, job.ending, _halts(store, database(job.wish.db)))


def _name_what_is_left(location: str) -> None:
    """Where the database was removed, and what stood beside it could not be."""
    file = database_file(location)
    for path in () if file is None else orphans(file):
        say(f"still there, and names what was looked at: {path}; delete it")


def _halts(store: Store, location: str) -> Why:
    """What ends this run before its time."""
    jumped = Jumps(now, time.monotonic)

    def why() -> EarlyEnd | None:
        return pause.halting(location) or consent.halting(store) or jumped()

    return why


def _begin(
    job: Job, store: Store, looks: Sequence[Look], expectations: Mapping[str, Expectation]
) -> int:
    """The run to go on with, or a new one; raises Stop when another process is at it."""
    config = msgspec.structs.replace(job.config, limits=job.config.limits.of_one_look())
    told = msgspec.json.encode(config, enc_hook=str)
    if expectations:  # where other things are expected, it is another run
        told += msgspec.json.encode(expectations, order="sorted")
    digest = hashlib.sha256(told).hexdigest()
    name = run_hash(
        digest, (look.target.url for look in looks), (look.probe.name for look in looks)
    )
    taken = store.runs.take(name, now(), len(looks), fresh=job.wish.fresh)
    if taken is None:
        raise Stop(ExitCode.DONE, "the same run is under way in another process; nothing to do")
    return taken.run_id


def _require_good_moment(wish: Wish, config: Config) -> None:
    """Raise Stop with code 0 while paused, or to wait for mains power or another network."""
    paused = pause.in_force(database(wish.db))
    if paused is not None:
        raise Stop(ExitCode.DONE, f"not started: {paused.words}")
    why = None if wish.anyway else power.obstacle(config.limits)
    if why is not None:
        raise Stop(ExitCode.DONE, f"not started: {why}; --anyway starts all the same")


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


def _told(probe: Probe, expectations: Mapping[str, Expectation]) -> Probe:
    """The probe, told what is expected of the targets if it has to be."""
    return probe.expecting(expectations) if isinstance(probe, ExpectingProbe) else probe


def _note_what_is_unused(config: Config) -> None:
    """Settings this version reads and does not act on yet are named, never passed over."""
    unused = [name for name, value in (("collector.urls", config.collector.urls),) if value]
    if unused:
        say(f"heliograph: not used by this version yet: {', '.join(unused)}")
