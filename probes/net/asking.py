"""Asking a control server for the same look, and its steps onto the trace."""

import asyncio
from collections.abc import Sequence
from urllib.parse import unquote

import msgspec

from heliograph.config import Resolver
from heliograph.control import (
    MOST_ADDRESSES,
    MOST_HEADERS,
    MOST_SOUGHT,
    ControlPlace,
    ControlReply,
    ControlRequest,
    headers_for,
)
from heliograph.detail import Sought
from heliograph.failure import NOT_ATTEMPTED, Failure
from heliograph.model import CONTROL_RESTING, CONTROL_WOULD_LEARN, PAIR_ASKED, Role, Step
from heliograph.plugin import Label, RemoteLook, Reply, Request
from heliograph.trace import OpenStep
from probes.looks import MOST_PER_FAMILY, both_families
from probes.net.adopting import adopted
from probes.net.connection import OpenConnection
from probes.net.door import Door
from probes.net.exchange import Caps
from probes.net.headers import SECRETS
from probes.net.system import reaches

_CAPS = Caps(stall=30.0, whole=40.0, body=2 * 1024 * 1024, private=True)
_MOST_TRIES = 3
_LONGEST_WAIT = 5.0
_BUSY = 503
_ABOUT_THE_REQUEST = frozenset({400, 413, 422})
"""Answers of a control that is well and does not want this very look."""


class Asking:
    """Asks one control server after another until one answers."""

    def __init__(self, door: Door, label: Label) -> None:
        self._door = door
        self._for = label
        self._label = Label(role=Role.REMOTE_CONTROL, pair=PAIR_ASKED, hop=label.hop)
        self._controls = door.around.controls
        self._answer: ControlReply | None = None

    async def ask(
        self,
        url: str,
        addresses: Sequence[str],
        headers: Sequence[tuple[str, str]],
        sought: Sequence[Sought] = (),
    ) -> RemoteLook:
        """The steps of the first control that answers, recorded; or why none did.

        Nobody is asked for what names us: a portal's redirect may, or a cookie.
        """
        told = [h for h in headers if h[0].lower() not in SECRETS][:MOST_HEADERS]
        words = [url, *(f"{name}: {value}" for name, value in told), *(s.text for s in sought)]
        if any(map(self._names_us, words)):
            self._door.trace.flag(CONTROL_WOULD_LEARN)
            return RemoteLook(failure=Failure.X_ADDRESS_REFUSED)
        others = [address for address in addresses if not self._names_us(address)]
        asked = ControlRequest(
            url=url,
            addresses=tuple(others[:MOST_ADDRESSES]),
            headers=tuple(told),
            sought=tuple(sought[:MOST_SOUGHT]),
        )
        return await self._first_answer(asked)

    async def _first_answer(self, asked: ControlRequest) -> RemoteLook:
        failure: Failure | None = Failure.UNKNOWN_FAILURE
        rested = True
        for place in self._controls.places:
            turn = self._controls.credit.turn(place)
            if turn is None:
                failure = self._controls.credit.last(place)
                continue
            rested = False
            began = self._door.trace.elapsed()
            with turn:
                reply = await self._post(place, asked)
                failure = reply.failure
                if failure not in NOT_ATTEMPTED:
                    turn.ended(None if reply.status in _ABOUT_THE_REQUEST else failure)
            if failure is None and self._answer is not None:
                answer = self._answer
                whereabouts = self._door.around.whereabouts
                whereabouts.heard(answer.observed_address, answer.network, place.host)
                return RemoteLook(failure=None, steps=self._adopt(answer, began))
        if rested:
            self._door.trace.flag(CONTROL_RESTING)
        return RemoteLook(failure=failure)

    def _names_us(self, text: str) -> bool:
        leaks = self._door.around.scrubber.leaks
        return leaks(text) or leaks(unquote(text))

    async def _post(self, place: ControlPlace, asked: ControlRequest) -> Reply:
        """One request, and others after a wait while the control is busy."""
        reply = await self._try(place, asked)
        for _ in range(_MOST_TRIES - 1):
            if reply.status != _BUSY:
                break
            await asyncio.sleep(_wait(reply))
            reply = await self._try(place, asked)
        return reply

    async def _try(self, place: ControlPlace, asked: ControlRequest) -> Reply:
        """At the first of the place's addresses that proves to be it."""
        failure: Failure | None = None
        for address in await self._addresses_of(place):
            made = await self._door.open(
                address, place.port, host=place.host, label=self._label, chosen=True
            )
            wrong = made.failure
            if wrong is None and place.scheme == "https":
                wrong = (await self._door.handshake(made, place.host)).failure
            try:
                if wrong is None:
                    self._prefer(place, address)
                    return await self._exchange(place, made, asked)
            finally:
                await made.close()
            failure = failure or wrong
        self._controls.known.pop(place.host, None)  # what is looked up again may be better
        return Reply(failure=failure or Failure.DNS_NO_ANSWER)

    async def _exchange(
        self, place: ControlPlace, made: OpenConnection, asked: ControlRequest
    ) -> Reply:
        request = Request(
            url=place.url,
            method="POST",
            headers=headers_for(self._controls.token),
            body=msgspec.json.encode(asked),
        )
        return await self._door.converse(made, request, _CAPS, self._read)

    def _read(self, step: OpenStep, reply: Reply) -> None:
        """Take the answer; of the exchange only its course is on record."""
        if reply.status != 200:
            step.fail(Failure.HTTP_UNEXPECTED_STATUS_CODE)
            return
        try:
            self._answer = msgspec.json.decode(reply.body, type=ControlReply)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            step.fail(Failure.JSON_PARSE_ERROR)
            return
        if self._answer.observed_address is not None:
            self._door.around.scrubber.add(self._answer.observed_address)

    def _adopt(self, answer: ControlReply, began: float) -> tuple[Step, ...]:
        steps = adopted(answer.steps, began, self._for, self._door.around.scrubber.scrub)
        for step in steps:
            self._door.trace.adopt(step)
        return steps

    async def _addresses_of(self, place: ControlPlace) -> tuple[str, ...]:
        """Looked up once a run, first where nobody on the path can lie."""
        if place.address is not None:
            return (place.address,)
        known = self._controls.known
        if place.host not in known:
            trusted = [r for r in self._door.settings.trusted_resolvers if r.encrypted]
            for resolver in (*trusted, self._door.resolver):
                found = await self._found(place.host, resolver)
                if found:
                    known[place.host] = found
                    break
        return known.get(place.host, ())

    async def _found(self, host: str, resolver: Resolver) -> tuple[str, ...]:
        """A few of each family, those first that this host knows a way to."""

        asked = await both_families(host, self._door, resolver=resolver, label=self._label)
        found = [a for lookup in asked for a in lookup.routable[:MOST_PER_FAMILY]]
        return tuple(sorted(found, key=lambda address: not reaches(address)))

    def _prefer(self, place: ControlPlace, address: str) -> None:
        known = self._controls.known.get(place.host, ())
        if address in known:
            others = (other for other in known if other != address)
            self._controls.known[place.host] = (address, *others)


def _wait(reply: Reply) -> float:
    told = reply.header("retry-after") or ""
    return min(float(told), _LONGEST_WAIT) if told.isascii() and told.isdigit() else 1.0
