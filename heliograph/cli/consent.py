"""Consent before the first packet: what is asked, and how the answer is kept."""

import hashlib
import sys
from datetime import datetime

import typer

from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.output import say
from storage.errors import MissingDatabase
from storage.store import Store

VERSION = "1"
LANGUAGE = "en"

TEXT = """\
Before Heliograph sends anything

Heliograph opens the sites you name, the way a browser would, and writes down how far it got.
Please know this first:

  * Your internet provider, and whoever watches the network, can see which sites this computer
    asks for. Some of them may be banned where you are, and asking for them may get you noticed,
    questioned or worse.
  * Heliograph also asks other resolvers, and says innocuous names to the same servers, to find out
    whether a failure is censorship. Traffic like that can be recognised as a test.
  * What it finds is kept in a database on this computer; nothing is sent to a collector by this
    version. The addresses of this computer are taken out of it. If you are behind a router, its
    public address is not known here, and a page that prints its visitor's address is kept with it:
    look before you give the database to anybody.
  * A VPN hides you from your provider, but then the results describe the VPN's network.

'heliograph run --dry-run' shows everything that would be contacted, and sends nothing.
If you are not sure that this is safe for you, do not run it.
"""


def digest() -> str:
    """SHA-256 of the text, stored with every consent given to it."""
    return hashlib.sha256(TEXT.encode()).hexdigest()


def obtain(location: str, *, yes: bool) -> str | None:
    """How consent is given now, asking for it if need be; None when it is on record already.

    A database that is not there yet is not made: whoever declines leaves no trace. Raises Stop
    with code 77 when there is no consent.
    """
    try:
        with Store.open_to_read(location) as store:
            given = store.consents.latest()
    except MissingDatabase:
        given = None
    if given is not None and given.text_sha256 == digest():
        return None
    if yes:
        return "acknowledged by --yes"
    if sys.stdin.isatty():
        return _ask()
    raise Stop(
        ExitCode.NOT_ALLOWED,
        "no consent is recorded: run 'heliograph run' in a terminal to read what it does and"
        " agree, or add --yes if you have read it; --dry-run shows what would be contacted",
    )


def keep(store: Store, how: str | None, now: datetime) -> str:
    """Record a consent just given; the version of the text in force."""
    if how is not None:
        store.consents.record(VERSION, digest(), LANGUAGE, how, now)
    return VERSION


def _ask() -> str:
    say(TEXT)
    answer = typer.prompt(
        "Type 'I agree' to go on, anything else to leave", err=True, default="", show_default=False
    )
    if answer.strip().lower() != "i agree":
        raise Stop(ExitCode.NOT_ALLOWED, "no consent given; nothing was sent")
    return "typed at a terminal"
