"""A table for people moves no cursor, whatever the columns of a database hold."""

import pytest

from heliograph.cli.output import print_table
from heliograph.model import Outcome, State, VerdictRow

HOSTILE = "a\x1b[31mEVIL\x1b]0;t\x07\u202e"


def test_no_column_of_the_table_reaches_the_terminal_raw(
    capsys: pytest.CaptureFixture[str],
) -> None:
    row = VerdictRow(
        measurement_id=HOSTILE,
        started=HOSTILE,
        input=HOSTILE,
        target=HOSTILE,
        host=HOSTILE,
        probe=HOSTILE,
        outcome=Outcome.MEASURED,
        reason=HOSTILE,
        state=State.BLOCKED,
        techniques=(HOSTILE,),
    )
    print_table([row])
    told = capsys.readouterr().out

    assert told.count("EVIL") == 5
    assert not {"\x1b", "\x07", "\u202e"} & set(told)
