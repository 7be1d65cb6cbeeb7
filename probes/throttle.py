"""The throttle probe: is a page slow because of the name it is asked for under?"""

from collections.abc import Iterable, Iterator

from heliograph.config import NetworkConfig, Resolver
from heliograph.model import Question, Target
from heliograph.plugin import CannotMeasure, Contact, Cost, Need, Net, Risk
from heliograph.valid import is_address
from probes.announcing import SECURE_PAGE, given, query, unless
from probes.answers import answer
from probes.looks import default_addresses, secured
from probes.pace import PAIRS, TRIAL_BYTES, Place, compare

MOST_TRIED = 2
"""Addresses tried; the first that proves the target's name is looked at."""

_QUERIES = 4
_AHEAD = 131_072
"""What a server may have sent before it hears that we have enough."""
_SEGMENT, _SETTING_UP = 1400, 30
_SECONDS = 59.0
_NO_TLS = "an http:// target has no server name to compare; write it as https://"
_NAMELESS = "no name is said to a bare address, and names are what is compared; write a name"


class ThrottleProbe:
    """Times the same page of one server under the target's name and under another, in turns."""

    name = "throttle"
    version = 1
    risk = Risk.UNUSUAL
    needs: frozenset[Need] = frozenset()

    async def measure(self, target: Target, net: Net) -> None:
        """See heliograph.plugin.Probe."""
        reason = _obstacle(target)
        if reason is not None:
            raise CannotMeasure(reason)
        for address in (await default_addresses(target, net))[:MOST_TRIED]:
            connection, shaken = await secured(net, (address, target.port), target.host)
            await connection.close()
            if shaken is not None and shaken.failure is None:
                place = Place(address, target.port, target.host, target.url)
                await compare(net, place)
                return

    async def answer(self, question: Question, net: Net) -> None:
        """See heliograph.plugin.AnsweringProbe."""
        await answer(question, net)

    def cost(self, target: Target, settings: NetworkConfig) -> Cost:
        """See heliograph.plugin.PlannedProbe."""
        halves = 2 * (PAIRS + 1)
        segments = (TRIAL_BYTES + _AHEAD) // _SEGMENT + _SETTING_UP
        packets = 2 * segments * halves + (MOST_TRIED * _SETTING_UP) + 2 * _QUERIES
        return Cost(
            connections=halves + MOST_TRIED,
            queries=_QUERIES,
            packets=packets,
            bytes=segments * halves * (_SEGMENT + 100) + 100_000,
            seconds=_SECONDS,
        )

    def plan(
        self, target: Target, settings: NetworkConfig, resolver: Resolver
    ) -> Iterable[Contact]:
        """See heliograph.plugin.PlannedProbe."""
        return unless(_obstacle(target), _plan(target, settings, resolver))


def _obstacle(target: Target) -> str | None:
    if target.scheme != "https":
        return _NO_TLS
    return _NAMELESS if is_address(target.host) else None


def _plan(target: Target, settings: NetworkConfig, resolver: Resolver) -> Iterator[Contact]:
    host = target.host
    others = settings.controls_for(host)[:1]
    said = "".join(f"{name}, or " for name in others)
    asks = (
        f"checks the certificate, then asks for the page {PAIRS} times under {host}, and as often"
        f" under {said}no name"
    )
    yield query(resolver, (host,))
    yield given(target.port, (host, *others), SECURE_PAGE, asks)
