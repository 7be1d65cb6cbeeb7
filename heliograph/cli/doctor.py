"""The ``doctor`` command: is this host ready to measure, and if not, what mends it."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from heliograph.cli import checks, checks_around, checks_net, pause
from heliograph.cli.checks import SECONDS, Found
from heliograph.cli.exits import Stop
from heliograph.cli.output import print_json, say
from heliograph.cli.place import database
from heliograph.config import Config
from heliograph.text import for_terminal
from probes.net.trust import Trust
from probes.surroundings import innocuous
from storage.errors import StorageError

_WORDS = {True: "ok", False: "problem", None: "-"}
_DEPEND = (
    *("ca_file", "asn_table", "resolver", "control", "connectivity", "clock"),
    checks_around.NAME,
)
"""Checks that can't be made without a configuration."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked for."""

    db: str | None
    config: Path | None
    offline: bool
    json: bool


def examine(wish: Wish) -> None:
    """Make every check and print it; raises Stop when something that is needed is not there."""
    found = asyncio.run(_found(wish))
    for one in found:
        if wish.json:
            print_json(one.row)
        else:
            _print(one)
    counts = {ok: sum(one.row.ok is ok for one in found) for ok in _WORDS}
    say(f"{counts[True]} ok, {counts[False]} to mend, {counts[None]} not tested")
    wrong = [one for one in found if one.code is not None]
    if wrong:
        names = ", ".join(one.row.name for one in wrong)
        assert wrong[0].code is not None
        raise Stop(wrong[0].code, f"not ready to measure: {names}; what mends it stands above")


async def _found(wish: Wish) -> list[Found]:
    configuration, config = checks.settings(wish.config)
    here = [checks.python(), configuration]
    around: list[Found] = []
    async with asyncio.TaskGroup() as group:
        lab = group.create_task(_namespaces())
        if config is not None:
            certificates, trust = checks.ca_file(config)
            here += [certificates, checks.asn_table(config)]
            around = await _around(config, trust, wish)
        else:
            around = [checks.untested(name, "the configuration can't be used") for name in _DEPEND]
        here += [checks.data(wish.db), checks.disk(wish.db)]
    return [*here, checks.ipv6(), *around, lab.result()]


async def _around(config: Config, trust: Trust | None, wish: Wish) -> list[Found]:
    """The network's part, and the clock's, which the network tells."""
    missing = checks_net.resolver_or_stop(config)
    if missing is not None:
        rest = ("control", "connectivity", "clock", checks_around.NAME)
        return [missing, *(checks.untested(name, "there is no resolver") for name in rest)]
    chosen, idle = checks_net.checks(config)
    why = "--offline" if wish.offline else "ca_file can't be used" if trust is None else None
    with suppress(StorageError):  # what is wrong with its place, the check of the database says
        paused = pause.in_force(database(wish.db))
        why = why if paused is None else paused.words
    if why is not None or trust is None:
        names = [*(check.name for check in chosen), "clock", checks_around.NAME]
        return [*(checks.untested(name, why or "") for name in names), *idle]
    for check in chosen:
        say(for_terminal(f"contacts {check.destination}"))
    if innocuous(config.network) or config.network.connectivity_checks:
        for place in checks_around.destinations(config):
            say(for_terminal(f"contacts {place.to}: {place.what} (as each run does first)"))
    found = await checks_net.make(chosen, checks_net.surroundings(config, trust))
    around = await checks_around.look(config)
    return [*_one_is_enough(found), *idle, checks_net.clock(found), *around]


async def _namespaces() -> Found:
    try:
        async with asyncio.timeout(SECONDS):
            return await checks.namespaces()
    except TimeoutError:
        return checks.untested("namespaces", f"no answer within {SECONDS:g} s")


def _one_is_enough(found: Sequence[Found]) -> list[Found]:
    """Where one connectivity check passes, this host is online, whatever became of the others."""
    lines = [one for one in found if one.row.name.startswith("connectivity ")]
    if not any(one.row.ok for one in lines):
        return list(found)
    return [Found(one.row, None, one.clock_ahead) if one in lines else one for one in found]


def _print(found: Found) -> None:
    row = found.row
    print(for_terminal(f"{_WORDS[row.ok]:8} {row.name}: {row.told}"))
    if row.mend is not None:
        print(for_terminal(f"         mend: {row.mend}"))
