"""What little a control keeps of a page tells whether it is the one that came here."""

import msgspec
import pytest

from analysis.outlines import (
    is_notice,
    is_outline,
    same_end,
    same_outline,
    same_server,
    says_whose_it_is,
)
from heliograph.detail import HttpDetail

SHA = "0" * 64


def page(
    title: str | None = None,
    size: int = 10_000,
    *,
    status: int = 200,
    truncated: bool = False,
    **headers: str,
) -> HttpDetail:
    return HttpDetail(
        url="http://site.example/",
        status=status,
        title=title,
        body_bytes=size,
        body_sha256=SHA,
        truncated=truncated,
        headers=sent(headers),
    )


def kept(title: str | None = None, size: int = 10_000, **headers: str) -> HttpDetail:
    """What a control keeps of it."""
    return msgspec.structs.replace(page(title, size), body_sha256=None, headers=sent(headers))


def sent(headers: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((name.replace("_", "-"), value) for name, value in headers.items())


def test_a_page_of_which_nobody_kept_the_text_is_an_outline() -> None:
    assert is_outline(kept())
    assert not is_outline(page())
    assert not is_outline(kept(size=0))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (page("Harbour", 100, X_Backend="7"), kept("Quay walls", 9000, x_backend="8")),
        (page("Harbour  News", 100), kept("harbour news", 9000)),
        (page(size=7100), kept(size=10_000)),
        (page("Harbour news", 9000), kept("News of the harbour", 10_000)),
        (page(size=65_536, truncated=True), kept(size=65_536)),
        (page("Harbour", 70_000, truncated=True), kept("The harbour", 900_000)),
    ],
    ids=["header", "title", "length", "words", "cut off as long", "cut off before its end"],
)
def test_pages_that_share_what_few_others_do_are_one(one: HttpDetail, other: HttpDetail) -> None:
    assert same_outline(one, other) is True


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (page("Access denied", 300, Server="nginx"), kept("Harbour news", 9000, Server="nginx")),
        (page("Access denied", 300, X_Backend="7"), kept("Harbour news", 9000, X_Hits="7")),
        (page("Access to it denied", 300), kept("Harbour, how to get to it", 9000)),
        (page("No", 300), kept("Yes", 9000)),
        (page("No harbour", 300), kept("Yes", 9000)),
        (page("No", 300), kept("Yes indeed", 9000)),
        (page("Access denied", 9000), kept("Harbour news", 300)),
    ],
    ids=[
        "long words",
        "headers",
        "common words",
        "short words",
        "short ones there",
        "short ones here",
        "the shorter there",
    ],
)
def test_pages_of_other_words_and_lengths_are_two(one: HttpDetail, other: HttpDetail) -> None:
    assert same_outline(one, other) is False


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (page(size=7000), kept(size=10_000)),
        (page(None, 9000), kept("Harbour news", 10_000)),
        (page("Harbour news", 9000), kept(None, 10_000)),
        (page("Harbour", 300, CF_RAY="7"), kept("Old harbour", 9000, CF_RAY="8")),
        (page("Access denied", 9000), kept("Harbour news", 10_000)),
        (page("Access denied", 5000), kept("Harbour news", 10_000)),
        (page("Harbour", 300), kept("The old harbour", 9000)),
        (page("Old", 300), kept("Old or new", 9000)),
        (page("新闻", 300), kept("手机新闻网", 9000)),
        (page("手机新闻网", 300), kept("新闻", 9000)),
        (page("Old pier", 300), kept("The old quays", 9000)),
        (page("The old quays", 300), kept("Old pier", 9000)),
        (page(None, 300), kept("Harbour news", 9000)),
        (page("Harbour news", 300), kept(None, 9000)),
        (page("\ufffd\ufffd gone", 300), kept("Harbour news", 9000)),
        (page("Access denied", 300), kept("\ufffd\ufffd news", 9000)),
        (page(size=0), kept(size=0)),
        (page("Access denied", 0), kept("Harbour news", 9000)),
        (page(size=65_535, truncated=True), kept(size=900_000)),
        (page(size=70_000, truncated=True), kept(size=69_999)),
        (page("Access denied", 70_000, truncated=True), kept("Harbour news", 900_000)),
        (page("Access denied", 300, truncated=True), kept("Harbour news", 9000)),
    ],
)
def test_in_between_nothing_can_be_said(one: HttpDetail, other: HttpDetail) -> None:
    assert same_outline(one, other) is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (page("Harbour", 300), kept("harbour", 900), True),
        (page("Harbour", 300, X_Backend="7"), kept("Quay", 900, X_Backend="7"), True),
        (page("Harbour", 300), kept("Quay", 300), True),
        (page("Denied", 300, CF_RAY="7"), kept("Quay", 900, CF_RAY="8"), False),
        (page("Denied", 300, Server_Timing="a"), kept("Quay", 900, Server_Timing="b"), False),
        (page("Harbour", 300), kept("Quay", 299), False),
        (page(None, 300), kept(None, 299), False),
        (page(size=0), kept(size=0), False),
        (page("Harbour", status=404), kept("Harbour"), False),
        (None, kept(), False),
        (page(), None, False),
    ],
)
def test_two_ways_end_with_one_page(
    one: HttpDetail | None, other: HttpDetail | None, same: bool
) -> None:
    assert same_end(one, other) is same


def test_a_notice_is_short_and_somebody_wrote_it() -> None:
    assert is_notice(page("Access denied", 16_383))
    assert not is_notice(page("Access denied", 16_384))
    assert not is_notice(page("Welcome to nginx!", 600))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (page(Server="Quay/1.2"), kept(server="Quay/1.2", Vary="Cookie", Pragma="x"), True),
        (page(Vary="a", Pragma="b"), kept(vary="c", pragma="d", Expires="e", Age="f"), True),
        (page(Vary="a"), kept(vary="c", pragma="d", Expires="e"), False),
        (page(Server="Quay/1.2"), kept(Server="Wall/7", Vary="a", Pragma="b"), False),
        (page(Content_Type="text/html"), kept(Content_Type="text/html", Date="now"), False),
        (page(Vary="a"), kept(), False),
        (page(Vary="a", Pragma="b"), kept(Expires="c", Age="d"), False),
    ],
    ids=[
        "software",
        "half of the headers",
        "a third",
        "other software",
        "those of any",
        "none",
        "others",
    ],
)
def test_a_server_is_told_by_its_headers(one: HttpDetail, other: HttpDetail, same: bool) -> None:
    assert same_server(one, other) is same


@pytest.mark.parametrize(
    "name",
    [
        *("CF-RAY", "Retry-After", "Set-Cookie", "X-Akamai-Transformed", "X-Amz-Cf-Id"),
        *("X-CDN", "X-Fastly-Request-ID", "X-Iinfo", "X-Served-By", "X-Sucuri-ID"),
    ],
)
def test_a_header_of_those_who_deliver_a_site_says_whose_a_page_is(name: str) -> None:
    page = HttpDetail(url="http://site.example/", status=200, headers=((name, "x"),))

    assert says_whose_it_is(page)
    assert not says_whose_it_is(HttpDetail(url=page.url, status=200, headers=(("Server", "x"),)))
