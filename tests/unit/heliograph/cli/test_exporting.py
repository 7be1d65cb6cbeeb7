"""What an export writes, what it leaves out and says so, and that it replaces nothing."""

import gzip
import json
import stat
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from analysis.judge import judge
from heliograph.cli import giving
from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.exporting import Wish, export
from heliograph.cli.filters import Filters
from heliograph.cli.giving import FROM_OTHERS, NAMES_US, NO_EVIDENCE, UNKNOWN
from heliograph.model import Measurement, State
from storage.ooni.own import record_of
from tests.unit.analysis.cases import EVERY_LOOK
from tests.unit.heliograph.cli.own_looks import (
    BROKEN,
    OK,
    OWN_ADDRESS,
    TELLING,
    THEIRS,
    UNSCRUBBED,
    Plant,
)


def is_blocked(look: Measurement) -> bool:
    verdict = judge(look)
    return verdict is not None and verdict.techniques[:1] == ("tls.reset",)


BLOCKED = next(look for look in EVERY_LOOK if is_blocked(look))

Export = Callable[..., None]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Export:
    """The command on that database; the host has an address of its own."""
    monkeypatch.setattr(giving, "own_addresses", lambda: frozenset({OWN_ADDRESS}))

    def ran(out: Path | str = "-", **options: object) -> None:
        filters = Filters(**{"limit": None, **options.pop("filters", {})})  # type: ignore[dict-item]
        usual = {"force": False, "coarse": False, "address_unknown": False, "json": False}
        export(
            Wish(
                db=str(tmp_path / "r.sqlite"),
                filters=filters,
                out=Path(out),
                **{**usual, **options},  # type: ignore[arg-type]
            )
        )

    return ran


def records(data: bytes) -> list[Measurement | None]:
    keys = [msgspec.json.decode(line)["test_keys"] for line in data.splitlines()]
    return [record_of(msgspec.json.encode(each["x_heliograph"])) for each in keys]


def test_every_measurement_with_evidence_is_a_line_the_newest_first(
    plant: Plant, run: Export, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    ok, blocked, _ = plant(OK, BLOCKED, BROKEN)
    run()
    out, told = capfdbinary.readouterr()
    lines = [json.loads(line) for line in out.splitlines()]

    assert records(out) == [blocked, ok]
    assert [line["test_name"] for line in lines] == [blocked.probe, "web_connectivity"]
    assert lines[1]["test_keys"]["blocking"] is False
    assert [line["test_keys"]["x_heliograph_verdict"]["state"] for line in lines] == [
        State.BLOCKED,
        State.OK,
    ]
    assert f"left out: 1 {NO_EVIDENCE}" in told.decode()


def test_filters_are_those_of_results(
    plant: Plant, run: Export, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    _, blocked = plant(OK, BLOCKED)
    run(filters={"state": "blocked"})

    assert records(capfdbinary.readouterr().out) == [blocked]


@pytest.mark.parametrize(
    ("look", "why"), [(THEIRS, FROM_OTHERS), (UNSCRUBBED, UNKNOWN), (TELLING, NAMES_US)]
)
def test_what_must_not_be_given_away_is_left_out_and_counted(
    look: Measurement,
    why: str,
    plant: Plant,
    run: Export,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ok, _ = plant(OK, look)
    run(tmp_path / "o.jsonl", json=True)

    assert json.loads(capsys.readouterr().out) == {
        "kind": "export",
        "path": str((tmp_path / "o.jsonl").resolve()),
        "measurements": 1,
        "left_out": {why: 1},
    }
    written = (tmp_path / "o.jsonl").read_bytes()
    assert records(written) == [ok]
    assert OWN_ADDRESS.encode() not in written


def test_looks_that_may_hold_the_own_address_are_written_when_asked_for(
    plant: Plant, run: Export, tmp_path: Path
) -> None:
    kept = plant(UNSCRUBBED)
    run(tmp_path / "o.jsonl", address_unknown=True)

    assert records((tmp_path / "o.jsonl").read_bytes()) == kept


def test_nothing_asks_for_an_address_that_is_known_to_be_in_it(
    plant: Plant, run: Export, tmp_path: Path
) -> None:
    plant(TELLING)
    with pytest.raises(Stop, match=NAMES_US) as stopped:
        run(tmp_path / "o.jsonl", address_unknown=True)

    assert stopped.value.code is ExitCode.INPUT_MISSING
    assert not (tmp_path / "o.jsonl").exists()


def test_a_name_that_ends_in_gz_is_compressed_and_tells_no_time(
    plant: Plant, run: Export, tmp_path: Path
) -> None:
    kept = plant(OK)
    out = tmp_path / "o.jsonl.gz"
    run(out)
    first = out.read_bytes()
    run(out, force=True)

    assert records(gzip.decompress(first)) == kept
    assert first == out.read_bytes()
    assert first[4:8] == bytes(4)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_a_coarse_export_holds_no_minute(plant: Plant, run: Export, tmp_path: Path) -> None:
    plant(OK, OK, BLOCKED)
    run(tmp_path / "o.jsonl", coarse=True)
    written = (tmp_path / "o.jsonl").read_bytes()

    assert written.count(b"\n") == 3
    assert b":01:56" not in written
    assert b"0156Z" not in written
    assert [m and m.started.minute for m in records(written)] == [0, 0, 0]


def test_an_exact_export_says_what_that_tells(
    plant: Plant,
    run: Export,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    plant(OK)
    run(tmp_path / "a.jsonl")
    assert "--coarse" in capsys.readouterr().err
    run(tmp_path / "b.jsonl", coarse=True)
    assert "--coarse" not in capsys.readouterr().err


def test_a_file_that_is_there_is_replaced_only_by_force(
    plant: Plant, run: Export, tmp_path: Path
) -> None:
    plant(OK)
    out = tmp_path / "o.jsonl"
    out.write_text("mine", encoding="utf-8")
    with pytest.raises(Stop, match="--force") as stopped:
        run(out)
    assert stopped.value.code is ExitCode.CANNOT_WRITE
    assert out.read_text(encoding="utf-8") == "mine"

    run(out, force=True)
    assert len(records(out.read_bytes())) == 1


def test_nothing_to_write_leaves_no_file(plant: Plant, run: Export, tmp_path: Path) -> None:
    plant(OK)
    for filters in ({"state": "down"}, {"host": "other.example"}):
        with pytest.raises(Stop, match="nothing matches") as stopped:
            run(tmp_path / "o.jsonl", filters=filters)
        assert stopped.value.code is ExitCode.INPUT_MISSING
    assert [path.name for path in tmp_path.iterdir() if "sqlite" not in path.name] == []


def test_a_place_that_cannot_be_written_is_named(plant: Plant, run: Export, tmp_path: Path) -> None:
    plant(OK)
    with pytest.raises(Stop, match="No such file or directory") as stopped:
        run(tmp_path / "nowhere" / "o.jsonl")

    assert stopped.value.code is ExitCode.CANNOT_WRITE


def test_json_and_lines_do_not_share_stdout(run: Export) -> None:
    with pytest.raises(Stop, match="--out") as stopped:
        run(json=True)

    assert stopped.value.code is ExitCode.USAGE
