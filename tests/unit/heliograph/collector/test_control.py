"""The control service: who is served, and what the reply says."""

import asyncio
import itertools
import json
from collections.abc import Sequence
from types import TracebackType

import pytest

from heliograph.collector.control import ControlService, Means
from heliograph.collector.problem import Problem
from heliograph.detail import Sought
from heliograph.failure import Failure
from heliograph.fake import FakeNet
from heliograph.model import Role, StepKind, Target
from heliograph.network import Network, NetworkTable
from heliograph.plugin import Net, Request
from heliograph.trace import Trace

BODY = json.dumps({"url": "https://192.0.2.1/"}).encode()


class Opened:
    """Opens a net that records on the trace it is given, and may never end."""

    def __init__(self, trace: Trace, *, hang: bool = False) -> None:
        self._net = FakeNet()
        self._net._trace = trace
        self._hang = hang

    async def __aenter__(self) -> Net:
        if self._hang:
            with self._net._trace.step(StepKind.TCP_CONNECT, host="192.0.2.1"):
                await asyncio.Event().wait()
        return self._net

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        return None


def service(
    token: str | None = None, *, hang: bool = False, parallel: int = 2, seconds: float = 60.0
) -> ControlService:
    ticks = itertools.count()
    row = ("198.51.100.7/32", Network(asn=64500, country="XA", name="Example"))
    means = Means(
        open_net=lambda trace: Opened(trace, hang=hang),
        scrub=lambda text: text,
        clock=lambda: next(ticks) / 1000,
        networks=NetworkTable([row], "networks.csv 2026-11-01"),
        software="heliograph test",
    )
    return ControlService(means, token=token, parallel=parallel, seconds=seconds)


@pytest.mark.parametrize("header", ["Bearer secret", "bearer secret", "Bearer  secret "])
def test_the_token_is_let_in(header: str) -> None:
    service("secret").authorise(header)


@pytest.mark.parametrize(
    "header",
    [None, "", "secret", "Bearer", "Bearer ", "Bearer secre", "Basic secret", "Bearer \xe9"],
)
def test_anything_else_is_not(header: str | None) -> None:
    with pytest.raises(Problem) as caught:
        service("secret").authorise(header)

    assert caught.value.status == 401
    assert dict(caught.value.headers) == {"WWW-Authenticate": "Bearer"}


def test_without_a_token_everybody_is_served() -> None:
    service(None).authorise(None)


async def test_the_reply_holds_the_steps_in_the_control_s_role_and_the_caller() -> None:
    reply = await service().answer(BODY, "::ffff:198.51.100.7")

    assert [(step.kind, step.role) for step in reply.steps] == [
        (StepKind.TCP_CONNECT, Role.REMOTE_CONTROL)
    ]
    assert (reply.software, reply.observed_address) == ("heliograph test", "198.51.100.7")
    assert reply.network is not None
    assert (reply.network.asn, reply.network.country) == (64500, "XA")
    assert reply.network.source == "networks.csv 2026-11-01"


@pytest.mark.parametrize("caller", [None, "testclient"])
async def test_a_caller_without_an_address_has_none(caller: str | None) -> None:
    reply = await service().answer(BODY, caller)

    assert (reply.observed_address, reply.network) == (None, None)


async def test_when_the_time_is_over_what_was_seen_is_returned() -> None:
    reply = await service(hang=True, seconds=0.0).answer(BODY, None)

    assert [(step.kind, step.failure) for step in reply.steps] in (
        [],
        [(StepKind.TCP_CONNECT, Failure.INTERRUPTED)],
    )


async def test_more_than_it_can_do_is_refused_with_a_time_to_come_again() -> None:
    busy = service(hang=True, parallel=1)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(busy.answer(BODY, None)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Problem) as caught:
            await busy.answer(BODY, None)
        for task in tasks:
            task.cancel()

    assert caught.value.status == 503
    assert dict(caught.value.headers) == {"Retry-After": "2"}


async def test_the_page_is_searched_for_what_the_vantage_expects(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Request] = []

    async def note(target: Target, net: Net, addresses: Sequence[str], request: Request) -> None:
        asked.append(request)

    monkeypatch.setattr("heliograph.collector.control.look_for_control", note)
    body = {"url": "https://site.example/7", "sought": [{"text": "words"}]}

    await service().answer(json.dumps(body).encode(), None)

    assert asked == [Request(url="https://site.example/7", sought=(Sought(text="words"),))]
