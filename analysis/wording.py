"""What of several possible comparisons held this time, as the end of a rule's sentence."""

from collections.abc import Callable
from dataclasses import dataclass

from analysis.conditions import served_elsewhere
from analysis.evidence import Evidence
from analysis.known import Known, known
from analysis.lookups import failure_of
from analysis.pages import same_page
from analysis.reported import reported_address, reported_page
from heliograph.text import for_terminal

_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Wording:
    """A part of a sentence: what it says in general, and of one look."""

    general: str
    of: Callable[[Evidence], str]


def _by_name(e: Evidence) -> str:
    stopped, swap = e.stopped, e.swap
    if stopped is None:
        return ""
    here = e.same_address(stopped).control
    said = []
    if here is not None and e.answered(here):
        said.append(f"{here.host}, named to the same server, is answered")
    if swap.test is not None and swap.test.failure is stopped.failure:
        said.append("a stranger's server, which has nothing to do with it, ends in the same way")
    if served_elsewhere(e, stopped):
        said.append("a control elsewhere is served by the same server")
    return _joined(said)


def _by_page(e: Evidence) -> str:
    said = ["a control elsewhere is shown another"]
    if same_page(e.page, e.shown(e.swap.test)) is True:
        said.append("a stranger's server, which has nothing to do with it, shows the very same")
    if same_page(e.page, e.shown(e.secure)) is False:
        said.append("the same server, over TLS, shows another")
    return _joined(said)


def _by_issuer(e: Evidence) -> str:
    chain = () if e.stopped is None else e.tls(e.stopped).chain
    issuer = for_terminal(chain[0].issuer, _LONGEST) if chain else ""
    return f"issued by {issuer}" if issuer else "by an unknown issuer"


def _by_another_name(e: Evidence) -> str:
    other = e.from_nobody.control
    return "" if other is None else f"and not for {for_terminal(other.host or '', _LONGEST)}"


def _by_path(e: Evidence) -> str:
    """Resolvers elsewhere, asked in the clear, fail alike: whoever lies may sit on the path."""
    clear = tuple(fact for fact in e.trusted if not fact.encrypted)
    if not clear or failure_of(clear) is not e.system_failure:
        return ""
    return (
        "; others, asked in the clear, do the same, so it may be somebody on the path and not the"
        " resolver"
    )


def _by_report(entry_of: Callable[[Evidence], Known | None]) -> Callable[[Evidence], str]:
    def of(e: Evidence) -> str:
        entry = entry_of(e)
        return "" if entry is None else f" ({entry.id} in list {known().edition}: {entry.what})"

    return of


def _joined(parts: list[str]) -> str:
    return "; and ".join(filter(None, ("; ".join(parts[:-1]), *parts[-1:])))


BY_NAME = Wording(
    "it ends so at a stranger's server, too, and other names are answered at its own or a control"
    " elsewhere is served there",
    _by_name,
)
BY_PAGE = Wording(
    "a control elsewhere is shown another, and a stranger's server sends the same, or the site"
    " itself, over TLS, does not",
    _by_page,
)
BY_ISSUER = Wording("by an unknown issuer", _by_issuer)
BY_ANOTHER_NAME = Wording("and not for another name", _by_another_name)
BY_PATH = Wording("", _by_path)
BY_REPORTED_ADDRESS = Wording("", _by_report(reported_address))
BY_REPORTED_PAGE = Wording("", _by_report(reported_page))
