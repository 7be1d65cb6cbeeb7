"""Resolvers open to everybody in whose place the system's own answered.

Since version 0.5 a probe asks each resolver for a name whose address is that of whoever asks its
server (``x_dns_whoami``): where two resolvers name one address, one of them answers for both.
"""

from collections.abc import Iterable

import msgspec

from heliograph.detail import DnsDetail, read
from heliograph.failure import Failure
from heliograph.model import PAIR_RESOLVER, Role, Step, StepKind
from storage.ooni.lookups import GETADDRINFO, written
from storage.ooni.shapes import is_object

_TRUSTED, _SYSTEM = "trusted", "system"
_NAME = "whoami.v4.powerdns.org"


class _Asker(msgspec.Struct):
    address: str | None = None


class _Whoami(msgspec.Struct):
    system_v4: list[_Asker] | None = None
    udp_v4: dict[str, list[_Asker] | None] | None = None


_WHOAMI = msgspec.json.Decoder(_Whoami, strict=False)


def with_standing(steps: list[Step], told: msgspec.Raw) -> list[Step]:
    """The look-ups, those of which the system's resolver caught the question counted as its own."""
    caught = _caught(told)
    if not caught:
        return steps
    return [_as_system(s) if f"{s.address}:{s.port}" in caught else s for s in steps]


def failed_for_it(told: msgspec.Raw, system: str) -> list[Step]:
    """The look-up of that harmless name by the system's resolver, where it brought nothing and a
    public resolver answered: how it failed is not published."""
    found = _read(told)
    if found is None or found.system_v4 or not any((found.udp_v4 or {}).values()):
        return []
    detail = DnsDetail(query_type="A", standing=_SYSTEM, transport=GETADDRINFO)
    return [
        Step(
            kind=StepKind.DNS_QUERY,
            role=Role.CONTROL_BEFORE,
            pair=PAIR_RESOLVER,
            host=_NAME,
            resolver=system,
            failure=Failure.UNKNOWN_FAILURE,
            detail=written(detail),
        )
    ]


def _caught(told: msgspec.Raw) -> frozenset[str]:
    """Addresses and ports of the open resolvers that did not answer themselves."""
    found = _read(told)
    if found is None:
        return frozenset()
    system = _addresses(found.system_v4 or ())
    public = (found.udp_v4 or {}).items()
    return frozenset(
        place for place, seen in public if not system.isdisjoint(_addresses(seen or ()))
    )


def _read(told: msgspec.Raw) -> _Whoami | None:
    try:
        return _WHOAMI.decode(told) if is_object(told) else None
    except msgspec.DecodeError:
        return None


def _addresses(askers: Iterable[_Asker]) -> frozenset[str]:
    return frozenset(asker.address for asker in askers if asker.address)


def _as_system(step: Step) -> Step:
    if step.kind is not StepKind.DNS_QUERY:
        return step
    detail = read(step, DnsDetail)
    if detail.standing != _TRUSTED or detail.transport != "udp":
        return step
    detail = msgspec.structs.replace(detail, standing=_SYSTEM)
    return msgspec.structs.replace(step, detail=written(detail))
