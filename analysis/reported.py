"""What must hold for a rule that rests on what others reported of censors (analysis.known)."""

from collections.abc import Callable, Iterator

from analysis.evidence import Evidence
from analysis.known import BlockPage, Forged, Known, Scope, block_page, forged, issuer
from analysis.once import kept
from heliograph.detail import HttpDetail
from heliograph.model import StepKind


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
    return [entry for entry in _answers(e) if entry.accuses]


def _answers(e: Evidence) -> Iterator[Forged]:
    """The entries of the system's addresses, whoever gives them."""
    found = (forged(address) for address in sorted(e.system_addresses))
    return (entry for entry in found if entry is not None)


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
        if (e.remote.page is not None) is not compared or reported_page(e) is None:
            return False
        return _is_shown_here_alone(e)

    return holds


def _is_shown_here_alone(e: Evidence) -> bool:
    """A control is shown another page, and none that is known; or there is none."""
    return _page(e.remote.page) is None and e.agrees is not True


@kept
def _page_here(e: Evidence) -> BlockPage | None:
    return _page(e.page)


def _page(page: HttpDetail | None) -> BlockPage | None:
    return None if page is None else block_page(page)


def reported_address(e: Evidence) -> Known | None:
    """The entry the answer rests on."""
    return next(iter(_forged(e)), None)


def reported_page(e: Evidence) -> Known | None:
    """The entry the page rests on."""
    entry = _page_here(e)
    return entry if entry is not None and entry.accuses else None


def liftable(e: Evidence) -> bool:
    """In the target's place answers a provider's filter that its customer can have taken off."""
    entry = filter_here(e)
    return entry is not None and entry.scope is Scope.OPTIONAL


def of_unknown_owner(e: Evidence) -> bool:
    """In the target's place answers a filter that anybody may have set up: a household, an office,
    the host itself, or a provider and a state, which use the same."""
    entry = filter_here(e)
    return entry is not None and entry.scope is Scope.PRODUCT


@kept
def filter_here(e: Evidence) -> Known | None:
    """The entry of a filter that answers in the target's place and accuses nobody.

    None where what came here, or on the way here, is known as a state's or a provider's as well:
    many a product is theirs.
    """
    found = next((entry for entry in _filters(e) if not entry.accuses), None)
    return None if found is None or _is_a_censors(e) else found


def _is_a_censors(e: Evidence) -> bool:
    at: Evidence | None = e
    while at is not None:
        if reported_address(at) is not None or (at.plain and reported_page(at) is not None):
            return True
        at = at.before
    return False


def _filters(e: Evidence) -> Iterator[Known]:
    """What is known of the answers, the page and the certificates that are not the target's."""
    others = e.known | e.remote.addresses | e.remote.told
    if e.system_addresses.isdisjoint(others):
        yield from _answers(e)
    shown = _page_here(e) if e.plain else None
    if shown is not None and _is_shown_here_alone(e):
        yield shown
    if not e.reached:
        yield from _issuers(e)


def _issuers(e: Evidence) -> Iterator[Known]:
    """Of certificates that came on the default path, where no control is shown a false one as well:
    behind such a product a server may stand itself."""
    for step in e.handshakes:
        there = e.remote.failure_at(StepKind.TLS_HANDSHAKE, step.address)
        if step.address in e.default_addresses and there is None:
            found = (issuer(certificate.issuer) for certificate in e.tls(step).chain)
            yield from (entry for entry in found if entry is not None)
