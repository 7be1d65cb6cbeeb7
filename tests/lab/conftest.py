"""What the lab's tests share: one authority, on the disk as an operator has it, and desks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from heliograph.lab.authority import Authority
from storage.store import Store
from tests.lab.net_fixtures import Bench
from tests.lab.planted import plant
from tests.lab.slow_resolver import slow_resolver
from tests.lab.test_commands import Desk
from tests.postgres_server import Server


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """The door's surroundings with an authority of their own."""
    authority = Authority()
    ca_file = tmp_path_factory.mktemp("bench") / "ca.pem"
    ca_file.write_bytes(authority.bundle)
    return Bench(authority, ca_file)


@pytest.fixture(scope="module")
def planted_desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A desk whose database holds looks with hostile texts; a module's tests share it."""
    desk = Desk(tmp_path_factory.mktemp("desk"))
    plant(desk.db)
    return desk


@pytest.fixture(scope="session")
def made(postgres: Server) -> str:
    """A PostgreSQL database with the tables, ruleset 1 active: to be copied, never written to."""
    name = postgres.new_database()
    with Store.open(postgres.url(name)) as store:
        store.activate(1)
    return name


@pytest.fixture
def slow_desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk whose resolver takes its time, so that something can happen to a run meanwhile."""
    with slow_resolver() as config:
        desk = Desk(tmp_path)
        desk.config.write_text(f"{config}[limits]\nparallel = 4\n", encoding="utf-8")
        yield desk
