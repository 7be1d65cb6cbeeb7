"""The process that answers is bounded by the system, whatever the engine does."""

import resource
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from storage.asking_child import ENGINES, answerer, bound
from storage.question import Answer, Limits, Question

TRY = """
import sys
from storage.asking_child import bound
from storage.question import Limits
bound(Limits(seconds=0.1, memory_bytes=int(sys.argv[1])))
"""


def tried(code: str, memory: int, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", TRY + code, str(memory), *arguments],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def test_it_writes_to_no_file(tmp_path: Path) -> None:
    done = tried("with open(sys.argv[2], 'w') as file: file.write('x')", 2**30, str(tmp_path / "x"))

    assert "File too large" in done.stderr
    assert (tmp_path / "x").stat().st_size == 0


def test_it_has_no_more_memory_than_granted() -> None:
    assert "MemoryError" in tried("bytearray(2**29)", 2**28).stderr


def test_a_limit_that_is_stricter_already_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    hard = {resource.RLIMIT_AS: 5, resource.RLIMIT_CPU: resource.RLIM_INFINITY}
    kept: dict[int, tuple[int, int]] = {}
    monkeypatch.setattr(resource, "getrlimit", lambda what: (1, hard.get(what, 100)))
    monkeypatch.setattr(resource, "setrlimit", lambda what, pair: kept.update({what: pair}))
    bound(Limits(seconds=1.5, memory_bytes=1000))

    assert kept == {
        resource.RLIMIT_FSIZE: (0, 0),
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_CPU: (3, 3),
        resource.RLIMIT_DATA: (100, 100),
        resource.RLIMIT_AS: (5, 5),
    }


def test_questions_and_answers_survive_the_way_between_processes() -> None:
    asked = Question(engine="sqlite", place="x", sql="ü", limits=Limits(), views={"v": {"t": []}})
    told = Answer(columns=("a",), rows=[(1, 2.5, "ü", None)], cut=True)

    assert msgspec.msgpack.decode(msgspec.msgpack.encode(asked), type=Question) == asked
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(told), type=Answer) == told


def test_each_engine_has_somebody_who_answers() -> None:
    assert [answerer(engine).__name__ for engine in ENGINES] == ["answer"] * 3
