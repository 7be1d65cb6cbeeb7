"""What must hold for a rule that rests on what others reported of censors (analysis.known)."""

from collections.abc import Callable

from analysis.evidence import Evidence
from analysis.known import BlockPage, Forged, Known, Scope, block_page, forged
from analysis.once import kept
from heliograph.detail import HttpDetail


def forged_answer(*, bogon: bool) -> Callable[[Evidence], bool]:
    """All addresses the system's resolver gives are known to be forged, and none is the target's.

    Others are led elsewhere, into other networks: an address that is forged for one name may be
    another's own. Where its owner is known to have names of that kind, the networks must be told.
    ``bogon`` says which are meant: those no public host can have, or the others.
    """

    def holds(e: Evidence) -> bool:
        if not e.system_addresses or bool(e.system_public) is bogon:
            return False
        return len(_forged(e)) == len(e.system_addresses) and _led_elsewhere(e)

    return holds


def _forged(e: Evidence) -> list[Forged]:
    """The entries of the system's addresses that a state or a provider gives."""
    found = (forged(address) for address in sorted(e.system_addresses))
    return [entry for entry in found if entry is not None and entry.scope is not Scope.PRODUCT]


def _led_elsewhere(e: Evidence) -> bool:
    """Those who can't be lied to on the path find the target, and not there."""
    others = e.known | e.remote.addresses
    if not others or not e.system_addresses.isdisjoint(others | e.remote.told):
        return False
    if any(entry.owner for entry in _forged(e)) and not e.networks_of(others):
        return False
    return not any(e.same_network(address, others) for address in e.system_addresses)


def known_page(*, redirect: bool, compared: bool) -> Callable[[Evidence], bool]:
    """In the clear comes a page known to be shown in the place of others, or a way to one.

    ``compared`` says whether a control was shown another, or nobody else was shown any.
    """

    def holds(e: Evidence) -> bool:
        if not e.plain or (e.leads_to is not None) is not redirect:
            return False
        if (e.remote.page is not None) is not compared or _page_here(e) is None:
            return False
        return _page(e.remote.page) is None and e.agrees is not True

    return holds


@kept
def _page_here(e: Evidence) -> BlockPage | None:
    return _page(e.page)


def _page(page: HttpDetail | None) -> BlockPage | None:
    entry = None if page is None else block_page(page)
    return None if entry is None or entry.scope is Scope.PRODUCT else entry


def reported_address(e: Evidence) -> Known | None:
    """The entry the answer rests on."""
    return next(iter(_forged(e)), None)


def reported_page(e: Evidence) -> Known | None:
    """The entry the page rests on."""
    return _page_here(e)
