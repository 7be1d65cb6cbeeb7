"""Networks that fall silent, and countries that are shut down."""

from analysis.detection.series import Key, Row
from analysis.detection.silence import Quiet, quiet
from tests.unit.analysis.detection.tables import Episode, key, rows, table

DAYS = 120


def world(
    gone: dict[tuple[str, int], range],
    countries: str = "ABCD",
    networks: int = 3,
    bad: dict[str, Episode] | None = None,
    kind: str = "blocked",
) -> dict[Key, tuple[Row, ...]]:
    """Three targets in each network; some networks are without data for some days."""
    return {
        key(f"X{c}", asn, f"https://t{n}.example/"): rows(
            DAYS,
            *([bad[f"X{c}"]] if bad and f"X{c}" in bad else []),
            seed=asn * 10 + n,
            looks=4,
            vantages=3,
            without=gone.get((f"X{c}", asn), ()),
            kind=kind,
        )
        for c in countries
        for asn in range(1, networks + 1)
        for n in range(3)
    }


def told(made: dict[Key, tuple[Row, ...]]) -> list[Quiet]:
    return list(quiet(table(made, DAYS)))


def test_a_country_that_goes_silent_while_others_go_on_is_shut_down() -> None:
    (one,) = told(world({("XB", asn): range(50, 54) for asn in (1, 2, 3)}))

    assert (one.shutdown, one.all_silent, one.ongoing) == (True, True, False)
    assert (one.country, one.asns, one.run) == ("XB", (1, 2, 3), (50, 54))


def test_a_country_in_which_everything_fails_is_shut_down() -> None:
    (one,) = told(world({}, bad={"XC": (50, 53, 1.0)}, kind="inconclusive"))

    assert (one.shutdown, one.all_silent) == (True, False)
    assert (one.country, one.run, one.vantages) == ("XC", (50, 53), 3)


def test_one_network_of_several_is_silent_and_nothing_is_shut_down() -> None:
    (one,) = told(world({("XB", 2): range(50, 65)}))

    assert not one.shutdown
    assert (one.country, one.asns, one.run) == ("XB", (2,), (50, 65))


def test_silence_to_the_last_day_goes_on() -> None:
    (one,) = told(world({("XB", 2): range(100, 120)}))

    assert (one.run, one.ongoing) == ((100, 120), True)


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
