"""What a probe author sees: the shape of a probe, and Net, the one door to the network.

A probe is one file. It has a permanent name and an integer version, looks at one target through
``net``, and returns nothing: every call on ``net`` records one step, and the steps are the result.
A network failure is never raised; it comes back as the ``failure`` of the value, and the probe
decides whether going on makes sense. A probe never judges, stores, retries, prints or times itself.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from types import TracebackType
from typing import Protocol, runtime_checkable

import msgspec

from heliograph.config import NetworkConfig, Resolver
from heliograph.detail import Certificate, DnsReply, HopTrial, QuicDetail, Sought
from heliograph.failure import CERTIFICATE_FAILURES, Failure
from heliograph.model import Question, Role, Step, StepKind, Target

__all__ = [
    "AnsweringProbe",
    "CannotMeasure",
    "Connection",
    "Contact",
    "Cost",
    "Datagrams",
    "Expectation",
    "ExpectingProbe",
    "Handshake",
    "Label",
    "Lookup",
    "Need",
    "Net",
    "PlannedProbe",
    "Probe",
    "QuicHandshake",
    "RemoteLook",
    "Reply",
    "Request",
    "Risk",
    "SinkMessage",
    "Sweep",
    "SweepPlan",
]


class CannotMeasure(Exception):
    """This target can't be measured here; the message says why, and the outcome is ``skipped``."""


class Risk(StrEnum):
    """What a volunteer takes on by running a probe; consent is asked for each class apart."""

    ORDINARY = "ordinary"
    """Looks like a browser opening the target."""
    UNUSUAL = "unusual"
    """Traffic a browser would not make."""
    PRIVILEGED = "privileged"
    """Raw packets; needs rights a browser does not have."""


class Need(StrEnum):
    """What a probe needs from its host; the runner skips it by name where that is missing."""

    RAW_SOCKET = "raw_socket"
    IPV6 = "ipv6"


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """Where a step stands: its part in a paired trial, and the hop of a redirect chain."""

    role: Role = Role.TEST
    pair: str | None = None
    hop: int = 1


TEST = Label()


class Lookup(msgspec.Struct, frozen=True, kw_only=True):
    """What one DNS query brought, every reply in its window included."""

    failure: Failure | None
    replies: tuple[DnsReply, ...] = ()

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses a stub resolver would use: those of the first acceptable reply."""
        for reply in self.replies:
            if reply.problem is None:
                return tuple(a.value for a in reply.answers if a.type in {"A", "AAAA"})
        return ()

    @property
    def routable(self) -> tuple[str, ...]:
        """Those of ``addresses`` that are not bogons."""
        bogons = {a.value for r in self.replies for a in r.answers if a.bogon is not None}
        return tuple(address for address in self.addresses if address not in bogons)


class Connection(Protocol):
    """A TCP connection, or the failed attempt at one; Net closes it when the look ends."""

    @property
    def failure(self) -> Failure | None: ...

    @property
    def address(self) -> str: ...

    @property
    def port(self) -> int: ...

    @property
    def label(self) -> Label: ...

    async def close(self) -> None: ...


class Handshake(msgspec.Struct, frozen=True, kw_only=True):
    """A TLS handshake: its failure, and the chain even when it does not verify."""

    failure: Failure | None
    version: str | None = None
    alpn: str | None = None
    chain: tuple[Certificate, ...] = ()

    @property
    def completed(self) -> bool:
        """The peer finished the handshake, whatever its certificate is worth."""
        return self.failure is None or self.failure in CERTIFICATE_FAILURES


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One HTTP request, to be sent over a connection already made."""

    url: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    """Sent instead of the browser-like defaults of the same name."""
    body: bytes = b""
    words: tuple[tuple[str, str], ...] | None = None
    """Which parts of a request to a sink hold what of the target's; it goes on record then, with
    the body."""
    most: int | None = None
    """Bytes of the response's body after which to stop; None: the configured cap."""
    sought: tuple[Sought, ...] = ()
    """What the response is to be searched for; what is found goes on record."""


class SinkMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A request to a sink, in the clear; what is not among ``words`` is filler."""

    host: str
    path: str = "/"
    query: str = ""
    header: str = ""
    """Sent as Referer; empty: not sent."""
    body: str = ""
    """Sent by POST; empty: GET."""
    words: tuple[tuple[str, str], ...] = ()
    """Which parts hold what of the target's."""

    @property
    def target(self) -> str:
        """Path and query, as the request line has them."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def method(self) -> str:
        """POST where there is a body."""
        return "POST" if self.body else "GET"


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """One HTTP response: the body inflated and cut at the configured cap."""

    failure: Failure | None
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    truncated: bool = False
    raw_bytes: int = 0
    """Of the body, as they came over the wire."""
    seconds: float = 0.0
    """From the request to the last byte that was read."""
    signed: bool | None = None
    """A sink answered the request as it was sent; None: it was not sent to one, or no response."""
    takes_more: bool = False
    """The connection was kept, and takes another request."""
    sought: tuple[Sought, ...] = ()
    """What was sought, and where it was found."""

    def header(self, name: str) -> str | None:
        """The first header of that name, whatever its case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


class Datagrams(msgspec.Struct, frozen=True, kw_only=True):
    """What came back to one datagram within the window."""

    failure: Failure | None
    replies: tuple[bytes, ...] = ()


class QuicHandshake(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a QUIC handshake, or of the offer of a version nobody has."""

    failure: Failure | None
    detail: QuicDetail

    @property
    def passed(self) -> bool:
        """The peer answered, even if only to say no, and was not silenced afterwards."""
        return self.detail.server_spoke and not self.detail.cut


class SweepPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be said, and how far each time."""

    ttls: tuple[int, ...]
    said: str = "routers"
    """``tls`` or ``http``, over a connection made as usual; ``dns``, in a query; ``routers``:
    nothing is said, in datagrams."""
    name: str | None = None
    reach: int | None = None
    """From this time to live on, the packet gets to the server; None: not known."""
    capture: bool = False
    """Keep the packets that come back, too, over TCP; needs ``Need.RAW_SOCKET``."""

    @property
    def over_tcp(self) -> bool:
        """On connections, not in datagrams."""
        return self.said in {"tls", "http"}


class Sweep(msgspec.Struct, frozen=True, kw_only=True):
    """What came of packets that were to get so many hops far each."""

    failure: Failure | None
    trials: tuple[HopTrial, ...] = ()


class RemoteLook(msgspec.Struct, frozen=True, kw_only=True):
    """What a control server elsewhere saw of the same URL; the steps are on the trace already."""

    failure: Failure | None
    """Why no control could be asked; None when one answered."""
    steps: tuple[Step, ...] = ()


class Net(Protocol):
    """The one door to the network: guard, budget, politeness and scrubbing are inside.

    Addresses are literals, never names: what is connected to is what was checked and recorded.
    Times are seconds. No method raises for what the network does.
    """

    @property
    def settings(self) -> NetworkConfig:
        """The resolvers, control names and other surroundings the operator configured."""

    @property
    def resolver(self) -> Resolver:
        """The default path's resolver: what a browser here would use."""

    async def resolve(
        self,
        name: str,
        query_type: str = "A",
        *,
        resolver: Resolver | None = None,
        label: Label = TEST,
        heard: Callable[[Lookup], None] | None = None,
        explained: bool = False,
    ) -> Lookup:
        """Ask one resolver (by default the system's) one question; keep every answer.

        ``explained`` asks otherwise than a browser's stub does: for the answer even if signatures
        are bad, and for the resolver's own reason if it gives none.
        ``heard`` is called with the first usable answer as soon as it is there, while the window
        stays open for others; over streams there is one answer, and no such call.
        """

    async def connect(
        self, address: str, port: int, *, host: str | None = None, label: Label = TEST
    ) -> Connection:
        """Open one TCP connection to a literal address; ``host`` is the name it is for."""

    async def handshake(
        self, connection: Connection, sni: str, *, alpn: Sequence[str] = ("http/1.1",)
    ) -> Handshake:
        """Shake hands, then check the chain against bundled roots and the name ``sni``.

        An IP address as ``sni`` is checked against the certificate but not sent.
        """

    async def exchange(
        self, connection: Connection, request: Request, *, keep: bool = False
    ) -> Reply:
        """Send one request over a connection already made, and read the response with caps.

        The connection is closed then, unless it is to be kept for more and the server keeps it.
        """

    async def datagram(
        self, address: str, port: int, payload: bytes, *, label: Label = TEST
    ) -> Datagrams:
        """Send one UDP datagram and keep every reply of the window."""

    async def quic(
        self,
        address: str,
        port: int,
        sni: str | None = None,
        *,
        alpn: Sequence[str] = ("h3",),
        lasting: bool = False,
        label: Label = TEST,
    ) -> QuicHandshake:
        """Shake hands over QUIC in the name ``sni``, then check the chain as ``handshake`` does.

        Without a name, offer a version nobody has: whoever speaks QUIC there answers. With
        ``lasting``, more packets follow on the same ports a second after the first, among them a
        request for the headers of ``/`` where HTTP/3 was agreed.
        """

    async def sweep(
        self, address: str, port: int, plan: SweepPlan, *, label: Label = TEST
    ) -> Sweep:
        """Say a name once with each time to live, all of them at the same time."""

    def next_sink(self) -> tuple[str, int] | None:
        """A place of ``settings.sink_places`` that no other look of this run has; None: all are
        taken, or must cool down."""

    async def sink(
        self, place: tuple[str, int], message: SinkMessage, *, label: Label = TEST
    ) -> Reply:
        """Send a request to such a place, over a connection of its own."""

    def keep_to(self, cost: "Cost") -> None:
        """Spend no more than this; called once, by the runner, before anything is sent."""

    async def pause(self, seconds: float) -> None:
        """Wait, as part of the look: what ends a moment later was no policy."""

    async def control(
        self,
        url: str,
        addresses: Sequence[str] = (),
        *,
        headers: Sequence[tuple[str, str]] = (),
        sought: tuple[Sought, ...] = (),
        label: Label = TEST,
    ) -> RemoteLook | None:
        """Ask a control server for the same look at ``url``, those addresses included.

        Its steps are recorded with the role ``remote_control`` and the label's pair; None when no
        control is configured. It searches the page for what is ``sought`` there, too.
        """


class Probe(Protocol):
    """One kind of measurement: stateless, named for ever, versioned when its meaning changes."""

    @property
    def name(self) -> str:
        """Permanent; lower case; the word on the command line and in the database."""

    @property
    def version(self) -> int:
        """Raised when the meaning of the evidence changes."""

    @property
    def risk(self) -> Risk:
        """What a volunteer takes on by running it."""

    @property
    def needs(self) -> frozenset[Need]:
        """What the host must offer; empty for an ordinary probe."""

    async def measure(self, target: Target, net: Net) -> None:
        """Look at one target. Raise CannotMeasure, and nothing else, when that is impossible."""


class Expectation(msgspec.Struct, frozen=True, kw_only=True):
    """What a target's page is expected to hold, and a page beside it that tells whether the site
    is as ever."""

    sought: Sought
    """What the target's page holds."""
    control: Target
    """Another page of the same site."""
    control_sought: Sought
    """What that page holds, and the target's does not."""


@runtime_checkable
class ExpectingProbe(Probe, Protocol):
    """A probe that has to be told what is expected of each target."""

    def expecting(self, expectations: Mapping[str, Expectation]) -> "ExpectingProbe":
        """The same probe, told so; ``expectations`` are by URL of the target."""


@runtime_checkable
class AnsweringProbe(Probe, Protocol):
    """A probe that can also make the follow-up looks analysis asks for."""

    async def answer(self, question: Question, net: Net) -> None:
        """Record the steps that settle the question, or none when it can't."""


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """The most one look costs, whatever the network does; Net ends a look that would cost more."""

    connections: int = 0
    queries: int = 0
    """DNS queries and other datagrams sent."""
    packets: int
    """IP packets, both ways together."""
    bytes: int
    """Of all these packets, their headers included."""
    seconds: float


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """One place a look may send something to, in words and for programs."""

    to: str
    what: str
    when: str
    """``always``, ``may`` (when it compares, or the first look needs a second one), ``never``."""
    hosts: tuple[str, ...] = ()
    """The names said there; none: whichever a redirect or another package chooses."""
    ports: tuple[int, ...] = ()
    kinds: tuple[StepKind, ...] = ()
    """The kinds of steps made there."""


@runtime_checkable
class PlannedProbe(Probe, Protocol):
    """A probe that says beforehand what a look costs, and whom it would contact."""

    def cost(self, target: Target, settings: NetworkConfig) -> Cost:
        """The most that one look at this target costs."""

    def plan(
        self, target: Target, settings: NetworkConfig, resolver: Resolver
    ) -> Iterable[Contact]:
        """Every place it may send something to; ``resolver`` is the default path's."""


class NetContext(Protocol):
    """A Net that lives as long as one look and closes all it opened."""

    async def __aenter__(self) -> Net: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None: ...
