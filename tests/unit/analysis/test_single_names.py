"""What resolvers said in a look that was made once, beyond what the rules' own cases show."""

from analysis.chain import hops
from analysis.evidence import Evidence
from analysis.judge import judge
from analysis.single_names import (
    NO_DATA,
    denied,
    denied_on_the_way,
    misled_once,
    misled_to_nobody_once,
)
from heliograph.failure import Failure
from heliograph.model import Measurement, State, Step
from tests.unit.analysis.builders import (
    NODATA,
    NXDOMAIN,
    REAL,
    TIMEOUT,
    V6,
    WRONG_NAME,
    imported,
    system,
    tcp,
    tls,
    trusted,
)
from tests.unit.analysis.builders_control import (
    at_hop,
    ended,
    page,
    redirect,
    seen_dns,
    seen_tcp,
    seen_tls,
)
from tests.unit.analysis.cases_dns import denied as denials
from tests.unit.analysis.cases_hops import NEXT
from tests.unit.analysis.cases_single import FAR, SERVED

LED = (system(FAR), tcp(FAR), tls(FAR, WRONG_NAME), *SERVED)


def last(look: Measurement) -> Evidence:
    return hops(look)[-1]


def techniques(*steps: Step) -> tuple[str, ...]:
    verdict = judge(imported(*steps))
    assert verdict is not None
    assert verdict.state is State.BLOCKED
    return verdict.techniques


def test_an_address_that_proves_the_name_to_the_control_is_no_stranger_s() -> None:
    assert misled_once(last(imported(*LED)))
    assert not misled_once(last(imported(*LED, seen_tls(FAR))))
    assert techniques(*LED) == ("dns.wrong_address",)
    assert techniques(*LED, seen_tls(FAR)) == ("tls.mitm",)


def test_an_address_where_somebody_else_is_at_home_is_told_from_one_where_nobody_is() -> None:
    shut = (system(FAR), tcp(FAR, Failure.CONNECTION_REFUSED), seen_tcp(FAR, TIMEOUT), *SERVED)
    strangers, nobody = last(imported(*LED)), last(imported(*shut))

    assert (misled_once(strangers), misled_to_nobody_once(strangers)) == (True, False)
    assert (misled_once(nobody), misled_to_nobody_once(nobody)) == (False, True)


def test_what_a_resolver_denies_is_told_by_its_own_word() -> None:
    name, data = denied(frozenset({NXDOMAIN})), denied(NO_DATA)
    for word in (NXDOMAIN, NODATA):
        e = last(imported(*denials(word), seen_dns(REAL)))

        assert name(e) is (word is NXDOMAIN)
        assert data(e) is (word is not NXDOMAIN)


def test_where_others_find_a_name_the_control_s_way_need_not_speak_for_it() -> None:
    words = frozenset({NXDOMAIN})
    led_on = (system(REAL), tcp(), tls(), redirect(f"https://{NEXT}/", port=443))
    alone = at_hop(2, *denials(NXDOMAIN), host=NEXT)
    found = at_hop(2, trusted(REAL), host=NEXT)

    assert denied_on_the_way(words)(last(imported(*led_on, *alone, ended(page()))))
    assert not denied_on_the_way(words)(last(imported(*led_on, *alone, *found, ended(page()))))


def test_that_a_name_has_no_ipv4_address_is_no_lie_where_it_has_none() -> None:
    told = (seen_dns(failure=NODATA), seen_dns(V6, kind="AAAA"))

    assert not denied(NO_DATA)(last(imported(*denials(NODATA), *told)))
    assert denied(frozenset({NXDOMAIN}))(last(imported(*denials(NXDOMAIN), *told)))
