"""What moved together is one finding, and what did not is not."""

import pytest

from analysis.detection.dating import Change
from analysis.detection.episodes import Episode
from analysis.detection.grid import DAY, Grid
from analysis.detection.grouping import elsewhere_as_well, family_of, grouped
from tests.unit.analysis.detection.tables import FIRST, key

GRID = Grid(FIRST, DAY, 180)
SITE, OTHER = "https://site.example/", "https://other.test/"


def episode(
    onset: int, end: int | None = None, country: str = "XA", asn: int = 1, target: str = SITE
) -> Episode:
    return Episode(
        key=key(country, asn, target),
        onset=Change(onset, onset, onset + 1),
        end=None if end is None else Change(end, end, end + 1),
        score=30.0,
        level=0.9,
        hits=90,
        decided=100,
        looks=100,
        vantages=4,
        pauses=0,
        seen_before=True,
        techniques=(),
        witnesses=(),
    )


def sizes(*found: Episode) -> list[int]:
    return [len(group) for group in grouped(found, GRID)]


def test_networks_that_block_a_site_in_the_same_days_are_one() -> None:
    assert sizes(episode(50, asn=1), episode(52, 70, asn=2), episode(51, asn=3)) == [3]


def test_networks_that_block_it_weeks_apart_are_several() -> None:
    assert sizes(episode(50, asn=1), episode(60, asn=2)) == [1, 1]


def test_countries_are_never_one() -> None:
    assert sizes(episode(50, country="XA"), episode(50, country="XB")) == [1, 1]


def test_sites_that_one_network_blocks_and_frees_together_are_one() -> None:
    assert sizes(episode(50, 60), episode(51, 61, target=OTHER)) == [2]
    assert sizes(episode(50, 60), episode(51, 90, target=OTHER)) == [1, 1]
    assert sizes(episode(50), episode(51, target=OTHER)) == [2]


def test_different_sites_in_different_networks_are_several() -> None:
    assert sizes(episode(50, asn=1), episode(50, asn=2, target=OTHER)) == [1, 1]


def test_the_order_they_come_in_changes_nothing() -> None:
    found = [episode(50, asn=n % 4, target=(SITE, OTHER)[n % 2]) for n in range(8)]

    assert grouped(found, GRID) == grouped(found[::-1], GRID)


@pytest.mark.parametrize(
    ("target", "family"),
    [
        ("https://www.site.example/a?b", "site.example"),
        ("https://m.news.site.co.uk/", "site.co.uk"),
        ("https://user@site.example:8443/", "site.example"),
        ("192.0.2.7", "192.0.2.7"),
        ("https://192.0.2.7:80/", "192.0.2.7"),
        ("", ""),
    ],
)
def test_a_family_is_the_site_whatever_its_page(target: str, family: str) -> None:
    assert family_of(target) == family


def test_what_begins_in_most_countries_at_once_is_the_target_itself() -> None:
    scope = (SITE, "web")
    found = [episode(50, country=c) for c in ("XA", "XB", "XC")]
    places = {scope: ["XA", "XB", "XC", "XD"]}

    assert elsewhere_as_well(found, places, GRID) == frozenset(found)
    assert elsewhere_as_well(found[:2], places, GRID) == frozenset()
    apart = [episode(50), episode(60, country="XB"), episode(70, country="XC")]
    assert elsewhere_as_well(apart, places, GRID) == frozenset()
