"""What is read of Censored Planet's lines: the fields we need, missing or null as they come.

Facts from its documentation (docs.censoredplanet.org, Satellite and Hyperquack, version 2), in the
nested form that its scanners write and in the flat form that it publishes, one round trip a line.
"""

import msgspec

NOTHING = msgspec.Raw()
"""In the place of JSON that is not there."""


class Location(msgspec.Struct):
    """Where a vantage point is."""

    country_code: str | None = None


class Tags(msgspec.Struct):
    """What is known of an address that was answered (Satellite 2.2)."""

    asnum: int | None = None
    asname: str | None = None


class RoundTrip(msgspec.Struct):
    """One query, or one request, of several (nested)."""

    url: str | None = None
    """Satellite: the name that was asked for."""
    rcode: int | None = None
    """Satellite: -1 when no reply came."""
    answer: list[str] | None = None
    """Satellite 2.0: the addresses."""
    control_url: str | None = None
    """Hyperquack: the name that was said, where it is not the target's."""
    matches_template: bool | None = None
    error: str | None = None
    response: msgspec.Raw = NOTHING
    """Satellite 2.2: the addresses and what is known of them; Hyperquack: the answer."""
    start_time: str | None = None
    end_time: str | None = None


class Received(msgspec.Struct):
    """The answer to a request (Hyperquack, nested)."""

    status_line: str | None = None
    headers: dict[str, list[str]] | None = None
    body: str | None = None
    tls_version: int | None = msgspec.field(name="TlsVersion", default=None)
    cipher_suite: int | None = msgspec.field(name="CipherSuite", default=None)
    certificate: str | list[str] | None = msgspec.field(name="Certificate", default=None)


class FlatAnswer(msgspec.Struct):
    """An address that was answered (Satellite, flat)."""

    ip: str | None = None
    asn: int | None = None
    as_name: str | None = None


class Opinion(msgspec.Struct):
    """What Censored Planet itself made of a line."""

    anomaly: bool | None = None
    no_response_in_measurement_matches_template: bool | None = None


class Line(msgspec.Struct):
    """One line of either scanner, in either form."""

    # nested
    vp: str | None = None
    location: Location | None = None
    service: str | None = None
    test_url: str | None = None
    response: msgspec.Raw = NOTHING
    tag: str | None = None
    # flat, both
    domain: str | None = None
    domain_is_control: bool | None = None
    received_error: str | None = None
    source: str | None = None
    start_time: str | None = None
    end_time: str | None = None
    # flat, Satellite
    resolver_ip: str | None = None
    resolver_asn: int | None = None
    resolver_as_full_name: str | None = None
    resolver_country: str | None = None
    received_rcode: int | None = None
    answers: list[FlatAnswer] | None = None
    # flat, Hyperquack
    server_ip: str | None = None
    server_asn: int | None = None
    server_as_full_name: str | None = None
    server_country: str | None = None
    received_status: str | None = None
    received_headers: list[str] | None = None
    received_body: str | None = None
    received_tls_version: int | None = None
    received_tls_cipher_suite: int | None = None
    received_tls_cert: str | list[str] | None = None
    matches_template: bool | None = None
