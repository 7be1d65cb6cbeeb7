"""The reference page of the schema, made from the comments: ``python -m storage.schema_page``."""

import sys
from collections.abc import Iterable

from sqlalchemy import Table

from storage.schema_picture import picture, type_word
from storage.tables import metadata
from storage.views import VIEWS, View

_HEAD = """\
# The database

This page is made from the comments beside the tables and views, by
`python -m storage.schema_page > docs/reference/schema.md`; a test keeps the two equal.

The **views** named `api_v1_*` are the contract: after the first release they change only by
addition. The tables behind them may change with every release, so build on the views.

All times are UTC. Columns of type `json` are JSON kept as text, and so is `detail` of a step.
`api_v1_verdicts` has the fields of the lines that `heliograph run --json` and
`heliograph results --json` print, in the same order.

Text that came from a network may hold characters that no database keeps (NUL, lone surrogates).
Such a text is kept as U+001A, then the text with `\\xxxx` (four hexadecimal digits) for each of
them and for the backslash itself.
"""

_PICTURE = """\
## Picture

How the tables hang together, and what each column holds (drawn from the same comments).

```mermaid
{picture}```
"""


def page() -> str:
    """The whole page as Markdown."""
    views = [_of_view(view) for view in VIEWS]
    tables = [_of_table(metadata.tables[name]) for name in sorted(metadata.tables)]
    drawn = _PICTURE.format(picture=picture(metadata))
    return "\n".join([_HEAD, "## Views\n", *views, "## Tables\n", *tables, drawn])


def _of_view(view: View) -> str:
    rows = ((c.name, type_word(c.type), view.comments[c.name]) for c in view.rows.c)
    return _section(view.name, view.purpose, rows)


def _of_table(table: Table) -> str:
    rows = (
        (c.name, type_word(c.type) + (", null" if c.nullable else ""), c.comment or "")
        for c in table.columns
    )
    return _section(table.name, table.comment or "", rows)


def _section(name: str, purpose: str, rows: Iterable[tuple[str, str, str]]) -> str:
    lines = [f"| `{column}` | {kind} | {comment} |" for column, kind, comment in rows]
    head = [f"### `{name}`", "", purpose, "", "| column | type | meaning |", "|---|---|---|"]
    return "\n".join([*head, *lines, ""])


if __name__ == "__main__":
    sys.stdout.write(page())
