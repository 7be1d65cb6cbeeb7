"""Writes the reference pages that come from the code: run it, and commit what changed.

python docs/make_reference.py
"""

from pathlib import Path

from analysis.rules import RULES, RULESET_VERSION
from heliograph.failure import OWN_MEANINGS, Failure
from storage.schema_page import page as schema_page

FOLDER = Path(__file__).parent / "reference"


def failure_words() -> str:
    """The page of failure words."""
    theirs = [f"* `{word}`" for word in Failure if word not in OWN_MEANINGS]
    ours = [f"* `{word}`: {meaning}" for word, meaning in OWN_MEANINGS.items()]
    return "\n".join(
        [
            "# Failure words",
            "",
            "How one step failed. The words are those of OONI's data format df-007, so that data",
            "joins across projects; deadlines are `generic_timeout_error`, `timed_out` is the",
            "operating system's. A step that was cut off reads `interrupted`, never as a success.",
            "",
            *theirs,
            "",
            "## Our own",
            "",
            "Exported to OONI's format as `unknown_failure: …`.",
            "",
            *ours,
            "",
        ]
    )


def rules() -> str:
    """The page of rules."""
    rows = [
        f"| `{rule.id}` | {rule.state} | {rule.technique or ''} | {rule.weight}"
        f" | {rule.word or ''} | {rule.told('{host}', '{context}')} |"
        for rule in RULES
    ]
    return "\n".join(
        [
            f"# Rules, version {RULESET_VERSION}",
            "",
            "In the order in which they are tried: the state of the first rule that holds is the",
            "verdict's, and every rule of that state that holds is named in it. Where none holds,",
            "the verdict is `inconclusive`. The conditions are in `analysis/rules.py`.",
            "",
            "| id | state | technique | weight | word | sentence |",
            "|---|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


PAGES = {"failure-words.md": failure_words, "rules.md": rules, "schema.md": schema_page}


def main() -> None:
    """Write every page."""
    FOLDER.mkdir(exist_ok=True)
    for name, make in PAGES.items():
        (FOLDER / name).write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    main()
