"""Whether a name or an address is among those a condition is about."""

import ipaddress
from functools import lru_cache


@lru_cache(maxsize=4096)
def is_among(name: str, names: tuple[str, ...], subdomains: bool) -> bool:
    """Whether a name, in any case, is one of these, or below one if ``subdomains`` count."""
    name = name.lower().rstrip(".")
    own = {each.lower() for each in names}
    return name in own or (subdomains and any(name.endswith(f".{each}") for each in own))


@lru_cache(maxsize=4096)
def is_within(packed: bytes, networks: tuple[str, ...]) -> bool:
    """Whether an address is in one of these networks, of either family."""
    address = ipaddress.ip_address(packed)
    return any(address in ipaddress.ip_network(each, strict=False) for each in networks)
