"""A PostgreSQL server to be killed amid its work: as a whole, or in the process of one client."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from tests.postgres_server import SUPERUSER, Server, server, start, stop

_SAFE: tuple[str, ...] = ()
"""PostgreSQL's own settings: what is committed is on the disk."""

_SECONDS = 60.0


class KilledServer:
    """A server that comes back over what it had on the disk."""

    def __init__(self, folder: Path, running: Server) -> None:
        self.running = running
        self._folder, self._process = folder, running.process

    def backends(self, database: str) -> list[int]:
        """The processes of those who are connected to a database."""
        words = f"host={self.running.folder} port={self.running.port} user={SUPERUSER}"
        asked = "SELECT pid FROM pg_stat_activity WHERE datname = %s"
        with psycopg.connect(f"{words} dbname=postgres") as connection:
            return [pid for (pid,) in connection.execute(asked, (database,))]

    def kill_backend(self, database: str) -> None:
        """End them with SIGKILL; the server ends all others and recovers by itself."""
        pids = self.backends(database)
        for pid in pids:
            _kill(pid)
        _until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))  # it has noticed
        _until(self._answers)

    def kill(self) -> None:
        """End the server and all its processes with SIGKILL, and start it again at once."""
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for each in (pid, *map(int, children)):
            _kill(each)
        self._process.wait()
        _until(lambda: not any(map(_lives, children)))
        self._process = start(self._folder, _SAFE)

    def drop(self, database: str) -> None:
        """Remove a database: after a kill the server goes through the files of all it has."""
        self.running.sql(f"DROP DATABASE {database} WITH (FORCE)")

    def stop(self) -> None:
        """End it as it should end."""
        stop(self._process)

    def _answers(self) -> bool:
        """Whether it lets clients in, as it does not while it recovers."""
        try:
            self.backends("postgres")
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def killed_server(folder: Path) -> Iterator[KilledServer]:
    """A new one in a new folder; it is stopped on leaving."""
    with server(folder, _SAFE) as running:
        killed = KilledServer(folder, running)
        try:
            yield killed
        finally:
            killed.stop()


def _until(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + _SECONDS
    while not holds():
        assert time.monotonic() < ends, "the server does not come back, or does not go"
        time.sleep(0.02)


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _lives(pid: str) -> bool:
    """Whether it is there, and not only waiting for its parent to hear of its end."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"
