"""Filler of the same form, and the least of a text that still triggers."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.words import Span, kept, shown, smallest, units


def test_a_percent_encoded_byte_is_one_unit() -> None:
    assert units("a%E4%bdb%") == ["a", "%E4", "%bd", "b", "%"]


@given(st.text(alphabet="abzAZ09/.-_=&?%E4 ", max_size=40))
def test_filler_keeps_length_and_form_and_no_letter_of_the_text(text: str) -> None:
    filled = kept(text, ())

    assert len(filled) == len(text)
    for old, new in zip(units(text), units(filled), strict=True):
        assert old != new or not any(c.isalnum() for c in old)
        assert old == new or len(old) == len(new)


def test_what_is_kept_stands_where_it_stood() -> None:
    assert kept("/a/kingfisher/b", ((3, 13),))[3:13] == "kingfisher"
    assert shown("osprey+and+square", ((0, 6), (11, 17))) == "osprey … square"


def found(text: str, *words: str) -> tuple[str, int]:
    """What is found of a text that triggers where all these words stand, and in how many tries."""
    tries = 0

    async def triggers(spans: tuple[Span, ...]) -> bool:
        nonlocal tries
        tries += 1
        filled = kept(text, spans)
        return all(word in filled for word in words)

    spans = asyncio.run(smallest(len(units(text)), triggers))
    return shown(text, spans), tries


@pytest.mark.parametrize(
    ("text", "words", "least"),
    [
        ("/river/kingfisher/nest.html", ["kingfisher"], "kingfisher"),
        ("kingfisher", ["kingfisher"], "kingfisher"),
        ("q=osprey+and+the+quiet+square", ["osprey", "square"], "osprey … square"),
        ("x=%E4%B8%AD%E5%85%B1&y=1", ["%B8%AD"], "%B8%AD"),
        ("a-b", ["a-b"], "a-b"),
        ("wren+or+owl", ["wren", "owl"], "wren … owl"),
    ],
)
def test_the_least_that_triggers_is_found(text: str, words: list[str], least: str) -> None:
    assert found(text, *words)[0] == least


def test_a_word_in_a_long_text_takes_few_tries() -> None:
    text = "/".join(["aaaa"] * 20 + ["kingfisher"] + ["bbbb"] * 20)
    word, tries = found(text, "kingfisher")

    assert word == "kingfisher"
    assert tries <= 18


def test_of_two_words_either_of_which_is_enough_one_is_found() -> None:
    async def triggers(spans: tuple[Span, ...]) -> bool:
        filled = kept("heron+and+egret", spans)
        return "heron" in filled or "egret" in filled

    spans = asyncio.run(smallest(15, triggers))
    assert shown("heron+and+egret", spans) in {"heron", "egret"}
