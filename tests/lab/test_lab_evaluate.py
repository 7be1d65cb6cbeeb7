"""``lab evaluate`` counts verdicts, and keeps what was measured as files that are judged again."""

import gzip
import json
from pathlib import Path

import pytest

from analysis.corpus import read
from analysis.judge import judge
from tests.lab.lab_fixtures import environment, heliograph, without_namespaces


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


def test_what_is_measured_is_kept_with_the_condition_and_without(home: Path) -> None:
    folder = home / "corpus"
    done = heliograph(
        *("lab", "evaluate", "down-refused", "tls-reset", "--repeat", "1", "--json"),
        *("--keep", str(folder)),
        env=environment(home),
    )
    counted = json.loads(done.stdout)["accuracy"]
    kept = {
        name: read(gzip.decompress((folder / f"{name}.jsonl.gz").read_bytes()))
        for name in ("down-refused", "tls-reset")
    }

    assert done.returncode == 0, done.stderr
    assert "4 measurements kept in" in done.stderr
    assert (counted["cases"], counted["accused"], counted["missed"]) == (2, [], [])
    for name, state in (("down-refused", "down"), ("tls-reset", "blocked")):
        with_it, without = kept[name]
        assert (with_it.twin, without.twin) == (False, True)
        assert with_it.truth.state == state
        assert without.truth.state == "ok"
        for one in kept[name]:
            assert one.case(judge(one.measurement)).faults == ()
    assert {path.name for path in folder.iterdir()} == {f"{name}.jsonl.gz" for name in kept}


def test_a_folder_that_can_not_be_written_is_named(home: Path) -> None:
    (home / "file").write_text("not a folder", encoding="utf-8")
    done = heliograph(
        *("lab", "evaluate", "down-refused", "--repeat", "1", "--keep", str(home / "file")),
        env=environment(home),
    )

    assert done.returncode == 73
    assert "choose another --keep" in done.stderr
    assert "Traceback" not in done.stderr


def test_error_rates_are_measured_in_namespaces_or_not_at_all(tmp_path: Path) -> None:
    done = heliograph("lab", "evaluate", "down-refused", env=without_namespaces(tmp_path))

    assert done.returncode == 77
    assert "error rates are measured in namespaces only" in done.stderr
