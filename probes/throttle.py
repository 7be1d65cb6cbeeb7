"""The throttle probe: is a page slow because of the name it is asked for under?"""

from collections.abc import Iterable

from heliograph.config import NetworkConfig, Resolver
from heliograph.model import Question, StepKind, Target
from heliograph.plugin import CannotMeasure, Contact, Cost, Need, Net, Risk
from heliograph.valid import is_address
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
        reason = _obstacle(target)
        if reason is not None:
            yield Contact(to="nobody", what=f"skipped: {reason}", when="never")
            return
        yield from _plan(target, settings, resolver)


def _obstacle(target: Target) -> str | None:
    if target.scheme != "https":
        return _NO_TLS
    return _NAMELESS if is_address(target.host) else None


def _plan(target: Target, settings: NetworkConfig, resolver: Resolver) -> Iterable[Contact]:
    host, port = target.host, target.port
    others = settings.controls_for(host)[:1]
    yield Contact(
        to=str(resolver),
        what=f"asks for {host}",
        when="always",
        hosts=(host, resolver.host),
        ports=(resolver.port,),
        kinds=(StepKind.DNS_QUERY, *_CARRIED[resolver.scheme]),
    )
    said = "".join(f"{name}, or " for name in others)
    yield Contact(
        to=f"the addresses it gives, port {port}",
        what=f"checks the certificate, then asks for the page {PAIRS} times under {host}, and as"
        f" often under {said}no name",
        when="always",
        hosts=(host, *others),
        ports=(port,),
        kinds=(StepKind.TCP_CONNECT, StepKind.TLS_HANDSHAKE, StepKind.HTTP_EXCHANGE),
    )


_CARRIED: dict[str, tuple[StepKind, ...]] = {
    "udp": (StepKind.TCP_CONNECT,),
    "tcp": (StepKind.TCP_CONNECT,),
    "tls": (StepKind.TCP_CONNECT, StepKind.TLS_HANDSHAKE),
    "https": (StepKind.TCP_CONNECT, StepKind.TLS_HANDSHAKE, StepKind.HTTP_EXCHANGE),
}
