"""What a rehearsal measured is kept with what is true of it, and tells nothing of this computer."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from analysis.corpus import Kept, read
from analysis.judge import judge
from heliograph.cli.keeping import (
    REPEATS,
    SUFFIX,
    keep,
    truth_of,
    truth_without,
    without_traces,
)
from heliograph.detail import HttpDetail
from heliograph.ids import measurement_id, with_id
from heliograph.lab.inside import Event, database_of
from heliograph.lab.row import Row
from heliograph.model import Measurement, Outcome, Stack
from storage.store import Store
from tests.unit.analysis.builders import http, measured
from tests.unit.analysis.cases import EVERY_LOOK

RESET = Row(
    "reset", "", ("https://site.example/",), "blocked", "tls.reset", lambda _: (), hop=2,
    also=("inconclusive",), odd="tcp.",
)  # fmt: skip


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """Where the lab would have left its databases."""
    (tmp_path / "made").mkdir()
    return tmp_path / "made"


def looked(made: Path, repeat: int, outcome: Outcome = Outcome.MEASURED) -> str:
    """A look of one run, stored; its id."""
    look = with_id(msgspec.structs.replace(measured(), seconds=float(repeat), outcome=outcome))
    with Store.open(str(database_of(made, RESET.surroundings, "web", repeat))) as store:
        store.save(look, judge(look), None)
    return look.id


def verdict(made: Path, repeat: int, state: str = "inconclusive", what: str = "verdict") -> Event:
    return Event(
        what=what, row="reset", state=state, repeat=repeat, measurement=looked(made, repeat),
        anomalies=("tcp.x",),
    )  # fmt: skip


def kept(folder: Path, name: str = "reset") -> list[Kept]:
    return read(gzip.decompress((folder / f"{name}{SUFFIX}").read_bytes()))


def test_each_measurement_is_kept_with_what_is_true_of_it(made: Path, tmp_path: Path) -> None:
    events = [verdict(made, 1), verdict(made, 0, what="healthy"), Event(what="twin", row="reset")]
    found = keep([RESET], events, made, tmp_path / "corpus")
    with_it, without = kept(tmp_path / "corpus")

    assert sorted(found, key=lambda one: one.twin) == [with_it, without]
    assert (with_it.row, with_it.repeat, with_it.twin) == ("reset", 1, False)
    assert with_it.truth == truth_of(RESET)
    assert (without.repeat, without.twin, without.truth) == (0, True, truth_without(RESET))
    assert with_it.measurement.seconds == 1.0


def test_without_its_condition_a_place_is_open_and_what_an_open_row_serves_may_be_gone() -> None:
    served = Row("served", "", RESET.targets, "ok", None, lambda _: ())

    assert (truth_without(RESET).state, truth_without(served).state) == ("ok", "ok")
    assert truth_without(RESET).also == ("inconclusive",)
    assert truth_without(served).also == ("inconclusive", "down")


def test_few_repeats_are_kept_and_every_one_that_was_wrong(made: Path, tmp_path: Path) -> None:
    states = {1: "inconclusive", 2: "inconclusive", 3: "inconclusive", 4: "ok", 5: "inconclusive"}
    keep([RESET], [verdict(made, n, state) for n, state in states.items()], made, tmp_path / "c")

    assert REPEATS == 2
    assert [one.repeat for one in kept(tmp_path / "c")] == [1, 2, 4]


def test_what_is_no_evidence_and_rows_that_were_not_there_are_not_kept(
    made: Path, tmp_path: Path
) -> None:
    skipped = Event(
        what="verdict", row="reset", state="skipped", repeat=1,
        measurement=looked(made, 1, Outcome.SKIPPED),
    )  # fmt: skip
    unstaged = msgspec.structs.replace(verdict(made, 2), row="other")

    assert keep([RESET], [skipped, unstaged], made, tmp_path / "corpus") == []
    assert list((tmp_path / "corpus").iterdir()) == []


def test_the_files_of_other_rows_stay_and_the_same_makes_the_same_file(
    made: Path, tmp_path: Path
) -> None:
    events = [verdict(made, 1), verdict(made, 2)]
    for folder, order in (("a", events), ("b", events[::-1])):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "other.jsonl.gz").write_bytes(b"other")
        keep([RESET], order, made, tmp_path / folder)

    one, other = ((tmp_path / folder / f"reset{SUFFIX}").read_bytes() for folder in "ab")
    assert one == other
    assert (tmp_path / "a" / "other.jsonl.gz").read_bytes() == b"other"


def traced() -> Measurement:
    page = HttpDetail(
        url="https://site.example/",
        status=200,
        headers=(("Date", "Wed, 25 Nov 2026 18:45:41 GMT"), ("X", "2026-11-25T18:45:41Z")),
    )
    look = measured(http())
    step = msgspec.structs.replace(look.steps[0], detail=msgspec.json.encode(page).decode())
    return with_id(
        msgspec.structs.replace(
            look,
            steps=(step,),
            started=datetime(2026, 11, 25, 18, 45, 41, tzinfo=UTC),
            stack=Stack(system="Linux 6.18", tls_library="t", http_library="h"),
        )
    )


def test_no_moment_is_kept_finer_than_a_day_and_nothing_of_the_computer() -> None:
    bare = without_traces(traced())
    text = msgspec.json.encode(bare).decode()

    assert "18:45" not in text
    assert "Wed, 25 Nov 2026 00:00:00 GMT" in text
    assert "2026-11-25T00:00:00Z" in text
    assert "Linux" not in text
    assert bare.started == datetime(2026, 11, 25, tzinfo=UTC)
    assert bare.id == measurement_id(bare) != traced().id


def test_what_is_left_out_changes_no_verdict() -> None:
    for look in EVERY_LOOK:
        bare = without_traces(look)
        whole, less = judge(look), judge(bare)
        assert whole is not None
        assert less == msgspec.structs.replace(whole, measurement_id=bare.id)
