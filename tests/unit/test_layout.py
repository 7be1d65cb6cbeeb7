"""Every source file has the test of its name, and no test lacks a source."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "tests" / "unit"
ROOMS = ("heliograph", "probes", "scheduler", "storage", "analysis")
ELSEWHERE = ("heliograph/cli/", "heliograph/lab/", "storage/migrations/", "heliograph/__main__.py")
"""Tried as a whole: by commands run, by a lab that is measured, by a database migrated."""
WITH_SOCKETS = {
    "heliograph/collector/sink.py": "tests/lab/test_sink.py",
    "probes/net/sinking.py": "tests/lab/test_keyword_command.py",
    "probes/net/asking.py": "tests/lab/test_asking.py",
    "probes/net/door.py": "tests/lab/test_door.py",
    "probes/net/hops.py": "tests/lab/test_door_sweeps.py",
    "probes/net/quic.py": "tests/lab/test_door_quic.py",
    "probes/net/resolving.py": "tests/lab/test_door_replies.py",
    "probes/net/sweeping.py": "tests/lab/test_door_sweeps.py",
    "storage/asking_postgres.py": "tests/lab/test_asking_engines.py",
    "storage/loading.py": "tests/lab/test_postgres.py",
    "storage/readers.py": "tests/lab/test_postgres.py",
    "storage/server_locks.py": "tests/lab/test_postgres.py",
}
"""Modules that are nothing without a socket or a server, and the test that gives them one."""


def sources() -> list[str]:
    found = (path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    return sorted(path.relative_to(ROOT).as_posix() for path in found)


def expected_test(source: str) -> Path:
    path = Path(source)
    return UNIT / path.parent / f"test_{path.name}"


NEED_A_TEST = [
    source
    for source in sources()
    if not source.startswith(ELSEWHERE)
    and not source.endswith("__init__.py")
    and source not in WITH_SOCKETS
]
TESTS = [path for path in sorted(UNIT.rglob("test_*.py")) if path.parent != UNIT]


def test_a_source_file_has_a_test_of_its_name() -> None:
    expected = [expected_test(source) for source in NEED_A_TEST]
    missing = [path.relative_to(ROOT) for path in expected if not path.is_file()]

    assert missing == [], f"write {missing}"


def test_a_unit_test_has_a_source_file_of_its_name() -> None:
    sources = [t.parent.relative_to(UNIT) / t.name.removeprefix("test_") for t in TESTS]
    gone = [source for source in sources if not (ROOT / source).is_file()]

    assert gone == [], f"remove or rename the tests of {gone}"


@pytest.mark.parametrize(("source", "test"), WITH_SOCKETS.items())
def test_what_needs_sockets_is_tried_in_the_lab(source: str, test: str) -> None:
    assert (ROOT / source).is_file()
    assert (ROOT / test).is_file()


def test_tests_are_no_packages() -> None:
    assert list((ROOT / "tests").rglob("__init__.py")) == [
        ROOT / "tests" / "plugin_package" / "heliograph_greeting" / "__init__.py"
    ]
