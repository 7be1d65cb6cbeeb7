"""The commands ``export csv``, ``jsonl`` and ``sqlite``: results as a folder to take away."""

import hashlib
from collections import ChainMap, Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.filters import Filters, require_known
from heliograph.cli.giving import IN_ARCHIVE, NO_EVIDENCE, Giving, in_words, nothing
from heliograph.cli.output import print_json, say
from heliograph.cli.place import database
from heliograph.model import (
    SURROUNDINGS,
    Measurement,
    Outcome,
    Verdict,
    VerdictRow,
)
from heliograph.text import counted
from storage.packages.folder import require_free
from storage.packages.public import published, published_verdict
from storage.packages.shapes import Counts, Description, Format, Selection
from storage.packages.writing import Empty, Order, write_package
from storage.queries import RowQuery
from storage.store import Store

NOT_IN_SAMPLE = "not in the sample"
ABOUT_NO_TARGET = "about the surroundings of this computer; --probe surroundings writes them"
OF_THIS_NETWORK = "about the surroundings of this computer, which --public does not tell"
NAMED_AS_THEY_ARE = (
    "targets stand there as they are: before you publish the folder, see whether one of them tells"
    " who you are (docs/guide/packages.md)"
)
_EXACT = (
    "times, networks and addresses are exact: the folder is for you and those you trust; --public"
    " writes one for everybody"
)
_DIGEST_BITS = 64


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked for."""

    db: str | None
    form: Format
    out: Path
    filters: Filters
    sample: str | None
    public: bool
    address_unknown: bool
    json: bool


class Packaged(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="package"):
    """A folder that was written."""

    path: str
    format: Format
    version: str
    public: bool
    counts: Counts
    left_out: dict[str, int]
    """How many of those asked for are not in it, and why."""


def package(wish: Wish) -> None:
    """Write the folder; raises Stop when there is nothing to write, and the errors of storage."""
    query, share = wish.filters.query(), share_of(wish.sample)
    if wish.public and wish.address_unknown:
        why = "--public never writes what may hold your address; leave out --address-unknown"
        raise Stop(ExitCode.USAGE, why)
    require_free(wish.out)
    left_out: Counter[str] = Counter()
    unsampled: Counter[str] = Counter()
    with Store.open_to_read(database(wish.db)) as store:
        require_known(wish.filters, store)
        chosen = _chosen(wish, store, query, left_out)
        if query.probes is None:
            around = msgspec.structs.replace(query, probes=(SURROUNDINGS,), limit=None)
            why = OF_THIS_NETWORK if wish.public else ABOUT_NO_TARGET
            left_out.update({why: count} if (count := _count(store.rows(around))) else {})
        order = Order(
            out=wish.out,
            form=wish.form,
            public=wish.public,
            ruleset=store.current_ruleset(),
            selection=_selection(wish, query),
            # what was held back for this computer's sake would tell of it
            left_out=unsampled if wish.public else ChainMap(left_out, unsampled),
        )
        try:
            description = write_package(order, _sampled(chosen, share, unsampled))
        except Empty:
            raise Stop(ExitCode.INPUT_MISSING, nothing(left_out + unsampled)) from None
    _say(wish, description, left_out + unsampled)


def _chosen(
    wish: Wish, store: Store, query: RowQuery, left_out: Counter[str]
) -> Iterator[tuple[Measurement, Verdict | None]]:
    if wish.public:
        return told_to_all(store, query, left_out)
    giving = Giving(address_unknown=wish.address_unknown)
    found = _judged(store, store.rows(query), left_out)
    return (one for one in found if _may_go(giving.why_not(one[0]), left_out))


def told_to_all(
    store: Store, query: RowQuery, left_out: Counter[str]
) -> Iterator[tuple[Measurement, Verdict | None]]:
    """Those that everybody may have, as they may be told; the others are counted."""
    giving = Giving(address_unknown=False)
    alike: Counter[str] = Counter()
    for measurement, verdict in _judged(store, store.rows(query), left_out):
        if _may_go(_not_for_all(measurement) or giving.why_not(measurement), left_out):
            told = published(measurement)
            alike[told.id] += 1
            told = published(measurement, alike[told.id])
            yield told, None if verdict is None else published_verdict(verdict, told.id)


def _may_go(why: str | None, left_out: Counter[str]) -> bool:
    """Whether there is no reason against it; where there is one, it is counted."""
    if why is not None:
        left_out[why] += 1
    return why is None


def _selection(wish: Wish, query: RowQuery) -> Selection:
    """What was asked for, in words that are the same wherever they were typed.

    For everybody it names the day alone: a moment may be that of a look.
    """
    since = query.since
    moment = None if since is None else f"{since:%Y-%m-%d}" if wish.public else since.isoformat()
    return Selection(
        filters=replace(wish.filters, since=moment).in_words(),
        newest=query.limit,
        sample=None if wish.sample is None else f"{100 * share_of(wish.sample):g}%",
    )


def _count(rows: Iterable[VerdictRow]) -> int:
    return sum(1 for _ in rows)


def share_of(text: str | None) -> float:
    """The part of all measurements that ``--sample`` asks for, 1 for all; raises Stop."""
    if text is None:
        return 1.0
    try:
        share = float(text.strip().removesuffix("%")) / 100
    except ValueError:
        share = 0.0
    if not (text.strip().endswith("%") and 0 < share <= 1):
        raise Stop(ExitCode.USAGE, f"--sample {text!r} is no share; write it like 1%")
    return share


def _judged(
    store: Store, rows: Iterable[VerdictRow], left_out: Counter[str]
) -> Iterator[tuple[Measurement, Verdict | None]]:
    """Those whose steps are in the database, with their verdicts; the others are counted."""
    for row in rows:
        measurement = store.measurement(row.measurement_id)
        if measurement is None:  # forgotten a moment ago
            continue
        if not measurement.steps and store.retired.find(row.measurement_id) is not None:
            left_out[IN_ARCHIVE] += 1
            continue
        of_now = (
            verdict
            for verdict in store.verdicts(row.measurement_id)
            if verdict.ruleset_version == row.ruleset_version
        )
        yield measurement, next(of_now, None)


def _not_for_all(measurement: Measurement) -> str | None:
    """Why --public does not write it, whoever made it; None when it may be written."""
    if measurement.outcome is not Outcome.MEASURED:
        return NO_EVIDENCE
    return OF_THIS_NETWORK if measurement.probe == SURROUNDINGS else None


def _sampled(
    found: Iterable[tuple[Measurement, Verdict | None]], share: float, left_out: Counter[str]
) -> Iterator[tuple[Measurement, Verdict | None]]:
    """The share of them, chosen by their ids: the same ones every time, and part of a larger."""
    for measurement, verdict in found:
        digest = hashlib.sha256(measurement.id.encode()).digest()[: _DIGEST_BITS // 8]
        if int.from_bytes(digest, "big") < share * 2**_DIGEST_BITS:
            yield measurement, verdict
        else:
            left_out[NOT_IN_SAMPLE] += 1


def _say(wish: Wish, description: Description, left_out: Counter[str]) -> None:
    path, counts = wish.out.resolve(), description.counts
    if wish.json:
        print_json(
            Packaged(
                path=str(path),
                format=wish.form,
                version=description.version,
                public=wish.public,
                counts=counts,
                left_out=dict(left_out),
            )
        )
        return
    say(f"{counted(counts.measurements, 'measurement')} in {path}, version {description.version}")
    if left_out:
        say(f"left out: {in_words(left_out)}")
    say(NAMED_AS_THEY_ARE if wish.public else _EXACT)
