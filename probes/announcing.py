"""What a probe says beforehand of whom it contacts: the places that several of them have."""

from collections.abc import Iterable, Iterator

from heliograph.config import Resolver
from heliograph.model import StepKind
from heliograph.plugin import Contact

ALWAYS, MAY, NEVER = "always", "may", "never"

CONNECT = (StepKind.TCP_CONNECT,)
PROVE = (*CONNECT, StepKind.TLS_HANDSHAKE)
PAGE = (*CONNECT, StepKind.HTTP_EXCHANGE)
SECURE_PAGE = (*PROVE, StepKind.HTTP_EXCHANGE)

_CARRIED = {"udp": CONNECT, "tcp": CONNECT, "tls": PROVE, "https": SECURE_PAGE}
"""What a query makes besides: over UDP a long answer is asked for again over TCP."""


def nobody(reason: str) -> Contact:
    """The place of a look that is not made."""
    return Contact(to="nobody", what=f"skipped: {reason}", when=NEVER)


def unless(reason: str | None, contacts: Iterable[Contact]) -> Iterator[Contact]:
    """These places; nobody, where there is a reason why the look can't be made."""
    if reason is not None:
        yield nobody(reason)
        return
    yield from contacts


def query(
    resolver: Resolver, names: tuple[str, ...], when: str = ALWAYS, what: str | None = None
) -> Contact:
    """A resolver asked for names, and what carries the question there."""
    return Contact(
        to=str(resolver),
        what=what or f"asks for {listed(names)}",
        when=when,
        hosts=(*names, resolver.host),
        ports=(resolver.port,),
        kinds=(StepKind.DNS_QUERY, *_CARRIED[resolver.scheme]),
    )


def given(
    port: int,
    hosts: tuple[str, ...],
    kinds: tuple[StepKind, ...],
    what: str,
    *,
    when: str = ALWAYS,
) -> Contact:
    """The addresses that the resolver gives for the target, at one port."""
    return Contact(
        to=f"the addresses it gives, port {port}",
        what=what,
        when=when,
        hosts=hosts,
        ports=(port,),
        kinds=kinds,
    )


def listed(things: tuple[object, ...]) -> str:
    """Things in a sentence: one, two and three."""
    *others, last = (str(thing) for thing in things)
    return f"{', '.join(others)} and {last}" if others else last
