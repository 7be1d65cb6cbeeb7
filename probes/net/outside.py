"""Whether this host knows the address by which others see it; behind a translator it may not."""

from collections.abc import Callable, Collection, Iterable
from ipaddress import ip_address


def is_unknown(
    used: Collection[str], known: Iterable[str], bogon: Callable[[str], str | None]
) -> bool:
    """Whether what was found may hold an own address that nobody could take out.

    ``used`` are the addresses this host's sockets had in a look, ``known`` all own addresses that
    are known, ``bogon`` says why one can't be a public host's. For each family that left this host
    a public address must be known, and one at least.
    """
    public = {ip_address(address).version for address in known if bogon(address) is None}
    own = (ip_address(address.partition("%")[0]) for address in used)
    needed = {a.version for a in own if not (a.is_loopback or a.is_link_local or a.is_unspecified)}
    return not public or not needed <= public
