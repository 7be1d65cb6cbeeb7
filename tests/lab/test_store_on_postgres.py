"""What the store promises holds on PostgreSQL: the tests of the unit suite, on a real server."""

import inspect
from collections.abc import Callable, Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from storage.store import Store
from tests.postgres_server import Server

UNIT = Path(__file__).parents[1] / "unit" / "storage"
MODULES = (
    "consents",
    "forgetting",
    "imports",
    "judging",
    "ledger",
    "privacy",
    "queries",
    "receipts",
    "retired",
    "runs",
    "store",
)


def loaded(name: str) -> ModuleType:
    spec = spec_from_file_location(f"on_postgres_{name}", UNIT / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def that_take_a_store(module: ModuleType) -> Iterator[tuple[str, Callable[..., None]]]:
    for name, value in vars(module).items():
        if name.startswith("test_") and "store" in inspect.signature(value).parameters:
            yield name, value


CONFTEST = loaded("conftest")
measurement, verdict = CONFTEST.measurement, CONFTEST.verdict

for part in MODULES:
    for title, promise in that_take_a_store(loaded(f"test_{part}")):
        globals()[f"test_{part}_{title.removeprefix('test_')}"] = promise


@pytest.fixture
def store(postgres: Server, made: str) -> Iterator[Store]:
    """Empty, ruleset 1 active, in a database of its own."""
    with Store.open(postgres.url(postgres.new_database(made))) as copy:
        yield copy
