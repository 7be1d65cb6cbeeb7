"""What a site gave this visitor alone does not go on record."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.detail import HttpDetail
from probes.net.headers import HEADER_CHARACTERS, MOST_HEADERS, for_record, without_values, written


@pytest.mark.parametrize(
    ("header", "recorded"),
    [
        (("Set-Cookie", "id=203.0.114.7; Path=/; Secure"), "id=[11 characters]; Path=/; Secure"),
        (("set-cookie", "a=b=c==; HttpOnly"), "a=[5 characters]; HttpOnly"),
        (("SET-COOKIE", "a="), "a=[0 characters]"),
        (("Set-Cookie", "nameless"), "[8 characters]"),
        (("Set-Cookie", ""), "[0 characters]"),
        (("Set-Cookie2", "a=secret; Version=1"), "a=[6 characters]; Version=1"),
        (("Cookie", "a=1; bc=secret; d"), "a=[1 characters]; bc=[6 characters]; [1 characters]"),
        (("Authorization", "Bearer s3cret"), "[13 characters]"),
        (("proxy-authorization", "s3cret"), "[6 characters]"),
        (("Server", "id=1; Path=/"), "id=1; Path=/"),
        (("Location", "/?id=1"), "/?id=1"),
    ],
)
def test_names_and_attributes_stay_and_values_go(header: tuple[str, str], recorded: str) -> None:
    assert for_record([header]) == ((header[0], recorded),)


@given(st.sampled_from(["Cookie", "Set-Cookie", "Authorization"]), st.text())
def test_what_was_taken_out_once_stays_as_it_is(name: str, value: str) -> None:
    once = for_record([(name, value)])

    assert for_record(once) == once


@given(st.text("abc0. ", min_size=3, max_size=30))
def test_no_value_survives(value: str) -> None:
    secret = f"q{value}z"

    for name in ("Cookie", "Set-Cookie", "Set-Cookie2"):
        assert secret not in for_record([(name, f"name={secret}; Path=/")])[0][1]


def test_another_recorders_exchange_is_made_fit_and_otherwise_left_alone() -> None:
    theirs = HttpDetail(
        url="https://site.example/",
        headers=(("Set-Cookie", "id=abc; Path=/"), ("Server", "x")),
        request_headers=(("Cookie", "id=abc"),),
    )
    text = without_values(msgspec.json.encode(theirs).decode())

    assert "abc" not in text
    assert msgspec.json.decode(text, type=HttpDetail).headers == (
        ("Set-Cookie", "id=[3 characters]; Path=/"),
        ("Server", "x"),
    )
    newer = '{"url":"https://site.example/","mood":"good"}'
    assert without_values(newer) == newer


def test_headers_off_the_wire_are_bounded_and_clean() -> None:
    raw = [(b"X-\x00", b"caf\xc3\xa9\xff" + b"y" * 5000)] * 300
    found = written(raw)

    assert len(found) == MOST_HEADERS
    assert found[0][0] == "X-\\x00"
    assert found[0][1].startswith("café\\xff")
    assert len(found[0][1]) == HEADER_CHARACTERS
