"""Whether two pages stand in one frame: elements and their classes, whatever the words."""

import pytest

from analysis.beside.frames import same_frame
from heliograph.detail import HttpDetail


def shown(body: str | None) -> HttpDetail:
    return HttpDetail(url="https://site.example/7", body_text=body)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("<h1>Gone</h1><p>Nothing.", "<h1>Rules</h1><p>Be kind.<p>Be brief.", True),
        ("<h1><p>", "<H1 id='a'><P data-x=7>", True),
        ("<p class='a b'>", '<p lang=en class="b  a">', True),
        ("<p class=a>", "<p class='a'>", True),
        ("<p class=a>", "<p class=b>", False),
        ("<p class=a>", "<p>", False),
        ("<p class=a>", "<p data-class=a>", False),
        ("<h1><p>", "<h1><p><a><b>", True),
        ("<h1><p>", "<h1><p><a><b><i>", False),
        ("<h1><p><a><b><i>", "<h1><p>", False),
        ("Nothing.", "Nothing.", False),
        (None, None, False),
        (None, "<p>", False),
    ],
)
def test_half_of_all_kinds_of_elements_must_be_on_both(
    one: str | None, other: str | None, same: bool
) -> None:
    assert same_frame(shown(one), shown(other)) is same


def test_a_long_run_of_unclosed_elements_is_read_in_one_pass() -> None:
    assert not same_frame(shown("<a" * 200_000), shown("<a" * 200_000))
