"""What is said of looks that a run did not finish is true of each of them."""

import pytest

from heliograph.cli.unfinished import Unfinished
from scheduler.allowance import EarlyEnd

PAUSED = EarlyEnd("paused", "paused until resumed")
ASKING = EarlyEnd("consent_over", "ended by it", then="the same command asks first")
FORGOTTEN = EarlyEnd("forgotten", "ended by it", keeps=False, then="")


@pytest.mark.parametrize(
    ("unfinished", "words"),
    [
        (Unfinished(1, 0, None), "1 not looked at: the same command goes on with it"),
        (Unfinished(3, 0, None), "3 not looked at: the same command goes on with them"),
        (
            Unfinished(1, 1, None),
            "1 begun and given up, with what it had sent on record: the same command goes on with"
            " it",
        ),
        (
            Unfinished(5, 2, PAUSED),
            "paused until resumed; 3 not looked at, 2 begun and given up, with what they had sent"
            " on record: the same command goes on with them",
        ),
        (Unfinished(2, 0, ASKING), "ended by it; 2 not looked at: the same command asks first"),
        (
            Unfinished(1, 1, FORGOTTEN),
            "ended by it; 1 was begun and given up (its name was said, and nothing of it is kept)",
        ),
        (
            Unfinished(3, 2, FORGOTTEN),
            "ended by it; 1 not looked at, 2 were begun and given up (their names were said, and"
            " nothing of them is kept)",
        ),
    ],
)
def test_a_sentence_for_each_way_to_end(unfinished: Unfinished, words: str) -> None:
    assert unfinished.in_words() == words
