"""One step of a sweep: the same thing said with one time to live after the other."""

import asyncio
import ssl
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from ipaddress import ip_address
from typing import TYPE_CHECKING

from heliograph.detail import HopTrial, SweepDetail
from heliograph.failure import Failure
from heliograph.model import StepKind
from heliograph.plugin import Label, Sweep, SweepPlan
from heliograph.text import decode
from heliograph.trace import OpenStep
from probes.net.capture import Capture
from probes.net.connection import OpenConnection
from probes.net.exchange import BROWSER_HEADERS
from probes.net.hops import Heard, TcpTrial, UdpTrial
from probes.net.messages import Query
from probes.net.routers import Told, told
from probes.net.spending import AddressRefused

if TYPE_CHECKING:
    from probes.net.door import Door

_SHOWN = 120
_MOST_SECONDS = 2.5
"""For a connection: others wait for it."""
_ALERT = 21
_NOTHING = bytes(24)
"""What a datagram for the routers holds."""
_WORDS = {
    "reset": Failure.CONNECTION_RESET,
    "closed": Failure.EOF_ERROR,
    "silent": Failure.GENERIC_TIMEOUT_ERROR,
    "refused": Failure.CONNECTION_REFUSED,
    "unconnected": Failure.GENERIC_TIMEOUT_ERROR,
}


class Sweeping:
    """One sweep through the door."""

    def __init__(self, door: "Door", peer: tuple[str, int], label: Label) -> None:
        self._door = door
        self._peer = peer
        self._label = label
        self._query: Query | None = None

    async def run(self, plan: SweepPlan) -> Sweep:
        """See Net.sweep."""
        around = self._door.around
        made = OpenConnection(self._peer, self._label, None, plan.name)
        refusal = self._refusal(plan)
        if refusal is None and plan.over_tcp:  # as a browser opens several at once
            await made.place.enter_async_context(around.pacer.slot(self._peer[0]))
        try:
            with (
                self._door.trace.step(
                    StepKind.HOP_PROBE,
                    self._label,
                    host=plan.name,
                    peer=self._peer,
                    sni=plan.name if plan.said == "tls" else None,
                ) as step,
                self._door.watch.saying(step, made, plan.name if plan.over_tcp else None),
            ):
                step.detail = SweepDetail(said=plan.said)
                if refusal is not None:
                    raise AddressRefused(refusal)
                await self._go(step, plan)
        finally:
            await made.close()
        assert isinstance(step.detail, SweepDetail)
        return Sweep(failure=step.failure, trials=step.detail.trials)

    def _refusal(self, plan: SweepPlan) -> str | None:
        if plan.said != "dns":
            return self._door.around.guard.refusal(*self._peer)
        return self._door.around.guard.refusal(self._peer[0])  # its port is one of a resolver

    async def _go(self, step: OpenStep, plan: SweepPlan) -> None:
        payload = self._payload(plan)
        with ExitStack() as stack:
            capture = _captured(plan, self._peer, stack)
            heard = await (self._connected if plan.over_tcp else self._thrown)(
                plan, payload, stack, capture is not None
            )
            step.bytes_sent = len(payload) * len(heard)
            step.bytes_received = sum(len(data) for each in heard for data in each.data)
            self._door.budget.spend_bytes(step.bytes_received)
            step.detail = self._detail(plan, heard, capture)
        word = _failure(step.detail.trials, plan.reach)
        if word is not None:
            step.fail(word)

    def _payload(self, plan: SweepPlan) -> bytes:
        if plan.name is None:
            return _NOTHING
        if plan.said == "dns":
            self._query = Query(plan.name, "A", self._door.around.new_query_id())
            return self._query.wire
        if plan.said == "tls":
            return client_hello(self._door.around.context_for(("http/1.1",)), plan.name)
        return request(plan.name, self._peer[1])

    async def _connected(
        self, plan: SweepPlan, payload: bytes, stack: ExitStack, lasting: bool
    ) -> list[Heard]:
        """All connections first, so that none is made after a name was said."""
        trials: list[TcpTrial] = []
        for ttl in plan.ttls:
            self._door.budget.spend_connection()
            trials.append(TcpTrial(self._peer, ttl))
            stack.callback(trials[-1].close)
        seconds = min(self._door.around.timeouts.connect, _MOST_SECONDS)
        for own in await asyncio.gather(*(trial.connect(seconds) for trial in trials)):
            self._own(own)
        timing = self._door.around.timeouts.sweep
        await asyncio.gather(*(trial.say(payload, timing) for trial in trials))
        if lasting:  # for what comes after a reset that was not the server's
            await asyncio.sleep(timing.settle)
        return [trial.heard for trial in trials]

    async def _thrown(
        self, plan: SweepPlan, payload: bytes, stack: ExitStack, lasting: bool
    ) -> list[Heard]:
        trials: list[UdpTrial] = []
        for ttl in plan.ttls:
            self._door.budget.spend_query()
            trials.append(UdpTrial(self._peer, ttl))
            stack.callback(trials[-1].close)
        timing, window = self._door.around.timeouts.sweep, plan.said == "dns" or lasting
        for own in await asyncio.gather(*(trial.say(payload, timing, window) for trial in trials)):
            self._own(own)
        return [trial.heard for trial in trials]

    def _own(self, address: str | None) -> None:
        if address is not None:
            self._door.note_own(address)

    def _detail(
        self, plan: SweepPlan, heard: Sequence[Heard], capture: Capture | None
    ) -> SweepDetail:
        around = self._door.around
        routers = [(each.ttl, each.router) for each in heard if each.router is not None]
        vantage = around.whereabouts.vantage.asn
        known = told(routers, vantage, self._peer[0], around.networks.lookup, around.guard.bogon)
        return SweepDetail(
            said=plan.said,
            trials=tuple(self._trial(each, known.get(each.ttl), capture) for each in heard),
            captured=capture is not None,
            networks=around.networks.edition or None if known else None,
        )

    def _trial(self, heard: Heard, router: Told | None, capture: Capture | None) -> HopTrial:
        seen = router or Told()
        caught = (
            ()
            if capture is None or heard.port is None
            else capture.caught(heard.port, heard.sent_at)
        )
        return HopTrial(
            ttl=heard.ttl,
            ended=heard.ended,
            expired=heard.expired or any(each.kind == "expired" for each in caught),
            after=round(heard.after, 6) if heard.after else None,
            answer=self._answer(heard.data),
            ip_ttl=heard.ip_ttl,
            inside=seen.inside,
            router=seen.address,
            asn=seen.asn,
            network=seen.network,
            country=seen.country,
            retransmits=heard.retransmits,
            caught=caught,
        )

    def _answer(self, data: Sequence[bytes]) -> str:
        if self._query is not None:
            return ", ".join(dict.fromkeys(_addresses(self._query, data)))
        return _beginning(data[0]) if data else ""


def _captured(plan: SweepPlan, peer: tuple[str, int], stack: ExitStack) -> Capture | None:
    """Where it is wanted, the rights are there, and the kernel shows what is needed."""
    if not (plan.capture and plan.over_tcp and ip_address(peer[0]).version == 4):
        return None
    try:
        capture = Capture(*peer)
    except PermissionError:
        return None
    stack.callback(capture.close)
    capture.begin()
    return capture


def _failure(trials: Sequence[HopTrial], reach: int | None) -> Failure | None:
    """How what was to get to the server ended, if none of it was answered; a reset in any case."""
    if any(trial.ended == "reset" for trial in trials):
        return Failure.CONNECTION_RESET
    whole = [] if reach is None else [trial for trial in trials if trial.ttl >= reach]
    if not whole or any(trial.ended == "answered" for trial in whole):
        return None
    return _WORDS.get(whole[-1].ended)


def client_hello(context: ssl.SSLContext, name: str) -> bytes:
    """The first flight of a handshake, as the rest of Net would send it."""
    outgoing = ssl.MemoryBIO()
    tls = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=name)
    with suppress(ssl.SSLWantReadError):
        tls.do_handshake()
    return outgoing.read()


def request(name: str, port: int) -> bytes:
    """A request for the first page, as a browser's."""
    host = name if port == 80 else f"{name}:{port}"
    lines = [
        "GET / HTTP/1.1",
        f"Host: {host}",
        *(f"{key}: {value}" for key, value in BROWSER_HEADERS),
    ]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode()


def _beginning(data: bytes) -> str:
    """How an answer begins, in words where it is TLS."""
    if data[:2] == b"\x16\x03":
        return "tls"
    if data[0] == _ALERT and len(data) >= 7:
        return f"alert {data[6]}"
    return decode(data[:_SHOWN])


def _addresses(query: Query, data: Sequence[bytes]) -> list[str]:
    found = []
    for each in data:
        message, problem = query.read(each)
        if message is None or problem is not None:
            continue
        for rrset in message.answer:
            found += [record.to_text() for record in rrset]
    return found
