"""The daily table's cell: what its numbers allow."""

from heliograph.cell import LOOKS_COUNTED, NETWORK_COUNTED, SHARE, Counted


def test_a_vote_is_divided_exactly_by_every_count_that_is_weighed_whole() -> None:
    assert all(SHARE % count == 0 for count in range(1, 2 * LOOKS_COUNTED + 1))


def test_one_vantage_never_fills_what_is_weighed_of_a_network() -> None:
    assert LOOKS_COUNTED * 2 < NETWORK_COUNTED


def test_the_key_comes_first_as_the_contract_says() -> None:
    assert Counted._fields[:5] == ("day", "country", "asn", "target", "probe")
