"""What may be told of the routers on a way: none of them must lead to the volunteer.

Nothing is told of routers in the vantage's own network but that they are inside. The first one
beyond is often the provider's door to the next network, with an address of that network's: of it
only the network is told. Where the vantage's own network is not known, nothing is told of any.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from heliograph.network import Network


@dataclass(frozen=True, slots=True)
class Told:
    """What is kept of one router."""

    inside: bool = False
    address: str | None = None
    asn: int | None = None
    network: str | None = None
    country: str | None = None


INSIDE = Told(inside=True)


def told(
    routers: Iterable[tuple[int, str]],
    vantage: int,
    place: str,
    lookup: Callable[[str], Network | None],
    bogon: Callable[[str], str | None],
) -> dict[int, Told]:
    """What is kept, by hop. ``routers`` are hop and address; ``vantage`` is the number of its
    network, 0 when unknown; ``place`` is the server, whose address is on record anyway."""
    found: dict[int, Told] = {}
    nearest: int | None = None
    for hop, address in sorted(routers):
        network = None if bogon(address) is not None else lookup(address)
        if address == place:
            found[hop] = _known(network, address)
        elif not vantage:
            found[hop] = Told()
        elif network is None or not network.asn:
            found[hop] = INSIDE if nearest is None else Told()
        elif network.asn == vantage:
            found[hop] = INSIDE
        else:
            nearest = nearest or hop
            found[hop] = _known(network, None if hop == nearest else address)
    return _closed(found)


def _known(network: Network | None, address: str | None) -> Told:
    if network is None:
        return Told(address=address)
    return Told(
        address=address,
        asn=network.asn or None,
        network=network.name or None,
        country=network.country,
    )


def _closed(found: dict[int, Told]) -> dict[int, Told]:
    """Nothing is told of what lies before a router inside: the way may go out and come back."""
    last = max((hop for hop, each in found.items() if each.inside), default=0)
    return {hop: INSIDE if hop <= last else each for hop, each in found.items()}
