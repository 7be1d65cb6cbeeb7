"""Words are found the way a reader finds them, and what was not read is not called gone."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.detail import Sought
from heliograph.sought import (
    CUT,
    ELEMENT,
    META,
    SCRIPT,
    TEXT,
    TOO_DEEP,
    UNREADABLE,
    fold,
    is_deep,
    seek,
    wrong_selector,
)

HTML = "text/html; charset=utf-8"


def found(page: str | bytes, text: str = "", selector: str = "", kind: str = HTML) -> str | None:
    body = page.encode() if isinstance(page, str) else page
    (one,) = seek(body, kind, (Sought(text=text, selector=selector),))
    return one.found


@pytest.mark.parametrize(
    "page",
    [
        "<p>Five words of a post",
        "<p>Five  words\n of\ta&nbsp;post</p>",
        "<p>Five <b>wo</b>rds <i>of</i> a <a href=x>post</a>",
        "<p>Fi&shy;ve wo\u200brds of a po<wbr>st",
        "<p>&#70;ive words &#x6f;f a post",
        "<h1>FIVE WORDS OF A POST</h1>",
        "<title>Five words of a post</title>",
        "<p>Five words</p><p>of a post</p>",
        "Five words of a post",
        "<noscript>Five words of a post</noscript>",
    ],
)
def test_words_are_found_however_they_are_set(page: str) -> None:
    assert found(page, "Five words of a post") == TEXT


@pytest.mark.parametrize(
    ("page", "where"),
    [
        ('<meta property="og:description" content="Five words of a post &amp; more">', META),
        ('<script type="application/json">{"post": "Five words of a post"}</script>', SCRIPT),
        (r'<script>x = "Five words\u0020of \u0061 post\n"</script>', SCRIPT),
        ("<p>Four words of it", None),
        ("<!-- Five words of a post --><p>It is gone", None),
        ("<style>.x { content: 'Five words of a post' }</style>", None),
        ('<input value="Five words of a post">', None),
        ('<a href="/?q=Five words of a post">here</a>', None),
        ("", None),
    ],
)
def test_where_they_stand_is_told_and_an_echo_in_a_form_is_no_post(
    page: str, where: str | None
) -> None:
    assert found(page, "Five words of a post") == where


def test_one_character_written_in_two_ways_is_the_same() -> None:
    assert found("<p>cafe\u0301", "caf\u00e9") == TEXT


def test_simplified_and_traditional_characters_are_two_spellings() -> None:
    assert found("<p>圖書館", "圖書館") == TEXT
    assert found("<p>圖書館", "图书馆") is None


def test_characters_beyond_the_first_plane_are_found_in_scripts() -> None:
    assert found(r'<script>"\ud83d\ude00 smiles"</script>', "😀 smiles") == SCRIPT
    assert found(r'<script>"\ud83d alone"</script>', "alone") == SCRIPT


@pytest.mark.parametrize(
    ("kind", "head", "charset"),
    [
        ("text/html; charset=gb2312", "", "gb18030"),
        ("text/html", '<meta charset="gbk">', "gb18030"),
        ("text/html", '<meta http-equiv=Content-Type content="text/html; charset=Big5">', "big5"),
        ("text/html; charset=Shift_JIS", "", "cp932"),
        ("text/html; charset=iso-8859-1", "", "cp1252"),
        ("text/html", "", "utf-16"),
        ("text/html; charset=made-up", "", "utf-8"),
        ("text/html", "", "utf-8"),
    ],
)
def test_characters_are_read_as_a_browser_reads_them(kind: str, head: str, charset: str) -> None:
    words = "“quoted”" if charset == "cp1252" else "図書" if charset == "cp932" else "中文"

    assert found(f"{head}<p>{words}".encode(charset), words, kind=kind) == TEXT


def test_an_element_is_found_with_words_or_without() -> None:
    page = '<article id="a7" class="post open"><p>Hello</p></article><p>Bye<input type=password>'

    assert found(page, selector="article#a7.post") == ELEMENT
    assert found(page, "hello", "article.post p") == ELEMENT
    assert found(page, "bye", "article.post") is None
    assert found(page, selector='input[type="password"]') == ELEMENT
    assert found(page, selector="article.shut") is None


@pytest.mark.parametrize(
    "selector", ["p", ".post", "#a", "div.a.b", '[name="x y"]', "a b c d", "a[href]", "*"]
)
def test_a_selector_is_understood(selector: str) -> None:
    assert wrong_selector(selector) is None
    assert found("<p>", selector=selector) in {None, ELEMENT}


@pytest.mark.parametrize(
    "selector",
    ["", " ", "a  b", "a > b", "a:has(b)", "a b c d e", "[[", "a,b", "a\n", '[x="\n"]', '[x="\\"]'],
)
def test_one_that_is_not_understood_is_refused_with_what_would_be(selector: str) -> None:
    assert "write one like" in (wrong_selector(selector) or "")


def test_what_was_not_found_in_a_part_of_a_page_may_be_in_the_rest() -> None:
    both = (Sought(text="here"), Sought(text="there"))
    one, other = seek(b"<p>here", HTML, both, CUT)

    assert (one.found, one.problem) == (TEXT, None)
    assert (other.found, other.problem) == (None, CUT)


def test_a_page_in_other_characters_than_it_says_is_not_called_empty() -> None:
    (one,) = seek("<p>中文，在这里".encode("gb18030"), HTML, (Sought(text="中文"),))

    assert (one.found, one.problem) == (None, UNREADABLE)


def test_a_character_cut_by_the_end_is_no_wrong_character() -> None:
    (one,) = seek("<p>中文".encode()[:-1], HTML, (Sought(text="gone"),))

    assert (one.found, one.problem) == (None, None)


def test_a_page_nested_to_cost_time_is_searched_without_being_parsed() -> None:
    page = "<div>" * 50_000 + "the &amp; words"
    began = time.perf_counter()
    sought = (Sought(text="the & words"), Sought(text="x"), Sought(selector="div"))
    words, absent, element = seek(page.encode(), HTML, sought)

    assert time.perf_counter() - began < 1
    assert (words.found, absent.problem, element.problem) == (TEXT, TOO_DEEP, TOO_DEEP)


def test_a_long_page_of_ordinary_elements_is_not_deep() -> None:
    assert not is_deep("<li><p>x<br>" * 10_000 + "<div></div>" * 10_000)
    assert is_deep("<div>" * 3000)


def test_nothing_sought_is_nothing_found() -> None:
    assert seek(b"<p>x", HTML, ()) == ()


@given(st.binary(max_size=300), st.text(max_size=40))
def test_whatever_a_page_holds_it_is_searched(body: bytes, text: str) -> None:
    (one,) = seek(body, HTML, (Sought(text=text),))

    assert one.found in {None, TEXT, META, SCRIPT}


@given(st.text(max_size=60))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)
