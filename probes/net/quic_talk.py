"""One conversation over QUIC on one pair of ports: what is sent and taken, and when."""

import secrets
from collections.abc import Callable

from heliograph.detail import QuicDetail
from probes.net.datagrams import DatagramSocket, QuicTiming
from probes.net.exchange import BROWSER_HEADERS
from probes.net.quic_client import QuicClient
from probes.net.quic_packets import NOBODYS_VERSION, negotiation, offer
from probes.net.spending import Budget
from probes.net.trust import summarise

FOLLOW_UPS = 5
MOST_SENDS = 40
"""Datagrams of one step; after that it only listens."""

_OFFER_AT = (0.0, 0.4, 1.2)
"""Seconds after which a version nobody has is offered, as long as nothing has answered."""
_ID_BYTES = 8


class Talk:
    """What is sent and taken on one pair of ports, and when."""

    def __init__(
        self,
        sock: DatagramSocket,
        timing: QuicTiming,
        budget: Budget,
        clock: Callable[[], float],
    ) -> None:
        self.clock = clock
        self.client: QuicClient | None = None
        self.bytes_sent = self.bytes_received = 0
        self._sock, self._timing, self._budget = sock, timing, budget
        self._began = self.clock()
        self._sends = self._received = 0
        self._first_flight = (0, 0)
        self._versions: tuple[int, ...] = ()
        self._offered: dict[bytes, int] = {}
        """By what we called ourselves: the number of the follow-up it went with."""
        self._contradicted = False
        self._follow_ups = 0
        self._answered: set[int] = set()

    async def offer(self) -> None:
        """Offer a version nobody has until it is refused."""
        end = self._began + self._timing.offer
        for after, until in zip(_OFFER_AT, (*_OFFER_AT[1:], self._timing.offer), strict=True):
            if self._versions or self._began + after >= end:
                return
            self._offer(0)
            await self._pump(min(self._began + until, end), lambda: bool(self._versions))

    async def shake(self, client: QuicClient, authority: str, lasting: bool) -> None:
        """Shake hands; if ``lasting``, try a second later whether anything still comes through."""
        self.client = client
        self._flush()
        self._first_flight = (self._sends, self.bytes_sent)
        await self._pump(self._began + self._timing.deadline, lambda: client.ended)
        if client.close is not None:  # whatever comes now answers what was sent before it
            alone = self._sends == self._first_flight[0]
            await self._pump(self.clock() + self._timing.settle, lambda: client.completed, False)
            self._contradicted = alone and client.contradicted
        if lasting and client.ended:
            await self._follow_up(client, authority)
        client.hang_up()
        self._flush()

    async def _follow_up(self, client: QuicClient, authority: str) -> None:
        late = self._began + self._timing.late
        await self._pump(late, lambda: False)
        client.ask(_request(authority))
        for number in range(1, FOLLOW_UPS + 1):
            client.ping(number)
            self._offer(number)
            self._follow_ups = number
            await self._pump(self.clock() + self._timing.spacing, lambda: False)
        await self._pump(late + self._timing.patience, self._is_answered)

    def _is_answered(self) -> bool:
        assert self.client is not None
        waits = self.client.asked and self.client.status is None
        return bool(self._heard) and not waits

    @property
    def _heard(self) -> set[int]:
        """The numbers of the follow-ups that something answered."""
        return self._answered | (set() if self.client is None else self.client.acknowledged)

    async def _pump(self, until: float, done: Callable[[], bool], again: bool = True) -> None:
        """Send what is due and take what comes, until it is done or that moment is past.

        Unless it is to send ``again``, nothing is sent that only repeats what was not answered.
        """
        while not done() and (now := self.clock()) < until:
            self._flush()
            timer = None if self.client is None or not again else self.client.timer
            wake = until if timer is None else min(until, timer)
            datagram = await self._sock.receive(wake - now, have_some=self._received > 0)
            if datagram is not None:
                self._take(datagram)
            elif self.client is not None and timer is not None and self.clock() >= timer:
                self.client.fire(self.clock())

    def _take(self, datagram: bytes) -> None:
        self._received += 1
        self.bytes_received += len(datagram)
        self._budget.spend_bytes(len(datagram))
        told = negotiation(datagram)
        number = None if told is None else self._offered.get(told[0])
        if told is not None and number is not None:
            self._answered.add(number)
            self._versions = self._versions or told[1]
        elif self.client is not None:
            self.client.take(datagram, self.clock())

    def _flush(self) -> None:
        for datagram in () if self.client is None else self.client.outgoing(self.clock()):
            self._send(datagram)

    def _offer(self, number: int) -> None:
        ours = secrets.token_bytes(_ID_BYTES)
        self._offered[ours] = number
        self._send(offer(secrets.token_bytes(_ID_BYTES), ours))

    def _send(self, datagram: bytes) -> None:
        if self._sends >= MOST_SENDS:
            return
        self._budget.spend_query()
        try:
            self._sock.send(datagram)
        except OSError:  # said of an earlier one, as ICMP does
            if not self._received:
                raise
        self._sends += 1
        self.bytes_sent += len(datagram)

    def facts(self) -> QuicDetail:
        """What there is to be kept."""
        client = self.client
        close = None if client is None else client.close
        versions = self._versions if client is None else client.versions
        chain = [] if client is None else client.chain
        return QuicDetail(
            version="TLSv1.3" if client is not None and client.completed else None,
            alpn=None if client is None else client.alpn,
            completed=client is not None and client.completed,
            server_spoke=bool(versions) if client is None else client.peer_spoke,
            chain=summarise(chain, keep_der=False),
            offered=f"{NOBODYS_VERSION:08x}" if client is None else None,
            versions=tuple(f"{version:08x}" for version in versions[:16]),
            sends=self._sends,
            received=self._received,
            initial_datagrams=self._first_flight[0],
            initial_bytes=self._first_flight[1],
            close_code=None if close is None else close.code,
            close_reason="" if close is None else close.reason,
            close_in=None if close is None else close.whose,
            contradicted=self._contradicted,
            follow_ups=self._follow_ups,
            answered=len(self._heard - {0}),
            status=None if client is None else client.status,
        )


def _request(authority: str) -> tuple[tuple[str, str], ...]:
    """What a browser asks for first, without the page itself."""
    usual = ((key.lower(), value) for key, value in BROWSER_HEADERS)
    head = (":method", "HEAD"), (":scheme", "https"), (":authority", authority), (":path", "/")
    return (*head, *usual)
