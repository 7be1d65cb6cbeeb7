"""What is said of work that goes on in many small pieces, where there is no bar."""

import time

import pytest

from heliograph.cli.progress import Progress


def test_pieces_are_told_of_once_a_second_and_what_is_quick_not_at_all(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    with Progress(1000, "judging") as told:
        for seconds in (0.2, 0.3, 0.6, 0.1, 0.1, 1.0):
            now += seconds
            told.advance_by(100, "judging")

    assert capsys.readouterr().err.splitlines() == ["[ 300/1000] judging", "[ 600/1000] judging"]
