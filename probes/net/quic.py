"""One step of QUIC: a socket of ours, aioquic's state behind it, and what the record says of both.

aioquic's own sockets would go around the guard, the budget and the source port on record.
"""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from heliograph.detail import QuicDetail
from heliograph.failure import Failure
from heliograph.model import StepKind
from heliograph.plugin import Label, QuicHandshake
from heliograph.trace import OpenStep
from probes.net.connection import OpenConnection
from probes.net.datagrams import DatagramSocket
from probes.net.quic_client import QuicClient
from probes.net.quic_packets import Close
from probes.net.quic_talk import Talk
from probes.net.spending import AddressRefused
from probes.net.trust import summarise

if TYPE_CHECKING:
    from probes.net.door import Door

_TLS_ALERTS = range(0x100, 0x200)
_REFUSED = 2
_USUAL_PORT = 443


class Shaking:
    """One QUIC step through the door."""

    def __init__(self, door: "Door", label: Label) -> None:
        self._door = door
        self._label = label

    async def run(
        self, peer: tuple[str, int], sni: str | None, alpn: Sequence[str], *, lasting: bool
    ) -> QuicHandshake:
        """See Net.quic."""
        around, trace = self._door.around, self._door.trace
        made = OpenConnection(peer, self._label, None, sni)
        refusal = around.guard.refusal(*peer)
        if refusal is None:  # waiting our turn is no part of the step's time
            await made.place.enter_async_context(around.pacer.slot(peer[0]))
        try:
            with (
                trace.step(
                    StepKind.QUIC_HANDSHAKE, self._label, host=sni, peer=peer, sni=sni
                ) as step,
                self._door.watch.saying(step, made, sni),
            ):
                step.detail = QuicDetail()
                if refusal is not None:
                    raise AddressRefused(refusal)
                self._door.budget.spend_connection()
                await self._talk(step, peer, sni, alpn, lasting)
        finally:
            await made.close()
        assert isinstance(step.detail, QuicDetail)
        return QuicHandshake(failure=step.failure, detail=step.detail)

    async def _talk(
        self,
        step: OpenStep,
        peer: tuple[str, int],
        sni: str | None,
        alpn: Sequence[str],
        lasting: bool,
    ) -> None:
        with DatagramSocket(*peer) as sock:
            sock.connect()
            own, step.source_port = sock.local
            self._door.note_own(own)
            clock = asyncio.get_running_loop().time
            talk = Talk(sock, self._door.around.timeouts.quic, self._door.budget, clock)
            try:
                if sni is None:
                    await talk.offer()
                else:
                    authority = sni if peer[1] == _USUAL_PORT else f"{sni}:{peer[1]}"
                    client = QuicClient(sni, alpn, peer, talk.clock())
                    await talk.shake(client, authority, lasting)
            finally:
                step.detail = talk.facts()
                step.bytes_sent, step.bytes_received = talk.bytes_sent, talk.bytes_received
        self._conclude(step, talk, sni)

    def _conclude(self, step: OpenStep, talk: Talk, name: str | None) -> None:
        client = talk.client
        assert isinstance(step.detail, QuicDetail)
        if client is None or name is None:
            if not step.detail.versions:
                raise TimeoutError("no version was named")
        elif client.versions:
            step.fail(Failure.QUIC_INCOMPATIBLE_VERSION)
        elif client.close is not None:
            step.fail(word_of(client.close))
        elif not client.completed or step.detail.cut:
            raise TimeoutError("nothing came any more" if client.completed else "nothing came")
        else:
            self._judge(step, client.chain, name)

    def _judge(self, step: OpenStep, chain: Sequence[bytes], name: str) -> None:
        problem = self._door.around.trust.verify(chain, name)
        if problem is None:
            return
        word, reason = problem
        step.fail(word)
        assert isinstance(step.detail, QuicDetail)
        step.detail = msgspec.structs.replace(
            step.detail, verification=reason, chain=summarise(chain, keep_der=True)
        )


def word_of(close: Close) -> Failure:
    """The word for a close, by its code (RFC 9000, section 20)."""
    if close.code in _TLS_ALERTS:
        return Failure.SSL_FAILED_HANDSHAKE
    return Failure.CONNECTION_REFUSED if close.code == _REFUSED else Failure.X_QUIC_CLOSED
