"""The tls probe: whether the target's addresses prove the target's name."""

import asyncio

from heliograph.model import Question, Target
from heliograph.plugin import CannotMeasure, Need, Net, Risk
from probes.answers import answer
from probes.looks import default_addresses, secured


class TlsProbe:
    """Shakes hands with every address of the default path, at the target's port."""

    name = "tls"
    version = 1
    risk = Risk.ORDINARY
    needs: frozenset[Need] = frozenset()

    async def measure(self, target: Target, net: Net) -> None:
        """See heliograph.plugin.Probe."""
        if target.scheme != "https":
            raise CannotMeasure("an http:// target has no TLS; write it as https://")
        addresses = await default_addresses(target, net)
        async with asyncio.TaskGroup() as group:
            for address in addresses:
                group.create_task(self._shake(address, target, net))

    async def _shake(self, address: str, target: Target, net: Net) -> None:
        connection, _ = await secured(net, (address, target.port), target.host)
        await connection.close()

    async def answer(self, question: Question, net: Net) -> None:
        """See heliograph.plugin.AnsweringProbe."""
        await answer(question, net)
