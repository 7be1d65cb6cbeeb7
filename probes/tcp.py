"""The tcp probe: whether the target's addresses take a connection."""

import asyncio

from heliograph.model import Question, Target
from heliograph.plugin import Need, Net, Risk
from probes.answers import answer
from probes.looks import default_addresses


class TcpProbe:
    """Connects to every address of the default path, at the target's port, and hangs up."""

    name = "tcp"
    version = 1
    risk = Risk.ORDINARY
    needs: frozenset[Need] = frozenset()

    async def measure(self, target: Target, net: Net) -> None:
        """See heliograph.plugin.Probe."""
        addresses = await default_addresses(target, net)
        async with asyncio.TaskGroup() as group:
            for address in addresses:
                group.create_task(self._knock(address, target, net))

    async def _knock(self, address: str, target: Target, net: Net) -> None:
        connection = await net.connect(address, target.port, host=target.host)
        await connection.close()

    async def answer(self, question: Question, net: Net) -> None:
        """See heliograph.plugin.AnsweringProbe."""
        await answer(question, net)
