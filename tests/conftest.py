"""What every test shares: the same names of cases for whoever collects them, and a quick start."""

import gc
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.postgres_server import Server, server

gc.disable()  # until all is collected: next to nothing of what collecting makes is garbage


LONGEST = ("test_surroundings_rows", "test_lab_rows", "test_surroundings_again", "test_kill")
"""Files of few tests that take minutes, above all by waiting: workers begin with them."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, so that no worker is left alone with one at the end."""
    items.sort(key=lambda item: item.path.stem not in LONGEST)


def pytest_collection_finish() -> None:
    """What was collected lives to the end: the collector of garbage need not look at it again."""
    gc.freeze()
    gc.enable()


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes name a case by their argument and place, never by what they hold.

    Workers that run side by side must collect the same names, and bytes may hold a time of day
    (a gzip header does), a key or a certificate made a moment ago.
    """
    return argname if isinstance(val, bytes | bytearray) else None


settings.register_profile("no clock", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("no clock")
"""A busy machine fails no test; how fast things are is measured in benchmarks/."""


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A PostgreSQL server, real and running, for all tests of this worker."""
    with server(tmp_path_factory.mktemp("pg")) as running:
        yield running
