"""What tests of commands that give results away share: a database of looks."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from analysis.judge import judge
from analysis.rules import RULESET_VERSION
from heliograph.ids import with_id
from heliograph.model import Measurement
from storage.store import Store
from tests.unit.heliograph.cli.own_looks import Plant


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    """Puts looks into the database, each in another minute, judged."""

    def planted(*looks: Measurement) -> list[Measurement]:
        kept = []
        with Store.open(str(tmp_path / "r.sqlite")) as store:
            store.activate(RULESET_VERSION)
            for minute, look in enumerate(looks):
                started = datetime(2026, 11, 23, 12, minute, 56, tzinfo=UTC)
                one = with_id(msgspec.structs.replace(look, started=started))
                store.save(one, judge(one), None)
                kept.append(one)
        return kept

    return planted
