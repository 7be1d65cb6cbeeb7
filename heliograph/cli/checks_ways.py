"""Steps that several of ``doctor``'s checks of the network take, and what such a check is."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from heliograph.cli.checks import Found, routed
from heliograph.cli.exits import ExitCode
from heliograph.cli.place import now
from heliograph.config import Resolver
from heliograph.control import ControlPlace
from heliograph.failure import Failure
from heliograph.plugin import Connection, Reply
from probes.net.door import Door

_SECONDS_TO_FIND = 2.0


class Trouble(Exception):
    """The check failed; the message says what was seen."""


@dataclass(frozen=True, slots=True)
class Check:
    """One look at a piece of infrastructure."""

    name: str
    to: str
    what: str
    look: Callable[[Door], Awaitable[Found]]
    mend: str
    code: ExitCode | None = None

    @property
    def destination(self) -> str:
        """What will be sent, and where to."""
        return f"{self.to}: {self.what}"


def asking(resolvers: Sequence[Resolver], place: Resolver | ControlPlace) -> str:
    """What is sent before a place that is known by its name only can be met."""
    if place.address is not None:
        return ""
    return f"asks {', '.join(str(one) for one in resolvers)} for {place.host}, then "


async def found(door: Door, host: str, resolvers: Sequence[Resolver]) -> tuple[str, ...]:
    """The host's addresses of both families, from the first of these resolvers that gives any.

    All are asked; those come first that this host knows a way to. Raises Trouble.
    """
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_asked(door, host, resolver)) for resolver in resolvers]
    addresses = next((given for task in tasks if (given := task.result())), ())
    if not addresses:
        raise Trouble(f"no address of {host} is to be had")
    return tuple(sorted(addresses, key=lambda address: not routed(address)))


async def _asked(door: Door, host: str, resolver: Resolver) -> tuple[str, ...]:
    async def ask(kind: str) -> tuple[str, ...]:
        try:
            async with asyncio.timeout(_SECONDS_TO_FIND):
                return (await door.resolve(host, kind, resolver=resolver)).routable
        except TimeoutError:
            return ()

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(ask(kind)) for kind in ("A", "AAAA")]
    return tuple(address for task in tasks for address in task.result())


async def secured(door: Door, made: Connection, host: str, *, secure: bool) -> None:
    """Raise Trouble unless connected and, where it is to be, to whom it is to be."""
    require(made.failure, f"no connection to {made.address} port {made.port}")
    if secure:
        shaken = await door.handshake(made, host)
        require(shaken.failure, f"{made.address} does not prove to be {host}")


def require(failure: Failure | None, what: str) -> None:
    """Raise Trouble with these words when a step failed."""
    if failure is not None:
        raise Trouble(f"{what} ({failure.replace('_', ' ')})")


def require_route(address: str | None) -> None:
    """Raise Trouble when this host knows no way there; sends nothing."""
    if address is not None and not routed(address):
        raise Trouble(f"this host has no route to {address}")


def ahead(reply: Reply) -> float | None:
    """How far our clock is ahead of the one behind this reply."""
    try:
        told = parsedate_to_datetime(reply.header("date") or "")
    except (ValueError, IndexError, OverflowError):
        return None
    if told.tzinfo is None:
        return None
    return (now() - told).total_seconds()
