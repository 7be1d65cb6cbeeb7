"""The content probe: whether a public page still holds what it held, here and elsewhere.

The target is opened as by the web probe and searched for what is expected of it; then another page
of the same site, which tells whether the site is as ever; and then, if nothing was found, the
target once more. A control is asked for the first two.
"""

import asyncio
from collections.abc import Iterator, Mapping

from heliograph.config import NetworkConfig, Resolver
from heliograph.detail import Sought
from heliograph.model import PAIR_LATER, PAIR_PLATFORM, Question, Role, Target
from heliograph.plugin import (
    CannotMeasure,
    Contact,
    Cost,
    Expectation,
    Need,
    Net,
    Reply,
    Risk,
)
from heliograph.valid import is_address
from probes.announcing import ALWAYS, PAGE, SECURE_PAGE, query
from probes.answers import answer
from probes.net.spending import MOST_BYTES, MOST_CONNECTIONS, MOST_QUERIES
from probes.web import Manner, Visit

PASSWORD = Sought(selector='input[type="password"]')
"""Where only members see a page, there is a place for a password instead."""

_MOST_HOPS = 5
"""The page and four redirects, of every page but the target's first."""
_SECONDS = 60.0
_SEGMENT, _HEADERS = 1000, 60
"""Bytes: less than most packets hold, and what each has besides."""
_PACKETS_OF_A_CONNECTION, _PACKETS_OF_A_QUERY = 10, 4
UNTOLD = (
    "nothing is expected of this page: name it in a list with the columns url, expect,"
    " control_url and control_expect (docs/guide/content.md), and use --targets"
)


class ContentProbe:
    """Opens a page and another one of its site, and searches both for what they should hold."""

    name = "content"
    version = 1
    risk = Risk.ORDINARY
    needs: frozenset[Need] = frozenset()

    def __init__(self, expectations: Mapping[str, Expectation] | None = None) -> None:
        """What is expected, by URL of the target; a target without is skipped."""
        self._expectations = dict(expectations or {})

    def expecting(self, expectations: Mapping[str, Expectation]) -> "ContentProbe":
        """See heliograph.plugin.ExpectingProbe."""
        return ContentProbe(expectations)

    def expected(self, target: Target) -> Expectation | None:
        """What is expected of a target; None where nothing is."""
        return self._expectations.get(target.url)

    def beside(self, target: Target) -> tuple[Target, ...]:
        """The other pages that a look at a target opens."""
        expected = self.expected(target)
        return () if expected is None else (expected.control,)

    async def measure(self, target: Target, net: Net) -> None:
        """See heliograph.plugin.Probe."""
        expected = self.expected(target)
        if expected is None:
            raise CannotMeasure(UNTOLD)
        sought = (expected.sought, expected.control_sought, PASSWORD)
        reply = await _visited(target, net, Manner(sought=sought))
        if reply is None or reply.status is None:
            return  # the way itself is to be questioned
        beside = Manner(Role.CONTROL_AFTER, PAIR_PLATFORM, sought, compared=False)
        await _visited(expected.control, net, beside, _MOST_HOPS)
        if all(one.found is None for one in reply.sought[:1]):
            later = Manner(pair=PAIR_LATER, sought=sought, compared=False, asks_control=False)
            await _visited(target, net, later, _MOST_HOPS)

    async def answer(self, question: Question, net: Net) -> None:
        """See heliograph.plugin.AnsweringProbe; what is asked is about the way to the target."""
        await answer(question, net)

    def cost(self, target: Target, settings: NetworkConfig) -> Cost:
        """See heliograph.plugin.PlannedProbe: that of a web look, in which all of it is done."""
        packets = (
            MOST_BYTES // _SEGMENT
            + MOST_CONNECTIONS * _PACKETS_OF_A_CONNECTION
            + MOST_QUERIES * _PACKETS_OF_A_QUERY
        )
        return Cost(
            connections=MOST_CONNECTIONS,
            queries=MOST_QUERIES,
            packets=packets,
            bytes=MOST_BYTES + packets * _HEADERS,
            seconds=_SECONDS,
        )

    def plan(
        self, target: Target, settings: NetworkConfig, resolver: Resolver
    ) -> Iterator[Contact]:
        """See heliograph.plugin.PlannedProbe: what a look contacts beyond what a web look does."""
        for page in self.beside(target):
            yield from _contacts(page, resolver)


def _contacts(page: Target, resolver: Resolver) -> Iterator[Contact]:
    """Where the other page is looked for, and opened."""
    named = not is_address(page.host)
    if named:
        yield query(resolver, (page.host,))
    yield Contact(
        to=f"{'the addresses it gives' if named else page.host}, port {page.port}",
        what=f"opens {page.url} beside it, as a browser does, and the target once more if"
        " what is expected is not there",
        when=ALWAYS,
        hosts=(page.host,),
        ports=(page.port,),
        kinds=SECURE_PAGE if page.scheme == "https" else PAGE,
    )


async def _visited(
    target: Target, net: Net, manner: Manner, most: int | None = None
) -> Reply | None:
    """The last reply of a way, once all that goes on beside it is over."""
    async with asyncio.TaskGroup() as beside:
        visit = Visit(net, beside, manner)
        return await (visit.follow(target) if most is None else visit.follow(target, most))
