"""Lists: two formats, every bad line named, and nothing a stranger writes can stop the reader."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.lists import MOST_BYTES, MOST_LINES, Entry, ListError, TargetList, read_list

HEADER = "url,category_code,category_description,date_added,source,notes\n"


def urls(text: str) -> list[str]:
    return [entry.target.url for entry in read_list(text.encode()).entries]


def only_bad(text: str) -> tuple[int, str]:
    (bad,) = read_list(text.encode()).bad
    return bad.line, bad.message


def test_a_plain_list_is_one_url_a_line() -> None:
    found = read_list(b"# mine\n\nexample.org\r\n  http://b.example/x  \n")

    assert [(e.line, e.target.url, e.category, e.note) for e in found.entries] == [
        (3, "https://example.org/", None, ""),
        (4, "http://b.example/x", None, ""),
    ]
    assert found.bad == ()


def test_citizen_labs_format_gives_category_and_note() -> None:
    row = "https://a.example/,NEWS,News Media,2014-04-15,somebody,why it is here\n"
    (entry,) = read_list((HEADER + row).encode()).entries

    assert entry == Entry(target=entry.target, category="NEWS", note="why it is here", line=2)
    assert entry.target.url == "https://a.example/"


@pytest.mark.parametrize(
    "text",
    [
        HEADER.replace("\n", "\r\n") + "https://a.example/,NEWS,x,2020-01-01,y,\r\n",
        "\ufeff" + HEADER + "https://a.example/,NEWS,x,2020-01-01,y,",
        '"url","category_code"\r"https://a.example/","news"\r',
        "# from a colleague\n\nnotes,more, Category_Code , URL\n,,NEWS, a.example\n# end\n",
        'url,category_code,notes\n"https://a.example/",NEWS,"one, two ""three""\nfour"\n',
        "url,category_code,notes\nhttps://a.example/,NEWS,with, a comma\n",
        "url,category_code,notes\nhttps://a.example/,NEWS\n",
    ],
    ids=["crlf", "bom", "quoted", "other order", "quotes", "ragged", "short"],
)
def test_tables_are_read_however_they_were_saved(text: str) -> None:
    found = read_list(text.encode())

    assert [(e.target.url, e.category) for e in found.entries] == [("https://a.example/", "NEWS")]
    assert found.bad == ()


def test_a_file_of_wide_characters_is_read() -> None:
    assert read_list("a.example\r\n".encode("utf-16")).entries[0].target.host == "a.example"


def test_a_quoted_cell_may_hold_line_ends_and_the_lines_after_it_keep_their_numbers() -> None:
    text = HEADER + 'a.example,NEWS,,,,"one\ntwo"\nb.example,NEWS,,,,\n'
    found = read_list(text.encode()).entries

    assert [(e.line, e.note) for e in found] == [(2, "one two"), (4, "")]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("url,category_description,notes\nx", 1, "no column category_code"),
        ("url\na.example\n", 1, "no column category_code"),
        ("category_code,notes\nNEWS,x\n", 1, "no column url"),
        ("# old\nurl;category_code;notes\n", 2, "save it with commas"),
        ('url,category_code,"notes\n', 1, "can't be read"),
        ("x" * (MOST_BYTES + 1), None, "more than 16 MiB; split the list"),
        ("\n" * (MOST_LINES + 1), None, "more than 200000 lines; split the list"),
    ],
    ids=["old", "one column", "no url", "semicolons", "quote", "bytes", "lines"],
)
def test_what_can_not_be_read_at_all_is_named(text: str, line: int | None, words: str) -> None:
    with pytest.raises(ListError, match=words) as caught:
        read_list(text.encode())

    assert caught.value.line == line


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("https://ann:secret@a.example/", "holds a user name or password; leave it out"),
        ("data:text/html,x", "data is not measured; use an http or https URL"),
        ("file:///etc/passwd", "file is not measured; use an http or https URL"),
        ("javascript:alert(1)", "javascript is not measured; use an http or https URL"),
        ("https://a.example/" + "a" * 2048, "a target has at most 2048"),
        ("http://a.example:22/", "port 22 is never measured; use a web port"),
        ("printer.local", "not a name on the public internet; mend the URL or leave the line out"),
        ("https://a.example/\x1b[2J", "control character"),
    ],
)
def test_an_entry_that_could_harm_is_refused_with_the_reason(line: str, words: str) -> None:
    number, message = only_bad(f"b.example\n{line}\n")

    assert number == 2
    assert words in message
    assert "secret" not in message


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (",NEWS,,,,", "a target is empty; write a URL"),
        ("a.example,,,,,", "category_code '' is not known; use one of ALDR, ANON"),
        ("a.example,ZZZ,,,,", "category_code 'ZZZ' is not known"),
        ("a.example", "has 1 of 6 columns; write url,category_code"),
        ('a.example,NEWS,"x"y,,,', "can't be read as a row of a table; put a cell"),
        ('a.example,NEWS,,,,"' + "x" * 140_000 + '"', "can't be read as a row of a table"),
        ("https://u:p@a.example/,NEWS,,,,", "holds a user name or password"),
    ],
)
def test_a_bad_row_is_named_and_the_others_are_read(row: str, words: str) -> None:
    text = f"{HEADER}b.example,NEWS,,,,\n{row}\nc.example,NEWS,,,,\n"

    assert urls(text) == ["https://b.example/", "https://c.example/"]
    number, message = only_bad(text)
    assert number == 3
    assert words in message


def test_a_quote_never_closed_spoils_its_own_line_alone() -> None:
    rows = [f"s{n}.example,NEWS,,,,x" for n in range(50)]
    rows[10] = 'bad.example,NEWS,,,,"never closed'
    text = HEADER + "\n".join(rows)

    assert only_bad(text)[0] == 12
    assert len(urls(text)) == 49


def test_a_target_named_twice_is_kept_once() -> None:
    found = read_list(b"a.example\nhttps://A.example/#x\nb.example\n")

    assert [entry.line for entry in found.entries] == [1, 3]
    assert found.repeated == 1


def test_a_formula_in_a_note_is_only_text_and_a_long_note_is_cut() -> None:
    text = f"url,category_code,notes\na.example,NEWS,=1+1\nb.example,NEWS,{'x' * 5000}\n"
    first, second = read_list(text.encode()).entries

    assert first.note == "=1+1"
    assert len(second.note) == 1000


def test_the_first_line_of_a_plain_list_may_hold_commas() -> None:
    assert urls("https://a.example/?x=1,url,category_code\n") == [
        "https://a.example/?x=1,url,category_code"
    ]


def test_an_empty_list_has_no_entries() -> None:
    assert read_list(b"").entries == ()
    assert read_list(b"# nothing\n").entries == ()
    assert read_list(HEADER.encode()).entries == ()


WORDS = ["url", "category_code", "notes", "NEWS", "a.example", "https://b.example/", "data:x"]
MARKS = [*',"\n\r\x00\ufeff#; \u2028\ud800', "\r\n", "=cmd|x"]
PIECES = st.sampled_from([*WORDS, *MARKS])


@given(st.binary() | st.lists(PIECES).map(lambda p: "".join(p).encode("utf-8", "surrogatepass")))
def test_no_list_of_a_stranger_stops_the_reader(data: bytes) -> None:
    found = TargetList()
    with contextlib.suppress(ListError):
        found = read_list(data)
    lines = [entry.line for entry in found.entries] + [bad.line for bad in found.bad]

    assert len(set(lines)) == len(lines)
    assert all(bad.problem and bad.mend for bad in found.bad)


@given(st.lists(PIECES))
def test_no_row_of_a_strangers_table_stops_the_reader(pieces: list[str]) -> None:
    data = (HEADER + "".join(pieces)).encode("utf-8", "surrogatepass")
    for entry in read_list(data).entries:
        assert entry.category == "NEWS"
