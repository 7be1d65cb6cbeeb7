"""What an export writes, what it leaves out and says so, and that it replaces nothing.

A line for everybody tells what a public package tells, and nothing beside it.
"""

import errno
import gzip
import json
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from analysis.judge import judge
from heliograph.cli import exporting, giving
from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.exporting import Wish, export
from heliograph.cli.filters import Filters
from heliograph.cli.giving import FROM_OTHERS, NAMES_US, NO_EVIDENCE, UNKNOWN
from heliograph.cli.packaging import OF_THIS_NETWORK
from heliograph.model import SURROUNDINGS, Measurement, Stack, State, Vantage
from storage.ooni.own import record_of
from storage.packages.public import EXPLANATION, published
from tests.unit.analysis.builders import RESET, http, measured, system, tcp, tls
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


ADDRESS, RESOLVER = "203.0.113.10", "192.0.2.53"
REVEALING = msgspec.structs.replace(
    measured(
        system(ADDRESS),
        msgspec.structs.replace(tcp(), started=0.123456, seconds=0.034567, source_port=41234),
        msgspec.structs.replace(tls(), bytes_sent=517, bytes_received=2519),
        http(),
        probe="web",
    ),
    vantage=Vantage(country="XA", asn=64511, network_name="Tiny Net", source="configured"),
    seconds=24.306,
    consent="consent-7",
    campaign="campaign-7",
    stack=Stack(
        system="Linux 6.18.44", tls_library="OpenSSL 3.9", http_library="h", tcp_timestamps=True
    ),
    context=("clock_skew", "nxdomain_rewritten:203.0.113.99"),
)
SECRETS = (
    "64511", "Tiny Net", "configured", "consent", "campaign", "Linux", "OpenSSL", "tcp_timestamps",
    ADDRESS, RESOLVER, "203.0.113.99", "41234", "24.306", "123456", "034567", "517", "2519",
    "12:00", "1200", "T12", ":56",
)  # fmt: skip

Lines = Callable[..., list[dict[str, object]]]


@pytest.fixture
def lines(run: Export, tmp_path: Path) -> Lines:
    """The lines of a file that the command writes, for everybody unless told otherwise."""

    def written(*, coarse: bool = True, **options: object) -> list[dict[str, object]]:
        out = tmp_path / "lines.jsonl"
        run(out, force=True, coarse=coarse, **options)
        return [json.loads(line) for line in out.read_bytes().splitlines()]

    return written


def record(line: dict[str, object]) -> Measurement | None:
    keys = line["test_keys"]
    assert isinstance(keys, dict)
    return record_of(msgspec.json.encode(keys["x_heliograph"]))


def without_ids(line: dict[str, object]) -> str:
    """A line's text without ids, whose digits may be any."""
    (text, found) = json.dumps(line), record(line)
    assert found is not None
    return text.replace(found.id, "").replace(found.id.replace("-", "")[8:], "")


def test_nothing_in_a_line_for_everybody_leads_to_the_vantage(plant: Plant, lines: Lines) -> None:
    plant(REVEALING)
    (exact,), (line,) = lines(coarse=False), lines()

    assert [secret for secret in SECRETS if secret not in without_ids(exact)] == []
    assert [secret for secret in SECRETS if secret in without_ids(line)] == []


def test_the_record_in_it_is_that_of_a_public_package(plant: Plant, lines: Lines) -> None:
    (kept,) = plant(REVEALING)
    (line,) = lines()

    assert record(line) == published(kept)
    assert line["id"] == line["measurement_uid"] == published(kept).id != kept.id


def test_what_is_found_stays(plant: Plant, lines: Lines) -> None:
    blocked = measured(system(ADDRESS), tcp(), tls(failure=RESET), probe="web")
    (kept,) = plant(blocked)
    verdict = judge(kept)
    assert verdict is not None
    (line,) = lines()
    keys = line["test_keys"]
    assert isinstance(keys, dict)

    assert (keys["failure"], keys["failed_operation"]) == ("connection_reset", "tls_handshake")
    assert keys["x_heliograph_verdict"]["state"] == verdict.state
    assert keys["x_heliograph_verdict"]["rules"] == [fired.rule for fired in verdict.fired]
    assert keys["x_heliograph_verdict"]["explanation"] == EXPLANATION


def test_the_order_of_the_lines_is_that_of_their_ids_and_not_of_the_looks(
    plant: Plant, lines: Lines
) -> None:
    looks = [msgspec.structs.replace(REVEALING, seconds=float(n)) for n in range(12)]
    plant(*looks)
    ids = [line["id"] for line in lines()]
    by_time = [line["test_runtime"] for line in lines(coarse=False)]

    assert ids == sorted(ids, key=str)
    assert [line["test_runtime"] for line in lines()] != by_time
    assert {line["test_runtime"] for line in lines()} == set(by_time)


def test_looks_that_become_the_same_are_all_there(plant: Plant, lines: Lines) -> None:
    plant(OK, OK, OK)
    found = lines()

    assert len({line["id"] for line in found}) == 3
    assert {line["measurement_start_time"] for line in found} == {"2026-11-23 00:00:00"}


def test_more_than_fits_into_memory_is_written_as_well(
    plant: Plant, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(OK, REVEALING, OK)
    whole = lines()
    monkeypatch.setattr(exporting, "_MOST_IN_MEMORY", 1)

    assert lines() == whole


def test_no_room_for_what_does_not_fit_is_said(
    plant: Plant, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    plant(OK)
    monkeypatch.setattr(tempfile, "SpooledTemporaryFile", full)
    with pytest.raises(Stop, match="No space left on device; make room there") as stopped:
        lines()

    assert stopped.value.code is ExitCode.CANNOT_WRITE


def test_looks_at_the_surroundings_are_told_to_nobody(plant: Plant, lines: Lines) -> None:
    plant(msgspec.structs.replace(OK, probe=SURROUNDINGS), BROKEN)
    with pytest.raises(Stop, match=OF_THIS_NETWORK) as stopped:
        lines(filters={"probe": SURROUNDINGS})

    assert stopped.value.code is ExitCode.INPUT_MISSING


def test_what_may_hold_the_own_address_can_not_be_asked_for(plant: Plant, lines: Lines) -> None:
    plant(UNSCRUBBED)
    with pytest.raises(Stop, match="leave out --address-unknown") as stopped:
        lines(address_unknown=True)

    assert stopped.value.code is ExitCode.USAGE


def test_it_is_said_that_targets_stand_there_as_they_are(
    plant: Plant, lines: Lines, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(OK)
    lines()

    assert "targets stand there as they are" in capsys.readouterr().err


def test_filters_of_what_is_for_everybody_are_those_of_results(plant: Plant, lines: Lines) -> None:
    plant(OK, measured(system(ADDRESS), tcp(), tls(failure=RESET), probe="web"))
    (line,) = lines(filters={"state": "ok"})
    keys = line["test_keys"]
    assert isinstance(keys, dict)

    assert (keys["x_heliograph_verdict"]["state"], keys["accessible"]) == (State.OK, True)
