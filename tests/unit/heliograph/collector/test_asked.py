"""What a caller may ask of a control, and what is refused with which words."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.collector.asked import Asked, read_asked
from heliograph.collector.problem import Problem
from heliograph.control import ControlRequest
from heliograph.detail import Sought


def read(**fields: object) -> Asked:
    return read_asked(json.dumps({"url": "https://site.example/", **fields}).encode())


def refusal(body: bytes) -> tuple[int, str]:
    with pytest.raises(Problem) as caught:
        read_asked(body)
    return caught.value.status, caught.value.detail


def test_what_a_vantage_sends_is_read() -> None:
    request = ControlRequest(
        url="Site.Example/a",
        addresses=("192.0.2.1",),
        headers=(("Accept", "*/*"),),
        sought=(Sought(text="words", found="text"), Sought(selector="p.post")),
    )

    asked = read_asked(msgspec.json.encode(request))

    assert asked.target.url == "https://site.example/a"
    assert asked.addresses == ("192.0.2.1",)
    assert asked.headers == (("Accept", "*/*"),)
    assert asked.sought == (Sought(text="words"), Sought(selector="p.post"))


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"null", b"[]", b'"x"', b"{}", b'{"url": 1}', b"\xff\xfe", b"[" * 60_000),
        *(b'{"url": "a.example", "addresses": "192.0.2.1"}', b'{"url": "\\ud800"}'),
        b'{"url": "a.example", "headers": [["a"]]}',
        b'{"url": "a.example", "headers": [["a", "b", "c"]]}',
        b'{"url": "a.example", "headers": {"a": "b"}}',
    ],
)
def test_garbage_is_a_bad_request(body: bytes) -> None:
    status, detail = refusal(body)

    assert status == 400 or "holds white space" in detail
    assert detail


@given(st.binary(max_size=300))
def test_no_bytes_do_harm(body: bytes) -> None:
    assert refusal(body)[0] in {400, 422}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"url": "ftp://site.example/"}, "use an http or https URL"),
        ({"url": "https://localhost/"}, "not a name on the public internet"),
        ({"url": "https://site.example:22/"}, "port 22 is never measured"),
        ({"url": "https://a:b@site.example/"}, "user name or password"),
        ({"addresses": ["site.example"]}, "addresses[0]: is not an IP address"),
        ({"addresses": ["192.0.2.1", "fe80::1%eth0"]}, "addresses[1]: is not an IP address"),
        ({"addresses": ["192.0.2.1"] * 9}, "addresses: at most 8, not 9"),
        ({"headers": [["A", "b"]] * 21}, "headers: at most 20, not 21"),
        ({"headers": [["A", "b\r\nC: d"]]}, "headers[0]: is no header"),
        ({"headers": [["A", "\u00e9"]]}, "headers[0]: is no header"),
        ({"headers": [["A:", "b"]]}, "headers[0]: is no header"),
        ({"headers": [["", "b"]]}, "headers[0]: is no header"),
        ({"headers": [["A", "b" * 4097]]}, "headers[0]: is no header"),
        ({"sought": [{"text": "a"}] * 5}, "sought: at most 4, not 5"),
        ({"sought": [{"text": "a" * 501}]}, "sought[0]: more than 500 characters"),
        ({"sought": [{"text": "a"}, {"selector": "a > b"}]}, "sought[1]: 'a > b' is no selector"),
        ({"sought": [{}]}, "sought[0]: '' is no selector"),
    ],
)
def test_what_can_t_be_used_is_named(fields: dict[str, object], words: str) -> None:
    status, detail = refusal(json.dumps({"url": "site.example", **fields}).encode())

    assert status == 422
    assert words in detail


def test_an_address_counts_once_however_it_is_written() -> None:
    assert read(addresses=["2001:DB8::1", "2001:db8:0::1"]).addresses == ("2001:db8::1",)


def test_headers_of_the_connection_and_secrets_are_left_out() -> None:
    dropped = ["Host", "Connection", "TE", "Content-Length", "authorization", "Cookie2", "X-Hop"]
    headers = [[name, "x"] for name in dropped if name != "Connection"]

    asked = read(headers=[["Connection", "close, x-hop"], *headers, ["Cookie", " a=b "]])

    assert asked.headers == (("Cookie", "a=b"),)
