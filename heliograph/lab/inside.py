"""What runs inside the lab's namespaces: the world, the witness, and the product's commands.

``python -m heliograph.lab.inside PIPE JOB``: PIPE is the read end of a pipe that the parent keeps
open, JOB a ``Job`` as JSON. Says what happens as one JSON object a line on stdout.
"""

import asyncio
import json
import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from heliograph.lab.authority import Authority
from heliograph.lab.netns import Host, end_with
from heliograph.lab.row import BEYOND_ROUTERS, OFFLINE, POSTS, Row, Staged, by_command, by_scene
from heliograph.lab.rows import crowd, named
from heliograph.lab.scene import Scene
from heliograph.lab.witness import Check
from heliograph.lab.world import World, home, product

_OVERLAP = 4
"""So many repeats go on at the same time: most of a look is waiting."""
_OVERLAP_ALONE = 8
"""And so many of a scene with next to nothing in it."""
_SETTLE_SECONDS = 0.2
_EXIT_OFFLINE = 68
_WITHOUT_RIGHTS = ("setpriv", "--bounding-set", "-all", "--inh-caps", "-all", "--")
_HEALTHY = 0
"""The number of a run for which the conditions are not there."""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done inside."""

    rows: tuple[str, ...] = ()
    crowd: tuple[int, int] | None = None
    """Instead of rows, so many healthy and so many dropped sites."""
    parallel: int | None = None
    repeat: int = 1
    db: str | None = None
    """Where the product's results go; None: into the lab's own files, gone with it."""
    folder: str | None = None
    """Instead, each run's results into a database of its own here, ``database_of``; and one run
    more, number 0, of each scene without its conditions."""
    terminal: bool = False
    """Instead of runs, a terminal inside the vantage."""


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that happened: ``what`` is twin, verdict, healthy, run or note.

    ``healthy`` is a verdict on a row's target while its condition was not there.
    """

    what: str
    row: str = ""
    seen: str = ""
    """A twin: what is wrong with it, empty when it is as it must be. A note: its text."""
    state: str = ""
    techniques: tuple[str, ...] = ()
    hop: int | None = None
    rules: tuple[str, ...] = ()
    anomalies: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    target: str = ""
    measurement: str = ""
    """The id of what the verdict is on."""
    repeat: int = 0
    seconds: float = 0.0
    mebibytes: float = 0.0
    """A run: the peak of the product's memory."""
    explanation: str = ""


def database_of(folder: Path, surroundings: str, probe: str, repeat: int) -> Path:
    """Where the results of one run are kept."""
    return folder / f"{surroundings}-{probe}-{repeat}.sqlite"


def main() -> None:
    """Watch the parent, and do the job."""
    threading.Thread(target=end_with, args=(int(sys.argv[1]),), daemon=True).start()
    job = msgspec.json.decode(sys.argv[2], type=Job)
    asyncio.run(_Rehearsal(job).go())


class _Rehearsal:
    """One job in one world."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._rows = crowd(*job.crowd) if job.crowd else named(job.rows)
        self._authority, self._stranger = Authority(), Authority()
        self._world = World(self._authority, job.parallel)

    async def go(self) -> None:
        """Scene by scene the witness without and with the conditions, then the runs."""
        async with self._world.controlled():
            for rows in by_scene(self._rows):
                await self._rehearse(rows)
                if self._job.terminal:
                    return

    async def _rehearse(self, rows: Sequence[Row]) -> None:
        """The rows of one scene."""
        unseen = {} if self._job.terminal else await self._without(rows)
        scene, staged = self._scene(rows, on=True)
        async with self._world.staged(scene):
            if self._job.terminal:
                await self._terminal(rows)
                return
            seen = await self._look(rows, staged, on=True)
            for row in rows:
                wrong = _twin(staged[row.name], seen[row.name], unseen[row.name])
                _say(Event(what="twin", row=row.name, seen=wrong))
            if not rows[0].afresh:
                await self._runs(rows, range(1, self._job.repeat + 1))
                return
        for repeat in range(1, self._job.repeat + 1):
            async with self._world.staged(scene):
                await self._runs(rows, [repeat])

    async def _without(self, rows: Sequence[Row]) -> dict[str, list[str]]:
        scene, staged = self._scene(rows, on=False)
        async with self._world.staged(scene):
            seen = await self._look(rows, staged, on=False)
            if self._job.folder is not None:
                await self._runs(rows, [_HEALTHY])
            return seen

    def _scene(self, rows: Sequence[Row], *, on: bool) -> tuple[Scene, dict[str, Staged]]:
        scene = Scene(self._authority, self._stranger, on)
        staged = {row.name: row.stage(scene) for row in rows}
        scene.furnish()
        return scene, staged

    async def _look(
        self, rows: Sequence[Row], staged: dict[str, Staged], *, on: bool
    ) -> dict[str, list[str]]:
        """What the witness sees of each row, from where its condition is."""
        await asyncio.sleep(_SETTLE_SECONDS)
        seen: dict[str, list[str]] = {}
        for host in dict.fromkeys(self._eyes(row, on=on) for row in rows):
            here = [row for row in rows if self._eyes(row, on=on) is host]
            if here:
                checks = [check for row in here for check, _ in staged[row.name]]
                found = iter(await self._witness(host, checks))
                seen |= {row.name: [next(found) for _ in staged[row.name]] for row in here}
        return seen

    def _eyes(self, row: Row, *, on: bool) -> Host:
        return self._world.control if row.from_control else self._host(row, on=on)

    def _host(self, row: Row, *, on: bool) -> Host:
        offline = on and row.surroundings == OFFLINE
        if row.surroundings in BEYOND_ROUTERS:
            return self._world.chain.far
        return self._world.island if offline else self._world.vantage

    async def _witness(self, host: Host, checks: Sequence[Check]) -> list[str]:
        process = await asyncio.create_subprocess_exec(
            *host.command([sys.executable, "-m", "heliograph.lab.witness"]),
            str(self._world.files / "ca.pem"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        told, _ = await process.communicate(json.dumps(checks).encode())
        found: list[str] = json.loads(told)
        return found

    async def _runs(self, rows: Sequence[Row], repeats: Sequence[int]) -> None:
        """These repeats of every run, some at the same time."""
        places = asyncio.Semaphore(_OVERLAP_ALONE if rows[0].alone else _OVERLAP)

        async def run(together: Sequence[Row], repeat: int) -> None:
            async with places:
                await self._run(together[0].surroundings, together, repeat)

        async with asyncio.TaskGroup() as group:
            for repeat in repeats:
                for together in by_command(rows):
                    group.create_task(run(together, repeat))

    async def _run(self, surroundings: str, rows: Sequence[Row], repeat: int) -> None:
        """The product's own command, in the rows' surroundings."""
        owners = {target: row for row in rows for target in row.targets}
        began = time.monotonic()
        process = await self._start(surroundings, rows, repeat)
        assert process.stdout is not None
        assert process.stderr is not None
        peak = 0.0
        async with asyncio.TaskGroup() as group:
            complaints = group.create_task(process.stderr.read())
            verdicts = 0
            async for line in process.stdout:
                verdicts += _tell(json.loads(line), owners, repeat)
                peak = max(peak, _peak_mebibytes(process.pid))
        code = await process.wait()
        if rows[0].state == "none" and repeat != _HEALTHY:
            state = "none" if code == _EXIT_OFFLINE and not verdicts else f"exit {code}"
            _say(Event(what="verdict", row=rows[0].name, state=state, repeat=repeat))
        elif code != 0:
            _say(Event(what="note", seen=complaints.result().decode(errors="replace")[-2000:]))
        seconds = round(time.monotonic() - began, 1)
        _say(Event(what="run", row=surroundings, repeat=repeat, seconds=seconds, mebibytes=peak))

    async def _start(
        self, surroundings: str, rows: Sequence[Row], repeat: int
    ) -> asyncio.subprocess.Process:
        """The command under way, as a user of their own would start it."""
        folder = self._world.files / f"{surroundings}-{rows[0].probe}-{repeat}"
        database = self._job.db or str(folder / "results.sqlite")
        if self._job.folder is not None:
            database = str(database_of(Path(self._job.folder), surroundings, rows[0].probe, repeat))
        command = product(
            *("run", "--json", "--yes", "--fresh", "--db", database),
            *("--config", str(self._world.files / f"{surroundings}.toml")),
            *("--probe", rows[0].probe),
            *_named(rows, folder),
        )
        if rows[0].without_rights:
            command = [*_WITHOUT_RIGHTS, *command]
        return await asyncio.create_subprocess_exec(
            *self._host(rows[0], on=repeat != _HEALTHY).command(command),
            env=home(folder),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    def _words(self, row: Row) -> Iterator[str]:
        """What is written after ``run`` to look at a row, as a person would."""
        if row.probe != "web":
            yield from ("--probe", row.probe)
        yield from _named([row], self._world.files / "lists")

    async def _terminal(self, rows: Sequence[Row]) -> None:
        """A terminal on the vantage; the lab ends when it does."""
        settings = self._world.files / f"{rows[0].surroundings}.toml"
        told = "\n".join(
            f"staged: {row.name} ({row.meaning}); try: heliograph run {' '.join(self._words(row))}"
            for row in rows
        )
        print(f"{told}\nleave with: exit", file=sys.stderr, flush=True)
        environment = {
            **os.environ,
            **home(self._world.files / "shell"),
            "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}",
            "HELIOGRAPH_CONFIG": str(settings),
        }
        host = self._host(rows[0], on=True)
        shell = os.environ.get("SHELL", "/bin/sh")
        process = await asyncio.create_subprocess_exec(*host.command([shell]), env=environment)
        await process.wait()


def _named(rows: Sequence[Row], folder: Path) -> Iterator[str]:
    """The rows' targets as arguments; those of which something is expected, as a list."""
    lines = [line for row in rows for line in row.posts]
    if lines:
        folder.mkdir(parents=True, exist_ok=True)
        listed = folder / f"{rows[0].name}.csv"
        listed.write_text("\n".join([POSTS, *lines, ""]), encoding="utf-8")
        yield from ("--targets", str(listed))
    yield from (target for row in rows if not row.posts for target in row.targets)


def _twin(staged: Staged, with_it: Sequence[str], without: Sequence[str]) -> str:
    """What is wrong with a twin: the condition must be seen, and gone without it."""
    for (_, wanted), there, gone in zip(staged, with_it, without, strict=True):
        if there != wanted:
            return f"the condition is not there: a witness sees {there!r} instead of {wanted!r}"
        if gone == wanted:
            return f"the condition does not go away: a witness sees {gone!r} all the same"
    return ""


def _peak_mebibytes(process: int) -> float:
    """The most memory a process has held so far; 0 when it is gone."""
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    found = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(found[0].split()[1]) / 1024 if found else 0.0


def _tell(line: dict[str, object], owners: dict[str, Row], repeat: int) -> int:
    """Pass on a verdict the product printed; how many these were."""
    if line.get("kind") != "verdict":
        return 0
    row = owners.get(str(line["input"]))
    hop = line.get("hop")
    _say(
        Event(
            what="healthy" if repeat == _HEALTHY else "verdict",
            row="" if row is None else row.name,
            state=str(line["state"] or line["outcome"]),
            techniques=_texts(line.get("techniques")),
            hop=hop if isinstance(hop, int) else None,
            rules=_texts(line.get("rules")),
            anomalies=_texts(line.get("anomalies")),
            context=_texts(line.get("context")),
            target=str(line["target"]),
            measurement=str(line["measurement_id"]),
            repeat=repeat,
            explanation=str(line.get("explanation") or line.get("reason") or ""),
        )
    )
    return 1


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()


def _say(event: Event) -> None:
    print(msgspec.json.encode(event).decode(), flush=True)


if __name__ == "__main__":
    main()
