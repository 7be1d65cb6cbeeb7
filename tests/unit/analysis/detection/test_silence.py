"""Networks that fall silent, and countries that are shut down."""

from collections.abc import Callable, Iterable, Mapping

from analysis.detection.series import UNKNOWN, Key, Row
from analysis.detection.silence import Quiet, quiet
from tests.unit.analysis.detection.tables import Episode, key, rows, table

DAYS = 120


def world(
    gone: Mapping[tuple[str, int], Iterable[int]],
    countries: str = "ABCD",
    networks: int = 3,
    bad: dict[str, Episode] | None = None,
    kind: str = "blocked",
    vantages: dict[tuple[str, int], int] | None = None,
) -> dict[Key, tuple[Row, ...]]:
    """Three targets in each network; some are without data for some days.

    ``vantages`` are three, where nothing else is said.
    """
    return {
        key(f"X{c}", asn, f"https://t{n}.example/"): rows(
            DAYS,
            *([bad[f"X{c}"]] if bad and f"X{c}" in bad else []),
            seed=asn * 10 + n,
            looks=4,
            vantages=(vantages or {}).get((f"X{c}", asn), 3),
            without=gone.get((f"X{c}", asn), ()),
            kind=kind,
        )
        for c in countries
        for asn in range(1, networks + 1)
        for n in range(3)
    }


def changed(
    made: dict[Key, tuple[Row, ...]],
    country: str,
    days: range,
    row_of: Callable[[Key, Row], Row | None],
    only: int = 0,
) -> dict[Key, tuple[Row, ...]]:
    """The same world with other rows of a country, or a network, on some days; None is no row."""
    found = dict(made)
    for k in (k for k in made if k.country == country and (k.asn == only or not only)):
        rows_ = (row_of(k, row) if row.at in days else row for row in made[k])
        found[k] = tuple(row for row in rows_ if row is not None)
    return found


def few(came: Row) -> Callable[[Key, Row], Row | None]:
    """Of all looks of a day this one, at one target."""
    return lambda k, row: came._replace(at=row.at) if k.target == "https://t0.example/" else None


def one_person(networks: int) -> dict[tuple[str, int], int]:
    return {("XB", asn): 1 for asn in range(1, networks + 1)}


def told(made: dict[Key, tuple[Row, ...]]) -> list[Quiet]:
    return list(quiet(table(made, DAYS)))


def test_a_country_that_goes_silent_while_others_go_on_is_shut_down() -> None:
    (one,) = told(world({("XB", asn): range(50, 54) for asn in (1, 2, 3)}))

    assert (one.shutdown, one.all_silent, one.ongoing) == (True, True, False)
    assert (one.country, one.asns, one.run) == ("XB", (1, 2, 3), (50, 54))


def test_a_country_in_which_everything_fails_is_shut_down() -> None:
    (one,) = told(world({}, bad={"XC": (50, 53, 1.0)}))

    assert (one.shutdown, one.all_silent, one.alone) == (True, False, False)
    assert (one.country, one.run) == ("XC", (50, 53))
    assert (one.stopped, one.stopped_twice, one.mute) == (3, 3, 0)


def test_looks_that_say_nothing_are_counted_as_such_and_stop_nobody() -> None:
    for kind in ("inconclusive", "down"):
        (one,) = told(world({}, bad={"XC": (50, 53, 1.0)}, kind=kind))

        assert (one.shutdown, one.all_silent, one.run) == (True, False, (50, 53))
        assert (one.stopped, one.stopped_twice, one.mute, one.alone) == (0, 0, 3, False)


def test_what_is_mostly_looks_that_say_nothing_stops_nobody() -> None:
    half = changed(
        world({}),
        "XC",
        range(50, 53),
        lambda _, r: Row(r.at, blocked=2, inconclusive=2, vantages=3),
    )
    seldom = changed(
        world({}, bad={"XC": (50, 53, 1.0)}),
        "XC",
        range(50, 52),
        lambda _, r: Row(r.at, inconclusive=4, vantages=3),
    )

    assert [(one.stopped, one.mute) for one in told(half)] == [(0, 3)]
    assert [(one.stopped, one.mute) for one in told(seldom)] == [(0, 3)]


def test_what_failed_everywhere_just_before_a_silence_stops_nobody() -> None:
    made = world({("XB", asn): range(50, 56) for asn in (1, 2, 3)})
    for country in ("XA", "XB", "XC", "XD"):
        made = changed(made, country, range(49, 50), lambda _, r: Row(r.at, blocked=4, vantages=3))
    (one,) = told(made)

    assert (one.shutdown, one.country, one.run, one.all_silent) == (True, "XB", (49, 56), False)
    assert (one.stopped, one.mute, one.alone) == (0, 0, False)


def test_what_befalls_now_these_countries_and_now_those_is_nothing_of_one_country() -> None:
    made = world({}, bad={"XB": (50, 54, 1.0)}, kind="inconclusive")
    for country, days in (("XA", (50, 52)), ("XC", (50, 54)), ("XD", (52, 54))):
        made = changed(
            made, country, range(*days), lambda _, r: Row(r.at, inconclusive=4, vantages=3)
        )

    assert told(made) == []


def test_networks_whose_looks_say_nothing_lend_a_silence_of_one_person_no_weight() -> None:
    made = world({("XB", asn): range(50, 54) for asn in (1, 2)}, vantages=one_person(2))
    made = changed(
        made,
        "XB",
        range(50, 54),
        lambda _, row: Row(row.at, inconclusive=4, vantages=3),
    )
    (one,) = told(made)

    assert (one.shutdown, one.asns, one.mute, one.alone) == (True, (1, 2, 3), 1, True)


def test_in_a_file_of_one_country_looks_that_say_nothing_are_no_shutdown() -> None:
    made = world({}, "C", bad={"XC": (50, 53, 1.0)}, kind="inconclusive")

    assert told(made) == []
    assert [one.shutdown for one in told(world({}, "C", bad={"XC": (50, 53, 1.0)}))] == [True]


def test_a_few_looks_that_came_through_are_holidays_and_no_shutdown() -> None:
    for came in (Row(0, ok=1), Row(0, throttled=1)):
        made = changed(world({}), "XB", range(60, 64), few(came))

        assert [one.shutdown for one in told(made)] == []


def test_a_few_looks_of_which_none_came_through_are_as_good_as_silence() -> None:
    (one,) = told(changed(world({}), "XB", range(60, 64), few(Row(0, blocked=1))))

    assert (one.shutdown, one.run, one.all_silent) == (True, (60, 64), False)
    assert (one.stopped, one.mute, one.alone) == (0, 0, False)


def test_a_network_that_had_left_long_before_is_no_witness_of_a_shutdown() -> None:
    left = world({("XB", 1): range(40, DAYS), ("XB", 2): range(80, 83)}, networks=2)
    with_third = world({("XB", 1): range(40, DAYS)} | {("XB", n): range(80, 83) for n in (2, 3)})

    assert [one.asns for one in told(left) if one.shutdown] == []
    assert [one.asns for one in told(with_third) if one.shutdown] == [(2, 3)]


def test_a_network_of_which_little_came_or_in_which_all_failed_before_is_no_witness() -> None:
    gone = {("XB", asn): range(80, 84) for asn in (1, 2, 3)}
    weak = (few(Row(0, ok=1)), lambda _, row: Row(row.at, blocked=4, vantages=3))
    for before in weak:
        made = changed(world(gone), "XB", range(70, 80), before, only=1)

        assert [one.asns for one in told(made) if one.shutdown] == [(2, 3)]


def test_a_shutdown_may_begin_in_a_bucket_that_is_hardly_heard_of() -> None:
    gone = {("XB", asn): range(60, 64) for asn in (1, 2, 3)}
    (one,) = told(changed(world(gone), "XB", range(59, 60), few(Row(0, ok=1))))

    assert (one.shutdown, one.asns, one.run) == (True, (1, 2, 3), (60, 64))


def test_one_person_with_several_lines_who_is_away_is_a_silence_and_no_shutdown() -> None:
    gone = {("XB", asn): range(50, 54) for asn in (1, 2, 3)}
    (one,) = told(world(gone, vantages=one_person(3)))

    assert (one.shutdown, one.asns, one.run) == (False, (1, 2, 3), (50, 54))
    assert one.chance > 0.01  # three lines of one person fall silent as often as one


def test_two_days_without_one_person_are_nothing() -> None:
    gone = {("XB", asn): range(50, 52) for asn in (1, 2, 3)}

    assert told(world(gone, vantages=one_person(3))) == []
    assert [one.shutdown for one in told(world(gone))] == [True]


def test_in_a_file_of_one_country_one_person_who_is_away_is_nothing() -> None:
    gone = {("XB", asn): range(50, 53) for asn in (1, 2, 3)}

    assert told(world(gone, "B", vantages=one_person(3))) == []


def test_a_number_of_vantages_that_nobody_told_counts_as_one() -> None:
    gone = {("XB", asn): range(50, 54) for asn in (1, 2)}
    unknown = dict.fromkeys(one_person(2), UNKNOWN)

    assert [one.shutdown for one in told(world(gone, networks=2, vantages=unknown))] == [False]


def test_more_networks_than_one_person_has_are_shut_down_though_each_has_one_vantage() -> None:
    gone = {("XB", asn): range(50, 54) for asn in (1, 2, 3, 4)}
    (one,) = told(world(gone, networks=4, vantages=one_person(4)))

    assert (one.shutdown, one.alone) == (True, False)


def test_vantages_that_had_stopped_before_are_not_counted() -> None:
    gone = {("XB", asn): range(90, 94) for asn in (1, 2)}
    made = changed(
        world(gone, networks=2), "XB", range(60, DAYS), lambda _, r: r._replace(vantages=1)
    )

    assert [one.shutdown for one in told(made)] == [False]


def test_masked_looks_of_one_person_are_no_evidence() -> None:
    bad: dict[str, Episode] = {"XB": (50, 54, 1.0)}

    assert told(world({}, bad=bad, kind="inconclusive", vantages=one_person(3))) == []


def test_everything_stopped_for_one_person_is_told_as_what_one_person_may_cause() -> None:
    (one,) = told(world({}, bad={"XB": (50, 54, 1.0)}, vantages=one_person(3)))

    assert (one.shutdown, one.stopped, one.stopped_twice, one.alone) == (True, 3, 0, True)


def test_a_silence_of_one_network_is_told_as_a_whole_though_others_share_a_part_of_it() -> None:
    gone = {("XB", 1): range(50, 70), ("XB", 2): range(50, 54)}
    found = told(world(gone, networks=2, vantages=one_person(2)))

    assert [(one.shutdown, one.asns, one.run) for one in found] == [(False, (1,), (50, 70))]


def test_a_silence_hides_none_of_another_country_or_another_time() -> None:
    gone = {("XB", 1): [*range(30, 34), *range(90, DAYS)], ("XB", 2): range(30, 34)}
    found = told(world(gone | {("XC", 1): range(30, 50)}, networks=2, vantages=one_person(2)))

    assert sorted((one.country, one.asns, one.run) for one in found) == [
        ("XB", (1,), (90, DAYS)),
        ("XB", (1, 2), (30, 34)),
        ("XC", (1,), (30, 50)),
    ]


def test_a_long_shutdown_is_told_once_and_not_as_silences_as_well() -> None:
    found = told(world({("XB", asn): range(50, 70) for asn in (1, 2, 3)}))

    assert [one.shutdown for one in found] == [True]


def test_when_others_are_hardly_heard_of_it_is_the_collecting_that_stopped() -> None:
    made = world({("XB", asn): range(50, 54) for asn in (1, 2, 3)})
    for country in ("XA", "XC", "XD"):
        made = changed(made, country, range(50, 54), few(Row(0, ok=1)))

    assert told(made) == []


def test_one_network_of_several_is_silent_and_nothing_is_shut_down() -> None:
    (one,) = told(world({("XB", 2): range(50, 65)}))

    assert not one.shutdown
    assert (one.country, one.asns, one.run) == ("XB", (2,), (50, 65))


def test_silence_to_the_last_day_goes_on() -> None:
    for networks in ((2,), (1, 2, 3)):
        (one,) = told(world({("XB", asn): range(100, 120) for asn in networks}))

        assert (one.shutdown, one.run, one.ongoing) == (len(networks) > 1, (100, 120), True)


def test_networks_that_often_pause_are_not_shut_down_when_both_pause_for_a_day() -> None:
    gone = {("XB", 1): range(5, DAYS, 6), ("XB", 2): [*range(8, DAYS, 7), 59]}

    assert told(world(gone, networks=2)) == []


def test_when_all_stop_it_is_the_collecting_that_stopped() -> None:
    every = {(f"X{c}", asn): range(50, 60) for c in "ABCD" for asn in (1, 2, 3)}

    assert told(world(every)) == []


def test_in_a_file_of_one_country_silence_is_no_shutdown() -> None:
    found = told(world({("XA", asn): range(50, 70) for asn in (1, 2)}, "A", 2))

    assert [(one.shutdown, one.asns) for one in found] == [(False, (1,)), (False, (2,))]


def test_a_day_or_two_of_silence_are_nothing() -> None:
    assert told(world({("XB", 2): range(50, 52)})) == []


def test_a_network_that_often_pauses_is_not_silent_when_it_pauses() -> None:
    pauses = [day for day in range(DAYS) if day % 12 < 5]
    made = world({}) | {
        key("XB", 2, f"https://t{n}.example/"): rows(DAYS, seed=n, without=pauses) for n in range(3)
    }

    assert told(made) == []


def test_hardly_any_results_are_silence_as_well() -> None:
    made = world({})
    for k, told_rows in list(made.items()):
        if (k.country, k.asn) == ("XB", 2):
            thin = k.target == "https://t0.example/"
            made[k] = tuple(
                row if not 50 <= row.at < 65 else Row(row.at, 1)
                for row in told_rows
                if thin or not 50 <= row.at < 65
            )
    (one,) = told(made)

    assert (one.run, one.all_silent) == ((50, 65), False)


def test_a_network_that_left_before_hides_no_silence_of_the_others() -> None:
    gone = {("XB", 1): range(40, DAYS), ("XB", 2): range(80, 84), ("XB", 3): range(80, 84)}
    found = told(world(gone, vantages=one_person(3)))

    assert [(one.shutdown, one.asns) for one in found] == [(False, (1,)), (False, (2, 3))]


def test_where_one_of_several_sites_is_open_nothing_is_shut_down() -> None:
    sites = [f"https://site{n}.example/" for n in range(5)]
    made = {
        key(country, asn, site): rows(
            60, *([(20, 40, 1.0)] if country == "XA" and site != sites[0] else []), vantages=3
        )
        for country in ("XA", "XB", "XC")
        for asn in (1, 2)
        for site in sites
    }

    assert told(made) == []
    made |= {k: rows(60, (20, 40, 1.0), vantages=3) for k in made if k.country == "XA"}
    assert [(one.run, one.shutdown) for one in told(made)] == [((20, 40), True)]
