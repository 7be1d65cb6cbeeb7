"""The packs that ship: every entry is one we can answer for."""

import csv
from importlib.resources import files

import pytest

from heliograph.categories import CATEGORIES, words_of
from heliograph.lists import Entry, read_list

PACK = files("heliograph") / "packs" / "starter.csv"
ENTRIES = read_list(PACK.read_bytes()).entries
NAMED = (
    *("64tianwang.com", "hrcchina.org", "nchrd.org", "msguancha.com", "weibo.com", "qq.com"),
    *("wechat.com", "whatsapp.com", "signal.org", "telegram.org", "www.torproject.org"),
    *("zh.wikipedia.org", "fa.wikipedia.org", "www.hrw.org", "www.amnesty.org", "cpj.org"),
    *("rsf.org", "freedomhouse.org", "www.dw.com", "www.rferl.org", "www.rfa.org", "meduza.io"),
)


def test_the_pack_is_neither_short_nor_long_and_every_line_is_good() -> None:
    found = read_list(PACK.read_bytes())

    assert 50 <= len(found.entries) <= 80
    assert (found.bad, found.repeated) == ((), 0)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.target.host)
def test_an_entry_is_written_the_one_way_over_https_with_a_sentence(entry: Entry) -> None:
    assert entry.target.input == entry.target.url
    assert entry.target.scheme == "https" or "http" in entry.note, "say why it is not https"
    assert entry.note.endswith(".")
    assert entry.note[0].isupper()
    assert 20 <= len(entry.note) <= 120
    assert entry.category in CATEGORIES


def test_sentences_differ() -> None:
    assert len({entry.note for entry in ENTRIES}) == len(ENTRIES)


@pytest.mark.parametrize("host", NAMED)
def test_what_must_be_there_is_there(host: str) -> None:
    assert host in {entry.target.host for entry in ENTRIES}


def test_there_are_controls_and_every_kind_a_volunteer_asks_about() -> None:
    codes = [entry.category for entry in ENTRIES]

    assert codes.count("CTRL") >= 8
    assert {"NEWS", "HUMR", "POLR", "ANON", "COMT", "GRP", "SRCH", "MMED", "HOST"} <= set(codes)


def test_the_file_says_each_category_in_our_words_and_who_wrote_it() -> None:
    rows = list(csv.DictReader(PACK.read_text(encoding="utf-8").splitlines()))

    assert {row["source"] for row in rows} == {"heliograph"}
    assert all(row["category_description"] == words_of(row["category_code"]) for row in rows)
