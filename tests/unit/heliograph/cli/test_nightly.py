"""Why a night came to nothing, as it is kept and shown."""

import pytest

from heliograph.cli.exits import Terminated
from heliograph.cli.nightly import why_of
from storage.errors import StorageError


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (StorageError("no room is left"), "no room is left"),
        (KeyError("day"), "KeyError: 'day'"),
        (Terminated(), "Terminated"),
    ],
)
def test_a_plain_reason_is_a_sentence_and_a_bug_says_its_kind(
    error: BaseException, told: str
) -> None:
    assert why_of(error) == told
