"""What a configuration may say of places and names, and that nothing opens the address guard."""

from collections.abc import Iterable
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.address import Guard
from heliograph.valid import (
    TEST_RANGES,
    Problem,
    check_problems,
    country_codes,
    is_address,
    name_problems,
    place_problems,
    range_problems,
    vantage_problems,
)


def wrong(found: Iterable[Problem]) -> list[str]:
    return [words for bad, words in found if bad]


@pytest.mark.parametrize(
    "text",
    [
        *("0.0.0.0/0", "::/0", "0.0.0.0/1", "198.0.0.0/8", "198.16.0.0/14", "2001:db8::/31"),
        *("10.0.0.0/8", "192.168.0.0/16", "192.168.1.7/32", "172.16.0.0/12", "100.64.0.0/10"),
        *("169.254.0.0/16", "169.254.169.254/32", "fe80::/10", "fc00::/7", "fd00:ec2::/32"),
        *("127.0.0.0/8", "::1/128", "::ffff:0:0/96", "64:ff9b:1::/48", "8.8.8.0/24", "240.0.0.0/4"),
    ],
)
def test_nothing_but_ranges_for_tests_can_be_assumed_public(text: str) -> None:
    (words,) = wrong(range_problems([text]))

    assert words.startswith(f"network.assume_public: {text!r} is not within a range for tests")
    assert "198.18.0.0/15" in words
    assert "\n" not in words


@pytest.mark.parametrize("text", [*TEST_RANGES, "198.18.5.0/24", "198.19.0.1", "2001:db8:7::/48"])
def test_ranges_for_tests_can(text: str) -> None:
    assert wrong(range_problems([text])) == []


@pytest.mark.parametrize("text", ["x", "198.18.0.1/15", "198.18.0.0/33", ""])
def test_what_is_no_network_is_named(text: str) -> None:
    (words,) = wrong(range_problems([text]))

    assert words.startswith(f"network.assume_public: {text!r} is not a network: ")


def test_every_range_for_tests_is_one_that_the_guard_keeps_closed_for_that_reason() -> None:
    for text in TEST_RANGES:
        reason = Guard().refusal(str(ip_network(text)[1])) or ""
        assert reason.startswith(("benchmarking", "documentation")), text


@given(st.ip_addresses(), st.integers(0, 128))
def test_whatever_is_allowed_leaves_all_other_addresses_closed(address: object, bits: int) -> None:
    text = f"{address}/{bits}"
    if wrong(range_problems([text])):
        return
    guard = Guard(assume_public=(text,))
    for place in ("192.168.1.1", "10.0.0.1", "169.254.169.254", "127.0.0.1", "fd00::1", "fe80::1"):
        assert guard.refusal(place) is not None


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("192.0.2.9", "is an address; write a host name"),
        ("[2001:db8::1]", "is an address; write a host name"),
        ("https://a.example/", "is a URL or holds a port; write the host name alone"),
        ("a.example:443", "is a URL or holds a port"),
        ("bücher.example", "is not ASCII; write its xn-- form"),
        ("A.example", "is not in lower case"),
        ("a.example.", "without a dot at its end"),
        ("localhost", "is no host name; write such as example.org"),
        ("a..example", "is no host name"),
        ("-a.example", "is no host name"),
        ("a b.example", "is no host name"),
        ("a\nb.example", "is no host name"),
        ("", "is no host name"),
        ("a." * 130 + "example", "is no host name"),
    ],
)
def test_a_control_name_is_a_host_name(name: str, words: str) -> None:
    (told,) = wrong(name_problems([name, "example.org", "xn--bcher-kva.example"]))

    assert told.startswith(f"network.control_names: {name!r} ")
    assert words in told
    assert "\n" not in told


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.example/",
        "a.example",
        "http://",
        "https:///x",
        "http://[::1",
        "http://a.example:0/",
    ],
)
def test_a_connectivity_check_is_the_url_of_a_page(url: str) -> None:
    (told,) = wrong(check_problems([url, "http://a.example/204", "https://192.0.2.1:8443/"]))

    assert told.startswith(f"network.connectivity_checks: {url!r} is no http or https URL; write")


def test_a_place_where_nobody_answers_is_an_address() -> None:
    (told,) = wrong(place_problems(["198.18.0.99", "a.example", "2001:db8::1"]))

    assert told == "network.injection_probe_addresses: 'a.example' is not an IP address"
    assert not is_address("fe80::1%eth0")


@pytest.mark.parametrize(
    ("country", "asn", "count"),
    [
        *((None, None, 0), ("XA", 64500, 0), ("XA", 0, 0), ("XA", 2**32 - 1, 0)),
        *(("ZZ", 0, 0), ("QM", 0, 0), ("AA", 0, 0), ("NL", 0, 0), ("HK", 0, 0), ("ZW", 0, 0)),
        *(("UK", 0, 1), ("QL", 0, 1), ("EU", 0, 1), ("AB", 0, 1)),
        *(("xa", None, 1), ("XAA", None, 1), ("ÄÖ", None, 1), ("X1", None, 1), ("", None, 1)),
        *((None, -1, 1), (None, 2**32, 1)),
    ],
)
def test_a_vantage_is_a_country_code_and_a_network_number(
    country: str | None, asn: int | None, count: int
) -> None:
    assert len(wrong(vantage_problems(country, asn))) == count


@pytest.mark.parametrize(
    ("country", "end"),
    [("UK", "such as NL; GB may be meant"), ("nl", "; NL may be meant"), ("AB", "such as NL")],
)
def test_a_code_that_is_none_says_which_may_be_meant(country: str, end: str) -> None:
    (told,) = wrong(vantage_problems(country, None))

    assert told.endswith(end)


def test_there_are_as_many_codes_as_iso_assigns_and_leaves_to_users() -> None:
    codes = list(country_codes())

    assert len(codes) == 249 + 1 + 14 + 26 + 1
    assert codes == sorted(set(codes))
