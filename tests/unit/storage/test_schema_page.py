"""The page in docs says what the tables say."""

import runpy
from pathlib import Path

import pytest

from storage import schema_page
from storage.schema_page import page
from storage.tables import metadata
from storage.views import VIEWS

COMMITTED = Path(__file__).parents[3] / "docs" / "reference" / "schema.md"


def test_the_committed_page_is_what_the_comments_say() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == page(), (
        "run: python -m storage.schema_page > docs/reference/schema.md"
    )


def test_every_view_and_table_is_on_the_page() -> None:
    text = page()
    assert all(f"### `{name}`" in text for name in [*metadata.tables, *(v.name for v in VIEWS)])


def test_the_module_prints_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(schema_page.__file__), run_name="__main__")
    assert capsys.readouterr().out == page()
