"""Events as shipped are sound, and what is wrong in a file is named."""

import pytest

from analysis.events import BadEvents, read_events, shipped

GOOD = """
version = 1
date = "2026-11-25"
[[event]]
id = "xa-law"
type = "law"
country = "XA"
title = "A law"
onset_from = "2026-03-01"
onset_to = "2026-03-31"
precision = "month"
sources = [{publisher = "P", title = "T", url = "https://p.example/", date = "2026-03"}]
"""


def test_the_shipped_events_are_sound_and_those_that_the_issue_names() -> None:
    found = {event.id: event for event in shipped().event}

    assert found["cn-2017-vpn-notice"].end == "2018-03-31"
    assert found["cn-2018-police-inspection-draft"].end == "2018-05-04"
    assert found["cn-2018-weibo-reversal"].onset_from == "2018-04-16"
    assert {"cn-2017-cyber-security-law", "cn-2017-liu-xiaobo", "cn-2017-party-congress"} < {*found}
    assert {"cn-2017-group-chats", "cn-2017-real-names"} < {*found}
    for event in found.values():
        assert all(one.publisher and one.date and one.url for one in event.sources)
        assert event.sources


def test_a_month_is_an_onset_too() -> None:
    (event,) = read_events(GOOD.encode()).event

    assert (event.onset_from, event.onset_to) == ("2026-03-01", "2026-03-31")


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ('"2026-03-31"', '"2026-03-30"', "first to its last day"),
        ('"2026-03-31"', '"2026-02-28"', "not in order"),
        ('"2026-03-01"', '"2026-3-1"', "not written YYYY-MM-DD"),
        ('date = "2026-03"', 'date = "March"', "of a source is none"),
        ('publisher = "P"', 'publisher = ""', "no publisher"),
        ("https://p.example/", "p.example", "no address"),
        ('"XA"', '"xa"', "no code of ISO 3166-1"),
        ("title = ", "titel = ", "titel"),
        ('precision = "month"', 'categories = ["NONE"]', "no category NONE"),
        ('precision = "month"', "window = {before = 0}", "a day or more"),
        ("version = 1", "version = ", "nvalid"),
    ],
)
def test_what_is_wrong_is_named(was: str, now: str, said: str) -> None:
    assert was in GOOD
    with pytest.raises(BadEvents, match=said):
        read_events(GOOD.replace(was, now).encode())


def test_two_of_one_id_and_one_without_a_source_are_named() -> None:
    entry = GOOD[GOOD.index("[[event]]") :]
    with pytest.raises(BadEvents, match="two of this id"):
        read_events((GOOD + entry).encode())
    with pytest.raises(BadEvents, match="no source"):
        read_events(GOOD.partition("sources")[0].encode())
