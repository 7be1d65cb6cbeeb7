"""What of several possible comparisons held this time, as the end of a rule's sentence."""

from collections.abc import Callable
from dataclasses import dataclass

from analysis.conditions import served_elsewhere
from analysis.evidence import Evidence
from analysis.pages import same_page
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


def _joined(parts: list[str]) -> str:
    return ", and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


BY_NAME = Wording(
    "two of three comparisons say that it is the name (another name said to the same server, this"
    " one to a stranger's, a control elsewhere)",
    _by_name,
)
BY_PAGE = Wording(
    "a control elsewhere is shown another, and a stranger's server sends the same, or the site"
    " itself, over TLS, does not",
    _by_page,
)
BY_ISSUER = Wording("by an unknown issuer", _by_issuer)
