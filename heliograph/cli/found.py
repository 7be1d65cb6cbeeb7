"""The ``findings`` command: what the last whole night found, as it is stored."""

from datetime import date

import msgspec

from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.filters import country_of
from heliograph.cli.findings import in_number, print_table
from heliograph.cli.output import print_json, say
from heliograph.cli.place import database
from heliograph.finding import Finding, FindingType
from heliograph.text import for_terminal
from storage.nights import INCOMPLETE
from storage.store import Store


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for; None means any."""

    db: str | None
    country: str | None
    since: str | None
    kind: str | None
    json: bool


def listing(wish: Wish) -> None:
    """Print the findings that fit, in order of onset; raises Stop for what can't be asked."""
    kind, since = _kind(wish.kind), _day(wish.since)
    with Store.open_to_read(database(wish.db)) as store:
        last = store.nights.last()
        every = list(store.nights.findings())
    country = None
    if wish.country is not None:
        country = country_of(wish.country, {one.country for one in every})
    found = [one for one in every if _fits(one, country, kind, since)]
    if wish.json:
        for one in found:
            print_json(one)
    else:
        print_table(found)
    if last is None or last["published"] is None:
        say("no night has been made here yet; 'heliograph nightly' makes one")
        return
    if last["state"] == INCOMPLETE:
        say(
            f"the findings of {last['published']:%Y-%m-%d %H:%M} UTC went with what was forgotten"
            " since; 'heliograph nightly' makes them anew"
        )
        return
    failed = last["state"] == "failed"
    note = f"; the last night came to nothing: {for_terminal(str(last['why']))}" if failed else ""
    say(f"{in_number(found)}, as of {last['published']:%Y-%m-%d %H:%M} UTC{note}")


def _kind(word: str | None) -> FindingType | None:
    try:
        return None if word is None else FindingType(word)
    except ValueError:
        known = ", ".join(FindingType)
        raise Stop(ExitCode.USAGE, f"--type {word!r} is not one of {known}") from None


def _day(text: str | None) -> str | None:
    try:
        return None if text is None else date.fromisoformat(text).isoformat()
    except ValueError:
        raise Stop(ExitCode.USAGE, f"--since {text!r} is no day; write it as 2026-11-23") from None


def _fits(one: Finding, country: str | None, kind: FindingType | None, since: str | None) -> bool:
    in_country = country is None or one.country == country
    of_kind = kind is None or one.type is kind
    late = since is None or one.onset >= since or one.end is None or one.end > since
    return in_country and of_kind and late
