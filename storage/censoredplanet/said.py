"""What Hyperquack said to a server, name by name, from either form of its lines."""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from heliograph.model import Role
from heliograph.text import clean
from storage.censoredplanet.moments import moment_of
from storage.censoredplanet.shapes import Line, Received, RoundTrip
from storage.ooni.shapes import is_list, is_object
from storage.ooni.values import address_of, port_of

_PORTS = {"http": 80, "https": 443}
_COMPARED = ("do not match", "does not match", "don't match", "header field m", "is not empty")
"""Says how an answer differs from the usual one: nothing failed."""
_CHARACTERS = 300

_TRIPS = msgspec.json.Decoder(list[RoundTrip], strict=False)
_RECEIVED = msgspec.json.Decoder(Received, strict=False)


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """Whom the names are said to, and since when."""

    scheme: str
    address: str | None
    port: int
    zero: datetime | None


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One name said to the server, and what came of it."""

    server: Server
    name: str
    trip: RoundTrip
    received: Received | None
    role: Role

    @property
    def error(self) -> str:
        """The first of the errors: those behind it tell more of the same."""
        return clean((self.trip.error or "").partition(";")[0].strip())[:_CHARACTERS]

    @property
    def compared(self) -> bool:
        """An answer came, and the error only says how it differs."""
        return any(part in self.error for part in _COMPARED)


def service_of(line: Line) -> tuple[str, int] | None:
    """The protocol spoken and the port; None for those that are no step of ours."""
    scheme, _, port = (line.service or _service_in(line.source)).partition(":")
    if scheme not in _PORTS:
        return None
    return scheme, port_of(number_of(port)) or _PORTS[scheme]


def number_of(text: str) -> int | None:
    """The number in a few digits, or None."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None


def _service_in(source: str | None) -> str:
    """``https`` in ``CP_Quack-https-2021-04-26-04-21-46``."""
    parts = (source or "").split("-")
    return parts[1].lower() if len(parts) > 1 and "quack" in parts[0].lower() else ""


def of_flat(line: Line) -> Said:
    """The one request of a flat line."""
    trip = RoundTrip(
        matches_template=line.matches_template,
        error=line.received_error,
        start_time=line.start_time,
        end_time=line.end_time,
    )
    return Said(
        server=_server(line, line.server_ip, line.start_time),
        name=line.domain or line.test_url or "",
        trip=trip,
        received=_flat_answer(line),
        role=Role.CONTROL_BEFORE if line.domain_is_control else Role.TEST,
    )


def _flat_answer(line: Line) -> Received | None:
    if not (line.received_status or line.received_body or line.received_headers):
        return None
    headers: dict[str, list[str]] = {}
    for header in line.received_headers or ():
        name, _, value = header.partition(":")
        headers.setdefault(name, []).append(value.strip())
    return Received(
        status_line=line.received_status,
        headers=headers,
        body=line.received_body,
        tls_version=line.received_tls_version,
        cipher_suite=line.received_tls_cipher_suite,
        certificate=line.received_tls_cert,
    )


def of_nested(line: Line) -> Iterator[Said]:
    """Every request of a nested line, in order; raises msgspec.DecodeError."""
    trips = _TRIPS.decode(line.response) if is_list(line.response) else []
    server = _server(line, line.vp, trips[0].start_time if trips else None)
    control = Role.CONTROL_BEFORE
    for trip in trips:
        yield Said(
            server=server,
            name=trip.control_url or line.test_url or "",
            trip=trip,
            received=_RECEIVED.decode(trip.response) if is_object(trip.response) else None,
            role=Role.TEST if trip.control_url is None else control,
        )
        if trip.control_url is None:
            control = Role.CONTROL_AFTER


def began(line: Line) -> str | None:
    """When the first of its requests was made, as it is written there."""
    if line.start_time or not is_list(line.response):
        return line.start_time
    return next((trip.start_time for trip in _TRIPS.decode(line.response)), None)


def _server(line: Line, address: str | None, zero: str | None) -> Server:
    scheme, port = service_of(line) or ("", 0)
    return Server(scheme=scheme, address=address_of(address), port=port, zero=moment_of(zero))
