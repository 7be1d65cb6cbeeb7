"""A scripted network for the web probe: sites, redirects, and a control that remembers."""

import asyncio
from collections.abc import Callable, Sequence

from heliograph.config import NetworkConfig, Resolver
from heliograph.detail import HttpDetail, Sought, read
from heliograph.fake import FakeNet
from heliograph.model import Step, StepKind
from heliograph.plugin import TEST, Connection, Label, Lookup, RemoteLook, Reply, Request
from heliograph.url import parse_target
from probes.web import WebProbe

NAME, OTHER = "site.example", "other.example"
PAGE = Reply(failure=None, status=200, body=b"hello")
Asked = tuple[str, tuple[str, ...], tuple[tuple[str, str], ...], int]


class Net(FakeNet):
    """A FakeNet that keeps all that a control was told, and can be silent for one family."""

    def __init__(self, settings: NetworkConfig | None = None) -> None:
        super().__init__(settings)
        self.told: list[Asked] = []
        self.silent: dict[str, asyncio.Event] = {}
        self.fetching = asyncio.Event()

    async def control(
        self,
        url: str,
        addresses: Sequence[str] = (),
        *,
        headers: Sequence[tuple[str, str]] = (),
        sought: tuple[Sought, ...] = (),
        label: Label = TEST,
    ) -> RemoteLook | None:
        self.told.append((url, tuple(addresses), tuple(headers), label.hop))
        return await super().control(url, addresses, headers=headers, sought=sought, label=label)

    async def exchange(
        self, connection: Connection, request: Request, *, keep: bool = False
    ) -> Reply:
        self.fetching.set()
        return await super().exchange(connection, request, keep=keep)

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
        if query_type in self.silent:
            await self.silent[query_type].wait()
        return await super().resolve(
            name, query_type, resolver=resolver, label=label, heard=heard, explained=explained
        )

    def site(self, name: str, *addresses: str) -> None:
        """A host whose addresses all take connections at both ports and prove its name."""
        self.answers(name, *addresses)
        for address in addresses:
            self.accepts(address, 80)
            self.presents(address, 443, name)


def moved(location: str, status: int = 302, *cookies: str) -> Reply:
    set_cookies = tuple(("Set-Cookie", cookie) for cookie in cookies)
    return Reply(failure=None, status=status, headers=(("Location", location), *set_cookies))


async def opened(net: Net, url: str = f"https://{NAME}/") -> None:
    async with asyncio.timeout(5):
        await WebProbe().measure(parse_target(url), net)


def fetched(net: Net) -> list[tuple[int, str]]:
    """Hop and URL of every exchange."""
    return [(s.hop, read(s, HttpDetail).url) for s in of(net, StepKind.HTTP_EXCHANGE)]


def of(net: Net, kind: StepKind) -> list[Step]:
    return [step for step in net.steps if step.kind is kind]
