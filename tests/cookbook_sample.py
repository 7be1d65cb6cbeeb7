"""A small history of three countries that do not exist, for the questions of the cookbook.

``python -m tests.cookbook_sample sample.sqlite`` makes it, the same every time. The looks are those
of the corpus, which the lab measured, under other names, days and places; the rules judge them, and
a night counts them. ``world`` makes it larger for benchmarks: more sites, networks and days
around the same plot, which is this.

* All three networks of XA block news.example from 13 September on: first their resolvers say that
  there is no such name, from 23 September on connections are reset.
* One network of XA, 64501, blocks video.example from 10 to 19 September.
* From 64511 in XB nothing comes from 20 to 28 September.
* shop.example is down everywhere on 8 September.
* From 25 September on one vantage of 64510 and of 64520 each runs a release candidate that spoils
  its looks.
* In XC one vantage of three says that vpn.example is blocked, from 20 September on.
* What one vantage of 64500 saw from 13 to 16 September comes on 21 September.
"""

import argparse
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TypeVar

import msgspec

from analysis.judge import judge
from analysis.rules import RULESET_VERSION
from heliograph.ids import id_of_new
from heliograph.model import Measurement, State, Vantage, Verdict
from scheduler.nightly import NightWork
from storage.bulk import VERDICTS, Bulk, copy_rows, insert_rows
from storage.engine import is_server, open_engine, writing
from storage.imports import Judged
from storage.loading import load
from storage.records import verdict_row
from storage.store import Store
from storage.tables import receipts
from tests.unit.analysis.kept import corpus

FIRST = date(2026, 9, 1)
DAYS = 35
NIGHT = datetime(2026, 10, 6, 1, 30, tzinfo=UTC)
SITES = ("news.example", "shop.example", "video.example", "vpn.example")
NETWORKS = (
    ("XA", 64500),
    ("XA", 64501),
    ("XA", 64502),
    ("XB", 64510),
    ("XB", 64511),
    ("XC", 64520),
)
KEYS = ("a", "a", "b", "c")
"""The vantages of a network, one for each look of a day."""
SOUND, SPOILT = "heliograph 0.1.0", "heliograph 0.2.0rc1"
STEPS_EACH = 25
_Record = TypeVar("_Record", bound=msgspec.Struct)
_LARGE = 2_000_000
_BATCH = 500
_RECEIPTS = Bulk(receipts)


@dataclass(frozen=True)
class World:
    """How large it is; the plot needs the first sites and networks, and the last days.

    What is seen on a day depends on no other day.
    """

    sites: tuple[str, ...] = SITES
    networks: tuple[tuple[str, int], ...] = NETWORKS
    days: tuple[date, ...] = ()
    """Those somebody looked on; none named: those of the plot."""

    def dates(self) -> tuple[date, ...]:
        """The days somebody looked on."""
        return self.days or _last(DAYS)


def _last(days: int) -> tuple[date, ...]:
    """So many days, up to the last of the plot."""
    last = FIRST + timedelta(days=DAYS - 1)
    return tuple(last - timedelta(days=back) for back in reversed(range(days)))


def world(steps: int) -> World:
    """One with about so many steps."""
    large = steps >= _LARGE
    more = tuple((f"X{chr(68 + n // 5)}", 64600 + n) for n in range(44)) if large else ()
    networks, days = NETWORKS + more, 90 if large else DAYS
    sites = max(len(SITES), steps // (STEPS_EACH * len(KEYS) * len(networks) * days))
    added = tuple(f"site{n}.example" for n in range(sites - len(SITES)))
    return World(SITES + added, networks, _last(days))


def make(location: str, of: World = World()) -> None:
    """Fill a new database, and make one night of it."""
    load(location, batches(of), lambda _stage, _rows: None)
    engine = open_engine(location)
    try:
        with writing(engine) as connection:
            add = copy_rows if is_server(engine) else insert_rows
            add(connection, _RECEIPTS, map(_RECEIPTS.values, _received(of)))
            before = filter(None, (_said_before(one) for one in looks(of)))
            add(connection, VERDICTS, (VERDICTS.values(verdict_row(said)) for said in before))
    finally:
        engine.dispose()
    with Store.open(location) as store:
        store.activate(RULESET_VERSION)
        window = (NIGHT.date() - of.dates()[0]).days + 1
        list(NightWork(store, store.looks, lambda: NIGHT, window).steps())


@dataclass(frozen=True)
class Look:
    """One of them, before it is a measurement."""

    day: date
    second: int
    """Of the day, UTC."""
    country: str
    asn: int
    key: str
    site: str
    software: str
    like: str
    """The site of the corpus whose look it is, and the state that look has."""
    state: State

    @property
    def moment(self) -> datetime:
        """When it began."""
        midnight = datetime(self.day.year, self.day.month, self.day.day, tzinfo=UTC)
        return midnight + timedelta(seconds=self.second)


def looks(of: World) -> Iterator[Look]:
    """All of them, day after day."""
    for day in of.dates():
        chance = random.Random(f"{day}")
        for country, asn in of.networks:
            for turn, key in enumerate(KEYS):
                for site in of.sites:
                    second = 18_000 * turn + chance.randrange(18_000)
                    noise = chance.random() < 0.02
                    if asn == 64511 and _on(day, 20, 28):
                        continue
                    spoilt = asn in (64510, 64520) and key == "c" and _on(day, 25)
                    like, state = _seen(day, (country, asn, key), site, noise, spoilt)
                    software = SPOILT if spoilt else SOUND
                    yield Look(day, second, country, asn, key, site, software, like, state)


def _on(day: date, first: int, last: int = 99) -> bool:
    """Whether it is one of these days of September; 31 is the first of October."""
    return first <= (day - FIRST).days + 1 <= last


def _seen(
    day: date, place: tuple[str, int, str], site: str, noise: bool, spoilt: bool
) -> tuple[str, State]:
    country, asn, key = place
    if spoilt:
        return "unheeded.example", State.INCONCLUSIVE
    if site == "shop.example" and _on(day, 8, 8):
        return "closed.example", State.DOWN
    if site == "news.example" and country == "XA" and _on(day, 13):
        return ("reset" if _on(day, 23) else "denied") + ".example", State.BLOCKED
    if site == "video.example" and asn == 64501 and _on(day, 10, 19):
        return "reset.example", State.BLOCKED
    if site == "vpn.example" and (asn, key) == (64520, "c") and _on(day, 20):
        return "reset.example", State.BLOCKED
    if noise:
        return "closed.example", State.DOWN
    return "reset.example", State.OK


def batches(of: World) -> Iterator[list[Judged]]:
    """The measurements with their verdicts, some at once."""
    batch: list[Judged] = []
    for look in looks(of):
        batch.append(_judged(look))
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _judged(look: Look) -> Judged:
    kept, said = _template(look.like, look.state, look.site)
    record = _placed(look, kept)
    return Judged(record, msgspec.structs.replace(said, measurement_id=record.id))


def _placed(look: Look, kept: Measurement) -> Measurement:
    vantage = Vantage(country=look.country, asn=look.asn, source="configured")
    record = msgspec.structs.replace(
        kept, vantage=vantage, started=look.moment, software=look.software
    )
    return msgspec.structs.replace(record, id=id_of_new(record))


@cache
def _template(like: str, state: State, site: str) -> tuple[Measurement, Verdict]:
    """A look of the corpus with the name of a site of ours, and what the rules make of it."""
    for one in corpus():
        if one.measurement.target.host == like and one.truth.state == state:
            text = msgspec.json.encode(one.measurement).replace(like.encode(), site.encode())
            read = msgspec.json.decode(text, type=Measurement)
            renamed = msgspec.structs.replace(_bare(read), steps=tuple(map(_bare, read.steps)))
            said = judge(renamed)
            assert said is not None
            assert said.state == state
            return renamed, said
    raise LookupError(f"the corpus has no look at {like} that is {state}")


def _bare(record: _Record) -> _Record:
    """The same, with each default that very object, as the quick way to an id wants it."""
    fields = msgspec.structs.fields(record)
    held = {one.name: getattr(record, one.name) for one in fields}
    return type(record)(
        **{one.name: held[one.name] for one in fields if held[one.name] != one.default}
    )


def _received(of: World) -> Iterator[dict[str, object]]:
    """A receipt of each: with the next morning's sending, but for those that came late."""
    for look in looks(of):
        late = (look.asn, look.key) == (64500, "b") and _on(look.day, 13, 16)
        came = date(2026, 9, 21) if late else look.day + timedelta(days=1)
        yield {
            "id": _judged(look).measurement.id,
            "envelope_hash": "",
            "received_at": datetime(came.year, came.month, came.day, 0, 30, tzinfo=UTC),
            "vantage": f"{look.asn}-{look.key}",
        }


def _said_before(look: Look) -> Verdict | None:
    """What an older version of the rules said: made up, to have some that differ."""
    if (look.site, look.country) != ("news.example", "XA") or not _on(look.day, 13, 14):
        return None
    return Verdict(
        measurement_id=_judged(look).measurement.id,
        ruleset_version=RULESET_VERSION - 1,
        state=State.INCONCLUSIVE,
        explanation="It can't be told.",
    )


if __name__ == "__main__":
    said = argparse.ArgumentParser(description="Make the sample of the cookbook.")
    said.add_argument("location", help="a new file, or the URL of an empty database")
    make(said.parse_args().location)
