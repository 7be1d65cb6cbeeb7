"""Answers to the questions of analysis: the second halves of paired trials."""

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit
from zlib import crc32

import msgspec

from heliograph.config import Resolver
from heliograph.failure import CERTIFICATE_FAILURES, Failure
from heliograph.model import (
    AGAIN,
    PAGE,
    PAIR_AGAIN,
    PAIR_EXPLAINED,
    PAIR_IPV6,
    PAIR_NOBODY,
    PAIR_RESOLVER,
    PAIR_STRANGER,
    PAIR_SWAP,
    SECURE,
    Question,
    QuestionKind,
    Role,
    pair_at,
)
from heliograph.plugin import Label, Net, Request
from heliograph.valid import is_address
from probes.looks import both_families, secured
from probes.net.watch import SPOILED
from probes.pace import Place, compare
from probes.shapes import compare_shapes

_TLS_PORT = 443
_PLAIN_PORT = 80
ROUNDS = 2
"""So often a resolver that fails for the target's name is asked for it once more."""
WAITS = (0.0, 3.0, 8.0)
"""Seconds before each of the times at which an address is tried once more."""
_QUICK = frozenset(
    {
        Failure.CONNECTION_RESET,
        Failure.CONNECTION_REFUSED,
        Failure.EOF_ERROR,
        Failure.HOST_UNREACHABLE,
        Failure.NETWORK_UNREACHABLE,
    }
)
MOST_CONTROLS = 2
"""So many innocuous names at most are tried for one trial."""


async def answer(question: Question, net: Net) -> None:
    """Record the steps that settle the question; none when this vantage has no means to.

    An address that was scrubbed, as one in this host's own network is, leads nowhere.
    """
    if question.address is not None and not is_address(question.address):
        return
    await _ANSWERS[question.kind](question, net)


async def _other_resolver(question: Question, net: Net) -> None:
    """Ask every trusted resolver what the system's was asked."""
    label = Label(hop=question.hop)
    async with asyncio.TaskGroup() as group:
        for resolver in net.settings.trusted_resolvers:
            group.create_task(both_families(question.host, net, resolver=resolver, label=label))


async def _validate_address(question: Question, net: Net) -> None:
    """See whether an address can prove the target's name by TLS."""
    address, port = _place(question)
    connection, _ = await secured(net, (address, port), question.host, Label(hop=question.hop))
    await connection.close()


async def _control_name_same_resolver(question: Question, net: Net) -> None:
    """Ask the default resolver for an innocuous name, see whether it leads there, and ask again.

    In two rounds: a failure that does not come back each time, or comes for innocuous names as
    well, was no more than a hiccup.
    """
    label = _label(question, Role.CONTROL_AFTER, PAIR_RESOLVER)
    names = net.settings.controls_for(question.host)[:MOST_CONTROLS]
    for turn in range(ROUNDS):
        if names:
            name = names[turn % len(names)]
            found = await net.resolve(name, "A", label=label)
            if turn == 0:
                await _visit(question, net, name, label, found.routable[:1])
        await both_families(question.host, net, label=_label(question, Role.TEST, PAIR_AGAIN))


async def _control_name_ipv6(question: Question, net: Net) -> None:
    """Ask the default resolver for the IPv6 address of an innocuous name that has one.

    Which of them has one is asked of a trusted resolver; whose answer it is does not matter, for
    the default resolver's alone tells whether it gives anybody any.
    """
    label = _label(question, Role.CONTROL_AFTER, PAIR_IPV6)
    for name in net.settings.controls_for(question.host)[:MOST_CONTROLS]:
        if await _has_ipv6(net, name, label):
            for _ in range(ROUNDS):
                found = await net.resolve(name, "AAAA", label=label)
                if found.routable:
                    return
            return


async def _has_ipv6(net: Net, name: str, label: Label) -> bool:
    """Whether a trusted resolver, the first that answers, knows an IPv6 address of the name."""
    trusted = sorted(net.settings.trusted_resolvers, key=lambda resolver: not resolver.encrypted)
    for resolver in trusted[:MOST_CONTROLS]:
        found = await net.resolve(name, "AAAA", resolver=resolver, label=label)
        if found.failure in {None, Failure.DNS_NO_ANSWER, Failure.DNS_NXDOMAIN_ERROR}:
            return bool(found.routable)
    return False


async def _visit(
    question: Question, net: Net, name: str, label: Label, addresses: tuple[str, ...]
) -> None:
    """Say the name where it was led, at the first port that answers."""
    for address in addresses:
        for port in _ports(question):
            if await _say(question, net, name, label, (address, port)):
                return


async def _control_name_same_address(question: Question, net: Net) -> None:
    """Say an innocuous name to the same address and port: only the name differs."""
    peer = _place(question)
    label = _label(question, Role.CONTROL_AFTER, pair_at(*peer))
    for name in net.settings.controls_for(question.host)[:1]:
        await _say(question, net, name, label, peer)


async def _target_name_on_control_address(question: Question, net: Net) -> None:
    """Say a control's name, a third one, then the target's, to a server that is not the target's.

    It has no reason to fail for the target's name alone: a filter on the path has. What it says
    to a third name, which nobody has, is how it treats strangers. The target's comes last, for a
    filter that was hit may stop whatever follows; whether it does shows in the control's name, said
    once more: where that is answered, nothing that others provoked there is to blame.
    """
    before = _label(question, Role.CONTROL_BEFORE, PAIR_SWAP)
    names = _innocuous(question, net)
    for name in names:
        peer = await _reached(question, net, name, before)
        if peer is None:
            continue
        third = _label(question, Role.CONTROL_BEFORE, PAIR_STRANGER)
        await _say(question, net, stranger_for(question.host), third, peer)
        test = _label(question, Role.TEST, PAIR_SWAP)
        ended = await _ending(question, net, question.host, test, peer)
        if ended in SPOILED:
            check = _label(question, Role.RESIDUAL_CHECK, PAIR_SWAP)
            await _say(question, net, name, check, peer)
        return


def stranger_for(host: str) -> str:
    """A name that is at home nowhere; the same one whenever this host is looked at."""
    return f"www.{crc32(host.encode()):08x}.net"


async def _same_address_again(question: Question, net: Net) -> None:
    """Try the same address once more in the target's name, and meanwhile an innocuous server."""
    pair = pair_at(question.address, question.port, AGAIN)
    test = _label(question, Role.TEST, pair)
    async with asyncio.TaskGroup() as group:
        group.create_task(_any_reached(question, net, _label(question, Role.CONTROL_BEFORE, pair)))
        group.create_task(_repeat(question, net, test))


async def _repeat(question: Question, net: Net, label: Label) -> None:
    """Thrice where failing is quick, and later each time; once where it is slow.

    A server may fail at random, while it starts again, or because it was asked too often.
    """
    for wait in WAITS:
        await net.pause(wait)
        ended = await _ending(question, net, question.host, label, _place(question))
        if ended not in _QUICK:
            return


async def _any_reached(question: Question, net: Net, label: Label) -> None:
    """Reach an innocuous server the way the target is reached, or else over TLS."""
    secure = msgspec.structs.replace(question, plaintext=False, port=_TLS_PORT)
    tries = [(question, name) for name in _innocuous(question, net)]
    if question.plaintext:
        tries += [(secure, name) for name in _innocuous(secure, net)]
    for asked, name in tries:
        if await _reached(asked, net, name, label) is not None:
            return


def _innocuous(question: Question, net: Net) -> tuple[str, ...]:
    """Names for the control half of a trial; in the clear, connectivity checks serve as well."""
    names = net.settings.controls_for(question.host)[:MOST_CONTROLS]
    if not question.plaintext:
        return names
    checks = (urlsplit(url) for url in net.settings.connectivity_checks)
    plain = (c.hostname for c in checks if c.scheme == "http" and c.hostname)
    return tuple(dict.fromkeys((*names, *(n for n in plain if n != question.host))))


async def _reached(question: Question, net: Net, name: str, label: Label) -> tuple[str, int] | None:
    """Where an innocuous name answered, at a server that is not the question's."""
    family = "AAAA" if ":" in (question.address or "") else "A"
    found = await net.resolve(name, family, label=label)
    for address in [a for a in found.routable if a != question.address][:1]:
        for port in _ports(question):
            if await _say(question, net, name, label, (address, port)):
                return address, port
    return None


async def _page_at_address(question: Question, net: Net) -> None:
    """Ask for the page in the clear where the name was led, then for an innocuous one there."""
    peer = (question.address or "", _PLAIN_PORT)
    plain = msgspec.structs.replace(question, plaintext=True)
    pair = pair_at(*peer, PAGE)
    if not await _say(plain, net, question.host, _label(question, Role.TEST, pair), peer):
        return
    for name in net.settings.controls_for(question.host)[:1]:
        await _say(plain, net, name, _label(question, Role.CONTROL_AFTER, pair), peer)


async def _remote_control(question: Question, net: Net) -> None:
    """Ask a control elsewhere for the same look, that address included."""
    addresses = () if question.address is None else (question.address,)
    await net.control(_url(question), addresses, label=Label(hop=question.hop))


async def _secure_page(question: Question, net: Net) -> None:
    """Open the target over TLS where it was opened in the clear: nobody can forge that page."""
    peer = (question.address or "", _TLS_PORT)
    label = _label(question, Role.TEST, pair_at(*peer, SECURE))
    connection, shaken = await secured(net, peer, question.host, label)
    if shaken is not None and shaken.failure is None:
        url = f"https://{question.host}{question.path}"
        await net.exchange(connection, Request(url=url))
    await connection.close()


async def _page_again(question: Question, net: Net) -> None:
    """Ask the same address for the same page once more, and meanwhile an innocuous server."""
    peer = _place(question)
    pair = pair_at(*peer, AGAIN)
    async with asyncio.TaskGroup() as group:
        group.create_task(_any_reached(question, net, _label(question, Role.CONTROL_BEFORE, pair)))
        group.create_task(_page(question, net, _label(question, Role.TEST, pair), peer))


async def _page(question: Question, net: Net, label: Label, peer: tuple[str, int]) -> None:
    if question.plaintext:
        await _ending(question, net, question.host, label, peer)
        return
    connection, shaken = await secured(net, peer, question.host, label)
    if shaken is not None and shaken.failure is None:
        await net.exchange(connection, Request(url=_url(question)))
    await connection.close()


async def _non_resolver(question: Question, net: Net) -> None:
    """Ask an address where no resolver lives: whatever answers there is on the path."""
    names = (question.host, *net.settings.controls_for(question.host)[:1])
    for address in net.settings.injection_probe_addresses[:MOST_CONTROLS]:
        host = f"[{address}]" if ":" in address else address
        nobody = Resolver.parse(f"udp://{host}")
        for name in names:
            role = Role.TEST if name == question.host else Role.CONTROL_AFTER
            label = _label(question, role, PAIR_NOBODY)
            await net.resolve(name, "A", resolver=nobody, label=label)


async def _reason_of_resolver(question: Question, net: Net) -> None:
    """Ask the default resolver why: for what it would answer unchecked, and its own reason."""
    label = _label(question, Role.TEST, PAIR_EXPLAINED)
    await net.resolve(question.host, "A", label=label, explained=True)


async def _other_shape(question: Question, net: Net) -> None:
    """Say an innocuous name and the target's in a ClientHello of another shape."""
    if not question.plaintext:
        await compare_shapes(net, question.host, _place(question), question.hop)


async def _pace(question: Question, net: Net) -> None:
    """Time the page under the target's name and under another, in turns."""
    address, port = _place(question)
    usual = "" if port == _TLS_PORT else f":{port}"
    url = f"https://{question.host}{usual}{question.path}"
    await compare(net, Place(address, port, question.host, url, question.hop))


async def _say(
    question: Question, net: Net, name: str, label: Label, peer: tuple[str, int]
) -> bool:
    """Say a name to an address; whether anything answered."""
    ended = await _ending(question, net, name, label, peer)
    return ended is None or (not question.plaintext and ended in CERTIFICATE_FAILURES)


async def _ending(
    question: Question, net: Net, name: str, label: Label, peer: tuple[str, int]
) -> Failure | None:
    """Say a name to an address; how it ended, None for an answer."""
    if not question.plaintext:
        connection, shaken = await secured(net, peer, name, label)
        await connection.close()
        return connection.failure if shaken is None else shaken.failure
    connection = await net.connect(*peer, host=name, label=label)
    if connection.failure is not None:
        return connection.failure
    port = "" if peer[1] == _PLAIN_PORT else f":{peer[1]}"
    path = question.path if name == question.host else "/"
    reply = await net.exchange(connection, Request(url=f"http://{name}{port}{path}"))
    return None if reply.status is not None else reply.failure or Failure.EOF_ERROR


def _url(question: Question) -> str:
    scheme, usual = ("http", _PLAIN_PORT) if question.plaintext else ("https", _TLS_PORT)
    host = f"[{question.host}]" if ":" in question.host else question.host
    port = "" if question.port in {None, usual} else f":{question.port}"
    return f"{scheme}://{host}{port}{question.path}"


def _ports(question: Question) -> tuple[int, ...]:
    """The target's port, then the usual one: a control's server may not have the first."""
    usual = _PLAIN_PORT if question.plaintext else _TLS_PORT
    return tuple(dict.fromkeys((question.port or usual, usual)))


def _label(question: Question, role: Role, pair: str) -> Label:
    return Label(role=role, pair=pair, hop=question.hop)


def _place(question: Question) -> tuple[str, int]:
    port = question.port or _TLS_PORT
    return question.address or "", port


_ANSWERS: dict[QuestionKind, Callable[[Question, Net], Awaitable[None]]] = {
    QuestionKind.OTHER_RESOLVER: _other_resolver,
    QuestionKind.VALIDATE_ADDRESS: _validate_address,
    QuestionKind.CONTROL_NAME_SAME_RESOLVER: _control_name_same_resolver,
    QuestionKind.CONTROL_NAME_IPV6: _control_name_ipv6,
    QuestionKind.CONTROL_NAME_SAME_ADDRESS: _control_name_same_address,
    QuestionKind.TARGET_NAME_ON_CONTROL_ADDRESS: _target_name_on_control_address,
    QuestionKind.SAME_ADDRESS_AGAIN: _same_address_again,
    QuestionKind.PAGE_AT_ADDRESS: _page_at_address,
    QuestionKind.SECURE_PAGE: _secure_page,
    QuestionKind.PAGE_AGAIN: _page_again,
    QuestionKind.REMOTE_CONTROL: _remote_control,
    QuestionKind.NON_RESOLVER: _non_resolver,
    QuestionKind.REASON_OF_RESOLVER: _reason_of_resolver,
    QuestionKind.OTHER_SHAPE: _other_shape,
    QuestionKind.PACE: _pace,
}
