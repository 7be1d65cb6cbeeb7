"""Consent before the first packet: whether there is one, what it covers, and how it is kept."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from heliograph.cli import consent_ask
from heliograph.cli.consent_text import (
    LANGUAGE,
    VERSION,
    country_note,
    covered,
    digest,
    text_for,
)
from heliograph.cli.country import Country
from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.output import say
from heliograph.cli.place import now
from heliograph.model import UNKNOWN_COUNTRY
from heliograph.plugin import Probe
from heliograph.risk import CountryRisk, risk_of
from heliograph.valid import country_codes
from scheduler.allowance import EarlyEnd
from scheduler.halting import CONSENT_OVER
from storage.consents import Consent
from storage.errors import MissingDatabase, OlderDatabase, StorageError
from storage.store import Store

LASTS = timedelta(days=365)
BY_YES = "acknowledged by --yes"
AT_TERMINAL = "typed at a terminal"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run needs consent for."""

    classes: tuple[str, ...]
    """Risk classes of its probes."""
    categories: frozenset[str]
    """Sensitive categories in its lists."""
    country: Country

    @property
    def risk(self) -> CountryRisk:
        """How dangerous it is here."""
        return self.country.risk

    @classmethod
    def by(cls, probes: Sequence[Probe], categories: Iterable[str], country: Country) -> "Asked":
        """For these probes, and lists that hold these sensitive categories, in that country."""
        classes = tuple(covered(probe.risk for probe in probes))
        return cls(classes, frozenset(categories), country)


@dataclass(frozen=True, slots=True)
class Agreed:
    """A consent that covers a run, and whether it has yet to be recorded."""

    consent: Consent
    is_new: bool


def obtain(location: str, asked: Asked, *, yes: bool) -> Agreed:
    """The consent that covers the run, asking for it if need be; ``keep`` records it.

    A database that is not there yet is not made: whoever declines leaves no trace. Raises Stop
    with code 77 when there is no consent.
    """
    given = _latest(location)
    lack = lacking(given, asked, now())
    if lack is None:
        assert given is not None
        return _with_more_categories(given, asked, yes=yes)
    before = given if given is not None and stands(given, asked.risk, now()) else None
    if yes:
        return Agreed(_acknowledged(before, asked), is_new=True)
    if not consent_ask.is_possible():
        raise Stop(
            ExitCode.NOT_ALLOWED,
            f"{lack}: run 'heliograph run' in a terminal to read what it does and agree, or add"
            " --yes if you have read 'heliograph consent text'; --dry-run shows what would be"
            " contacted",
        )
    say(f"Why you are asked: {lack}.\n")
    classes = _classes(before, asked)
    opted = consent_ask.ask(text_for(classes, asked.risk), asked.country)
    return Agreed(_made(asked.risk, classes, opted, AT_TERMINAL), is_new=True)


def keep(store: Store, agreed: Agreed) -> Consent:
    """The consent in force, recorded if it was just given."""
    if agreed.is_new:
        store.consents.record(agreed.consent)
    return agreed.consent


def lacking(given: Consent | None, asked: Asked, moment: datetime) -> str | None:
    """Why this consent does not cover the run, in words; None if it does."""
    if given is None:
        return "no consent is recorded"
    over = why_over(given, moment)
    if over is not None:
        return over
    if not _is_to_text_now(given, asked.risk):
        return why_another_text(given, asked.risk)
    missing = [name for name in asked.classes if name not in given.classes]
    if missing:
        return f"you have not agreed to {' and '.join(missing)} probes yet"
    return None


def why_over(given: Consent, moment: datetime) -> str | None:
    """Why a consent is over, whatever it was given to; None if it is not."""
    if given.withdrawn is not None:
        return f"consent was withdrawn on {given.withdrawn:%Y-%m-%d}"
    if given.expires is None:
        return "consent was given to an older version"
    if given.expires <= moment:
        return f"consent expired on {given.expires:%Y-%m-%d}"
    return None


def halting(store: Store) -> EarlyEnd | None:
    """The end of a run under way, once its consent is over: no packet leaves after that."""
    try:
        given = store.consents.latest()
    except StorageError:  # told where a result can't be stored
        return None
    over = None if given is None else why_over(given, now())
    if over is None:
        return None
    return EarlyEnd(
        CONSENT_OVER,
        f"{over}, so nothing more is sent",
        then="the same command asks for your consent first",
    )


def why_another_text(given: Consent, risk: CountryRisk) -> str:
    """Why the text that was agreed to is not the one that is shown now: country, or words."""
    if (given.text_version, given.language) == (VERSION, LANGUAGE):
        for code in country_codes():
            if _is_to_text_now(given, risk_of(code)):
                there, here = _named(code), _named(risk.country)
                return f"another country is set: you agreed to the text for {there}, not for {here}"
    return "the text has changed since you agreed"


def _named(country: str) -> str:
    return "one that is not known" if country == UNKNOWN_COUNTRY else country


def stands(given: Consent, risk: CountryRisk, moment: datetime) -> bool:
    """Whether a consent is still good for what it covers."""
    return why_over(given, moment) is None and _is_to_text_now(given, risk)


def opted_into(location: str, country: Country) -> tuple[str, ...]:
    """The sensitive categories a run would look at now; none without a database or a consent."""
    try:
        with Store.open_to_read(location) as store:
            given = store.consents.latest()
    except (MissingDatabase, OlderDatabase):
        return ()
    good = given is not None and stands(given, country.risk, now())
    return given.categories if given is not None and good else ()


def _latest(location: str) -> Consent | None:
    try:
        with Store.open_to_read(location) as store:
            return store.consents.latest()
    except MissingDatabase:
        return None
    except OlderDatabase:
        with Store.open(location) as store:  # the run would bring it to this version anyway
            return store.consents.latest()


def _is_to_text_now(given: Consent, risk: CountryRisk) -> bool:
    return given.text_sha256 == digest(text_for(given.classes, risk))


def _classes(before: Consent | None, asked: Asked) -> tuple[str, ...]:
    return covered((*asked.classes, *(before.classes if before is not None else ())))


def _acknowledged(before: Consent | None, asked: Asked) -> Consent:
    """By --yes: nobody is asked, and no category is switched on that was not on already."""
    classes = _classes(before, asked)
    if asked.risk.tier.asks_for_most_care:
        say("\n".join(filter(None, (country_note(asked.risk), asked.country.note, ""))) + "\n")
    say(f"--yes: you agree to version {VERSION} of the text; 'heliograph consent text' prints it")
    return _made(asked.risk, classes, before.categories if before is not None else (), BY_YES)


def _with_more_categories(given: Consent, asked: Asked, *, yes: bool) -> Agreed:
    """A list with kinds of sites that are off: somebody at a terminal may switch them on."""
    off = asked.categories - set(given.categories)
    if yes or not off or not consent_ask.is_possible():
        return Agreed(given, is_new=False)
    more = consent_ask.more_categories(off)
    if not more:
        return Agreed(given, is_new=False)
    categories = tuple(sorted({*given.categories, *more}))
    changed = {"categories": categories, "how": AT_TERMINAL, "recorded": now()}
    return Agreed(msgspec.structs.replace(given, **changed), is_new=True)


def _made(
    risk: CountryRisk, classes: tuple[str, ...], categories: tuple[str, ...], how: str
) -> Consent:
    moment = now().replace(microsecond=0)
    return Consent(
        text_version=VERSION,
        text_sha256=digest(text_for(classes, risk)),
        language=LANGUAGE,
        how=how,
        recorded=moment,
        expires=moment + LASTS,
        classes=tuple(str(name) for name in classes),
        categories=categories,
    )
