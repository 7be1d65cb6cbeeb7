"""Writes the reference pages that come from the code: run it, and commit what changed.

python docs/make_reference.py
"""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import msgspec

from analysis.accuracy import Accuracy, Rate
from analysis.accuracy_history import HistoryAccuracy
from analysis.beside.readings import EVERY_RULE
from analysis.known import BlockPage, Forged, Issuer, Known, Marks, known
from analysis.rules import RULESET_VERSION
from heliograph.cli.evaluate import Evaluation
from heliograph.cli.histories import Histories
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
        for rule in EVERY_RULE
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
    parts = (_how_measured(kept), _rates(found), _staged(found), _by_rule(found))
    over_time = () if kept.histories is None else findings_accuracy(kept.histories)
    return "\n".join([*chain(*parts, over_time), ""])


def _how_measured(kept: Evaluation) -> Iterator[str]:
    found = kept.accuracy
    yield from (
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
        "Each condition demands a state, and some allow others as well: mostly `inconclusive`,",
        "where one look may not suffice, as on a line that loses packets. *Right* means the",
        "state that is demanded or one that is allowed. So the first rate can be higher than",
        "the sensitivity, which counts `blocked` alone; of the verdicts on interference,",
        f"{_called_otherwise(found)} were called something else: see the table of what was",
        "staged. *Right* means the same where it stands beside a rule.",
        "",
    )


def _rates(found: Accuracy) -> Iterator[str]:
    rates = (
        ("verdicts whose state is one that the condition allows", found.state),
        ("interference that is called blocked (sensitivity)", found.sensitivity),
        ("everything else that is not called blocked (specificity)", found.specificity),
        ("interference whose main technique is named rightly", found.technique),
        ("the same, of what one look can settle", found.settled),
        ("interference called blocked at the hop where it happens", found.hop),
    )
    yield from ("| what | of how many | rate | 95 % |", "|---|---|---|---|")
    for what, rate in rates:
        yield (
            f"| {what} | {rate.right} of {rate.of} | {100 * (rate.value or 0):.2f} % |"
            f" {100 * rate.low:.2f} to {100 * rate.high:.2f} % |"
        )


def _staged(found: Accuracy) -> Iterator[str]:
    states = sorted({got for row in found.confusion.values() for got in row})
    yield from (
        "",
        f"Falsely called blocked at least once: {', '.join(found.accused) or 'none'}. Not as"
        f" they must be in any other way: {', '.join(found.missed) or 'none'}.",
        "",
        "## What was staged, and what it was called",
        "",
        f"| staged | {' | '.join(states)} |",
        f"|---|{'---|' * len(states)}",
    )
    for expected, row in found.confusion.items():
        yield f"| {expected} | {' | '.join(str(row.get(state, '')) for state in states)} |"
    yield from (
        "",
        "What was called otherwise than staged is allowed by its condition, unless it is named",
        "above this table.",
        "",
    )


def _by_rule(found: Accuracy) -> Iterator[str]:
    yield from (
        "## By rule: how often the verdict it fired for was right",
        "",
        "| rule | right | 95 % |",
        "|---|---|---|",
    )
    for rule in found.rules:
        fired = rule.fired
        yield (
            f"| `{rule.rule}` | {fired.right} of {fired.of} |"
            f" {100 * fired.low:.1f} to {100 * fired.high:.1f} % |"
        )


def _called_otherwise(found: Accuracy) -> str:
    """How much interference was not called blocked, of how much."""
    return f"{found.sensitivity.of - found.sensitivity.right} of {found.sensitivity.of}"


def findings_accuracy(found: Histories) -> Iterator[str]:
    """The part of that page that speaks of findings over time."""
    yield from (
        "",
        "## How often findings over time are right",
        "",
        f"Measured on {found.made} by `heliograph lab evaluate --history --out"
        f" analysis/accuracy.json`: simulated fleets, seeds from {found.first_seed} on, which were",
        "not looked at while detection was written. Events of five days or more must be found;"
        " shorter ones may be. Times are in days. The delay is counted in nights, from that which",
        "closes the day of the onset, by asking again every night with what was known by then; an",
        "event that was never told counts as the longest. What is simulated is what we thought of.",
        "",
        "| what happens | histories | recall | precision | onset, mean error | interval holds it"
        " | its width, median | end, median error | findings for an event | events in a finding"
        " | false in 1,000 series-days | delay, median |",
        f"|{'---|' * 12}",
    )
    yield from (_history(one) for one in found.presets)
    yield ""
    yield f"Detection judged {found.series_days_a_second:,} series-days a second on one core."


def _history(one: HistoryAccuracy) -> str:
    delay = _figure(one.delay_median)
    if one.delay_told is not None:
        delay += f" ({one.delay_told.right} of {one.delay_told.of} told)"
    cells = (
        f"`{one.preset}`",
        str(len(one.seeds)),
        _share(one.recall),
        _share(one.precision),
        _figure(one.onset_error_mean),
        _share(one.onset_covered),
        _figure(one.onset_width_median),
        _figure(one.end_error_median),
        _figure(one.findings_per_event),
        _figure(one.events_per_finding),
        f"{one.false_per_1000_series_days:.4f}",
        delay,
    )
    return f"| {' | '.join(cells)} |"


def _share(rate: Rate) -> str:
    return "" if rate.value is None else f"{rate.value:.3f} ({rate.right} of {rate.of})"


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"


def known_forgeries() -> str:
    """The page of forged addresses and block pages that are known."""
    data = known()
    countries = {entry.country for entry in (*data.address, *data.page)} - {"ZZ"}
    addresses = sum(len(entry.addresses) for entry in data.address)
    return "\n".join(
        [
            f"# Known forged addresses, block pages and issuers, edition {data.edition}",
            "",
            f"{len(data.address)} entries of {addresses} addresses, {len(data.page)} of pages and"
            f" {len(data.issuer)} of issuers, from {len(countries)} countries; kept in",
            "`analysis/known.toml`. Each says what somebody published, where and when: no list was",
            "taken over as a whole, and what can't be recognised beyond doubt was left out. Where",
            "the source is a measurement of OONI's, the entry repeats what their published code",
            "(`ooni/backend`) names it for.",
            "",
            "To be listed proves nothing by itself. Many forged addresses have an owner, whose own",
            "names they answer; a host rented for notices may be let to somebody else; an optional",
            "filter shows the pages of its maker. Rules therefore ask whether others, who can't be",
            "lied to on the path, are led to the same place or shown the same page.",
            "",
            "`national`: a state's, or what all providers there are told to use. `network`: one",
            "provider's. `optional`: one provider's, which its customer can have taken off.",
            "`product`: a filter's that anybody may install or choose (ZZ stands for no country).",
            "The last two accuse nobody: what one of them does is told as `inconclusive`.",
            "",
            "## Addresses",
            "",
            "| id | whose | what | addresses | who lives there | reported |",
            "|---|---|---|---|---|---|",
            *(_known_address(entry) for entry in data.address),
            "",
            "## Pages",
            "",
            "A page is told by where it stands: a redirect, or a frame, a refresh or a script on a",
            "page of less than 4 KiB, leads there from another host. Or by what it shows: all of",
            "the pieces together, on a page of less than 8 KiB or of what is said there.",
            "",
            "| id | whose | what | leads to | shows | reported |",
            "|---|---|---|---|---|---|",
            *(_known_page(entry) for entry in data.page),
            "",
            "## Issuers",
            "",
            "Who signs certificates of his own in the place of those that servers present: a",
            "certificate that does not verify names one of them as its issuer.",
            "",
            "| id | whose | what | names | reported |",
            "|---|---|---|---|---|",
            *(_known_issuer(entry) for entry in data.issuer),
            "",
        ]
    )


def _known_address(entry: Forged) -> str:
    addresses = " ".join(f"`{address}`" for address in entry.addresses)
    cells = (f"`{entry.id}`", _whose(entry), _what(entry), addresses, entry.owner or "")
    return f"| {' | '.join(cells)} | {_reported(entry)} |"


def _known_page(entry: BlockPage) -> str:
    leads = " ".join(f"`{place}`" for place in entry.leads_to)
    shows = "; or ".join(_marks(marks) for marks in entry.shows)
    cells = (f"`{entry.id}`", _whose(entry), _what(entry), leads, shows)
    return f"| {' | '.join(cells)} | {_reported(entry)} |"


def _known_issuer(entry: Issuer) -> str:
    names = "; or ".join(" and ".join(f"`{part}`" for part in row) for row in entry.names)
    cells = (f"`{entry.id}`", _whose(entry), _what(entry), names)
    return f"| {' | '.join(cells)} | {_reported(entry)} |"


def _marks(marks: Marks) -> str:
    told = [f"`{piece}`" for piece in marks.body]
    if marks.title is not None:
        told.append(f"title `{marks.title}`")
    if marks.most_bytes != Marks().most_bytes:
        told.append(f"less than {marks.most_bytes} bytes")
    return " and ".join(told)


def _whose(entry: Known) -> str:
    networks = ", ".join(f"AS{asn}" for asn in entry.asns)
    return " ".join(filter(None, (entry.country, str(entry.scope), networks)))


def _what(entry: Known) -> str:
    return f"{entry.what}. {entry.note}" if entry.note else entry.what


def _reported(entry: Known) -> str:
    when = f"{entry.since} to {entry.reported}" if entry.since else entry.reported
    return f"{when}: [{entry.by}]({entry.source})"


PAGES = {
    "accuracy.md": accuracy,
    "failure-words.md": failure_words,
    "known.md": known_forgeries,
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
