"""A finding's words and dates, and what it must not say."""

from dataclasses import replace

from analysis.detection.dating import Change
from analysis.detection.episodes import Episode
from analysis.detection.grid import DAY, Grid
from analysis.detection.series import UNKNOWN
from analysis.detection.silence import Quiet
from analysis.detection.telling import confidence_of, of_group, of_quiet, ordered, word_of
from heliograph.finding import Finding, FindingType, Member, MethodChange
from heliograph.model import ConfidenceWord
from tests.unit.analysis.detection.tables import FIRST, key, rows, table

GRID = Grid(FIRST, DAY, 180)
ONE = Episode(
    key=key(),
    onset=Change(10, 9, 12),
    end=Change(20, 19, 21),
    score=30.0,
    level=0.9,
    hits=90,
    decided=100,
    looks=100,
    vantages=4,
    pauses=0,
    seen_before=True,
    techniques=(),
    witnesses=("id-1",),
)
OTHER = replace(ONE, key=key(asn=64501), onset=Change(11, 11, 12), witnesses=("id-2",))


def told(*group: Episode) -> Finding:
    return of_group(group, FindingType.BLOCKING, GRID)


def test_a_group_begins_with_its_first_and_ends_with_its_last_member() -> None:
    found = told(ONE, replace(OTHER, end=Change(30, 29, 31)))

    assert (found.onset, found.onset_from, found.onset_to) == (
        "2026-01-11T00:00:00Z",
        "2026-01-10T00:00:00Z",
        "2026-01-13T00:00:00Z",
    )
    assert (found.end, found.end_from, found.end_to) == (
        "2026-01-31T00:00:00Z",
        "2026-01-30T00:00:00Z",
        "2026-02-01T00:00:00Z",
    )
    assert found.asns == (64500, 64501)
    assert found.witnesses == ("id-1", "id-2")
    assert found.members[0] == Member(
        asn=64500,
        target="https://site.example/",
        probe="web",
        onset="2026-01-11T00:00:00Z",
        end="2026-01-21T00:00:00Z",
    )


def test_while_one_member_goes_on_the_finding_does() -> None:
    found = told(ONE, replace(OTHER, end=None))

    assert (found.end, found.end_from, found.end_to) == (None, None, None)
    assert [member.end for member in found.members] == ["2026-01-21T00:00:00Z", None]


def test_two_vantages_in_each_of_two_networks_corroborate() -> None:
    assert word_of((ONE, OTHER)) is ConfidenceWord.CORROBORATED


def test_one_network_is_likely_at_most() -> None:
    assert word_of((ONE,)) is ConfidenceWord.LIKELY


def in_networks(number: int, vantages: int) -> tuple[Episode, ...]:
    return tuple(replace(ONE, key=key(asn=64500 + n), vantages=vantages) for n in range(number))


def test_vantages_nobody_counted_make_it_likely_at_most() -> None:
    for number in (1, 2, 9):
        group = in_networks(number, UNKNOWN)

        assert word_of(group) is ConfidenceWord.LIKELY
        assert "not known" in told(*group).explanation


def test_the_share_that_is_told_is_of_all_looks_that_say_anything_from_onset_to_end() -> None:
    assert ": 90% of looks" in told(ONE).explanation
    assert "that say anything" not in told(ONE).explanation
    half = replace(OTHER, hits=10, looks=300)
    assert ": 50% of looks that say anything" in told(ONE, half).explanation


def test_what_a_site_may_do_to_a_country_is_said_where_only_its_addresses_are_closed() -> None:
    closed = replace(ONE, techniques=((10, "tcp.timeout"), (11, "tcp.timeout")))
    named = replace(OTHER, techniques=((11, "tls.reset"),))

    assert "turns this country away" in told(closed).explanation
    assert "turns this country away" not in told(closed, named).explanation
    assert "turns this country away" not in told(ONE).explanation


def test_what_one_vantage_alone_could_cause_is_a_signal() -> None:
    assert word_of((replace(ONE, vantages=1),)) is ConfidenceWord.SIGNAL
    assert word_of((replace(ONE, vantages=2, level=0.5),)) is ConfidenceWord.SIGNAL
    assert "one vantage alone" in told(replace(ONE, vantages=1)).explanation


def test_a_minority_of_liars_makes_no_more_than_a_signal() -> None:
    liars = replace(ONE, level=0.4, vantages=20)

    assert word_of((liars,)) is ConfidenceWord.SIGNAL
    assert "so small a share" in told(liars).explanation


def test_single_vantages_of_as_many_networks_as_one_person_has_are_a_signal() -> None:
    for number in (2, 3):
        group = in_networks(number, 1)

        assert word_of(group) is ConfidenceWord.SIGNAL
        assert "one person with several lines" in told(*group).explanation


def test_single_vantages_of_more_networks_are_likely_and_do_not_corroborate() -> None:
    assert word_of(in_networks(4, 1)) is ConfidenceWord.LIKELY


def test_a_network_that_is_not_known_is_none_of_several() -> None:
    nameless = replace(ONE, key=key(asn=0))

    assert word_of((nameless, OTHER)) is ConfidenceWord.LIKELY
    group = (*in_networks(3, 1), replace(nameless, vantages=1))
    assert word_of(group) is ConfidenceWord.SIGNAL


def test_a_network_of_several_vantages_beside_one_of_one_is_likely() -> None:
    assert word_of((ONE, replace(OTHER, vantages=1))) is ConfidenceWord.LIKELY


def test_more_evidence_gives_a_larger_number_below_one() -> None:
    little, much = confidence_of((replace(ONE, score=12.0),)), confidence_of((ONE, OTHER))

    assert 0 < little < much < 1


def test_another_technique_that_stays_is_a_change_and_one_day_is_none() -> None:
    words = ["dns.bogon"] * 4 + ["tls.eof"] + ["dns.bogon"] * 2 + ["tls.reset"] * 3
    one = replace(ONE, techniques=tuple(enumerate(words, start=10)))
    found = told(one, replace(one, key=key(asn=64501)))

    assert found.changes == (
        MethodChange(at="2026-01-18T00:00:00Z", was="dns.bogon", now="tls.reset"),
    )
    assert found.techniques == ("dns.bogon", "tls.reset", "tls.eof")


def test_the_sentence_says_what_came_and_went_and_what_may_be_older() -> None:
    said = told(replace(ONE, pauses=2, seen_before=False, end=None)).explanation

    assert "AS64500" in said
    assert "90% of looks" in said
    assert "2 pauses" in said
    assert "older than the data" in said
    assert "goes on" in said


def test_throttling_is_no_block() -> None:
    assert "slowed down" in of_group((ONE,), FindingType.THROTTLING, GRID).explanation


QUIET = Quiet(
    country="XA",
    asns=(64500, 64501),
    run=(20, 24),
    ongoing=False,
    shutdown=True,
    all_silent=True,
    chance=0.001,
)


def told_of(one: Quiet) -> Finding:
    return of_quiet(one, table({key(): rows(60), key(asn=64501): rows(60)}, 60))


def test_silence_is_a_signal_that_speaks_of_no_blocking() -> None:
    one = replace(QUIET, asns=(64500,), run=(20, 60), ongoing=True, shutdown=False)
    found = told_of(one)

    assert (found.type, found.end) == (FindingType.SILENCE, None)
    assert found.confidence_word is ConfidenceWord.SIGNAL
    assert "no blocking" in found.explanation
    assert found.members[0].onset == "2026-01-21T00:00:00Z"


def test_nothing_from_several_networks_is_a_likely_shutdown() -> None:
    found = told_of(QUIET)

    assert (found.type, found.end) == (FindingType.SHUTDOWN, "2026-01-25T00:00:00Z")
    assert found.confidence_word is ConfidenceWord.LIKELY
    assert found.explanation.startswith("nothing came from 2 networks of XA")
    little = told_of(replace(QUIET, all_silent=False)).explanation
    assert little.startswith("almost nothing came from 2 networks of XA")


def test_a_shutdown_is_corroborated_where_two_vantages_in_each_of_two_networks_were_stopped() -> (
    None
):
    words = {
        twice: told_of(
            replace(QUIET, all_silent=False, stopped=2, stopped_twice=twice)
        ).confidence_word
        for twice in (0, 1, 2)
    }

    assert words == {
        0: ConfidenceWord.LIKELY,
        1: ConfidenceWord.LIKELY,
        2: ConfidenceWord.CORROBORATED,
    }


def test_where_one_person_may_be_the_cause_a_shutdown_is_a_signal_that_says_so() -> None:
    found = told_of(replace(QUIET, all_silent=False, stopped=2, alone=True))

    assert found.confidence_word is ConfidenceWord.SIGNAL
    assert found.explanation.startswith("everything failed in 2 networks of XA at once")
    assert "one person" in found.explanation


def test_looks_that_say_nothing_make_a_signal_that_does_not_say_that_anything_failed() -> None:
    mute = told_of(replace(QUIET, all_silent=False, mute=2))
    half = told_of(replace(QUIET, all_silent=False, stopped=1, stopped_twice=1, mute=1))

    assert mute.confidence_word is half.confidence_word is ConfidenceWord.SIGNAL
    assert mute.explanation.startswith("nothing that says anything came from 2 networks of XA")
    assert "or nothing that says anything came" in half.explanation


def test_findings_are_in_order_of_their_onset() -> None:
    early, late = told(ONE), told(OTHER)

    assert ordered([late, early]) == (early, late)
