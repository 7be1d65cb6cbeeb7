"""Text from the network can't hurt a database, a terminal or a spreadsheet."""

import json
import time
from encodings.aliases import aliases

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.text import (
    beginning,
    clean,
    clean_json,
    decode,
    for_cell,
    for_csv,
    for_terminal,
    title_of,
)

ANY_TEXT = st.text(st.characters(exclude_categories=()))
CHARSETS = sorted({*aliases.values(), *aliases, "idna", "punycode", "undefined", "utf-8-sig"})


def storable(text: str) -> bool:
    """PostgreSQL and SQLite take it: UTF-8 without NUL."""
    return "\x00" not in text and not any("\ud800" <= c <= "\udfff" for c in text)


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("", ""),
        ("a\x00b", "a\\x00b"),
        ("a\ud800b", "a\\ud800b"),
        ("\udfff", "\\udfff"),
        ("plain, 漢字, 😀 \x1b\n", "plain, 漢字, 😀 \x1b\n"),
        (r"\x00 already escaped", r"\x00 already escaped"),
    ],
)
def test_clean_escapes_only_what_databases_refuse(given_text: str, expected: str) -> None:
    assert clean(given_text) == expected


@given(ANY_TEXT)
def test_clean_text_is_storable_and_stays_as_it_is(text: str) -> None:
    assert storable(clean(text))
    assert clean(clean(text)) == clean(text)


@pytest.mark.parametrize(
    ("json_text", "decoded"),
    [
        (r'"a\u0000b"', r"a\x00b"),
        (r'"\\u0000"', r"\u0000"),
        (r'"\\\u0000"', r"\\x00"),
        (r'"\ud800"', r"\ud800"),
        (r'"\uDFFF"', r"\udfff"),
        (r'"\ud83d\ude00"', "😀"),
        (r'"\\ud83d\ude00"', r"\ud83d\ude00"),
        (r'"\ud83d\ud83d\ude00"', r"\ud83d" + "😀"),
        (r'"\u00001"', r"\x001"),
        ('"\x00"', r"\x00"),
        ('"\ud800"', r"\ud800"),
        (r'"\n\"\u0041"', '\n"A'),
    ],
)
def test_clean_json_defuses_escapes_and_leaves_the_rest(json_text: str, decoded: str) -> None:
    assert json.loads(clean_json(json_text)) == decoded


@given(ANY_TEXT, st.booleans())
def test_clean_json_decodes_to_clean_text(text: str, ascii_only: bool) -> None:
    written = json.dumps([text, {"k": text}], ensure_ascii=ascii_only)
    expected = clean(json.loads(written)[0])
    assert json.loads(clean_json(written)) == [expected, {"k": expected}]
    assert clean_json(clean_json(written)) == clean_json(written)


@pytest.mark.parametrize(
    ("data", "charset", "expected"),
    [
        (b"caf\xc3\xa9", None, "café"),
        (b"caf\xe9", None, "caf\\xe9"),
        (b"caf\xe9", "latin-1", "café"),
        (b"caf\xc3\xa9", "no-such-charset", "café"),
        (b"caf\xc3\xa9", "", "café"),
        (b"caf\xc3\xa9", "nul\x00", "café"),
        (b"caf\xc3\xa9", "\ud800", "café"),
        (b"6162", "hex", "6162"),
        (b"a\x00b", None, "a\\x00b"),
        (b"\\u0041", "unicode_escape", "\\u0041"),
        (b"abc-", "punycode", "abc-"),
        (b"\xff", "euc-kr", "\\xff"),
        (b"\xe9", "idna", "\\xe9"),
    ],
)
def test_decode_reads_bytes_in_their_charset(
    data: bytes, charset: str | None, expected: str
) -> None:
    assert decode(data, charset) == expected


@given(st.binary(max_size=40), st.one_of(st.sampled_from(CHARSETS), st.text(max_size=8)))
def test_decode_never_raises_and_gives_storable_text(data: bytes, charset: str) -> None:
    assert storable(decode(data, charset))


def test_decode_falls_back_when_a_codec_refuses_to_replace(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("heliograph.text._NOT_CHARSETS", frozenset())
    assert decode(b"\xe9", "undefined") == "\\xe9"


def test_a_hostile_charset_costs_no_more_than_an_honest_one() -> None:
    began = time.process_time()
    decode(b"a" * 300_000 + b"-" + b"b" * 300_000, "punycode")
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "hostile",
    [
        *(chr(number) for number in (*range(0x20), *range(0x7F, 0xA0))),
        *"\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
        *"\u00ad\u061c\u180e\u2028\u2029\u2060\ufeff\u115f\u3164\ud800\U000e0041",
    ],
    ids=ascii,
)
def test_nothing_that_moves_hides_or_turns_text_reaches_a_terminal(hostile: str) -> None:
    shown = for_terminal(f"a{hostile}b")
    assert shown.startswith("a\\")
    assert shown.endswith("b")
    assert hostile not in shown
    assert shown.isprintable()


def test_an_escape_sequence_is_shown_and_not_obeyed() -> None:
    assert for_terminal("\x1b]0;owned\x07\r\nx") == "\\x1b]0;owned\\x07\\r\\nx"


@pytest.mark.parametrize(
    ("width", "expected"),
    [(None, "abcdef"), (6, "abcdef"), (5, "abcd…"), (1, "…"), (0, "…")],
)
def test_a_line_is_cut_to_its_width(width: int | None, expected: str) -> None:
    assert for_terminal("abcdef", width) == expected


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_a_cell_that_would_be_a_formula_gets_an_apostrophe(start: str) -> None:
    assert for_csv(f"{start}cmd") == f"'{start}cmd"


@pytest.mark.parametrize("cell", ["", "a=b", "https://example.org/", "'=x"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert for_csv(cell) == cell


@pytest.mark.parametrize(
    ("text", "cell"),
    [("=1", "'=1"), ("\n=1", "'\\n=1"), ("a\nb", "a\\nb"), ("'=1", "'=1"), ("plain", "plain")],
)
def test_a_cell_stands_on_one_line_and_is_no_formula(text: str, cell: str) -> None:
    assert for_cell(text) == cell


@pytest.mark.parametrize(
    ("html", "title"),
    [
        ("<title>Hello</title>", "Hello"),
        ("<html><head><TITLE lang=en> a \n\t b </title>", "a b"),
        ("<title>&lt;b&gt; &amp; c</title>", "<b> & c"),
        ("<title></title>", None),
        ("<title> \n </title>", None),
        ("<p>no title</p>", None),
        ("plain text", None),
        ("", None),
        ("<title>unclosed", "unclosed"),
        ("<title>a\x00b</title>", "a\\x00b"),
        ("<title>a\ud800b</title>", "a\\ud800b"),
        ("<!-- <title>no</title> --><title>yes</title>", "yes"),
        ("<script>'<title>no</title>'</script><Title>yes</Title>", "yes"),
        ('<meta content="<title>no</title>"><title>yes</title>', "yes"),
        ("<meta content='> <title>no</title>'><title>yes</title>", "yes"),
        ("<title>a</title><title>b</title>", "a"),
        ("<title></title><title>b</title>", None),
        ("<tItLe>odd</TiTlE>", "odd"),
        ("<svg><title>drawn</title></svg>", "drawn"),
        ("<title>&eacute; &#0; &notit;</title>", "é \ufffd ¬it;"),
    ],
)
def test_the_title_is_the_text_of_the_title_element(html: str, title: str | None) -> None:
    assert title_of(html) == title


def test_a_long_title_is_cut_to_512_characters() -> None:
    assert title_of(f"<title>{'x' * 600}</title>") == "x" * 512


def test_a_title_after_the_first_128_kib_is_not_looked_for() -> None:
    assert title_of("<p>" + "x" * 131_072 + "<title>late</title>") is None


def test_deeply_nested_markup_is_survived() -> None:
    assert title_of("<title>t</title>" + "<b><div>" * 20_000) == "t"


@given(ANY_TEXT)
def test_the_title_of_anything_is_storable_text_or_none(html: str) -> None:
    title = title_of(f"<title>{html}")
    assert title is None or (storable(title) and 0 < len(title) <= 512)


@given(
    st.lists(
        st.sampled_from(
            ["<title>", "</title>", "<TITLE >", "<script>", "</script>", "<!--", "-->", "<p a='",
             "'>", '"', "<", ">", "x", "&lt;", "<svg>", "</svg>", "<textarea>", "<body>", "\n"]
        ),
        max_size=14,
    ).map("".join)
)  # fmt: skip
def test_the_title_is_the_one_a_parser_of_the_whole_page_finds(html: str) -> None:
    from selectolax.lexbor import LexborHTMLParser

    node = LexborHTMLParser(html).css_first("title") if html else None
    found = "" if node is None else " ".join(node.text().split())

    assert title_of(html) == (found or None)


def test_the_beginning_of_a_body_is_not_cut_within_a_word() -> None:
    words = b"word " * 10_000

    assert beginning(b"short") == "short"
    assert beginning(words).endswith("word")
    assert len(beginning(words)) <= 16_384
    assert len(beginning(b"x" * 20_000)) == 16_384 - 128


def test_the_beginning_of_a_body_is_in_its_own_charset() -> None:
    assert beginning("é".encode("latin-1"), "latin-1") == "é"
