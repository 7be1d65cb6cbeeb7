"""The control service: the look a vantage asks for, made from here, and never kept."""

import asyncio
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address

import msgspec

from heliograph.collector.admission import Admission, Busy
from heliograph.collector.asked import Asked, read_asked
from heliograph.collector.problem import Problem
from heliograph.control import ControlNetwork, ControlReply
from heliograph.model import Role, Step
from heliograph.network import Table
from heliograph.plugin import NetContext, Request
from heliograph.trace import Trace
from probes.control_look import look_for_control

SECONDS_PER_LOOK = 20.0
_SECONDS_IN_QUEUE = 3.0
_RETRY_AFTER = "2"
_SCHEME = "bearer "


@dataclass(frozen=True, slots=True)
class Means:
    """What a control works with; made by the composition root.

    ``clock`` is monotonic, in seconds; ``scrub`` takes out the control's own addresses.
    """

    open_net: Callable[[Trace], NetContext]
    scrub: Callable[[str], str]
    clock: Callable[[], float]
    networks: Table
    software: str


class ControlService:
    """Serves whoever holds the token, or everybody; as many at once as ``parallel`` says."""

    def __init__(
        self,
        means: Means,
        *,
        token: str | None,
        parallel: int,
        seconds: float = SECONDS_PER_LOOK,
    ) -> None:
        self._means = means
        self._token = token
        self._seconds = seconds
        self._admission = Admission(parallel, parallel, _SECONDS_IN_QUEUE)

    @property
    def token(self) -> str | None:
        """What callers must know; None: it serves everybody."""
        return self._token

    def authorise(self, header: str | None) -> None:
        """Check an Authorization header; raises Problem."""
        if self._token is None:
            return
        given = header or ""
        scheme, secret = given[: len(_SCHEME)], given[len(_SCHEME) :].strip()
        same = hmac.compare_digest(secret.encode(), self._token.encode())
        if scheme.lower() != _SCHEME or not same:
            raise Problem(
                HTTPStatus.UNAUTHORIZED,
                "send 'Authorization: Bearer TOKEN' with the token of this control's operator",
                (("WWW-Authenticate", "Bearer"),),
            )

    async def answer(self, body: bytes, caller: str | None) -> ControlReply:
        """The reply to a request body; raises Problem."""
        asked = read_asked(body)
        try:
            async with self._admission.place():
                steps = await self._look(asked)
        except Busy as error:
            raise Problem(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "as many looks as this control makes at once are under way; try again later",
                (("Retry-After", _RETRY_AFTER),),
            ) from error
        observed = None if caller is None else _written_plainly(caller)
        return ControlReply(
            steps=steps,
            software=self._means.software,
            observed_address=observed,
            network=self._network(observed),
        )

    async def _look(self, asked: Asked) -> tuple[Step, ...]:
        """All steps made before the time was over."""
        trace = Trace(self._means.clock, self._means.scrub)
        try:
            async with asyncio.timeout(self._seconds) as limit:
                async with self._means.open_net(trace) as net:
                    request = Request(
                        url=asked.target.url, headers=asked.headers, sought=asked.sought
                    )
                    await look_for_control(asked.target, net, asked.addresses, request)
        except TimeoutError:
            if not limit.expired():
                raise
        return tuple(
            msgspec.structs.replace(step, role=Role.REMOTE_CONTROL) for step in trace.steps()
        )

    def _network(self, address: str | None) -> ControlNetwork | None:
        found = None if address is None else self._means.networks.lookup(address)
        if found is None:
            return None
        source = self._means.networks.edition
        return ControlNetwork(asn=found.asn, country=found.country, name=found.name, source=source)


def _written_plainly(address: str) -> str | None:
    """An IPv4 caller of an IPv6 socket as IPv4; None for what is no address."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return str(mapped or parsed)
