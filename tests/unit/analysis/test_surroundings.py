"""Which flags follow from what was seen of the surroundings, and what each means in words."""

from datetime import timedelta

import pytest

from analysis.around import Host
from analysis.surroundings import (
    FLAGS,
    MASKING,
    clock_ahead,
    flags,
    in_words,
    masking,
    mend_of,
    must_look_nearer,
    rewriting,
    told,
)
from heliograph.failure import Failure
from heliograph.model import (
    OUT_OF_TIME,
    PAIR_CHECK,
    PAIR_INNOCUOUS,
    RESIDUAL_POSSIBLE,
    Step,
)
from tests.unit.analysis import around_steps as a
from tests.unit.analysis.around_steps import (
    CHECK,
    DOH,
    HERE,
    NAMES,
    NXDOMAIN,
    PLACES,
    PORTAL,
    SERVFAIL,
    STARTED,
    TIMEOUT,
    TWO_YEARS,
    UNKNOWN_CA,
    checked,
    connect,
    found,
    healthy,
    near,
    nowhere,
    query,
    shake,
)
from tests.unit.analysis.around_stories import (
    later,
    led_astray,
    lost_abroad,
    opened,
    silent,
    unknown_to_system,
    walled,
)


def of(*steps: Step, host: Host = HERE) -> tuple[str, ...]:
    return flags(steps, host, STARTED)


def test_a_healthy_network_has_no_flag() -> None:
    assert of(*healthy()) == ()


def test_nothing_looked_at_says_nothing() -> None:
    assert of() == ()


# offline


def test_silence_of_everybody_is_offline() -> None:
    assert of(*silent()) == ("offline",)


@pytest.mark.parametrize("word", [NXDOMAIN, SERVFAIL, Failure.CONNECTION_REFUSED])
def test_whoever_says_no_is_there(word: Failure) -> None:
    assert "offline" not in of(*silent(), query(PAIR_CHECK, CHECK, failure=word))


# captive portal


@pytest.mark.parametrize("status", [200, 302, 511])
def test_anything_but_an_empty_204_is_a_portal(status: int) -> None:
    assert of(*checked(status), *found(NAMES[0])) == ("captive_portal",)


def test_a_204_with_a_body_is_a_portals_too() -> None:
    assert of(*checked(204, body=7)) == ("captive_portal",)


def test_one_check_that_passes_is_enough() -> None:
    assert of(*checked(500), *checked()) == ()


def test_a_check_that_is_not_answered_is_no_portal() -> None:
    assert of(*checked(None), *found(NAMES[0])) == ()


def test_without_a_check_a_portal_is_told_by_where_names_lead() -> None:
    assert "captive_portal" in of(*walled())


def test_names_that_are_proved_are_not_behind_a_portal() -> None:
    assert "captive_portal" not in of(*walled(), *found(NAMES[0]))


def test_a_portal_is_not_told_as_rewriting_as_well() -> None:
    assert not rewriting(of(*walled()))


# the resolver


def test_a_resolver_that_fails_for_every_name_that_others_find_is_broken() -> None:
    assert of(*checked(None), *unknown_to_system(NAMES[0]), *unknown_to_system(NAMES[1])) == (
        "resolver_broken",
    )


def test_a_resolver_that_finds_one_name_is_not_broken() -> None:
    assert of(*checked(), *unknown_to_system(NAMES[0]), *found(NAMES[1])) == ()


def test_a_name_that_others_do_not_find_either_says_nothing_of_the_resolver() -> None:
    nobody = [
        query(PAIR_INNOCUOUS, NAMES[0], resolver=resolver, failure=SERVFAIL)
        for resolver in (a.SYSTEM, DOH)
    ]
    assert "resolver_broken" not in of(*checked(), *nobody)


def test_a_resolver_that_leads_every_name_astray_is_broken() -> None:
    steps = [*checked(), *led_astray(NAMES[0], PORTAL), *led_astray(NAMES[1], PORTAL)]

    assert of(*steps) == ("resolver_broken",)


def test_an_edge_that_is_down_is_not_led_astray() -> None:
    place = PLACES[NAMES[0]]
    steps = [
        query(PAIR_INNOCUOUS, NAMES[0], "203.0.113.77"),
        query(PAIR_INNOCUOUS, NAMES[0], place, resolver=DOH),
        connect(PAIR_INNOCUOUS, NAMES[0], "203.0.113.77", TIMEOUT),
        shake(PAIR_INNOCUOUS, NAMES[0], place),
    ]
    assert of(*checked(), *steps) == ()


# interception


def test_one_unknown_issuer_for_every_name_intercepts() -> None:
    assert of(*checked(), *opened(NAMES[0]), *opened(NAMES[1])) == ("tls_intercepted",)


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param([*opened(NAMES[0])], id="one name is no rule"),
        pytest.param([*opened(NAMES[0]), *found(NAMES[1])], id="another is proved"),
        pytest.param(
            [*opened(NAMES[0]), *opened(NAMES[1], issuer="CN=Other")], id="different issuers"
        ),
    ],
)
def test_less_than_that_intercepts_nothing(steps: list[Step]) -> None:
    assert of(*checked(), *steps) == ()


def test_a_resolver_intercepted_counts_as_a_second_name() -> None:
    met = shake(PAIR_INNOCUOUS, "dns.example", "192.0.2.1", UNKNOWN_CA, issuer="CN=Antivirus")

    assert of(*checked(), *opened(NAMES[0]), a._at(met, resolver=DOH)) == ("tls_intercepted",)


# here and abroad


def test_places_here_answer_and_none_abroad_is_a_shutdown() -> None:
    assert of(*lost_abroad(), *near()) == ("shutdown",)


def test_nothing_reached_at_all_may_be_a_broken_line() -> None:
    assert must_look_nearer(lost_abroad(), HERE, STARTED)
    assert of(*lost_abroad()) == ("abroad_unreachable",)
    assert of(*lost_abroad(), *near(TIMEOUT)) == ("abroad_unreachable",)


def test_a_resolver_elsewhere_that_takes_connections_is_somebody_abroad() -> None:
    assert of(*lost_abroad(), a.resolver_met()) == ()
    assert of(*lost_abroad(), a.resolver_met(TIMEOUT)) == ("abroad_unreachable",)


def test_names_of_unknown_countries_are_not_here() -> None:
    assert of(*lost_abroad(), *near(), host=Host()) == ()
    assert of(*lost_abroad(), *near(country="XB")) == ()


def test_one_place_abroad_that_answers_is_enough() -> None:
    assert of(*lost_abroad(), *found(NAMES[0]), *near()) == ()
    assert not must_look_nearer([*lost_abroad(), *found(NAMES[0])], HERE, STARTED)


def test_one_place_abroad_alone_says_nothing() -> None:
    assert of(*a.lost(NAMES[0]), *near()) == ()


# names that do not exist


def test_an_address_for_a_name_nobody_has_is_remembered() -> None:
    steps = [*checked(), *nowhere("198.18.1.81", "198.18.1.80"), *found(NAMES[0])]

    (flag,) = of(*steps)

    assert flag == "nxdomain_rewritten:198.18.1.80,198.18.1.81"
    assert rewriting((flag, "no_ipv6")) == {"198.18.1.80", "198.18.1.81"}
    assert not masking((flag,))


def test_a_name_that_all_resolvers_know_is_not_rewritten() -> None:
    steps = nowhere("198.18.1.81", elsewhere=("198.18.1.81",))

    assert of(*checked(), *steps, *found(NAMES[0])) == ()


def test_without_the_flag_nothing_is_rewritten() -> None:
    assert rewriting(("no_ipv6", "nxdomain_rewritten")) == frozenset()


# this host


def test_what_the_host_tells_of_itself() -> None:
    host = Host(country="XA", tunnel="wg0", ipv6=False)

    assert of(*healthy(), host=host) == ("tunnel", "no_ipv6")


# the clock


@pytest.mark.parametrize("ahead", [TWO_YEARS, -TWO_YEARS, timedelta(hours=25)])
def test_servers_more_than_a_day_from_this_clock(ahead: timedelta) -> None:
    assert of(*checked(ahead=ahead)) == ("clock_skew",)


def test_a_few_hours_are_no_skew() -> None:
    assert of(*checked(ahead=timedelta(hours=23))) == ()


def test_one_server_with_a_wrong_clock_is_wrong_itself() -> None:
    assert of(*checked(), *found(NAMES[0], ahead=TWO_YEARS)) == ()
    assert of(*found(NAMES[0], ahead=TWO_YEARS)) == ()
    assert of(*(s for n in NAMES for s in found(n, ahead=TWO_YEARS))) == ("clock_skew",)


def test_certificates_prove_the_time_that_servers_tell() -> None:
    steps = [*checked(ahead=-TWO_YEARS), *later(NAMES[0]), *later(NAMES[1])]

    assert of(*steps) == ("clock_skew",)
    assert clock_ahead(steps, HERE, STARTED) == pytest.approx(-TWO_YEARS, abs=timedelta(seconds=2))


def test_a_certificate_valid_at_both_times_proves_it_too() -> None:
    days = timedelta(days=3)
    steps = [*checked(ahead=days), *found(NAMES[0], ahead=days)]

    assert clock_ahead(steps, HERE, STARTED) == pytest.approx(days, abs=timedelta(seconds=2))
    in_the_clear = [*checked(ahead=days), *found(NAMES[0])]
    assert clock_ahead(in_the_clear, HERE, STARTED) == timedelta(), "anybody may have told that"


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param(checked(ahead=-TWO_YEARS), id="no certificate"),
        pytest.param([*checked(ahead=-TWO_YEARS), *found(NAMES[0])], id="a certificate valid now"),
        pytest.param(
            [*checked(ahead=-TWO_YEARS), *later(NAMES[0]), *found(NAMES[1])],
            id="one valid now, one then",
        ),
        pytest.param([*checked(ahead=TWO_YEARS), *later(NAMES[0])], id="valid at another time"),
        pytest.param([*checked(), *opened(NAMES[0])], id="no skew"),
        pytest.param(
            [*checked(ahead=-TWO_YEARS), *opened(NAMES[0])], id="a certificate of nobody's"
        ),
    ],
)
def test_without_such_proof_the_clock_is_not_corrected(steps: list[Step]) -> None:
    assert clock_ahead(steps, HERE, STARTED) == timedelta()


# in words


def test_every_masking_flag_is_in_the_table_and_names_are_unique() -> None:
    names = [flag.name for flag in FLAGS]

    assert set(names) >= MASKING | {OUT_OF_TIME, RESIDUAL_POSSIBLE}
    assert len(names) == len(set(names))


@pytest.mark.parametrize("flag", FLAGS, ids=lambda flag: flag.name)
def test_a_flag_is_told_as_part_of_a_sentence_with_a_mend(flag: "object") -> None:
    name = getattr(flag, "name")  # noqa: B009

    assert in_words(name)[0].islower()
    assert not in_words(name).endswith(".")
    assert mend_of(name)


def test_what_masks_is_told_first_and_alone() -> None:
    assert told(("no_ipv6", "tunnel")) == in_words("tunnel")
    assert told(("no_ipv6", "x")) == f"{in_words('no_ipv6')}; x"
    assert in_words("nxdomain_rewritten:1.2.3.4") == in_words("nxdomain_rewritten")
    assert mend_of("x") == "nothing"
