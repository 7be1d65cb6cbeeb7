"""A name that is stopped, said in a ClientHello of another shape: evidence of the filter itself.

A filter that reads one segment alone does not see a name in a ClientHello that takes two.
"""

import asyncio

from heliograph.model import PAIR_SHAPE, Role
from heliograph.plugin import Label, Net

SHAPE_SECONDS = 3.0
"""So long a ClientHello of another shape is waited for."""
USUAL = ("http/1.1",)
LARGE = (*USUAL, *(f"{number}{'-' * 199}" for number in range(7)))
"""Protocols to offer beside the usual one, so that a ClientHello is as large as with a key share
for a post-quantum exchange (ML-KEM), which the TLS libraries of many hosts can't make."""


async def compare_shapes(net: Net, host: str, peer: tuple[str, int], hop: int) -> None:
    """Say an innocuous name, then the target's, in a ClientHello that one segment does not hold.

    The target's only where the server answered the other: it may not take such a hello. One that is
    let through is said in the usual shape, and so once more: a filter may hit by chance.
    """
    for name in net.settings.controls_for(host)[:1]:
        label = Label(role=Role.CONTROL_AFTER, pair=PAIR_SHAPE, hop=hop)
        if not await _answered(net, name, label, peer):
            return
        label = Label(role=Role.TEST, pair=PAIR_SHAPE, hop=hop)
        if await _answered(net, host, label, peer):
            await _answered(net, host, label, peer, USUAL)
            await _answered(net, host, label, peer)


async def _answered(
    net: Net,
    name: str,
    label: Label,
    peer: tuple[str, int],
    alpn: tuple[str, ...] = LARGE,
) -> bool:
    """Whether a name said so is answered soon; one that met silence before may meet it again."""
    connection = await net.connect(*peer, host=name, label=label)
    try:
        if connection.failure is not None:
            return False
        async with asyncio.timeout(SHAPE_SECONDS):
            return (await net.handshake(connection, name, alpn=alpn)).completed
    except TimeoutError:
        return False
    finally:
        await connection.close()
