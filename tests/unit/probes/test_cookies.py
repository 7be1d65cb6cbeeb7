"""Cookies follow a chain of redirects as in a browser, and nothing a server sets breaks a look."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.plugin import Reply
from probes.cookies import Jar

HERE = "https://a.site.example/x/y"


def setting(*cookies: str) -> Reply:
    return Reply(failure=None, status=302, headers=tuple(("Set-Cookie", c) for c in cookies))


def kept(*cookies: str, url: str = HERE) -> Jar:
    jar = Jar()
    jar.keep(url, setting(*cookies))
    return jar


def test_an_empty_jar_sends_nothing() -> None:
    jar = Jar()
    jar.keep(HERE, Reply(failure=None, status=200))
    jar.keep(HERE, Reply(failure=None))

    assert jar.headers(HERE) == ()


def test_cookies_come_back_in_one_header() -> None:
    assert kept("a=1", "b=2; HttpOnly").headers(HERE) == (("Cookie", "a=1; b=2"),)


def test_a_later_value_replaces_the_earlier_and_an_expired_one_goes() -> None:
    jar = kept("a=1", "b=2")
    jar.keep(HERE, setting("a=3", "b=; Max-Age=0"))

    assert jar.headers(HERE) == (("Cookie", "a=3"),)


@pytest.mark.parametrize(
    ("cookie", "url", "sent"),
    [
        ("a=1", "https://a.site.example/x/z", True),
        ("a=1", "https://b.site.example/x/z", False),
        ("a=1", "https://site.example/x/z", False),
        ("a=1; Domain=site.example", "https://b.site.example/x/z", True),
        ("a=1; Domain=.site.example", "https://b.site.example/x/z", True),
        ("a=1; Domain=other.example", "https://other.example/x/z", False),
        ("a=1; Domain=example", "https://b.example/x/z", False),
        ("a=1", "https://a.site.example/", False),
        ("a=1; Path=/", "https://a.site.example/", True),
        ("a=1; Path=/x/y", "https://a.site.example/x/y/z", True),
        ("a=1; Secure", "https://a.site.example/x/y", True),
        ("a=1; Secure", "http://a.site.example/x/y", False),
        ("a=1", "http://a.site.example/x/y", True),
        ("a=1", "https://a.site.example:8443/x/y", True),
    ],
)
def test_a_cookie_goes_where_its_domain_path_and_secure_let_it(
    cookie: str, url: str, sent: bool
) -> None:
    assert bool(kept(cookie).headers(url)) is sent


@pytest.mark.parametrize("host", ["203.0.113.10", "[2001:db8::10]"])
def test_an_address_keeps_its_cookies_to_itself(host: str) -> None:
    jar = kept("a=1", url=f"http://{host}/")

    assert jar.headers(f"http://{host}/") == (("Cookie", "a=1"),)
    assert jar.headers("http://203.0.113.11/") == ()


@pytest.mark.parametrize("header", [("Set-Cookie", "a=\xe9"), ("Server", "\u65e5\u672c")])
def test_letters_no_request_can_carry_are_passed_over(header: tuple[str, str]) -> None:
    """Historical note: one letter beyond ASCII, in whatever header, broke the look."""
    jar = Jar()
    jar.keep(HERE, Reply(failure=None, status=302, headers=(header, ("Set-Cookie", "b=2"))))

    assert jar.headers(HERE) == (("Cookie", "b=2"),)


def test_a_cookie_that_may_have_been_cut_is_passed_over() -> None:
    cut = ("a=1; Path=/" + "x" * 3000)[:2048]

    assert kept(cut, "b=2").headers(HERE) == (("Cookie", "b=2"),)


def test_no_more_cookies_are_sent_than_a_control_takes() -> None:
    ((_, value),) = kept(*(f"c{n}={'x' * 1000}" for n in range(20))).headers(HERE)

    assert 3000 < len(value) <= 4096
    assert [pair[-1000:] for pair in value.split("; ")] == ["x" * 1000] * len(value.split("; "))


COOKIE_BYTES = st.text(st.sampled_from("ab=;, \"'\\\t./-:0129%\x01\x7f\xe9\u2028"), max_size=60)
ATTRIBUTES = st.lists(
    st.tuples(
        st.sampled_from(["Expires", "Max-Age", "Domain", "Path", "Port", "Version", "Secure", ""]),
        st.one_of(
            COOKIE_BYTES, st.sampled_from(["Wed, 99 Foo 99999 99:99:99 GMT", "-1", "9" * 99])
        ),
    ),
    max_size=4,
)


@given(st.lists(st.tuples(COOKIE_BYTES, ATTRIBUTES), min_size=1, max_size=4))
def test_whatever_is_set_a_header_comes_of_it_or_none(
    cookies: list[tuple[str, list[tuple[str, str]]]],
) -> None:
    jar = kept(*("; ".join([first, *map("=".join, rest)]) for first, rest in cookies))

    for _, value in jar.headers(HERE):
        assert value.isascii()
        assert "\n" not in value
