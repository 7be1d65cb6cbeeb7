"""What stands beside the data for whoever opens the folder: how to read, cite and use it."""

from collections.abc import Iterable

from heliograph.text import for_terminal
from storage.packages.description import newest_of
from storage.packages.shapes import DATABASE, MANIFEST, Description, Format, Schema, Selection
from storage.packages.tables import TABLES, schema_of

TAKEN_OUT = """\
## What was taken out

This package is made for everybody, so nothing in it is to lead to whoever measured. The day stands
for the moment, the country for the network; addresses, resolvers, details of steps, the sentence of
a verdict and names other than the target's are withheld; lengths are rounded to tenths of a second,
amounts up to KiB in each step; ids were made anew. The targets are named as they are. No cell can
be told to come from three vantages or more: read nothing here as the view of a whole country.
"""

_TRUSTED = """\
## For you and those you trust

Times, networks, addresses and names are as they were measured: whoever reads them can find out who
measured, and where. Give this folder to nobody but those you trust with that, and tell them the
same; `heliograph export --public` writes one for everybody.
"""

_ALLOWED = (
    " That says what a reader may do with the data by law, not that it is safe: this folder is for"
    " those you trust."
)
_TERMS = """
These terms say what may be done with the data by law, not that it is safe: nothing was taken out
that could lead to who measured. Keep the folder to yourself and those you trust.
"""

_QUESTION = (
    "SELECT probe, state, count(*) AS n FROM api_v1_verdicts GROUP BY probe, state ORDER BY n DESC"
)


def readme(description: Description, form: Format) -> str:
    """The file ``README.md``: what this is, the first question, and every column."""
    counts = description.counts
    parts = [
        f"# {description.title}\n",
        f"Version {description.version}: {counts.measurements} measurements, {counts.steps} steps,"
        f" {counts.verdicts} rows of verdicts.\n",
        _first_question(form),
        _selected(description.selection),
        "## Read it rightly\n",
        "A measurement is facts, a verdict what one version of the rules makes of them"
        " (`ruleset_version`). `inconclusive` is not `ok`. One vantage is not a country. Times are"
        " UTC.\n",
        TAKEN_OUT if description.public else _TRUSTED,
        "## Check it\n",
        f"    sha256sum -c {MANIFEST}\n    heliograph verify .\n",
        "## Use it\n",
        f"{description.licenses[0].title} ({description.licenses[0].name}); `CITATION.cff` says how"
        f" to cite this version.{'' if description.public else _ALLOWED}\n",
        "## Every column\n",
        *(
            columns_told(
                f"{table.name} (`{table.view.name}`)",
                table.view.purpose,
                schema_of(table, public=description.public),
            )
            for table in TABLES
        ),
    ]
    return "\n".join(parts)


def _selected(selection: Selection) -> str:
    """Which of what was stored this is, and how much of it is not here."""
    said = [f"Chosen by: {for_terminal(selection.filters)}."] if selection.filters else []
    if selection.newest is not None:
        said.append(f"The newest {selection.newest} at most.")
    if selection.sample is not None:
        said.append(f"A sample of {selection.sample} of them, chosen by a hash of their ids.")
    said += [f"Left out: {count} {why}." for why, count in selection.left_out.items()]
    listed = "\n".join(f"* {one}" for one in said) or "No filter was used."
    return f"## Which measurements these are\n\n{listed}\n"


def citation(description: Description) -> str:
    """The file ``CITATION.cff`` (Citation File Format 1.2.0)."""
    terms = description.licenses[0]
    return "\n".join(
        [
            "cff-version: 1.2.0",
            "type: dataset",
            'message: "If you publish from these measurements, please cite this version of them."',
            f'title: "{description.title}"',
            "authors:",
            '  - name: "Volunteers who measure with Heliograph"',
            f'version: "{description.version}"',
            f"date-released: {newest_of(description)}",
            f"license: {terms.name}",
            "keywords:",
            *(f'  - "{word}"' for word in description.keywords),
            "",
        ]
    )


def terms(description: Description) -> str:
    """The file ``LICENSE-DATA``."""
    license_ = description.licenses[0]
    return (
        f"The data in this folder may be used under {license_.title}\n({license_.name}):"
        f" {license_.path}\n{'' if description.public else _TERMS}"
    )


def manifest(digests: Iterable[tuple[str, str]]) -> str:
    """The file ``MANIFEST.sha256``, as ``sha256sum -c`` reads it: digest and name of each file."""
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(digests))


def _first_question(form: Format) -> str:
    files = ", ".join(f"`{table.name}.{form}`" for table in TABLES)
    if form is Format.SQLITE:
        return (
            f'## The first question\n\n    heliograph query --db {DATABASE} "{_QUESTION}"\n\n'
            f"Without Heliograph:\n\n    sqlite3 -readonly {DATABASE} '{_QUESTION}'\n\n"
            "`heliograph results`, `show` and `report` read it, too, with `--db`.\n"
        )
    if form is Format.CSV:
        return (
            f"## The first question\n\nThe tables are {files}: UTF-8, a header, null is an empty"
            " cell, lists and objects are JSON. A text that a spreadsheet would take for a formula"
            " begins with an apostrophe, and what can't be seen is written as an escape (`\\x1b`);"
            " where that matters, take `export jsonl`.\n\n"
            f"    sqlite3 :memory: '.import --csv verdicts.csv api_v1_verdicts' '{_QUESTION}'\n"
        )
    return (
        f"## The first question\n\nThe tables are {files}: an object a line, UTF-8.\n\n"
        "    jq -r .state verdicts.jsonl | sort | uniq -c\n"
    )


def columns_told(heading: str, purpose: str, schema: Schema) -> str:
    """A section of a README on one table: what it holds, and each of its columns."""
    rows = (f"| `{one.name}` | {one.type} | {one.description} |" for one in schema.fields)
    head = ("| column | type | meaning |", "|---|---|---|")
    return "\n".join((f"### {heading}\n", f"{purpose}\n", *head, *rows, ""))
