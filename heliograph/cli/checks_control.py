"""What ``doctor`` asks a control server: is it there, is it itself, and does it take our token?

It is sent an empty request with the token, as a run would send a full one, and looks at nothing.
"""

import asyncio
from collections.abc import Sequence

from heliograph.cli.checks import Found, fine, of_error, problem
from heliograph.cli.checks_ways import Check, Trouble, ahead, asking, found, require_route, secured
from heliograph.cli.compose import controls_of, resolver_of
from heliograph.cli.exits import ExitCode
from heliograph.config import Config, ConfigError, Resolver
from heliograph.control import ControlPlace, headers_for
from heliograph.failure import Failure
from heliograph.plugin import TEST, Reply, Request
from probes.net.connection import OpenConnection
from probes.net.door import Door

_SECONDS_FOR_AN_ADDRESS = 1.5
_REFUSES = frozenset({401, 403})
_TAKES = frozenset({400, 422})
"""What a control says to who may ask; an empty request is no request."""
_SETTING = "control.token_file"
_ASK_FOR_IT = f"ask whoever runs it for its token, and write it into the file {_SETTING} names"


def control(place: ControlPlace, config: Config) -> Check:
    """The check of one control server."""
    name = f"control {place.url}"
    finders = [*(r for r in config.network.trusted_resolvers if r.encrypted), resolver_of(config)]
    with_token = config.control.token_file is not None

    async def look(door: Door) -> Found:
        try:
            token = controls_of(config).token
        except ConfigError as error:
            return of_error(name, error, ExitCode.CONFIGURATION)
        made = await _met(door, place, finders)
        return _judged(name, place, made.address, await _asked(door, made, place, token), token)

    where = place.address or f"the address of {place.host}"
    secure = place.scheme == "https"
    proof = f"checks the certificate for {place.host}" if secure else "does without a certificate"
    shows = ", shows the token" if with_token else ""
    what = f"{asking(finders, place)}connects, {proof}{shows} and asks for the time"
    mend = "ask whoever runs it, or take another into control.urls"
    return Check(name, f"{where} port {place.port}", what, look, mend)


async def _met(door: Door, place: ControlPlace, finders: Sequence[Resolver]) -> OpenConnection:
    """A connection to the first address that proves to be the place; raises Trouble."""
    given = (place.address,) if place.address else await found(door, place.host, finders)
    for address in given[:-1]:
        try:
            async with asyncio.timeout(_SECONDS_FOR_AN_ADDRESS):
                return await _at(door, place, address)
        except (Trouble, TimeoutError):
            continue
    return await _at(door, place, given[-1])


async def _at(door: Door, place: ControlPlace, address: str) -> OpenConnection:
    require_route(address)
    made = await door.open(address, place.port, host=place.host, label=TEST, chosen=True)
    await secured(door, made, place.host, secure=place.scheme == "https")
    return made


async def _asked(door: Door, made: OpenConnection, place: ControlPlace, token: str | None) -> Reply:
    request = Request(url=place.url, method="POST", headers=headers_for(token), body=b"{}")
    return await door.exchange(made, request)


def _judged(name: str, place: ControlPlace, address: str, reply: Reply, token: str | None) -> Found:
    """What its answer means; raises Trouble where it is none of a control's."""
    who = f"{address} proves to be {place.host}"
    if place.scheme != "https":
        who = f"{address} listens, unproved"
    if reply.status in _REFUSES:
        told = (
            "token refused" if token is not None else f"it wants a token, and no {_SETTING} is set"
        )
        return problem(name, f"{who}: {told} ({reply.status})", _ASK_FOR_IT)
    if reply.status in _TAKES:
        takes = "and takes the token" if token is not None else "and wants no token"
        return fine(name, f"{who} {takes}", clock_ahead=ahead(reply))
    if reply.status is None:
        word = (reply.failure or Failure.UNKNOWN_FAILURE).replace("_", " ")
        raise Trouble(f"{who}, and gives no answer ({word})")
    raise Trouble(f"{who}, and answers {reply.status}, as no control does; check its path")
