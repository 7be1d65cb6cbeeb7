"""Findings judged on small histories, and what is kept of that."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from heliograph.cli import histories
from heliograph.cli.exits import ExitCode, Stop
from heliograph.lab.history_shapes import PRESETS

SMALL = {
    name: replace(
        PRESETS[name],
        countries=4,
        networks=3,
        targets=5,
        days=70,
        episodes=min(PRESETS[name].episodes, 6),
        episode_days=(8, 20),
        network_outages=2,
        target_outages=2,
        faults=1,
    )
    for name in ("default", "quiet", "liars")
}


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(histories, "PRESETS", SMALL)


def judged(out: Path, *presets: str, nights: int = 0) -> None:
    histories.evaluate_histories(presets, seeds=1, nights=nights, out=out, json=True)


def test_what_is_found_is_compared_with_what_happened(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    judged(tmp_path / "kept.json", "default", "quiet", nights=1)
    default, quiet = json.loads(capsys.readouterr().out)["presets"]

    assert default["seeds"] == [101]
    assert default["recall"]["right"] >= 4
    assert default["precision"]["right"] >= default["precision"]["of"] - 1
    assert default["delay_told"]["right"] >= 4
    assert 0 <= default["delay_median"] <= 10
    assert quiet["false_findings"] == 0
    assert quiet["delay_median"] is None


def test_what_else_a_file_holds_stays_in_it(tmp_path: Path) -> None:
    out = tmp_path / "kept.json"
    out.write_text('{"kind": "evaluation", "repeats": 20}', encoding="utf-8")
    judged(out, "quiet")
    kept = json.loads(out.read_text(encoding="utf-8"))

    assert (kept["kind"], kept["repeats"]) == ("evaluation", 20)
    assert [one["preset"] for one in kept["histories"]["presets"]] == ["quiet"]


def test_a_file_that_is_something_else_is_left_alone(tmp_path: Path) -> None:
    out = tmp_path / "kept.json"
    out.write_text("no JSON", encoding="utf-8")
    with pytest.raises(Stop) as stopped:
        judged(out, "quiet")

    assert stopped.value.code == ExitCode.BAD_INPUT
    assert out.read_text(encoding="utf-8") == "no JSON"


def test_a_preset_nobody_knows_is_named_with_those_there_are() -> None:
    with pytest.raises(Stop, match="no preset nothing; there are default, quiet, liars"):
        histories.evaluate_histories(("nothing",), seeds=1, nights=0, out=None, json=False)


def test_a_history_is_written_with_what_there_is_to_find(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    histories.write_history("default", seed=3, out=tmp_path)

    assert {path.name for path in tmp_path.iterdir()} == {"series.csv", "truth.json"}
    assert "6 events to find" in capsys.readouterr().err


def test_a_folder_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    with pytest.raises(Stop, match="choose another --out"):
        histories.write_history("default", seed=3, out=tmp_path / "file")
