"""A third-party probe: what the first bytes of a server's greeting are. Seen by mypy --strict."""

from heliograph import Need, Net, Probe, Risk, Target


class GreetingProbe:
    """Connects to the target's addresses and sends an empty line."""

    name = "greeting"
    version = 1
    risk = Risk.UNUSUAL
    needs: frozenset[Need] = frozenset()

    async def measure(self, target: Target, net: Net) -> None:
        """See heliograph.Probe."""
        found = await net.resolve(target.host)
        for address in found.routable:
            connection = await net.connect(address, target.port, host=target.host)
            await connection.close()


PROBE: Probe = GreetingProbe()
