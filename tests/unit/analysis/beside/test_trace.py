"""What looks by the trace probe mean: blocked only by what is proved to be short of the server."""

import pytest

from analysis.beside.trace import RULES
from analysis.judge import judge
from heliograph.detail import HopTrial
from heliograph.model import (
    RESIDUAL_POSSIBLE,
    ConfidenceWord,
    Measurement,
    Standing,
    State,
    Verdict,
)
from tests.unit.analysis.beside.trace_looks import (
    AT_SERVER,
    DROPPED,
    FORGED,
    PASSES,
    RESET,
    WAY,
    asked,
    elsewhere,
    look,
    trial,
)
from tests.unit.analysis.builders import (
    HOST,
    REAL,
    UNKNOWN_CA,
    WRONG,
    measured,
    system,
    tls,
)
from tests.unit.analysis.builders_control import SITE_ASN

ANSWERED = RESET[:2] + ("answered",) * 6
CLOSED = RESET[:2] + ("closed",) * 6
FOUND = "HTTP/1.1 302 Found\r\nLocation: "
AT_BORDER = (*WAY[:3], trial(4, "expired", asn=SITE_ASN), trial(5, "expired", asn=SITE_ASN))
"""The last router of another network is the one at the hop where it happens."""
FIRES = {
    "trace.dns_forged": (asked(FORGED, REAL), "dns.injection"),
    "trace.tls_reset": (look(RESET, RESET), "tls.reset"),
    "trace.http_reset": (look(RESET, RESET, said="http", other="HTTP/1.1 404"), "http.reset"),
    "trace.tls_closed": (look(CLOSED, CLOSED), "tls.eof"),
    "trace.http_closed": (look(CLOSED, CLOSED, said="http", other="HTTP/1.1 404"), "http.eof"),
    "trace.tls_alert": (look(ANSWERED, ANSWERED, answer="alert 40"), "tls.alert"),
    "trace.tls_answered": (
        look(ANSWERED, ANSWERED, more=(tls(REAL, UNKNOWN_CA),)),
        "tls.mitm",
    ),
    "trace.http_redirected": (
        look(ANSWERED, ANSWERED, said="http", answer=f"{FOUND}http://notice.example/\r\n"),
        "http.redirect",
    ),
    "trace.http_answered": (
        look(ANSWERED, ANSWERED, said="http", answer="HTTP/1.1 200 OK"),
        "http.blockpage",
    ),
    "trace.tls_reset.likely": (look(RESET, RESET, way=AT_BORDER), "tls.reset"),
    "trace.http_reset.likely": (
        look(RESET, RESET, said="http", other="HTTP/1.1 404", way=AT_BORDER),
        "http.reset",
    ),
    "trace.tls_closed.likely": (look(CLOSED, CLOSED, way=AT_BORDER), "tls.eof"),
    "trace.http_closed.likely": (
        look(CLOSED, CLOSED, said="http", other="HTTP/1.1 404", way=AT_BORDER),
        "http.eof",
    ),
    "trace.tls_alert.likely": (
        look(ANSWERED, ANSWERED, answer="alert 40", way=AT_BORDER),
        "tls.alert",
    ),
    "trace.tls_swallowed": (look(DROPPED), "tls.timeout"),
    "trace.http_swallowed": (look(DROPPED, said="http", other="HTTP/1.1 404"), "http.timeout"),
}
INNOCENT = {
    "the server resets the name itself": look(AT_SERVER),
    "one hop short of the server, where ways may differ": look(
        ("expired",) * 4 + ("reset",) * 4, ("expired",) * 4 + ("reset",) * 4
    ),
    "a reset the first time alone": look(RESET, PASSES),
    "the server drops the name": look(("expired",) * 5 + ("silent",) * 3),
    "the last routers say nothing of one name": look(
        ("expired",) * 3 + ("silent",) * 5,
        after=(("expired",) * 3 + ("silent",) * 2 + ("answered",) * 3),
    ),
    "routers that say nothing at all": look(
        ("silent",) * 8,
        before=("silent",) * 5 + ("answered",) * 3,
        after=("silent",) * 5 + ("answered",) * 3,
    ),
    "no other name is answered": look(RESET, RESET, before=("expired",) * 5 + ("silent",) * 3),
    "another name is reset as well": look(RESET, RESET, after=RESET),
    "the server is answered for by somebody near": look(
        ("answered",) * 8, before=("answered",) * 8, after=("answered",) * 8, answer="alert 40"
    ),
    "resets of different kinds": look(RESET[:4] + ("closed",) * 4, RESET),
    "a reset, and no second time": look(RESET),
    "a reset, and the second time a close": look(RESET, CLOSED),
    "a reset, and the second time a reset there and closes behind": look(
        RESET, RESET[:3] + ("closed",) * 5
    ),
    "silence, and the second time an answer": look(DROPPED, PASSES),
    "silence, and the second time a reset": look(DROPPED, RESET),
    "the other name was said at another address": elsewhere(RESET),
    "another name was stopped there before": look(RESET, RESET, context=(RESIDUAL_POSSIBLE,)),
    "another name was stopped there before, and silence": look(
        DROPPED, context=(RESIDUAL_POSSIBLE,)
    ),
    "no trial at all": look(()),
    "nothing was said to any server": measured(system(REAL), probe="trace"),
}


def judged(measurement: Measurement) -> Verdict:
    verdict = judge(measurement)
    assert verdict is not None
    return verdict


@pytest.mark.parametrize("rule", FIRES)
def test_a_rule_fires_on_what_it_is_about(rule: str) -> None:
    measurement, technique = FIRES[rule]
    verdict = judged(measurement)

    assert verdict.state is State.BLOCKED
    assert [fired.rule for fired in verdict.fired] == [rule]
    assert verdict.techniques == (technique,)
    assert verdict.anomalies == ()


def test_every_rule_that_accuses_is_tried() -> None:
    assert {rule.id for rule in RULES if rule.state is State.BLOCKED} == set(FIRES)


@pytest.mark.parametrize("what", INNOCENT)
def test_what_only_looks_like_it_accuses_nobody(what: str) -> None:
    verdict = judged(INNOCENT[what])

    assert (verdict.state, verdict.techniques) == (State.INCONCLUSIVE, ())


def test_a_name_that_gets_through_is_ok() -> None:
    verdict = judged(look(PASSES))

    assert verdict.state is State.OK
    assert "gets through all 6 hops to its server" in verdict.explanation
    assert set(verdict.confounders.values()) <= {Standing.RULED_OUT}


def test_the_sentence_names_hop_network_and_how_many_there_are() -> None:
    verdict = judged(look(RESET, RESET))

    assert "at hop 3 of 6 (in AS64508 Transit, XA)" in verdict.explanation
    assert verdict.confidence_word is ConfidenceWord.CONFIRMED


@pytest.mark.parametrize(("first", "standing"), [(3, Standing.POSSIBLE), (4, Standing.RULED_OUT)])
def test_a_filter_nearby_is_ruled_out_only_behind_a_router_that_is_not_inside(
    first: int, standing: Standing
) -> None:
    """Two routers inside: the second may be the office's own, and a filter in it shows at hop 3."""
    ends = ("expired",) * (first - 1) + ("reset",) * (9 - first)

    assert judged(look(ends, ends)).confounders["filter_nearby"] is standing


@pytest.mark.parametrize(
    ("router", "standing"),
    [
        (trial(2, "expired"), Standing.POSSIBLE),
        (trial(2, "expired", inside=True), Standing.POSSIBLE),
        (trial(2, "expired", inside=True, asn=64508), Standing.POSSIBLE),
        (trial(2, "expired", asn=64508), Standing.RULED_OUT),
    ],
)
def test_of_a_forger_the_router_before_it_tells_how_near_it_is(
    router: HopTrial, standing: Standing
) -> None:
    made = (trial(1, "expired", inside=True), router, *(trial(n, "silent") for n in range(3, 9)))
    verdict = judged(asked(FORGED, REAL, routers=made))

    assert (verdict.state, verdict.confounders["filter_nearby"]) == (State.BLOCKED, standing)


def test_what_vanishes_is_said_to_be_stopped_in_the_way() -> None:
    assert "sits in the way" in judged(look(DROPPED)).explanation


def test_a_forger_whose_answers_nobody_here_is_told_changes_no_state() -> None:
    verdict = judged(asked(FORGED, WRONG))

    assert verdict.state is State.INCONCLUSIVE
    assert verdict.anomalies == ("dns.injection at hop 3",)
    assert "gets through to its server" in verdict.explanation
    assert "answered by a forger" in verdict.explanation


def test_who_answers_every_query_forges_none_in_particular() -> None:
    verdict = judged(asked(FORGED, REAL, other=FORGED))

    assert verdict.state is State.OK


def test_what_was_not_tried_rules_nothing_out() -> None:
    nothing = judged(INNOCENT["nothing was said to any server"]).confounders
    half = judged(look(())).confounders

    assert set(nothing.values()) == {Standing.NOT_TESTED}
    assert half["server_refuses_name"] is half["ways_differ"] is Standing.NOT_TESTED


def test_what_happens_at_the_server_alone_leaves_other_stories_open() -> None:
    verdict = judged(look(AT_SERVER))

    assert verdict.confounders["server_refuses_name"] is Standing.POSSIBLE
    assert verdict.confounders["filter_nearby"] is Standing.POSSIBLE
    assert verdict.confounders["hiccup"] is Standing.RULED_OUT


def test_without_a_steady_control_it_may_be_a_hiccup() -> None:
    assert judged(look(RESET, RESET, after=RESET)).confounders["hiccup"] is Standing.POSSIBLE


OWN_WAY = (*WAY[:2], *(trial(n, "expired", asn=SITE_ASN, network="Own") for n in (3, 4, 5)))
"""All beyond the vantage's network is the site's: its balancer may stand at any hop."""


@pytest.mark.parametrize(
    ("measurement", "anomaly"),
    [
        (look(ANSWERED, ANSWERED, way=OWN_WAY), "tls.mitm at hop 3"),
        (
            look(ANSWERED, ANSWERED, way=OWN_WAY, more=(tls(REAL, UNKNOWN_CA),)),
            "tls.mitm at hop 3",
        ),
        (look(ANSWERED, ANSWERED, way=OWN_WAY, answer="alert 40"), "tls.alert at hop 3"),
        (look(RESET, RESET, way=OWN_WAY), "tls.reset at hop 3"),
        (look(CLOSED, CLOSED, way=OWN_WAY), "tls.eof at hop 3"),
        (look(DROPPED, way=OWN_WAY), "tls.timeout at hop 3"),
        (
            look(ANSWERED, ANSWERED, said="http", answer="HTTP/1.1 200 OK", way=OWN_WAY),
            "http.blockpage at hop 3",
        ),
    ],
)
def test_what_happens_in_the_servers_own_network_accuses_nobody(
    measurement: Measurement, anomaly: str
) -> None:
    verdict = judged(measurement)

    assert (verdict.state, verdict.anomalies) == (State.INCONCLUSIVE, (anomaly,))
    assert verdict.confounders["server_refuses_name"] is Standing.POSSIBLE
    assert "at hop 3 of 6 (in AS64501 Own" in verdict.explanation
    assert "the site may do it" in verdict.explanation


@pytest.mark.parametrize(
    "measurement",
    [
        look(ANSWERED, ANSWERED),
        look(ANSWERED, ANSWERED, more=(tls(REAL),)),
        look(ANSWERED, ANSWERED, more=(tls(WRONG, UNKNOWN_CA),)),
        look(ANSWERED, ANSWERED, said="http", answer=f"{FOUND}https://www.{HOST}/\r\n"),
        look(ANSWERED, ANSWERED, said="http", answer=f"{FOUND}/start\r\n"),
        look(ANSWERED, ANSWERED, said="http", answer=f"{FOUND}http://notice.exa"),
        look(ANSWERED, ANSWERED, said="http", answer=f"{FOUND}http://[notice.example/\r\n"),
        look(ANSWERED, ANSWERED, said="http", answer="HTTP/1.1 302 Found\r\n"),
    ],
)
def test_an_answer_as_sites_give_it_accuses_nobody_unless_it_is_shown_to_be_anothers(
    measurement: Measurement,
) -> None:
    verdict = judged(measurement)

    assert (verdict.state, len(verdict.anomalies)) == (State.INCONCLUSIVE, 1)
    assert "nothing shows that the answer is not the site's own" in verdict.explanation


def test_names_of_headers_are_read_in_any_case() -> None:
    answer = f"{FOUND.lower()}http://notice.example/\r\n"

    assert judged(look(ANSWERED, ANSWERED, said="http", answer=answer)).state is State.BLOCKED


def test_an_answer_at_the_border_of_a_network_accuses_nobody() -> None:
    verdict = judged(look(ANSWERED, ANSWERED, said="http", answer="HTTP/1.1 200 OK", way=AT_BORDER))

    assert (verdict.state, verdict.anomalies) == (State.INCONCLUSIVE, ("http.blockpage at hop 3",))
    assert "it is not certain whose network that is" in verdict.explanation


def test_the_server_is_not_ruled_out_where_the_place_is_likely_alone() -> None:
    likely, sure = judged(look(RESET, RESET, way=AT_BORDER)), judged(look(RESET, RESET))

    assert likely.confidence_word is ConfidenceWord.LIKELY
    assert likely.confounders["server_refuses_name"] is Standing.POSSIBLE
    assert sure.confounders["server_refuses_name"] is Standing.RULED_OUT


def test_of_forged_answers_no_server_is_the_author() -> None:
    assert judged(asked(FORGED, REAL)).confounders["server_refuses_name"] is Standing.RULED_OUT


def test_a_response_without_a_status_leads_nobody_elsewhere() -> None:
    answered = look(ANSWERED, ANSWERED, said="http", answer="HTTP/1.1", other="HTTP/1.1 404")

    assert judged(answered).techniques == ("http.blockpage",)


def test_a_name_that_gets_through_needs_no_control_afterwards() -> None:
    verdict = judged(look(PASSES, after=()))

    assert (verdict.state, verdict.confounders["hiccup"]) == (State.OK, Standing.RULED_OUT)
