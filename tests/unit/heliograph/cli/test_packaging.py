"""What a package holds and leaves out, and that a sample is always the same one."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from heliograph.cli import giving
from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.filters import Filters
from heliograph.cli.giving import FROM_OTHERS, NAMES_US, NO_EVIDENCE, UNKNOWN
from heliograph.cli.packaging import (
    ABOUT_NO_TARGET,
    NOT_IN_SAMPLE,
    OF_THIS_NETWORK,
    Wish,
    package,
    share_of,
)
from heliograph.model import SURROUNDINGS
from storage.packages.shapes import Format
from tests.unit.heliograph.cli.own_looks import (
    BROKEN,
    OK,
    OWN_ADDRESS,
    TELLING,
    THEIRS,
    UNSCRUBBED,
    Plant,
)

AROUND = msgspec.structs.replace(OK, probe=SURROUNDINGS)

Pack = Callable[..., Path]


@pytest.fixture
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pack:
    """The command on that database; the host has an address of its own."""
    monkeypatch.setattr(giving, "own_addresses", lambda: frozenset({OWN_ADDRESS}))

    def packed(name: str = "out", form: Format = Format.JSONL, **options: object) -> Path:
        filters = Filters(**{"limit": None, **options.pop("filters", {})})  # type: ignore[dict-item]
        usual = {"sample": None, "public": False, "address_unknown": False, "json": True}
        out = tmp_path / name
        package(
            Wish(
                db=str(tmp_path / "r.sqlite"),
                form=form,
                out=out,
                filters=filters,
                **{**usual, **options},  # type: ignore[arg-type]
            )
        )
        return out

    return packed


def ids(folder: Path) -> set[str]:
    lines = (folder / "measurements.jsonl").read_text(encoding="utf-8").splitlines()
    return {json.loads(line)["measurement_id"] for line in lines}


def test_own_looks_are_all_there_and_what_is_left_out_is_counted(
    plant: Plant, pack: Pack, capsys: pytest.CaptureFixture[str]
) -> None:
    ok, broken, *_ = plant(OK, BROKEN, THEIRS, UNSCRUBBED, TELLING)
    folder = pack()
    told = json.loads(capsys.readouterr().out)

    assert ids(folder) == {ok.id, broken.id}
    assert told["counts"]["measurements"] == 2
    assert told["left_out"] == {FROM_OTHERS: 1, UNKNOWN: 1, NAMES_US: 1}
    assert (told["kind"], told["format"], told["public"]) == ("package", "jsonl", False)


def test_looks_at_the_surroundings_are_left_out_and_counted_unless_asked_for(
    plant: Plant, pack: Pack, capsys: pytest.CaptureFixture[str]
) -> None:
    ok, around, _ = plant(OK, AROUND, AROUND)

    assert ids(pack("without")) == {ok.id}
    assert json.loads(capsys.readouterr().out)["left_out"] == {ABOUT_NO_TARGET: 2}
    assert around.id in ids(pack("with", filters={"probe": [SURROUNDINGS]}))
    assert json.loads(capsys.readouterr().out)["left_out"] == {}
    pack("public", public=True)
    assert json.loads(capsys.readouterr().out)["left_out"] == {OF_THIS_NETWORK: 2}


def test_looks_that_may_hold_the_own_address_are_written_when_asked_for(
    plant: Plant, pack: Pack
) -> None:
    ok, unscrubbed, _ = plant(OK, UNSCRUBBED, TELLING)

    assert ids(pack(address_unknown=True)) == {ok.id, unscrubbed.id}


def test_a_public_package_tells_the_day_and_the_country(
    plant: Plant, pack: Pack, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = plant(OK, BROKEN, UNSCRUBBED, TELLING, AROUND)
    folder = pack(form=Format.CSV, public=True, filters={"probe": ["web", SURROUNDINGS]})
    told = json.loads(capsys.readouterr().out)
    whole = b"".join(path.read_bytes() for path in folder.iterdir()).decode()
    with (folder / "measurements.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)

    assert told["left_out"] == {NO_EVIDENCE: 1, UNKNOWN: 1, NAMES_US: 1, OF_THIS_NETWORK: 1}
    assert (row["started"], row["asn"], row["network_name"]) == ("2026-11-23T00:00:00Z", "0", "")
    assert [one.id for one in kept if one.id in whole] == []
    for secret in ("203.0.113.10", OWN_ADDRESS, "12:00", str(kept[0].vantage.asn)):
        assert secret not in whole, secret


def test_looks_of_a_day_that_become_the_same_are_all_counted(
    plant: Plant, pack: Pack, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(OK, OK, OK)
    folder = pack(public=True)

    assert len(ids(folder)) == 3
    assert json.loads(capsys.readouterr().out)["counts"]["verdicts"] == 3


def test_nothing_makes_a_public_package_of_what_may_hold_the_own_address(
    plant: Plant, pack: Pack, tmp_path: Path
) -> None:
    plant(UNSCRUBBED)
    with pytest.raises(Stop, match="leave out --address-unknown") as stopped:
        pack(public=True, address_unknown=True)
    assert stopped.value.code is ExitCode.USAGE
    with pytest.raises(Stop, match="was left out") as stopped:
        pack(public=True)
    assert stopped.value.code is ExitCode.INPUT_MISSING
    assert {path.name for path in tmp_path.iterdir()} == {"r.sqlite"}


def test_a_sample_is_the_same_each_time_and_part_of_a_larger_one(plant: Plant, pack: Pack) -> None:
    every = {one.id for one in plant(*[OK] * 40)}
    tenth, again, half = (
        ids(pack(name, sample=share)) for name, share in (("a", "10%"), ("b", "10%"), ("c", "50%"))
    )

    assert tenth == again < half < every
    assert ids(pack("d", sample="100%")) == every


def test_a_sample_counts_what_is_not_in_it(
    plant: Plant, pack: Pack, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(*[OK] * 10)
    folder = pack(sample="50%")

    left_out = json.loads(capsys.readouterr().out)["left_out"]
    assert left_out == {NOT_IN_SAMPLE: 10 - len(ids(folder))}


@pytest.mark.parametrize("text", ["1", "0%", "101%", "-1%", "much%", "nan%", "%", ""])
def test_a_share_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Stop, match="write it like 1%") as stopped:
        share_of(text)
    assert stopped.value.code is ExitCode.USAGE


def test_a_share_is_a_part_of_one() -> None:
    assert (share_of(None), share_of("1%"), share_of(" 0.5% "), share_of("100%")) == (
        1.0,
        0.01,
        0.005,
        1.0,
    )


def test_filters_are_those_of_results(plant: Plant, pack: Pack, tmp_path: Path) -> None:
    plant(OK)
    with pytest.raises(Stop, match="nothing matches"):
        pack(filters={"state": "down"})
    with pytest.raises(Stop, match="not known"):
        pack(filters={"probe": "nobody's"})
    assert {path.name for path in tmp_path.iterdir()} == {"r.sqlite"}


def test_a_person_is_told_what_the_folder_tells(
    plant: Plant, pack: Pack, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(OK)
    pack("own", json=False)
    assert "--public writes one for everybody" in capsys.readouterr().err
    pack("public", json=False, public=True)
    assert "see whether one of them tells who you are" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("public", "since"), [(False, "2026-11-22T23:30:00+00:00"), (True, "2026-11-22")]
)
def test_the_folder_says_what_was_asked_for_and_what_is_not_there(
    plant: Plant, pack: Pack, *, public: bool, since: str
) -> None:
    plant(OK, THEIRS)
    filters = {"since": "2026-11-23T00:30+01:00", "probe": "web", "limit": 7}
    told = json.loads(
        (pack(filters=filters, sample="100 %", public=public) / "datapackage.json").read_bytes()
    )

    assert told["selection"] == {
        "filters": f"only probe web, since {since}",
        "newest": 7,
        "sample": "100%",
        "left_out": {} if public else {FROM_OTHERS: 1},  # what is held back tells of this computer
    }
