"""Stored findings, asked for by country."""

from pathlib import Path

import pytest

from heliograph.cli.exits import Stop
from heliograph.cli.found import Wish, listing
from storage.store import Store


def test_findings_of_a_country_there_is_not_are_not_said_to_be_none(tmp_path: Path) -> None:
    file = str(tmp_path / "r.sqlite")
    with Store.open(file):
        pass
    with pytest.raises(Stop, match="Narnia"):
        listing(Wish(db=file, country="Narnia", since=None, kind=None, json=False))
