"""What must hold for a rule about what resolvers said in a look that was made once.

The tool asked the system's resolver for the target alone, so nobody knows whether it answers other
names any better: its refusals, failures and silence say nothing here, what it denies does.
"""

from collections.abc import Callable

from analysis.conditions import at_home_here
from analysis.evidence import Evidence
from analysis.pages import same_page
from analysis.single import STRANGE, ended_well
from heliograph.failure import Failure
from heliograph.model import StepKind

NO_DATA = frozenset({Failure.DNS_NO_ANSWER})
"""What is also said where a name has addresses of a family alone that this host does not have."""


def denied(words: frozenset[Failure]) -> Callable[[Evidence], bool]:
    """The system's resolver denies the name that the control, or an encrypted resolver, finds."""

    def holds(e: Evidence) -> bool:
        word = e.system_failure
        if word not in words or word in e.trusted_failures:
            return False
        return bool(_told_safely(e)) and not (word in NO_DATA and _ipv6_alone(e))

    return holds


def denied_on_the_way(words: frozenset[Failure]) -> Callable[[Evidence], bool]:
    """The same of a name a redirect led to, which nobody else looked up: but the control's way,
    along whatever names, came to an end."""

    def holds(e: Evidence) -> bool:
        word = e.system_failure
        if e.hop == 1 or word not in words or word in e.trusted_failures:
            return False
        return not _told_safely(e) and ended_well(e)

    return holds


def failed_once(e: Evidence) -> bool:
    """Android's resolver failed, without saying how; another one, asked from here, finds the name
    where the control does."""
    agreed = not e.trusted_public.isdisjoint(_told_safely(e))
    return e.system_failure is Failure.ANDROID_DNS_CACHE_NO_DATA and agreed


def _found_elsewhere(e: Evidence) -> bool:
    """Others are given addresses of the name; at a later hop, the control went past it."""
    return bool(_told_safely(e)) or ended_well(e)


def _told_safely(e: Evidence) -> frozenset[str]:
    return e.vouched | e.remote.addresses


def _ipv6_alone(e: Evidence) -> bool:
    return all(":" in address for address in _told_safely(e))


def only_bogons_once(e: Evidence) -> bool:
    """The system's resolver gives addresses no public host has; others give ones that do.

    A provider may keep a copy of the site at a private address: then it is found there.
    """
    if not e.system_addresses or e.system_public or at_home_here(e):
        return False
    if not e.remote.told.isdisjoint(e.system_addresses):
        return False
    return _found_elsewhere(e) and not _found_at(e, e.system_addresses)


def _found_at(e: Evidence, addresses: frozenset[str]) -> bool:
    """The name is proved, or the control's page shown, at one of them."""
    shown = (step for step in e.exchanges if step.address in addresses)
    same = (same_page(e.shown(step), e.remote.page) for step in shown)
    return not e.authentic.isdisjoint(addresses) or True in same


def invented_once(e: Evidence) -> bool:
    """Two resolvers asked in the clear give one address of a name that nobody else finds.

    One alone may give an address of its own to every dead name. Two don't agree on one by chance;
    but a provider that answers in the place of all resolvers makes them agree.
    """
    agreed = not e.system_public.isdisjoint(e.trusted_public)
    return e.denied_by_others and agreed and not e.reached


def misled_once(e: Evidence) -> bool:
    """The system's resolver leads into another network than others do, where the name is not
    proved, to us or to the control: somebody else is at home there."""
    return _led_apart(e) and any(_strangers_place(e, address) for address in e.system_public)


def misled_to_nobody_once(e: Evidence) -> bool:
    """It leads into another network, where nobody is at home, for us or for the control: so does
    one that knows another data centre of the site, on a day when that one is down."""
    return _led_apart(e) and any(_shut(e, address) for address in e.system_public)


def _led_apart(e: Evidence) -> bool:
    """Into a network that others are not led into; and the control is served where it is led."""
    if not e.told_by_others or e.reached or e.agrees is True:
        return False
    if any(_is_known_place(e, address) for address in e.system_public):
        return False
    return bool(e.remote.proved) or ended_well(e)


def _is_known_place(e: Evidence, address: str) -> bool:
    """Others lead into its network; where no table tells, IPv4 addresses that share half are of
    one."""
    others = e.told_by_others
    half = _half(address)
    return e.same_network(address, others) or any(_half(other) == half for other in others)


def _half(address: str) -> str:
    """The first half of an IPv4 address; the whole of an IPv6 one."""
    return address.rpartition(".")[0].rpartition(".")[0] or address


def _strangers_place(e: Evidence, address: str) -> bool:
    """Somebody else's certificate is presented there."""
    if address in e.remote.proved:
        return False
    here = {step.failure for step in e.handshakes if step.address == address}
    there = e.remote.failure_at(StepKind.TLS_HANDSHAKE, address)
    return not STRANGE.isdisjoint({*here, there})


def _shut(e: Evidence, address: str) -> bool:
    """It does not prove the name to the control, takes no connection of ours, and refuses one
    where the control gets none.

    Servers that providers keep for their own customers are silent to a control, and take ours.
    """
    tried = [step for step in e.connects if step.address == address]
    if address in e.remote.proved or any(step.failure is None for step in tried):
        return False
    refused = (step for step in tried if step.failure is Failure.CONNECTION_REFUSED)
    return any(e.remote.shut_out(address, step.port) for step in refused)
