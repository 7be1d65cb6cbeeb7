"""The dns probe: what every resolver says of the target's name."""

import asyncio

from heliograph.model import Question, Target
from heliograph.plugin import CannotMeasure, Need, Net, Risk
from heliograph.valid import is_address
from probes.answers import answer
from probes.looks import both_families


class DnsProbe:
    """Asks the default resolver and every trusted one for A and AAAA, and keeps all answers."""

    name = "dns"
    version = 1
    risk = Risk.ORDINARY
    needs: frozenset[Need] = frozenset()

    async def measure(self, target: Target, net: Net) -> None:
        """See heliograph.plugin.Probe."""
        if is_address(target.host):
            raise CannotMeasure("the target is an address: there is no name to look up")
        async with asyncio.TaskGroup() as group:
            group.create_task(both_families(target.host, net))
            for resolver in net.settings.trusted_resolvers:
                group.create_task(both_families(target.host, net, resolver=resolver))

    async def answer(self, question: Question, net: Net) -> None:
        """See heliograph.plugin.AnsweringProbe."""
        await answer(question, net)
