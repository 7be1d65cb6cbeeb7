"""Known kinds of forged resets, by their fields: dated data of ours, from what others published.

Weak evidence: a box may be set otherwise tomorrow, and a server may send the same. So the look-up
names what the packets look like, for a reader, and no verdict rests on it.
"""

from functools import cache

import msgspec

from heliograph.detail import Caught


class Injector(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One kind of box; ranges are both ends included, of fields as they arrived there."""

    id: str
    """Permanent name."""
    what: str
    country: str
    """ISO 3166-1 code of the country it was reported from."""
    by: str
    source: str
    reported: str
    """Date of the last report (YYYY-MM or YYYY-MM-DD)."""
    flags: str
    count: int
    """Resets in answer to one name."""
    dont_fragment: bool
    ip_id: tuple[int, int]
    ip_ttl: tuple[int, int]
    payload: str = ""
    """In hex."""

    def fits(self, reset: Caught) -> bool:
        """Whether captured resets are of that kind in every field."""
        same = (reset.flags, reset.count, reset.dont_fragment, reset.payload) == (
            self.flags,
            self.count,
            self.dont_fragment,
            self.payload,
        )
        return (
            same
            and self.ip_id[0] <= reset.ip_id <= self.ip_id[1]
            and self.ip_ttl[0] <= reset.ip_ttl <= self.ip_ttl[1]
        )


class InjectorData(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that is known, with version and date."""

    version: int
    date: str
    injector: tuple[Injector, ...] = ()


@cache
def injectors() -> InjectorData:
    """The data as shipped; read once, when it is first asked for."""
    from importlib.resources import files

    text = (files("analysis") / "injectors.toml").read_bytes()
    return msgspec.toml.decode(text, type=InjectorData)


def like(reset: Caught) -> tuple[Injector, ...]:
    """The kinds that captured resets look like."""
    return tuple(each for each in injectors().injector if each.fits(reset))
