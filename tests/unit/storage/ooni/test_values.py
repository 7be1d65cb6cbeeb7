"""What OONI writes in ways of its own: moments, versions, endpoints, tags, targets, bytes."""

from datetime import UTC, datetime

import msgspec
import pytest

from heliograph.model import Step
from storage.ooni.shapes import Binary
from storage.ooni.values import (
    NO_TIME,
    address_of,
    asn_of,
    bogon_of,
    bytes_of,
    country_of,
    endpoint_of,
    headers_of,
    hop_of,
    moment_of,
    name_of,
    place_of,
    plain,
    port_of,
    second_of,
    seconds_of,
    target_of,
    version_of,
)


def test_the_first_moment_that_is_one_counts_and_is_utc_to_the_second() -> None:
    assert moment_of(None, "nonsense", "2024-01-24 14:12:13") == datetime(
        2024, 1, 24, 14, 12, 13, tzinfo=UTC
    )
    assert moment_of("2024-01-24T16:12:13.9+02:00") == datetime(2024, 1, 24, 14, 12, 13, tzinfo=UTC)
    assert moment_of(None, "") is NO_TIME


@pytest.mark.parametrize(
    ("text", "number"),
    [("0.5.28", 5028), ("0.4.1", 4001), ("1.0", 1_000_000), ("0.x.3", 3), ("", 0), (None, 0)],
)
def test_a_version_is_a_number_that_orders(text: str | None, number: int) -> None:
    assert version_of(text) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [("AS64500", 64500), ("as1", 1), (64500, 64500), ("AS0", 0), ("AS-1", 0), ("AS99999999999", 0)],
)
def test_a_network_has_its_number_or_none(text: str | int, number: int) -> None:
    assert asn_of(text) == number


def test_a_country_is_two_letters_or_unknown() -> None:
    assert country_of("it") == "IT"
    assert {country_of(text) for text in (None, "", "ITA", "1T", "ZZ")} == {"ZZ"}


def test_when_a_step_began_is_told_or_is_when_it_ended() -> None:
    assert seconds_of(0.25, 1.0) == (0.25, 0.75)
    assert seconds_of(None, 1.0) == (1.0, 0.0)
    assert seconds_of(1.0, 0.5) == (1.0, 0.0)


def test_no_time_is_the_default_itself_so_that_it_does_not_change_an_id() -> None:
    default = next(f.default for f in msgspec.structs.fields(Step) if f.name == "started")

    assert {id(second_of(value)) for value in (None, 0.0, -1.0, 1e300)} == {id(default)}


def test_a_hop_is_counted_from_one() -> None:
    assert hop_of(["classic", "depth=2"]) == 3
    assert hop_of(["depth=x", "fetch_body=true"]) is None
    assert hop_of(None) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("45.0.2.7:443", ("45.0.2.7", 443)),
        ("[2001:DB8::1]:443", ("2001:db8::1", 443)),
        ("site.example:443", (None, 443)),
        ("45.0.2.7:99999", ("45.0.2.7", None)),
        ("[scrubbed]", (None, None)),
        (None, (None, None)),
    ],
)
def test_an_endpoint_is_an_address_and_a_port(
    text: str | None, found: tuple[str | None, int | None]
) -> None:
    assert endpoint_of(text) == found


def test_what_is_no_address_or_port_is_none() -> None:
    assert address_of("45.0.2.7") == "45.0.2.7"
    assert address_of("2001:0DB8::0:1") == "2001:db8::1"
    assert address_of("alias.example") is None
    assert [port_of(number) for number in (0, 443, 65536, -1, None)] == [
        None,
        443,
        None,
        None,
        None,
    ]


def test_an_address_no_public_host_can_have_is_told() -> None:
    assert bogon_of("10.10.34.36") is not None
    assert bogon_of("45.0.2.7") is None


def test_a_target_is_normalised_as_our_own_and_kept_as_typed() -> None:
    target = target_of("HTTP://Site.Example.org")

    assert (target.input, target.url) == ("HTTP://Site.Example.org", "http://site.example.org/")
    assert (target.scheme, target.host, target.port) == ("http", "site.example.org", 80)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("dot://dns.example.org:853", ("dot", "dns.example.org", 853)),
        ("45.0.2.7:22", ("", "45.0.2.7", 22)),
        ("https://site.example.org:22/", ("https", "site.example.org", 22)),
        ("http://[", ("", "", 0)),
        (None, ("", "", 0)),
    ],
)
def test_a_target_we_would_not_look_at_is_told_as_far_as_it_can_be(
    text: str | None, place: tuple[str, str, int]
) -> None:
    assert place_of(text) == place


def test_a_password_in_a_target_is_not_repeated_in_its_url() -> None:
    assert "secret" not in target_of("https://name:secret@site.example.org/").url


def test_a_name_is_lower_case_without_its_last_dot() -> None:
    assert name_of("Site.Example.ORG.") == "site.example.org"
    assert name_of("") is None


def test_an_international_name_is_written_as_resolvers_ask_for_it() -> None:
    assert name_of("\u00dcbung.example") == "xn--bung-zra.example"
    assert name_of("\u2603 .example") == "\u2603 .example"


def test_bytes_are_those_of_a_text_or_of_base64() -> None:
    assert bytes_of("é") == "é".encode()
    assert bytes_of(Binary(data="AQI=")) == b"\x01\x02"
    assert bytes_of(Binary(data="AQIx9")) == b""
    assert bytes_of(None) == b""
    assert plain(Binary(data="/w==")) == "\\xff"


@pytest.mark.parametrize(
    ("listed", "mapped"),
    [
        ([("A", "1"), ("A", "2")], b'{"A":"3"}'),
        (None, b'[["A",["1","2"]]]'),
    ],
)
def test_headers_are_those_of_the_list_or_else_of_the_map(
    listed: list[tuple[str, str | Binary | None]] | None, mapped: bytes
) -> None:
    assert headers_of(listed, msgspec.Raw(mapped)) == (("A", "1"), ("A", "2"))


@pytest.mark.parametrize("mapped", [b"", b"null", b"7", b'{"A":7}', b'[["A"]]'])
def test_headers_nobody_can_read_are_none(mapped: bytes) -> None:
    assert headers_of(None, msgspec.Raw(mapped)) == ()


def test_headers_are_not_too_many_and_not_too_long() -> None:
    found = headers_of([("A", "x" * 10_000)] * 1000)

    assert len(found) == 200
    assert len(found[0][1]) == 2048
