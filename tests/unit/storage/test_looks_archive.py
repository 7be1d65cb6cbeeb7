"""An archive's looks come to the same cells as those of the database it was made of."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from analysis.rules import RULESET_VERSION
from heliograph.model import State
from storage.archive.writing import Archiving
from storage.errors import MissingInput, StorageError
from storage.forgetting import What
from storage.looks_archive import ArchivedLooks
from storage.store import Store
from tests.made_looks import START, Look, judged

DAYS = ["2026-11-01", "2026-11-02"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Some days of our own, of two senders and of an import."""
    with Store.open(str(tmp_path / "r.sqlite")) as opened:
        states = (State.BLOCKED, State.OK, State.THROTTLED, State.INCONCLUSIVE)
        ours = [Look(day=day, state=s, number=n) for day in range(3) for n, s in enumerate(states)]
        opened.imports.keep(judged([*ours, Look(source="ooni:it's#a", country="XB")]))
        for key in ("a", "b,\n"):
            sent = [Look(day=day, hour=5, key=key, state=State.BLOCKED) for day in range(3)]
            opened.receipts.keep(key, judged(sent), START, key)
        opened.activate(RULESET_VERSION)
        yield opened


def test_both_tell_the_same_of_days_and_cells(store: Store, tmp_path: Path) -> None:
    list(Archiving(str(tmp_path / "r.sqlite"), tmp_path / "archive").days())

    with closing(ArchivedLooks(tmp_path / "archive", store.looks)) as archived:
        assert archived.ruleset() == store.looks.ruleset() == RULESET_VERSION
        assert archived.newest_day("2026-11-20") == store.looks.newest_day("2026-11-20")
        changes = archived.changes("2026-10-01", "2026-11-02")
        assert changes == store.looks.changes("2026-10-01", "2026-11-02")
        found = sorted(archived.cells(DAYS))
    assert found == sorted(store.looks.cells(DAYS))
    assert {one.n_vantages for one in found} == {1, 3}


def test_an_empty_archive_has_no_days(tmp_path: Path) -> None:
    with Store.open(str(tmp_path / "e.sqlite")) as store:
        list(Archiving(str(tmp_path / "e.sqlite"), tmp_path / "archive").days())
        with closing(ArchivedLooks(tmp_path / "archive", store.looks)) as archived:
            assert archived.ruleset() is None
            assert archived.newest_day("2026-11-20") is None
            assert archived.changes("2026-10-01", "2026-11-02") == {}


def test_what_was_forgotten_does_not_come_back_from_an_archive(
    store: Store, tmp_path: Path
) -> None:
    list(Archiving(str(tmp_path / "r.sqlite"), tmp_path / "archive").days())
    store.forgetting.forget(What())
    with pytest.raises(StorageError, match=r"this database lacks .* measurements of it.*--remove"):
        ArchivedLooks(tmp_path / "archive", store.looks)


def test_a_folder_that_is_none_is_said_to_be_none(store: Store, tmp_path: Path) -> None:
    with pytest.raises(MissingInput, match="is no archive"):
        ArchivedLooks(tmp_path, store.looks)
