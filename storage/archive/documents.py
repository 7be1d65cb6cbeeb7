"""What stands beside the files of an archive, for whoever finds the folder."""

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


def readme() -> str:
    """The README.md of every archive."""
    return _README
