"""Whether a database was changed behind our back: asked when a statement of ours fails in it."""

from sqlalchemy import Engine, Inspector, Table, inspect

from storage.tables import metadata
from storage.views import VIEWS, View


def was_altered(engine: Engine) -> bool:
    """Whether a table, column or view of our newest schema is gone, or a view is another."""
    with engine.connect() as connection:
        there = inspect(connection)
        tables, views = set(there.get_table_names()), set(there.get_view_names())
        return not (
            all(name in tables and _has(there, one) for name, one in metadata.tables.items())
            and all(view.name in views and _shows(there, view) for view in VIEWS)
        )


def _has(there: Inspector, table: Table) -> bool:
    """Whether the table of the same name has all columns of ours."""
    return {each["name"] for each in there.get_columns(table.name)} >= set(table.columns.keys())


def _shows(there: Inspector, view: View) -> bool:
    """Whether the view of the same name is ours; PostgreSQL keeps only what it understood of it."""
    if there.dialect.name == "sqlite":
        return _words(there.get_view_definition(view.name)) == _words(
            view.definition(there.dialect)
        )
    return [each["name"] for each in there.get_columns(view.name)] == list(view.comments)


def _words(sql: str) -> str:
    return "".join(sql.split())
