"""What a volunteer reads before the first packet: short texts in plain words, and three questions.

Whoever changes a word here raises VERSION; every consent to the older text is then asked for again.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from heliograph.categories import off
from heliograph.model import UNKNOWN_COUNTRY
from heliograph.plugin import Risk
from heliograph.risk import CountryRisk, Tier
from probes.net.spending import MOST_CONNECTIONS, MOST_QUERIES

VERSION = "4"
LANGUAGE = "en"

AGREE = "I agree"
KNOWS_DANGER = "I know this can be dangerous"

MOST_TO_STRANGERS = 2
"""So often a look that fails says the name of a host at servers that are not its own."""

_LOCAL_ONLY = """\
What is found stays on this computer. Before you read on, think of who could be watching, who
could open this computer, and who could be harmed besides you."""

_WHAT_IS_RUN = f"""\
What is run
  Heliograph opens the sites you name, the way a browser would, and writes down how far it got.
  To find out whether a failure is censorship it also asks other resolvers for the same names,
  says harmless names to the same servers, and, if one is configured, asks a control server for
  the same look. Before the first site, and again when many fail, it looks at a few harmless
  places, to learn what this network does to every site.
  A look that fails is repeated at once, which stands out more than one visit does.
  One look, at one site by one probe, makes up to {MOST_CONNECTIONS} connections, many of them in
  the site's name to its own servers, and asks resolvers up to {MOST_QUERIES} questions.
  In up to {MOST_TO_STRANGERS} connections the name is said to a server of somebody else, who has
  nothing to do with it and sees it, too. Where a site leads on to other hosts, that is up to
  {MOST_TO_STRANGERS} for the name of each of them."""

_WHAT_IS_SEEN = """\
What watchers can see
  Your internet provider, and whoever watches the network, can see which sites this computer
  asks for. Some may be banned where you are: asking for them may get you noticed, questioned or
  worse. The whole pattern can be recognised as a test. A VPN hides it from your provider, but
  then the results describe the VPN's network."""

_WHAT_IS_STORED = """\
What is stored
  The steps of each look, also of one that was stopped half way, in a database on this computer
  that anybody who opens your account can read. The addresses of this computer are taken out.
  Behind a router, its public address is not known here, and a page that prints its visitor's
  address is kept with it: look before you give the database to anybody. 'heliograph privacy'
  lists every field."""

_WHAT_IS_SENT = """\
What is sent
  Nothing leaves but the measurements themselves: questions to resolvers, to the sites and
  harmless others, and to a control server, if one is configured. No result is sent to anybody by
  this version."""

_HOW_TO_STOP = """\
How to stop, and delete
  Ctrl-C stops a run. So does 'heliograph pause' from another terminal, and lets none start.
  'heliograph consent withdraw' stops a run under way, and the next one asks again.
  'heliograph forget' deletes results, 'heliograph uninstall' all that Heliograph keeps; a report
  that you wrote to a file stays where you put it.
  'heliograph run --dry-run' shows everything that would be contacted, and sends nothing.
  If you are not sure that this is safe for you, do not run it."""

_PUNISHED_HERE = """
  Where the risk is high or not known, news, human rights, religion and criticism of rulers are
  off, too: people have been punished for reading them."""

_OF_CLASS = {
    Risk.UNUSUAL: """\
Unusual traffic
  A probe of this run sends what no browser would. Whoever looks can tell it from browsing, and
  may ask what it was.""",
    Risk.PRIVILEGED: """\
Raw packets
  A probe of this run builds packets by itself and needs rights a browser does not have. Whoever
  looks can tell that a measuring tool runs here, and no excuse about browsing will do.""",
}


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the quiz: only the right answer goes on, a wrong one is explained."""

    words: str
    answers: dict[str, str]
    right: str
    explained: dict[str, str]
    """Why each wrong answer is wrong."""


QUIZ = (
    Question(
        "Who can see which sites Heliograph opens from here?",
        {
            "a": "nobody, it is hidden",
            "b": "my internet provider and whoever watches the network",
            "c": "only the sites themselves",
        },
        "b",
        {
            "a": "Nothing is hidden: Heliograph asks for the sites openly, as a browser does.",
            "c": "The way to a site leads through your provider, which sees the names you ask for.",
        },
    ),
    Question(
        "Can asking for a site get somebody into trouble?",
        {
            "a": "no, a measurement is never held against anybody",
            "b": "no, as long as the site turns out to be blocked",
            "c": "yes, where the site is banned, or where measuring is taken for spying",
        },
        "c",
        {
            "a": "Whoever watches can't tell, and may not care, that it was a measurement.",
            "b": "The request is seen before it is blocked; the attempt alone may be enough.",
        },
    ),
    Question(
        "Where are the results when a run has ended?",
        {
            "a": "in a database on this computer, until I delete them",
            "b": "nowhere, they are only printed",
            "c": "on a public web site",
        },
        "a",
        {
            "b": "They are kept on this computer; whoever opens your account can read them.",
            "c": "This version sends no result to anybody; they are kept on this computer.",
        },
    ),
)


def covered(classes: Iterable[str]) -> tuple[Risk, ...]:
    """The classes a text for these covers: the ordinary one always, mildest first."""
    asked = {str(Risk.ORDINARY), *classes}
    return tuple(risk for risk in Risk if risk in asked)


def text_for(classes: Iterable[str], risk: CountryRisk) -> str:
    """The whole text shown to somebody in that country, for probes of these classes."""
    parts = [
        "Before Heliograph sends anything",
        country_note(risk),
        _WHAT_IS_RUN,
        *(_OF_CLASS[risk_class] for risk_class in covered(classes) if risk_class in _OF_CLASS),
        _WHAT_IS_SEEN,
        _WHAT_IS_STORED,
        _WHAT_IS_SENT,
        _kinds_of_sites(risk),
        _HOW_TO_STOP,
    ]
    return "\n\n".join(parts) + "\n"


def digest(text: str) -> str:
    """SHA-256 of a text, in hexadecimal; stored with every consent given to it."""
    return hashlib.sha256(text.encode()).hexdigest()


def country_note(risk: CountryRisk) -> str:
    """What is shown first: how careful to be in this country, and since when we say so."""
    if risk.tier is Tier.UNKNOWN:
        where = "here" if risk.country == UNKNOWN_COUNTRY else f"in {risk.country}"
        lines = [f"Risk {where}: UNKNOWN, to be read as HIGH", f"  {risk.reason}"]
    else:
        lines = [f"Risk in {risk.country}: {risk.tier.upper()}", f"  {risk.reason}"]
    if risk.assessed is not None:
        lines.append(
            f"  That is our own coarse view of {risk.assessed:%B %Y}; you know your country better."
        )
    if risk.tier.asks_for_most_care:
        lines += ["", _LOCAL_ONLY]
    return "\n".join(lines)


def paragraphs() -> dict[str, str]:
    """What is added for probes of a class that does more than a browser, by that class."""
    return {str(risk): text for risk, text in _OF_CLASS.items()}


def _kinds_of_sites(risk: CountryRisk) -> str:
    most_care = risk.tier.asks_for_most_care
    listed = "\n".join(f"  {kind.code:5} {kind.words}" for kind in off(most_care=most_care))
    here = _PUNISHED_HERE if most_care else ""
    return (
        "Kinds of sites that are off\n"
        "  In some countries merely asking for these brings trouble. In a list they are skipped,\n"
        f"  and you are told, unless you switch them on. A site that you name yourself is looked\n"
        f"  at, whatever its kind.{here}\n{listed}"
    )
