"""The cookbook as a page and as a notebook, with the answers its sample gives.

``python -m tests.cookbook_pages`` writes both anew: what the questions and the prose are stands in
the page itself, docs/guide/cookbook.md, and only the answers are made.
"""

import inspect
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from heliograph import door
from heliograph.door import Rows
from tests.cookbook_sample import make

GUIDE = Path(__file__).parents[1] / "docs" / "guide"
PAGE = GUIDE / "cookbook.md"
NOTEBOOK = GUIDE / "cookbook.ipynb"
RENEW = "run: python -m tests.cookbook_pages"
ANYWHERE = "*On SQLite, PostgreSQL and over an archive.*"

_SECTION = re.compile(
    r"^## (?P<title>[^\n]+)\n\n(?P<prose>.*?)```sql\n(?P<sql>.*?)\n```\n"
    r"(\n```text\n(?P<answer>.*?)\n```\n\n\*On [^\n]*\*\n)?",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True)
class Question:
    """One of the page, with the answer printed there; empty before there is one."""

    title: str
    prose: str
    sql: str
    answer: str


def questions(page: str | None = None) -> list[Question]:
    """Those of the page, in its order."""
    text = PAGE.read_text(encoding="utf-8") if page is None else page
    return [_question(found) for found in _SECTION.finditer(text)]


def _question(found: re.Match[str]) -> Question:
    return Question(found["title"], found["prose"], found["sql"], found["answer"] or "")


def table(answer: Rows) -> str:
    """The columns of an answer side by side, as 'heliograph query' prints them."""
    lines = [list(answer.columns)]
    for row in answer:
        lines.append(["" if value is None else str(value) for value in row])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def answered(location: str) -> dict[str, str]:
    """By title, what a place says to each question."""
    with door.open(location) as results:
        return {one.title: table(results.query(one.sql)) for one in questions()}


def page(answers: dict[str, str]) -> str:
    """The page with these answers in place of those it has."""

    def filled(found: re.Match[str]) -> str:
        one = _question(found)
        return (
            f"## {one.title}\n\n{one.prose}```sql\n{one.sql}\n```\n\n"
            f"```text\n{answers[one.title]}\n```\n\n{ANYWHERE}\n"
        )

    return _SECTION.sub(filled, PAGE.read_text(encoding="utf-8"))


def notebook(answers: dict[str, str]) -> str:
    """The same as a notebook that was run (nbformat 4.5)."""
    head = PAGE.read_text(encoding="utf-8").partition("\n## ")[0]
    cells = [_words(head), _code(_BEGINNING, None)]
    for one in questions():
        cells.append(_words(f"## {one.title}\n\n{one.prose}"))
        cells.append(_code(f'ask("""\n{one.sql}\n""")', answers[one.title]))
    numbered = [{"id": f"cell-{at}", **cell} for at, cell in enumerate(cells)]
    runs = 0
    for cell in numbered:
        if cell["cell_type"] == "code":
            runs += 1
            cell["execution_count"] = runs
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    document = {
        "cells": numbered,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=1).decode() + "\n"


_BEGINNING = f'''\
from heliograph import door
from heliograph.door import Rows


{inspect.getsource(table)}

def ask(sql: str) -> None:
    """Print the answer."""
    print(table(results.query(sql)))


# Made by: python -m tests.cookbook_sample sample.sqlite
results = door.open("sample.sqlite")  # or postgresql://USER@HOST/DATABASE?password_file=FILE'''


def _words(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": _lines(text.strip())}


def _code(text: str, output: str | None) -> dict[str, Any]:
    printed = {"name": "stdout", "output_type": "stream", "text": _lines(f"{output}\n")}
    outputs = [] if output is None else [printed]
    code: dict[str, Any] = {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": outputs,
    }
    return {**code, "source": _lines(text)}


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def code_cells(document: str) -> Iterator[tuple[str, str]]:
    """Of a notebook: each cell of code, and what it printed."""
    for cell in msgspec.json.decode(document)["cells"]:
        if cell["cell_type"] == "code":
            printed = ["".join(output["text"]) for output in cell["outputs"]]
            yield "".join(cell["source"]), "".join(printed)


def main() -> None:
    """Make the sample, ask it, and write both files."""
    with tempfile.TemporaryDirectory() as folder:
        place = str(Path(folder, "sample.sqlite"))
        make(place)
        answers = answered(place)
    PAGE.write_text(page(answers), encoding="utf-8")
    NOTEBOOK.write_text(notebook(answers), encoding="utf-8")


if __name__ == "__main__":
    main()
