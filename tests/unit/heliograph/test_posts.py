"""Lists of pages: what is expected of each, and one clear line for each that can't be used."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.detail import Sought
from heliograph.lists import Entry, ListError, TargetList
from heliograph.posts import HEADER, read_any
from heliograph.url import parse_target

ROW = (
    "https://board.example/7,Five words of a post,https://board.example/rules,Be kind,from a friend"
)


def read(*rows: str, header: str = HEADER) -> TargetList:
    return read_any("\n".join([header, *rows]).encode())


def only(*rows: str, header: str = HEADER) -> Entry:
    (entry,) = read(*rows, header=header).entries
    return entry


def message(row: str, header: str = HEADER) -> str:
    found = read(row, header=header)
    assert found.entries == ()
    (bad,) = found.bad
    assert bad.line == 2
    return bad.message


def test_a_row_says_what_two_pages_of_one_site_hold() -> None:
    entry = only(ROW)

    assert entry.target == parse_target("https://board.example/7")
    assert entry.note == "from a friend"
    assert entry.expectation is not None
    assert entry.expectation.sought == Sought(text="Five words of a post")
    assert entry.expectation.control == parse_target("https://board.example/rules")
    assert entry.expectation.control_sought == Sought(text="Be kind")


def test_elements_and_a_category_may_be_named_and_columns_stand_in_any_order() -> None:
    header = "note,selector,control_url,control_selector,expect,control_expect,url,CATEGORY_CODE"
    row = "x,article.post p,board.example/b,h1#top,,,board.example/a,news"

    entry = only(row, header=header)

    assert entry.category == "NEWS"
    assert entry.expectation is not None
    assert entry.expectation.sought == Sought(selector="article.post p")
    assert entry.expectation.control_sought == Sought(selector="h1#top")


def test_words_with_commas_quotes_and_line_ends_are_quoted() -> None:
    row = 'a.example/1,"He said ""no, never"",\nand left",a.example/2,Be kind,'

    expectation = only(row).expectation

    assert expectation is not None
    assert expectation.sought.text == 'He said "no, never", and left'


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("a.example/1,words", "has 2 of 5 columns; write url,expect,"),
        ("ftp://a.example/1,words,a.example/2,kind,", "use an http or https URL"),
        ("a.example/1,words,http://a b/,kind,", "control_url: "),
        ("a.example/1,,a.example/2,kind,", "expect is empty; write words that stand on that page"),
        ("a.example/1,words,a.example/2, ,", "control_expect is empty; "),
        ("a.example/1,a b,a.example/2,kind,", "expect 'a b' may stand on any page; write 4"),
        (f"a.example/1,{'x' * 501},a.example/2,kind,", "expect is too long; "),
        ("a.example/1,words,a.example/1,kind,", "control_url is the page itself; "),
        ("a.example/1,words,b.test/2,kind,", "is at b.test, which is another site than a.example"),
        ("a.example/1,Words,a.example/2,w ords,", "the same is expected of both pages; "),
        ('a.example/1,"words,a.example/2,kind,', "can't be read as a row of a table"),
    ],
)
def test_a_row_that_can_t_be_used_is_told_what_mends_it(row: str, words: str) -> None:
    assert words in message(row)


def test_an_element_that_is_not_understood_is_refused() -> None:
    header = "url,expect,control_url,control_expect,selector,category_code"

    assert "expect: 'a > b' is no selector" in message(
        "a.example/1,x,a.example/2,kind,a > b,", header
    )
    assert "category_code 'MAGIC' is not known" in message(
        "a.example/1,words,a.example/2,kind,,magic", header
    )


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("url,expect", "the first line has no column control_url; it must be like url,expect,"),
        ("url,expect,control_url,control_expect,expects", "has a column 'expects' that means"),
        ("url;expect;control_url;control_expect", "not separated by commas"),
    ],
)
def test_a_first_line_that_can_t_be_used_spoils_the_list(header: str, words: str) -> None:
    with pytest.raises(ListError, match=words):
        read(ROW, header=header)


def test_the_same_page_twice_counts_once_and_other_words_for_it_are_a_mistake() -> None:
    other = ROW.replace("Five", "Six")
    found = read(ROW, ROW, other)

    assert (len(found.entries), found.repeated) == (1, 2)
    assert [(bad.line, bad.problem) for bad in found.bad] == [
        (4, "other things are expected of it in line 2")
    ]


def test_lists_of_other_kinds_are_read_as_ever() -> None:
    plain = read_any(b"# mine\nexample.org\nhttps://a.example/?expect,url\n")
    table = read_any(b"url,category_code\nexample.org,NEWS\n")

    assert [entry.target.host for entry in plain.entries] == ["example.org", "a.example"]
    assert [entry.category for entry in table.entries] == ["NEWS"]
    assert read_any(b"") == TargetList()


@given(st.binary(max_size=300))
def test_nothing_a_stranger_writes_stops_the_reader(data: bytes) -> None:
    found = read_any(HEADER.encode() + b"\n" + data)

    assert all(entry.expectation is not None for entry in found.entries)
