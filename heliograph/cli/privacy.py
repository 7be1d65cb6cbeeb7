"""The ``privacy`` command: what is stored and why, what never is, and what is sent to whom."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import msgspec

from heliograph.cli.output import print_json
from heliograph.cli.place import configuration_to_show
from heliograph.config import Config, NetworkConfig
from heliograph.control import places
from storage.privacy import StoredField, stored_fields

NEVER_STORED = (
    (
        "addresses of this computer",
        "taken out of every record before it is stored, in many spellings; the address of a router"
        " before it is not known here, and stays where a page prints it",
    ),
    ("what cookies hold", "of a site's cookies the name and the length are kept, not the value"),
    ("your name, your files, what you browse", "they are never read; only targets are looked at"),
    ("cookies and passwords of your browser", "they are never read, and never sent"),
    ("a number that names this computer", "none is made"),
    ("statistics of use", "nothing is counted for anybody, and nothing updates itself"),
)


class NeverStored(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="never_stored"):
    """Something that is kept nowhere."""

    what: str
    how: str


class Sent(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="sent"):
    """Something that leaves this computer during a run."""

    to: str
    what: str


def listing(config: Path | None, *, json: bool) -> None:
    """Print every field with its purpose, retention and whether it is public; then the rest."""
    fields = list(stored_fields())
    never = [NeverStored(what=what, how=how) for what, how in NEVER_STORED]
    sent = list(_sent(configuration_to_show(config)))
    if json:
        for record in (*fields, *never, *sent):
            print_json(record)
        return
    _print_fields(fields)
    print("Never stored")
    for one in never:
        print(f"  {one.what}: {one.how}")
    print("\nSent during a run ('heliograph run --dry-run' names every place for your targets)")
    for two in sent:
        print(f"  {two.to}: {two.what}")


def _print_fields(fields: list[StoredField]) -> None:
    print(
        "Stored, in the database on this computer. 'public' is what a result shows that you share;"
    )
    print("by itself this version shares nothing.\n")
    for table, of_table in groupby(fields, key=lambda field: field.table):
        print(table)
        for (purpose, retention, public), some in groupby(
            of_table, key=lambda field: (field.purpose, field.retention, field.public)
        ):
            print(f"  {purpose}; kept {retention}; {'public' if public else 'not public'}")
            for field in some:
                print(f"    {field.field:16} {field.meaning}")
        print()


def _sent_to_bystanders(network: NetworkConfig) -> Iterator[Sent]:
    """Places that have nothing to do with any target."""
    for url in network.connectivity_checks:
        yield Sent(to=url, what="a request, to see whether this computer is online")
    for name in network.control_names:
        yield Sent(
            to=f"the servers of {name}",
            what="its own name, to see whether it is reached; and to compare, where a target fails,"
            " the target's name and one that nobody has: these servers learn the target",
        )
    for address in network.injection_probe_addresses:
        yield Sent(
            to=address,
            what="the names of targets that are answered oddly, and a harmless one: nobody should"
            " answer there",
        )


def _sent(config: Config) -> Iterator[Sent]:
    resolver = config.network.resolver
    usual = "the system's resolver" if resolver is None else str(resolver)
    yield Sent(to=usual, what="the names of targets, and harmless names for comparison")
    for trusted in config.network.trusted_resolvers:
        yield Sent(to=str(trusted), what="the names of targets, and harmless ones, to compare")
    yield Sent(
        to="the targets, and where they redirect",
        what="requests as a browser makes them, from this computer's address, and harmless names",
    )
    yield from _sent_to_bystanders(config.network)
    for place in places(config):
        yield Sent(to=place.url, what="URLs and addresses of targets, to look at from there")
    if not places(config):
        yield Sent(to="a control server", what="nothing: none is configured")
    yield Sent(to="a collector", what="nothing: this version sends no result to anybody")
