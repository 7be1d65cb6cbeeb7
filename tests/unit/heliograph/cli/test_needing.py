"""What an extra brings is asked for before anything begins, and missing it is one line."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from heliograph.cli import demo, evaluate, lab
from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.needing import require_collector, require_for_the_lab
from heliograph.cli.verify import verify
from heliograph.extras import COLLECTOR, install
from storage.errors import StorageError


@pytest.mark.parametrize("package", COLLECTOR)
def test_the_line_names_who_needs_what_and_how_it_is_had(
    package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(Stop) as caught:
        require_collector("a control")

    assert caught.value.code is ExitCode.CONFIGURATION
    assert str(caught.value) == (
        f"a control needs the package {package}, which comes with the extra 'collector':"
        f" {install('collector')}"
    )


def test_where_all_is_installed_nothing_is_said() -> None:
    require_for_the_lab()


COMMANDS: dict[str, Callable[[Path], None]] = {
    "run": lambda _: lab.run(("tls-reset",), every=False, repeat=1, json=False),
    "shell": lambda _: lab.terminal(("tls-reset",)),
    "demo": lambda folder: demo.rehearse_all(folder / "demo", repeat=1, json=False),
    "evaluate": lambda folder: evaluate.evaluate(
        ("tls-reset",), repeat=1, out=None, keep=folder / "kept", json=False
    ),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_lab_command_says_it_before_it_stages_or_writes_anything(
    command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    for module in (demo, evaluate, lab):
        monkeypatch.setattr(module, "obstacle", lambda: None)
    with pytest.raises(Stop, match="extra 'collector'"):
        COMMANDS[command](tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_checking_an_archive_without_its_library_is_one_line_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    (tmp_path / "archive.json").write_text("{}", encoding="utf-8")
    with pytest.raises(StorageError, match=r"install --force ..\[archive\]"):
        verify(tmp_path, json=False)
