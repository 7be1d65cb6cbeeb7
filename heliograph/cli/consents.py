"""The ``consent`` commands: show every consent, withdraw it, print the texts."""

from itertools import combinations
from pathlib import Path

import msgspec

from heliograph.categories import words_of
from heliograph.cli import country
from heliograph.cli.consent import stands, why_another_text, why_over
from heliograph.cli.consent_text import LANGUAGE, VERSION, covered, digest, paragraphs, text_for
from heliograph.cli.output import print_json, say
from heliograph.cli.pause import By
from heliograph.cli.place import database, now
from heliograph.cli.underway import end_runs
from heliograph.plugin import Risk
from heliograph.risk import CountryRisk
from heliograph.text import for_terminal
from storage.consents import Consent
from storage.errors import MissingDatabase
from storage.store import Store


class ShownConsent(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="consent"):
    """One consent as the command prints it."""

    standing: str
    """``in force``, or why it is not."""
    text_version: str
    text_sha256: str
    language: str
    how: str
    recorded: str
    expires: str | None
    classes: tuple[str, ...]
    categories: tuple[str, ...]
    withdrawn: str | None


class ConsentText(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="consent_text"):
    """The text for probes of some risk classes."""

    classes: tuple[str, ...]
    version: str
    sha256: str
    language: str
    text: str


def listing(db: str | None, config: Path | None, *, json: bool) -> None:
    """Print every consent on record, oldest first."""
    risk = country.to_show(config).risk
    given = _every(database(db))
    if not given and not json:
        say("no consent is recorded; 'heliograph run' in a terminal asks for it")
    for number, consent in enumerate(given, start=1):
        shown = _shown(consent, risk, is_last=number == len(given))
        if json:
            print_json(shown)
        else:
            print(_in_words(number, shown))


def withdraw(db: str | None, *, json: bool) -> None:
    """Withdraw every consent on record; from then on a run asks again."""
    location = database(db)
    count = 0
    if _every(location, older_too=True):
        with Store.open(location) as store:
            count = store.consents.withdraw(now())
    undone = "your consent is withdrawn, and no other run starts without asking, but"
    end_runs(location, By.WITHDRAW, undone)
    if json:
        print_json({"kind": "withdrawn", "consents": count})
    elif count:
        say(
            "Your consent is withdrawn. The next run asks again before it sends anything.\n"
            "What was measured is still here; 'heliograph forget --all' deletes it."
        )
    else:
        say("There is no consent to withdraw; a run asks before it sends anything.")


def texts(config: Path | None, *, json: bool) -> None:
    """Print the texts a run here would ask to agree to."""
    here = country.to_show(config)
    risk = here.risk
    if not json:
        print(text_for((), risk), end="")
        for name, paragraph in paragraphs().items():
            print(f"\nAdded only for a run with {name} probes:\n\n{paragraph}")
        if here.note:
            print(f"\n{here.note}")
        print(f"\nVersion {VERSION}, language {LANGUAGE}. SHA-256 by the kinds of probes in a run:")
    for classes in _combinations():
        text = text_for(classes, risk)
        names = tuple(str(name) for name in classes)
        if json:
            print_json(
                ConsentText(
                    classes=names,
                    version=VERSION,
                    sha256=digest(text),
                    language=LANGUAGE,
                    text=text,
                )
            )
        else:
            print(f"  {digest(text)}  {', '.join(names)}")


def _combinations() -> list[tuple[Risk, ...]]:
    """Every set of classes there is a text for, the smallest first."""
    others = [name for name in Risk if name is not Risk.ORDINARY]
    return [covered(some) for size in range(len(others) + 1) for some in combinations(others, size)]


def _every(location: str, *, older_too: bool = False) -> list[Consent]:
    """What is on record; nothing where there is no database, which is not made."""
    try:
        if older_too and Path(location).is_file():
            with Store.open(location) as store:
                return store.consents.every()
        with Store.open_to_read(location) as store:
            return store.consents.every()
    except MissingDatabase:
        return []


def _shown(consent: Consent, risk: CountryRisk, *, is_last: bool) -> ShownConsent:
    return ShownConsent(
        standing=_standing(consent, risk, is_last=is_last),
        text_version=consent.text_version,
        text_sha256=consent.text_sha256,
        language=consent.language,
        how=consent.how,
        recorded=f"{consent.recorded:%Y-%m-%dT%H:%M:%SZ}",
        expires=None if consent.expires is None else f"{consent.expires:%Y-%m-%dT%H:%M:%SZ}",
        classes=consent.classes,
        categories=consent.categories,
        withdrawn=None if consent.withdrawn is None else f"{consent.withdrawn:%Y-%m-%dT%H:%M:%SZ}",
    )


def _standing(consent: Consent, risk: CountryRisk, *, is_last: bool) -> str:
    over = why_over(consent, now())
    if over is not None:
        return over
    if not is_last:
        return "replaced by a later one"
    return "in force" if stands(consent, risk, now()) else why_another_text(consent, risk)


def _in_words(number: int, shown: ShownConsent) -> str:
    kinds = ", ".join(f"{code} ({words_of(code)})" for code in shown.categories)
    lines = [
        f"{number}. {shown.standing}",
        f"   given    {shown.recorded}, {shown.how}",
        f"   expires  {shown.expires or 'over: given before consent had an end'}",
        f"   text     version {shown.text_version}, {shown.language}, SHA-256 {shown.text_sha256}",
        f"   probes   {', '.join(shown.classes) or 'not recorded'}",
        f"   kinds    {kinds or 'none of those that are off'}",
    ]
    if shown.withdrawn is not None:
        lines.append(f"   withdrawn {shown.withdrawn}")
    return "\n".join(for_terminal(line) for line in lines)
