"""Whether two responses show the same page, whoever wrote them."""

import hashlib
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.pages import leads_nowhere, leads_to_host, same_page, same_reply
from heliograph.detail import HttpDetail

REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True)
class Pair:
    one: HttpDetail
    other: HttpDetail


def response(
    status: int | None = 200,
    title: str | None = None,
    text: str | None = None,
    location: str | None = None,
    sha256: str | None = None,
) -> HttpDetail:
    return HttpDetail(
        url="http://site.example/a/b",
        status=status,
        title=title,
        body_text=text,
        location=location,
        body_sha256=sha256,
    )


def to(location: str, status: int = 302) -> HttpDetail:
    return response(status, location=location)


OF_NOTHING = hashlib.sha256(b"").hexdigest()
SAME = {
    "the same bytes": Pair(response(sha256="1", text="a"), response(sha256="1", text="b")),
    "any success": Pair(response(200, "Site"), response(206, "Site")),
    "any redirect": Pair(to("https://site.example/", 301), to("https://site.example/", 308)),
    "another path on the same host": Pair(to("/login?next=1"), to("/login?next=2")),
    "letters and blanks of a title": Pair(
        response(title=" The\n Site "), response(title="the site")
    ),
    "nonces in scripts": Pair(
        response(text="<script>1234567</script><p>the same words stand here</p>"),
        response(text="<script>7654321</script><p>the same words stand here</p>"),
    ),
    "half of the words": Pair(
        response(text="seven words stand here today alike advert"),
        response(text="seven words stand here today alike banner"),
    ),
}
UNTOLD = {
    "other words under one title": Pair(
        response(title="Site", text="cats eat food"), response(title="Site", text="dogs take care")
    ),
    "no response": Pair(response(None), response()),
    "no response at either": Pair(response(None), response(None)),
    "a status and nothing else": Pair(response(404), response(404)),
    "an empty body": Pair(response(sha256=OF_NOTHING), response(sha256=OF_NOTHING)),
    "frames and scripts without a word": Pair(
        response(text="<iframe src=x></iframe>"), response(text="<script>start()</script>")
    ),
    "a bad request's title and nothing else": Pair(
        response(400, "Bad Request"), response(400, "Bad Request")
    ),
    "errors under the title that servers use": Pair(
        response(403, "403 Forbidden", text="nginx"), response(403, "403 Forbidden", text="guard")
    ),
}
OTHER = {
    "another status": Pair(response(200, "Site"), response(403, "Site")),
    "another refusal": Pair(response(403, "Site"), response(404, "Site")),
    "a redirect and a page": Pair(to("/on"), response(302, "Moved")),
    "redirects to different hosts": Pair(to("https://a.example/"), to("https://b.example/")),
    "another title": Pair(response(title="Site", text="x"), response(title="Blocked", text="x")),
    "a title at one only": Pair(response(title="Site"), response()),
    "other words": Pair(response(text="these are words"), response(text="those were other")),
    "words at one only": Pair(response(text="words"), response()),
}


@pytest.mark.parametrize("pair", SAME.values(), ids=SAME)
def test_what_a_site_changes_by_itself_is_no_difference(pair: Pair) -> None:
    assert same_page(pair.one, pair.other) is True


@pytest.mark.parametrize("pair", UNTOLD.values(), ids=UNTOLD)
def test_what_says_nothing_of_its_own_is_neither(pair: Pair) -> None:
    assert same_page(pair.one, pair.other) is None


@pytest.mark.parametrize("pair", OTHER.values(), ids=OTHER)
def test_what_says_something_else_is_another_page(pair: Pair) -> None:
    assert same_page(pair.one, pair.other) is False


@pytest.mark.parametrize("status", REDIRECTS)
def test_a_redirect_leads_to_a_host(status: int) -> None:
    assert leads_to_host(to("https://Block.Example:8443/x", status)) == "block.example"
    assert leads_to_host(to("/on", status)) == "site.example"
    assert leads_to_host(to("//other.example", status)) == "other.example"
    assert leads_to_host(to("http://[::1", status)) == ""


@pytest.mark.parametrize("page", [response(200, location="/on"), response(302), response(None)])
def test_what_is_no_redirect_leads_nowhere(page: HttpDetail) -> None:
    assert leads_to_host(page) is None


@pytest.mark.parametrize("to_nowhere", ["https:///", "http://[", "http://"])
def test_a_redirect_may_lead_to_no_host_at_all(to_nowhere: str) -> None:
    assert leads_nowhere(to(to_nowhere))


@pytest.mark.parametrize(
    "page",
    [
        None,
        to("/on"),
        to("mailto:somebody@site.example"),
        response(200, location="http:///"),
        HttpDetail(url="http:///", status=200),
    ],
)
def test_what_leads_to_a_host_or_to_no_page_does_not_lead_nowhere(page: HttpDetail | None) -> None:
    assert not leads_nowhere(page)


def test_a_page_and_what_a_control_kept_of_it_are_compared_by_that() -> None:
    kept = HttpDetail(url="http://site.example/", status=200, title="Site", body_bytes=9000)
    shown = response(title="Site", text="cats eat food", sha256="1")

    assert same_page(shown, kept) is True
    assert same_page(kept, shown) is True


NOTHING = response(403, sha256=OF_NOTHING)


def test_two_empty_replies_of_one_status_are_one_reply_and_no_page() -> None:
    assert same_reply(NOTHING, NOTHING) is True
    assert same_page(NOTHING, NOTHING) is None
    assert same_reply(NOTHING, response(404, sha256=OF_NOTHING)) is False
    assert same_reply(NOTHING, response(403, sha256="1")) is not True


def test_two_empty_redirects_are_one_reply_when_they_lead_to_one_host() -> None:
    one, same, other = (
        response(302, sha256=OF_NOTHING, location=f"https://{host}.example/")
        for host in ("a", "a", "b")
    )
    assert same_reply(one, same) is True
    assert same_reply(one, other) is False


def test_no_reply_is_not_the_same_as_another() -> None:
    assert same_reply(None, NOTHING) is None
    assert same_reply(NOTHING, None) is None


TEXTS = (
    st.none() | st.text() | st.sampled_from(["<script", "<style></style>", "<", "http://[", "//"])
)
RESPONSES = st.builds(
    response,
    status=st.none() | st.sampled_from([200, 206, 302, 403, 404, 503]) | st.integers(0, 999),
    title=TEXTS,
    text=TEXTS,
    location=TEXTS,
    sha256=st.none() | st.sampled_from(["1", "2"]),
)


@given(RESPONSES, RESPONSES)
def test_no_text_of_a_censor_is_an_error_and_order_does_not_matter(
    one: HttpDetail, other: HttpDetail
) -> None:
    assert same_page(one, other) is same_page(other, one)


@given(RESPONSES)
def test_no_response_is_another_than_itself(one: HttpDetail) -> None:
    assert same_page(one, one) is not False


@given(RESPONSES, RESPONSES)
def test_two_statuses_that_differ_in_kind_are_two_pages(one: HttpDetail, other: HttpDetail) -> None:
    if one.status is None or other.status is None or one.status // 100 != other.status // 100:
        assert not same_page(one, other)


def test_a_long_page_of_brackets_takes_no_time() -> None:
    page = response(text="<script" * 200_000)

    assert same_page(page, page) is None
