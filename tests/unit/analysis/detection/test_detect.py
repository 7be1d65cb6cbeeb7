"""From counts to findings, the whole way: small worlds with a known truth."""

import random
from dataclasses import replace

import msgspec

from analysis.detection.detect import detect
from analysis.detection.reading import read_table
from analysis.detection.series import Key, Row
from heliograph.finding import Finding, FindingType
from heliograph.model import ConfidenceWord
from tests.unit.analysis.detection.tables import Episode, key, rows, table

DAYS = 120
SITES = tuple(f"https://t{n}.example/" for n in range(4))


def world(
    episodes: dict[tuple[str, int, str], list[Episode]], kind: str = "blocked"
) -> dict[Key, tuple[Row, ...]]:
    """Three countries of two networks, four sites, four vantages each."""
    return {
        key(country, asn, site): rows(
            DAYS,
            *episodes.get((country, asn, site), []),
            seed=n,
            vantages=4,
            kind=kind,
        )
        for n, (country, asn, site) in enumerate(
            (c, a, s) for c in ("XA", "XB", "XC") for a in (1, 2) for s in SITES
        )
    }


def found_in(made: dict[Key, tuple[Row, ...]]) -> tuple[Finding, ...]:
    return detect(table(made, DAYS))


def test_a_block_in_one_network_is_one_finding() -> None:
    (one,) = found_in(world({("XB", 1, SITES[2]): [(60, 75, 0.9)]}))

    assert (one.type, one.country, one.asns, one.targets) == (
        FindingType.BLOCKING,
        "XB",
        (1,),
        (SITES[2],),
    )
    assert one.onset == "2026-03-02T00:00:00Z"
    assert one.end == "2026-03-17T00:00:00Z"
    assert one.confidence_word is ConfidenceWord.LIKELY


def test_a_block_in_a_whole_country_is_one_finding_that_is_corroborated() -> None:
    bad: list[Episode] = [(60, 75, 0.9)]
    (one,) = found_in(world({("XB", 1, SITES[2]): bad, ("XB", 2, SITES[2]): bad}))

    assert one.asns == (1, 2)
    assert len(one.members) == 2
    assert one.confidence_word is ConfidenceWord.CORROBORATED


def test_what_one_person_sees_at_home_and_on_the_phone_is_a_signal() -> None:
    bad: list[Episode] = [(60, 75, 0.9)]
    made = world({("XB", 1, SITES[2]): bad, ("XB", 2, SITES[2]): bad})
    (one,) = found_in(
        {
            k: tuple(row._replace(vantages=1) if k.country == "XB" else row for row in told)
            for k, told in made.items()
        }
    )

    assert (one.asns, one.confidence_word) == ((1, 2), ConfidenceWord.SIGNAL)


def test_a_site_that_fails_everywhere_is_no_finding() -> None:
    bad: list[Episode] = [(60, 64, 0.95)]

    assert (
        found_in(world({(c, a, SITES[2]): bad for c in ("XA", "XB", "XC") for a in (1, 2)})) == ()
    )


def test_throttling_is_told_as_such() -> None:
    (one,) = found_in(world({("XB", 1, SITES[2]): [(60, 75, 0.9)]}, kind="throttled"))

    assert one.type is FindingType.THROTTLING


def test_a_shutdown_is_one_finding_and_not_one_for_each_site() -> None:
    bad: list[Episode] = [(60, 64, 1.0)]
    (one,) = found_in(world({("XB", a, site): bad for a in (1, 2) for site in SITES}))

    assert (one.type, one.country, one.asns) == (FindingType.SHUTDOWN, "XB", (1, 2))


def test_down_and_inconclusive_are_never_blocked() -> None:
    for kind in ("down", "inconclusive"):
        assert found_in(world({("XB", 1, SITES[2]): [(60, 75, 1.0)]}, kind=kind)) == ()


def test_noise_alone_gives_nothing() -> None:
    noisy = {
        key(asn=n, target=SITES[n % 4]): rows(200, noise=0.02 + n % 10 / 33, seed=n)
        for n in range(1, 101)
    }

    assert detect(table(noisy)) == ()


def test_a_series_alone_is_judged_by_its_own_past() -> None:
    (one,) = detect(table({key(): rows(180, (90, 96, 0.95))}))

    assert one.onset == "2026-04-01T00:00:00Z"
    assert detect(table({key(): rows(180)})) == ()


def test_half_the_list_of_a_country_may_be_blocked() -> None:
    made = {
        key(target=f"https://s{n}.site{n}.example{n}/"): rows(
            180, *([(90, 180, 0.95)] if n % 2 else []), seed=n
        )
        for n in range(30)
    }
    found = detect(table(made))

    assert {target for one in found for target in one.targets} == {
        made_key.target for n, made_key in enumerate(made) if n % 2
    }


def test_no_order_of_lines_changes_a_byte() -> None:
    made = world({("XB", 1, SITES[2]): [(60, 75, 0.9)], ("XC", 2, SITES[0]): [(30, 110, 0.6)]})
    lines = [
        f"2026-{1 + row.at // 28:02}-{1 + row.at % 28:02},{k.country},{k.asn},{k.target},"
        f"{row.ok},{row.blocked}\n"
        for k, told in made.items()
        for row in told
    ]
    head = "time,country,asn,target,n_ok,n_blocked\n"
    mixed = random.Random(4).sample(lines, len(lines))
    one, other = (
        b"\n".join(map(msgspec.json.encode, detect(read_table([head, *each])[0])))
        for each in (lines, mixed)
    )

    assert one == other
    assert one.count(b"\n") == 1


def test_an_empty_table_has_no_findings() -> None:
    assert detect(read_table(["time,n_ok,n_blocked\n"])[0]) == ()


def test_the_same_counts_a_year_later_are_the_same_findings_a_year_later() -> None:
    made = table(world({("XB", 1, SITES[2]): [(60, 75, 0.9)]}), DAYS)
    later = replace(made, grid=replace(made.grid, first=made.grid.first + 365 * 86_400))
    (now,), (then,) = detect(made), detect(later)

    assert then.onset == now.onset.replace("2026", "2027")
    assert replaced_times(now) == replaced_times(then)


def replaced_times(one: Finding) -> tuple[object, ...]:
    return one.type, one.asns, one.targets, one.confidence, one.confidence_word, one.explanation


def test_throttling_of_many_series_is_told_from_those_that_are_not() -> None:
    made = {
        key(asn=n, target=f"https://s{n % 5}.example/"): rows(
            120, *([(40, 70, 0.6)] if n <= 20 else []), seed=n, kind="throttled", noise=0.0
        )
        for n in range(1, 101)
    }
    found = detect(table(made))

    assert {asn for one in found for asn in one.asns} == set(range(1, 21))
    assert {one.type for one in found} == {FindingType.THROTTLING}


def test_a_network_name_changes_nothing_but_itself() -> None:
    episodes: dict[tuple[str, int, str], list[Episode]] = {("XB", 1, SITES[2]): [(60, 75, 0.9)]}
    made = world(episodes)
    named = {name._replace(asn=name.asn + 70_000): told for name, told in made.items()}
    (one,), (other,) = found_in(made), found_in(named)

    assert other.asns == (70_001,)
    assert (one.onset, one.end, one.confidence) == (other.onset, other.end, other.confidence)
