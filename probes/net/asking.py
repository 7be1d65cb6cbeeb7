"""Asking a control server for the same look, and its steps onto the trace."""

import asyncio
from collections.abc import Sequence

import msgspec

from heliograph.config import Resolver, is_address
from heliograph.control import (
    MOST_ADDRESSES,
    MOST_HEADERS,
    ControlPlace,
    ControlReply,
    ControlRequest,
)
from heliograph.detail import DnsDetail, HttpDetail, TcpDetail, TlsDetail
from heliograph.failure import Failure
from heliograph.model import PAIR_ASKED, Role, Step, StepKind
from heliograph.plugin import Label, RemoteLook, Reply, Request
from heliograph.text import for_terminal
from heliograph.trace import OpenStep
from probes.net.connection import OpenConnection
from probes.net.door import Door
from probes.net.exchange import Caps

_CAPS = Caps(stall=30.0, whole=40.0, body=2 * 1024 * 1024, private=True)
_MOST_STEPS = 64
_NAME_CHARACTERS = 255
_LARGEST = 2**31 - 1
_SHAPES: dict[StepKind, type[DnsDetail | TcpDetail | TlsDetail | HttpDetail]] = {
    StepKind.DNS_QUERY: DnsDetail,
    StepKind.TCP_CONNECT: TcpDetail,
    StepKind.TLS_HANDSHAKE: TlsDetail,
    StepKind.HTTP_EXCHANGE: HttpDetail,
}
"""What a control's look consists of."""
_MOST_TRIES = 3
_LONGEST_WAIT = 5.0
_BUSY = 503


class Asking:
    """Asks one control server after another until one answers."""

    def __init__(self, door: Door, label: Label) -> None:
        self._door = door
        self._hop = label.hop
        self._label = Label(role=Role.REMOTE_CONTROL, pair=PAIR_ASKED, hop=label.hop)
        self._controls = door.around.controls
        self._answer: ControlReply | None = None

    async def ask(
        self, url: str, addresses: Sequence[str], headers: Sequence[tuple[str, str]]
    ) -> RemoteLook:
        """The steps of the first control that answers, recorded; or why none did.

        A place that names us (a portal's redirect may) is nobody else's to visit.
        """
        leaks = self._door.around.scrubber.leaks
        if leaks(url):
            return RemoteLook(failure=Failure.X_ADDRESS_REFUSED)
        asked = ControlRequest(
            url=url,
            addresses=tuple(addresses)[:MOST_ADDRESSES],
            headers=tuple(h for h in headers if not leaks(h[1]))[:MOST_HEADERS],
        )
        failure: Failure | None = Failure.UNKNOWN_FAILURE
        for place in self._controls.places:
            began = self._door.trace.elapsed()
            failure = await self._post(place, asked)
            if failure is None and self._answer is not None:
                return RemoteLook(failure=None, steps=self._adopt(self._answer, began))
        return RemoteLook(failure=failure)

    async def _post(self, place: ControlPlace, asked: ControlRequest) -> Failure | None:
        """One request, and others after a wait while the control is busy."""
        address = place.address or await self._address_of(place)
        if address is None:
            return Failure.DNS_NO_ANSWER
        for attempt in range(_MOST_TRIES):
            reply = await self._try(place, address, asked)
            if reply.status != _BUSY or attempt == _MOST_TRIES - 1:
                return reply.failure
            await asyncio.sleep(_wait(reply))
        return None

    async def _try(self, place: ControlPlace, address: str, asked: ControlRequest) -> Reply:
        made = await self._door.open(
            address, place.port, host=place.host, label=self._label, chosen=True
        )
        failure = made.failure
        if failure is None and place.scheme == "https":
            failure = (await self._door.handshake(made, place.host)).failure
        if failure is not None:
            await made.close()
            return Reply(failure=failure)
        try:
            return await self._exchange(place, made, asked)
        finally:
            await made.close()

    async def _exchange(
        self, place: ControlPlace, made: OpenConnection, asked: ControlRequest
    ) -> Reply:
        headers = [("Accept", "application/json"), ("Content-Type", "application/json")]
        if self._controls.token is not None:
            headers.append(("Authorization", f"Bearer {self._controls.token}"))
        request = Request(
            url=place.url, method="POST", headers=tuple(headers), body=msgspec.json.encode(asked)
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
        sound = [step for step in answer.steps[:_MOST_STEPS] if _is_sound(step)]
        steps = tuple(self._ours(step, began) for step in sound)
        for step in steps:
            self._door.trace.adopt(step)
        return steps

    def _ours(self, step: Step, began: float) -> Step:
        """The control's step on our time axis; its words are a stranger's."""
        return msgspec.structs.replace(
            step,
            role=Role.REMOTE_CONTROL,
            pair=None,
            hop=self._hop,
            started=round(began + step.started, 6),
            source_port=None,
            host=self._word(step.host),
            resolver=self._word(step.resolver),
            sni=self._word(step.sni),
        )

    def _word(self, text: str | None) -> str | None:
        scrub = self._door.around.scrubber.scrub
        return None if text is None else scrub(for_terminal(text, _NAME_CHARACTERS))

    async def _address_of(self, place: ControlPlace) -> str | None:
        """Looked up once a run, first where nobody on the path can lie."""
        known = self._controls.known
        if place.host not in known:
            trusted = [r for r in self._door.settings.trusted_resolvers if r.encrypted]
            for resolver in (*trusted, self._door.resolver):
                found = await self._found(place.host, resolver)
                if found is not None:
                    known[place.host] = found
                    break
        return known.get(place.host)

    async def _found(self, host: str, resolver: Resolver) -> str | None:
        lookup = await self._door.resolve(host, "A", resolver=resolver, label=self._label)
        return next(iter(lookup.routable), None)


def _is_sound(step: Step) -> bool:
    """Whether rules can read it and a database can hold it, whoever wrote it."""
    numbers = (step.port or 0, step.bytes_sent, step.bytes_received, step.started, step.seconds)
    in_range = all(0 <= number <= _LARGEST for number in numbers)
    placed = step.address is None or is_address(step.address)
    return in_range and placed and _is_readable(step)


def _is_readable(step: Step) -> bool:
    shape = _SHAPES.get(step.kind)
    if shape is None or step.detail == "{}":
        return shape not in {None, DnsDetail}
    try:
        msgspec.json.decode(step.detail, type=shape)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return False
    return True


def _wait(reply: Reply) -> float:
    told = reply.header("retry-after") or ""
    return min(float(told), _LONGEST_WAIT) if told.isascii() and told.isdigit() else 1.0
