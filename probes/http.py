"""The http probe: one page, fetched the way a browser would, redirects not followed."""

from heliograph.model import Question, Target
from heliograph.plugin import Need, Net, Request, Risk
from probes.answers import answer
from probes.looks import default_addresses, secured


class HttpProbe:
    """Gets the target from the first address of the default path that lets it."""

    name = "http"
    version = 1
    risk = Risk.ORDINARY
    needs: frozenset[Need] = frozenset()

    async def measure(self, target: Target, net: Net) -> None:
        """See heliograph.plugin.Probe."""
        for address in await default_addresses(target, net):
            if await self._fetch(address, target, net):
                return

    async def _fetch(self, address: str, target: Target, net: Net) -> bool:
        """Whether this address took the connection; only then does a browser stop looking."""
        peer = (address, target.port)
        if target.scheme == "https":
            connection, shaken = await secured(net, peer, target.host)
            ready = shaken is not None and shaken.failure is None
        else:
            connection = await net.connect(*peer, host=target.host)
            ready = connection.failure is None
        try:
            if ready:
                await net.exchange(connection, Request(url=target.url))
        finally:
            await connection.close()
        return connection.failure is None

    async def answer(self, question: Question, net: Net) -> None:
        """See heliograph.plugin.AnsweringProbe."""
        await answer(question, net)
