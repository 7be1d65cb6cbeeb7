"""Writes the reference pages that come from the code: run it, and commit what changed.

python docs/make_reference.py
"""

from pathlib import Path

import msgspec

from analysis.rules import RULES, RULESET_VERSION
from heliograph.cli.evaluate import Evaluation
from heliograph.failure import OWN_MEANINGS, Failure
from storage.schema_page import page as schema_page

FOLDER = Path(__file__).parent / "reference"
EVALUATION = Path(__file__).parents[1] / "analysis" / "accuracy.json"


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


def accuracy() -> str:
    """The page of error rates, from the last evaluation that was kept."""
    kept = msgspec.json.decode(EVALUATION.read_bytes(), type=Evaluation)
    found = kept.accuracy
    rates = (
        ("verdicts whose state is right", found.state),
        ("interference that is called blocked (sensitivity)", found.sensitivity),
        ("everything else that is not called blocked (specificity)", found.specificity),
        ("interference whose main technique is named rightly", found.technique),
        ("interference called blocked at the hop where it happens", found.hop),
    )
    states = sorted({got for row in found.confusion.values() for got in row})
    return "\n".join(
        [
            "# How often verdicts are right",
            "",
            f"Measured on {kept.made} by `heliograph lab evaluate --repeat {kept.repeats} --out"
            f" analysis/accuracy.json`: {found.conditions} conditions of the rehearsal internet,",
            f"{found.cases} verdicts, ruleset {found.ruleset_version}. Intervals are Wilson's,"
            " 95 %. The conditions are ours, and staged on one host: real networks hold others,",
            "so these rates say what the rules do with what we thought of, and no more. Repeats of"
            " one condition are no independent evidence: the intervals are narrower than what",
            "is known of a condition nobody has staged.",
            "",
            "| what | of how many | rate | 95 % |",
            "|---|---|---|---|",
            *(
                f"| {what} | {rate.right} of {rate.of} | {100 * (rate.value or 0):.2f} % |"
                f" {100 * rate.low:.2f} to {100 * rate.high:.2f} % |"
                for what, rate in rates
            ),
            "",
            f"Falsely called blocked at least once: {', '.join(found.accused) or 'none'}. Not as"
            f" they must be in any other way: {', '.join(found.missed) or 'none'}.",
            "",
            "## What was staged, and what it was called",
            "",
            f"| staged | {' | '.join(states)} |",
            f"|---|{'---|' * len(states)}",
            *(
                f"| {expected} | {' | '.join(str(row.get(state, '')) for state in states)} |"
                for expected, row in found.confusion.items()
            ),
            "",
            "## By rule: how often the verdict it fired for was right",
            "",
            "| rule | right | 95 % |",
            "|---|---|---|",
            *(
                f"| `{rule.rule}` | {rule.fired.right} of {rule.fired.of} |"
                f" {100 * rule.fired.low:.1f} to {100 * rule.fired.high:.1f} % |"
                for rule in found.rules
            ),
            "",
        ]
    )


PAGES = {
    "accuracy.md": accuracy,
    "failure-words.md": failure_words,
    "rules.md": rules,
    "schema.md": schema_page,
}


def main() -> None:
    """Write every page."""
    FOLDER.mkdir(exist_ok=True)
    for name, make in PAGES.items():
        (FOLDER / name).write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    main()
