"""What each engine's guard says, in the same words, and what is refused before any engine looks."""

import re
from collections.abc import Collection

MOST_CHARACTERS = 100_000
"""Of one question; SQLite counts bytes, and refuses some questions earlier."""

ONLY_READING = "a question only reads: it begins with SELECT, WITH, VALUES or EXPLAIN"
SEVERAL = "the question can't be read: there are several statements; ask one question at a time"
TOO_DEEP = "the question can't be read: its parts are nested too deep; ask it in steps, with WITH"
NO_TABLE = "what stands there for a table is refused; a question reads views, and parts of its own"

_BEGINNINGS = frozenset({"select", "with", "values", "explain"})
_FIRST_WORD = re.compile(
    r"(?:[ \t\r\n\f]|--[^\n]*(?:\n|\Z)|/\*.*?(?:\*/|\Z))*([A-Za-z]*)", re.DOTALL
)
_NO_SUCH = re.compile(r"no such table: (\S+)")
_CUT = 200


def first_word_refused(sql: str) -> str:
    """Why a question that begins like this is none, or nothing."""
    found = _FIRST_WORD.match(sql)
    word = "" if found is None else found[1]
    return (
        ""
        if word.lower() in _BEGINNINGS
        else f"{word.upper() or 'this'} is refused; {ONLY_READING}"
    )


def text_refused(sql: str) -> str:
    """Why this text can't be handed to an engine at all, or nothing."""
    if "\x00" in sql:
        return unreadable("it holds a character that no text of SQL has (NUL)")
    if len(sql) > MOST_CHARACTERS:
        return unreadable(f"it is longer than {MOST_CHARACTERS} characters")
    return first_word_refused(sql)


def unreadable(told: str) -> str:
    """The engine could not make sense of the question."""
    return f"the question can't be read: {' '.join(told.split())[:_CUT]}"


def statement_refused(word: str) -> str:
    """A statement, or a part of one, that does anything but read."""
    return f"{word.upper()} is refused; {ONLY_READING}"


def function_refused(name: str) -> str:
    """A function that is on no list of those that only calculate."""
    return f"the function {name[:_CUT]} is refused; docs/guide/query.md lists all"


def name_refused(name: str, views: Collection[str]) -> str:
    """A table, or anything else with a name, that is no view of ours."""
    return f"{name[:_CUT]} is refused; {_only(views)}"


def _only(views: Collection[str]) -> str:
    return f"a question reads the views {', '.join(sorted(views))}"


def without_table(told: str, views: Collection[str]) -> str:
    """The same of a name that the engine does not know; nothing where that is not what it says."""
    found = _NO_SUCH.fullmatch(told)
    return "" if found is None else f"there is no {found[1][:_CUT]}; {_only(views)}"


def taken(view: str) -> str:
    """A part of the question that has the name of a view."""
    return f"{view} is a view: no part of a question may take its name; choose another"
