"""What resolvers said of a hop's host, whoever was asked and at whatever hop."""

from analysis.answers import Answers
from heliograph.failure import Failure
from tests.unit.analysis.builders import (
    HOST,
    NXDOMAIN,
    REAL,
    REAL2,
    WRONG,
    again,
    found_again,
    measured,
    resolver_control,
    system,
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
