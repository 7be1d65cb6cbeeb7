"""What resolvers said of a hop's host, whoever was asked and at whatever hop."""

import msgspec

from analysis.answers import Answers
from heliograph.failure import Failure
from heliograph.model import NO_IPV6, Step
from tests.unit.analysis.builders import (
    HOST,
    NODATA,
    NXDOMAIN,
    REAL,
    REAL2,
    SERVFAIL,
    TIMEOUT,
    V6,
    WRONG,
    again,
    found_again,
    ipv6_control,
    measured,
    resolver_control,
    system,
    tcp,
    told,
    trusted,
)
from tests.unit.analysis.builders_control import SITE_ASN, at_hop, from_nobody, in_network, seen_dns


def test_the_systems_and_the_trusted_resolvers_are_kept_apart() -> None:
    e = Answers(measured(system(WRONG), trusted(REAL), trusted(REAL2, transport="udp")))

    assert e.system_public == {WRONG}
    assert e.trusted_public == {REAL, REAL2}
    assert e.vouched == {REAL}, "an answer over UDP may be forged"


def test_what_the_control_was_told_is_not_what_we_were_told() -> None:
    e = Answers(measured(system(WRONG), seen_dns(REAL)))

    assert e.system_public == {WRONG}
    assert e.trusted_public == frozenset()
    assert e.remote.addresses == {REAL}


def test_an_answer_of_an_earlier_hop_serves_a_later_one() -> None:
    look = measured(system(REAL), *at_hop(2, trusted(REAL2), host=HOST))

    assert Answers(look, 2).system_public == {REAL}
    assert Answers(look, 2).trusted_public == {REAL2}


def test_a_second_try_is_told_from_the_first() -> None:
    e = Answers(measured(system(failure=NXDOMAIN), *again(NXDOMAIN)))
    found = Answers(measured(system(WRONG), found_again(WRONG)))

    assert (e.system_failure, e.failure_again) == (NXDOMAIN, NXDOMAIN)
    assert found.addresses_again == {WRONG}
    assert found.system_public == {WRONG}


def test_an_innocuous_name_asked_of_nobody_is_no_control_of_the_resolver() -> None:
    e = Answers(measured(system(WRONG), *from_nobody((told(WRONG),))))

    assert e.resolver_control is None
    assert e.from_nobody.test is not None
    assert Answers(measured(resolver_control())).resolver_control is not None


def test_networks_are_compared_as_far_as_a_table_knows_them() -> None:
    e = Answers(measured(in_network(SITE_ASN, system(REAL2)), in_network(SITE_ASN, trusted(REAL))))
    untold = Answers(measured(system(REAL2), trusted(REAL)))

    assert e.same_network(REAL2, {REAL})
    assert not e.same_network(WRONG, {REAL})
    assert not untold.same_network(REAL2, {REAL})


def test_silence_of_one_family_is_no_silence() -> None:
    silent = system(failure=Failure.GENERIC_TIMEOUT_ERROR, kind="AAAA")

    assert Answers(measured(system(REAL), silent)).system_failure is None


# Families of addresses


def test_a_name_has_ipv6_only_where_nobody_can_have_forged_that() -> None:
    no_others = trusted(failure=NODATA)
    v6 = trusted(V6, kind="AAAA")

    assert Answers(measured(no_others, v6)).has_ipv6_only
    assert not Answers(measured(v6)).has_ipv6_only, "nobody was asked for the other family"
    assert not Answers(measured(trusted(failure=TIMEOUT), v6)).has_ipv6_only
    assert not Answers(measured(trusted(REAL), v6)).has_ipv6_only
    forged = trusted(failure=NODATA, transport="udp")
    assert not Answers(measured(forged, v6)).has_ipv6_only


def test_the_failure_is_that_of_the_family_the_name_has() -> None:
    v6_only = (trusted(failure=NODATA), trusted(V6, kind="AAAA"))
    asked = (system(failure=NODATA), system(failure=SERVFAIL, kind="AAAA"))

    assert Answers(measured(*asked, *v6_only)).system_failure is SERVFAIL
    assert Answers(measured(*asked, trusted(REAL))).system_failure is NODATA


def test_ipv6_is_withheld_where_the_answer_about_ipv4_is_true() -> None:
    v6_only = (trusted(failure=NODATA), trusted(V6, kind="AAAA"))

    def withheld(*asked: Step) -> bool:
        return Answers(measured(*asked, *v6_only)).withholds_ipv6

    assert withheld(system(failure=NODATA), system(failure=NODATA, kind="AAAA"))
    assert not withheld(system(failure=NODATA), system(V6, kind="AAAA"))
    assert not withheld(system(failure=NXDOMAIN), system(failure=NXDOMAIN, kind="AAAA"))


def test_whether_others_are_given_ipv6_addresses_is_known_when_it_was_asked() -> None:
    gives, gives_none = ipv6_control("2001:db8::99"), ipv6_control()

    assert Answers(measured(system(WRONG))).gives_ipv6 is None
    assert Answers(measured(gives_none)).gives_ipv6 is False
    assert Answers(measured(gives_none, gives)).gives_ipv6 is True, "one answer is enough"
    trusted_alone = msgspec.structs.replace(trusted(V6, kind="AAAA"), role=gives.role, pair="ipv6")
    assert Answers(measured(trusted_alone)).gives_ipv6 is None
    assert Answers(measured(gives)).resolver_control is None


def test_without_a_route_ipv6_addresses_do_not_count() -> None:
    asked = (system(REAL), system(V6, kind="AAAA"), trusted(REAL), trusted(V6, kind="AAAA"))
    flagged = (NO_IPV6,)

    assert Answers(measured(*asked)).system_addresses == {REAL, V6}
    assert Answers(measured(*asked, context=flagged)).system_addresses == {REAL}
    with_route = measured(*asked, tcp(V6), context=flagged)
    assert Answers(with_route).system_addresses == {REAL, V6}, "the table knew less than the kernel"
    only = (system(V6, kind="AAAA"), trusted(failure=NODATA), trusted(V6, kind="AAAA"))
    assert Answers(measured(*only, context=flagged)).system_addresses == {V6}
