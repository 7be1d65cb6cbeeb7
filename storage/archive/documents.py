"""What stands beside the files of an archive, for whoever finds the folder."""

from collections.abc import Sequence

from sqlalchemy import Table

from storage.packages.documents import TAKEN_OUT, columns_told
from storage.packages.shapes import MANIFEST, Description, Schema

_README = """\
# Archive of a Heliograph database

**Not for publication.** This folder is its owner's own full copy: exact times, networks, addresses
of resolvers and peers, and everything that was seen. It can lead to the volunteers who measured.
Keep it as you keep the database. `heliograph export csv FOLDER --public` (or `jsonl`, `sqlite`)
writes what may be given to everybody.

`archive.json` says what belongs to the archive: every file, its rows, its size and its SHA-256.
Parts it does not name are left-overs, which the next export removes; other files stay.

    heliograph verify .
    heliograph query --db . "SELECT state, count(*) AS n FROM api_v1_verdicts
      WHERE probe <> 'surroundings' GROUP BY state"

The files are Parquet: `measurements`, `steps` and `verdicts` (of all rulesets), each by day (UTC)
and country of the measurement, and what nights came to in `night`. Where there is `retired`, this
is the only place of the steps of the measurements it names: keep a copy on another disk.
docs/guide/archive.md says more.
"""


_PUBLIC_README = """\
# {title}

Version {version}: {measurements} measurements, {steps} steps, {verdicts} rows of verdicts, in
Parquet.

## The first question

    heliograph query --db . "SELECT probe, state, count(*) AS n FROM api_v1_verdicts
      GROUP BY probe, state"

That has the views `api_v1_measurements`, `api_v1_steps`, `api_v1_verdicts` and
`api_v1_verdicts_all`. What nights come to (`api_v1_daily`, `api_v1_findings`, `api_v1_events`,
`api_v1_freshness`) is of networks, and is not told. Without Heliograph, in DuckDB:

    SELECT m.probe, v.state, count(*) FROM 'verdicts/*/*/*.parquet' AS v
    JOIN 'measurements/*/*/*.parquet' AS m ON m.id = v.measurement_id GROUP BY ALL;

Each probe answers a question of its own, so verdicts of different probes are not added up.

`archive.json` says which files belong to it; one that it does not name is left over.

{taken_out}
## Check it

    sha256sum -c {manifest}
    heliograph verify .

## Use it

{terms} ({name}); `CITATION.cff` says how to cite this version.

## Every column

{columns}"""


def readme() -> str:
    """The README.md of an archive with everything in it."""
    return _README


def public_readme(description: Description, columns: Sequence[tuple[Table, Schema]]) -> str:
    """The README.md of an archive for everybody."""
    terms, counts = description.licenses[0], description.counts
    return _PUBLIC_README.format(
        title=description.title,
        version=description.version,
        measurements=counts.measurements,
        steps=counts.steps,
        verdicts=counts.verdicts,
        taken_out=TAKEN_OUT,
        manifest=MANIFEST,
        terms=terms.title,
        name=terms.name,
        columns="\n".join(
            columns_told(table.name, table.comment or "", schema) for table, schema in columns
        ),
    )
