"""The race for a host's addresses: who begins when, who wins, and what becomes of the others."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.failure import Failure
from heliograph.fake import FakeNet
from heliograph.model import StepKind
from heliograph.plugin import Connection, Label
from probes import racing
from probes.racing import Race, in_turns

NAME = "site.example"
A, B, C = "192.0.2.1", "192.0.2.2", "192.0.2.3"
REFUSED = Failure.CONNECTION_REFUSED
LABEL = Label(hop=3)


class SlowNet(FakeNet):
    """A FakeNet where connections to some addresses take until they are let go."""

    def __init__(self, *slow: str) -> None:
        super().__init__()
        self.gates = {address: asyncio.Event() for address in slow}
        self.begun: list[str] = []
        self.closed: list[str] = []

    async def connect(
        self, address: str, port: int, *, host: str | None = None, label: Label = LABEL
    ) -> Connection:
        self.begun.append(address)
        if address in self.gates:
            await self.gates[address].wait()
        made = await super().connect(address, port, host=host, label=label)
        return Closing(made, self.closed)


class Closing:
    """A connection that notes that it was closed."""

    def __init__(self, made: Connection, closed: list[str]) -> None:
        self.failure, self.address, self.port = made.failure, made.address, made.port
        self.label = made.label
        self._closed = closed

    async def close(self) -> None:
        self._closed.append(self.address)


async def raced(
    net: FakeNet, *addresses: str, sni: str | None = NAME, every: bool = True
) -> tuple[Connection | None, Race]:
    race = Race(net, 443, NAME, LABEL)
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(race.run(addresses, sni=sni, every=every))
        return await race.winner(), race


def tried(net: FakeNet, kind: StepKind = StepKind.TCP_CONNECT) -> list[str | None]:
    return [step.address for step in net.steps if step.kind is kind]


def test_the_families_take_turns_and_ipv6_begins() -> None:
    assert in_turns(("6a", "6b"), ("4a",)) == ("6a", "4a", "6b")
    assert in_turns((), ("4a", "4b")) == ("4a", "4b")
    assert in_turns((), ()) == ()


async def test_the_first_that_takes_a_connection_wins_and_the_rest_is_left_alone() -> None:
    net = SlowNet()
    for address in (A, B):
        net.accepts(address, 443)

    winner, race = await raced(net, A, B, every=False)

    assert winner is not None
    assert (winner.address, winner.label, race.proved) == (A, LABEL, [])
    assert tried(net) == [A]
    assert net.closed == [], "it is the prober's to use and to close"


async def test_the_next_begins_at_once_when_one_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(racing, "HEAD_START", 60.0)
    net = SlowNet()
    net.accepts(A, 443, REFUSED)
    net.accepts(B, 443)

    winner, _ = await raced(net, A, B, every=False)

    assert winner is not None
    assert winner.address == B
    assert tried(net) == [A, B]


async def test_one_that_is_silent_has_a_head_start_and_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(racing, "HEAD_START", 0.01)
    net = SlowNet(A)
    net.presents(A, 443, NAME)
    net.presents(B, 443, NAME)
    race = Race(net, 443, NAME, LABEL)

    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(race.run((A, B), sni=NAME, every=False))
        winner = await race.winner()
        assert winner is not None
        assert (winner.address, net.begun) == (B, [A, B])
        net.gates[A].set()

    assert race.proved == [A], "it came late, and proved the name all the same"
    assert net.closed == [A]


async def test_within_the_head_start_the_second_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(racing, "HEAD_START", 60.0)
    net = SlowNet(A)
    net.accepts(A, 443)
    race = Race(net, 443, NAME, LABEL)

    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(race.run((A, B), sni=None, every=False))
        for _ in range(5):
            await asyncio.sleep(0)
        assert net.begun == [A]
        net.gates[A].set()

    assert net.begun == [A]


async def test_every_address_is_tried_to_the_end_and_asked_to_prove_the_name() -> None:
    net = SlowNet()
    for address in (A, B):
        net.presents(address, 443, NAME)
    net.presents(C, 443, NAME, Failure.SSL_INVALID_HOSTNAME)

    winner, race = await raced(net, A, B, C)

    assert winner is not None
    assert winner.address == A
    assert tried(net) == [A, B, C]
    assert tried(net, StepKind.TLS_HANDSHAKE) == [B, C], "the winner's is the prober's to make"
    assert race.proved == [B]
    assert net.closed == [B, C]


async def test_without_tls_the_others_are_connected_to_and_closed() -> None:
    net = SlowNet()
    for address in (A, B):
        net.accepts(address, 443)

    _, race = await raced(net, A, B, sni=None)

    assert (tried(net), tried(net, StepKind.TLS_HANDSHAKE)) == ([A, B], [])
    assert (race.proved, net.closed) == ([], [B])


@pytest.mark.parametrize("addresses", [(), (A,), (A, B)])
async def test_where_nobody_takes_a_connection_nobody_wins(addresses: tuple[str, ...]) -> None:
    net = FakeNet()

    winner, race = await raced(net, *addresses)

    assert (winner, race.proved) == (None, [])
    assert tried(net) == list(addresses)


@given(st.lists(st.sampled_from([None, REFUSED, Failure.GENERIC_TIMEOUT_ERROR]), max_size=5))
def test_the_first_good_one_wins_whichever_fail(outcomes: list[Failure | None]) -> None:
    addresses = [f"192.0.2.{number}" for number in range(len(outcomes))]
    good = [a for a, failure in zip(addresses, outcomes, strict=True) if failure is None]
    net = FakeNet()
    for address, failure in zip(addresses, outcomes, strict=True):
        net.accepts(address, 443, failure)
        net.presents(address, 443, NAME)

    winner, race = asyncio.run(raced(net, *addresses))

    assert (None if winner is None else winner.address) == next(iter(good), None)
    assert race.proved == good[1:]
    assert tried(net) == addresses
