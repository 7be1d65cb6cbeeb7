"""Every question of the cookbook, asked of every engine that can answer: the page is right."""

from pathlib import Path

import msgspec
import pytest

from heliograph.door import Rows
from storage.archive.writing import Archiving
from storage.question import Answer
from tests.cookbook_pages import (
    NOTEBOOK,
    PAGE,
    RENEW,
    answered,
    code_cells,
    notebook,
    page,
    questions,
    table,
)
from tests.cookbook_sample import make
from tests.lab.asked_engines import asks, reached
from tests.postgres_server import Server


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("cookbook") / "sample.sqlite"
    make(str(place))
    return place


def test_the_page_and_the_notebook_hold_the_answers_of_the_sample(sample: Path) -> None:
    asked = questions()
    assert len(asked) == PAGE.read_text(encoding="utf-8").count("\n## ") >= 15
    assert all("\n" in one.answer for one in asked), f"a question without an answer: {RENEW}"

    answers = answered(str(sample))
    assert page(answers) == PAGE.read_text(encoding="utf-8"), RENEW
    assert notebook(answers) == NOTEBOOK.read_text(encoding="utf-8"), RENEW


def test_a_server_answers_the_same(postgres: Server) -> None:
    name = postgres.new_database()
    make(postgres.url(name))
    ask = asks("postgresql", msgspec.json.encode(reached(postgres, name)).decode())

    for one in questions():
        answer = ask(one.sql)
        assert isinstance(answer, Answer), answer
        assert table(Rows(answer)) == one.answer


def test_an_archive_answers_the_same(sample: Path, tmp_path: Path) -> None:
    list(Archiving(str(sample), tmp_path / "archive").days())
    ask = asks("archive", str(tmp_path / "archive"))

    for one in questions():
        answer = ask(one.sql)
        assert isinstance(answer, Answer), answer
        assert table(Rows(answer)) == one.answer


def test_the_notebook_prints_what_it_shows_when_it_is_run(
    sample: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(sample.parent)
    names: dict[str, object] = {"__name__": "__main__"}
    cells = list(code_cells(NOTEBOOK.read_text(encoding="utf-8")))
    for source, shown in cells:
        exec(source, names)
        assert capsys.readouterr().out == shown

    assert len(cells) == 1 + len(questions())
