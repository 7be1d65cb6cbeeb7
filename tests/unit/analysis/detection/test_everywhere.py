"""What fails everywhere at once is no blocking; what fails in one country is."""

import pytest

from analysis.detection.everywhere import place_of, trouble
from tests.unit.analysis.detection.tables import Episode, key, rows, table

DAYS = 60
BAD: Episode = (30, 33, 0.95)


def world(
    countries: dict[str, list[Episode]], networks: int = 2, target: str = "https://site.example/"
) -> dict:  # type: ignore[type-arg]
    return {
        key(country, 100 * n + k, target): rows(DAYS, *episodes, seed=100 * n + k)
        for n, (country, episodes) in enumerate(countries.items())
        for k in range(1, networks + 1)
    }


def test_a_target_that_fails_in_every_country_at_once_is_down() -> None:
    found = trouble(table(world({"XA": [BAD], "XB": [BAD], "XC": [BAD]})))
    left = found.of(key("XA", 1))

    assert {30, 31, 32} <= left
    assert not left & set(range(28))


def test_a_target_that_fails_in_one_country_is_not() -> None:
    found = trouble(table(world({"XA": [BAD], "XB": [], "XC": []})))

    assert found.of(key("XA", 1)) == frozenset()


def test_with_one_country_nobody_can_tell_and_verdicts_count() -> None:
    assert trouble(table(world({"XA": [BAD]}, networks=6))).of(key("XA", 1)) == frozenset()


def test_countries_that_block_one_after_another_are_no_outage() -> None:
    one_by_one = {"XA": [(20, 60, 0.95)], "XB": [(30, 60, 0.95)], "XC": [(40, 60, 0.95)]}

    assert trouble(table(world(one_by_one))).of(key("XA", 1)) == frozenset()


def test_networks_of_countries_nobody_told_count_one_by_one() -> None:
    assert place_of(key("ZZ", 7)) != place_of(key("ZZ", 8))
    assert place_of(key("XA", 7)) == place_of(key("XA", 8))
    many = trouble(table(world({"ZZ": [BAD]}, networks=6)))
    few = trouble(table(world({"ZZ": [BAD]}, networks=3)))

    assert {30, 31, 32} <= many.of(key("ZZ", 1))
    assert few.of(key("ZZ", 1)) == frozenset()


def test_a_probe_that_fails_for_all_targets_everywhere_is_at_fault() -> None:
    made = {}
    for n in range(4):
        target = f"https://t{n}.example/"
        episodes = [BAD] if n < 3 else []
        made.update(world({"XA": episodes, "XB": episodes}, target=target))
    found = trouble(table(made))

    assert {30, 31, 32} <= found.probes["web"]
    assert {30, 31, 32} <= found.of(key("XA", 1, "https://t3.example/"))


@pytest.mark.parametrize(("targets", "is_trouble"), [(6, True), (4, False)])
def test_a_network_in_which_nearly_all_of_many_targets_fail_has_trouble(
    targets: int, is_trouble: bool
) -> None:
    made = {
        key("XA", asn, f"https://t{n}.example/"): rows(
            DAYS, *([BAD] if asn == 1 else []), seed=10 * asn + n
        )
        for n in range(targets)
        for asn in (1, 2)
    }
    found = trouble(table(made))

    assert bool(found.of(key("XA", 1, "https://t0.example/"))) is is_trouble
    assert found.of(key("XA", 2, "https://t0.example/")) == frozenset()


def test_a_network_that_blocks_everything_for_months_is_no_network_in_trouble() -> None:
    made = {
        key("XA", 1, f"https://t{n}.example/"): rows(120, (30, 110, 0.95), seed=n) for n in range(6)
    }

    assert trouble(table(made)).networks == {}
