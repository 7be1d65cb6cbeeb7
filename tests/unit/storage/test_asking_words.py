"""What is no question is told before any engine looks at it."""

import pytest

from storage.asking_words import MOST_CHARACTERS, name_refused, text_refused, unreadable


@pytest.mark.parametrize("sql", ["SELECT 1", " \n-- a\n/* b */ with x", "VALUES (1)", "explain s"])
def test_a_question_begins_with_one_of_four_words(sql: str) -> None:
    assert not text_refused(sql)


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("drop table x", "DROP is refused; a question only reads"),
        ("", "this is refused"),
        ("(SELECT 1)", "this is refused"),
        ("SELECT 1\x00", "NUL"),
        ("SELECT " + "1" * MOST_CHARACTERS, "longer than 100000 characters"),
    ],
)
def test_anything_else_is_refused(sql: str, words: str) -> None:
    assert words in text_refused(sql)


def test_what_an_engine_says_is_one_short_line() -> None:
    assert unreadable("a\n  b") == "the question can't be read: a b"
    assert len(unreadable("x" * 9999)) < 300
    assert len(name_refused("x" * 9999, {"v"})) < 400
