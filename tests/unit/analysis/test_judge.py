"""From facts to a verdict: pure, repeatable, and never an error."""

from dataclasses import replace

import msgspec
import pytest

from analysis.judge import judge
from analysis.rules import RULES, RULESET_VERSION
from heliograph.failure import Failure
from heliograph.model import (
    ConfidenceWord,
    Fired,
    Measurement,
    Outcome,
    Standing,
    State,
    Verdict,
)
from tests.unit.analysis.builders import (
    BOGON,
    NODATA,
    NXDOMAIN,
    REAL,
    REAL2,
    RESET,
    SERVFAIL,
    TIMEOUT,
    UNKNOWN_CA,
    V6,
    WRONG,
    control_here,
    control_led,
    forbidden_here,
    http,
    measured,
    plain,
    resolver_control,
    swap_control,
    swap_test,
    system,
    tcp,
    tls,
    told,
    trusted,
)
from tests.unit.analysis.builders_control import seen
from tests.unit.analysis.cases import EVERY_LOOK
from tests.unit.analysis.cases_dns import AGREED, FOUND, REACHED, denied

PAIRED = measured(*FOUND, tls(failure=RESET), control_here(tls()))
BLOCKED = measured(*PAIRED.steps, swap_control(tls()), swap_test(tls(failure=RESET)))


def verdict_on(look: Measurement) -> Verdict:
    verdict = judge(look)
    assert verdict is not None
    return verdict


def prefixes(look: Measurement) -> list[Measurement]:
    """The look as it was after each step, the last one whole, cut off, or just begun."""
    found = [msgspec.structs.replace(look, steps=())]
    for count, last in enumerate(look.steps):
        cut = msgspec.structs.replace(last, failure=Failure.INTERRUPTED)
        begun = msgspec.structs.replace(cut, detail="{}")
        found += [
            msgspec.structs.replace(look, steps=(*look.steps[:count], end))
            for end in (last, cut, begun)
        ]
    return found


@pytest.mark.parametrize("outcome", [Outcome.SKIPPED, Outcome.BROKEN])
def test_without_evidence_there_is_no_verdict(outcome: Outcome) -> None:
    assert judge(msgspec.structs.replace(BLOCKED, outcome=outcome, reason="x")) is None


def test_the_same_facts_give_the_same_bytes() -> None:
    for look in EVERY_LOOK:
        copy = msgspec.json.decode(msgspec.json.encode(look), type=Measurement)

        assert msgspec.json.encode(judge(copy)) == msgspec.json.encode(judge(look))


def test_a_look_cut_off_anywhere_can_be_judged() -> None:
    parts = [part for look in EVERY_LOOK for part in prefixes(look)]
    verdicts = [judge(part) for part in dict.fromkeys(parts)]  # each once: many looks begin alike

    assert None not in verdicts


def test_confidence_is_told_of_blocking_alone() -> None:
    for look in EVERY_LOOK:
        verdict = verdict_on(look)
        blocked = verdict.state in {State.BLOCKED, State.THROTTLED}
        told_of = (verdict.techniques, verdict.hop, verdict.confidence, verdict.confidence_word)

        assert all(told_of) if blocked else not any(told_of)
        assert verdict.explanation.endswith(".")
        assert "{" not in verdict.explanation


def test_a_verdict_names_the_measurement_the_ruleset_and_what_fired() -> None:
    verdict = verdict_on(BLOCKED)

    assert verdict.measurement_id == BLOCKED.id
    assert verdict.ruleset_version == RULESET_VERSION
    assert verdict.fired == (Fired(rule="tls.reset", weight=0.9),)
    assert verdict.techniques == ("tls.reset",)
    assert verdict.confidence == 0.9
    assert verdict.confidence_word is ConfidenceWord.LIKELY


def test_one_half_of_the_trial_is_not_enough_and_the_failure_is_said() -> None:
    verdict = verdict_on(PAIRED)

    assert verdict.state is State.INCONCLUSIVE
    assert verdict.fired == ()
    assert f"tls handshake at {REAL} port 443 ended with connection_reset" in verdict.explanation


def test_the_strongest_rule_speaks_and_a_technique_is_named_once() -> None:
    rule = next(rule for rule in RULES if rule.id == "tls.reset")
    weaker = replace(rule, id="weaker", weight=0.5, sentence="Weaker.")
    verdict = judge(BLOCKED, (weaker, rule))

    assert verdict is not None
    assert [fired.weight for fired in verdict.fired] == [0.5, 0.9]
    assert verdict.techniques == ("tls.reset",)
    assert verdict.confidence == 0.9
    assert verdict.explanation.startswith("When site.example is named, the connection is reset")


def test_every_technique_is_named_and_the_strongest_weight_counts() -> None:
    look = measured(
        system(replies=(told(WRONG), told(REAL))), *AGREED, tls(WRONG, UNKNOWN_CA), tls()
    )
    look = measured(*look.steps, resolver_control(), control_led())
    verdict = verdict_on(look)

    assert verdict.techniques == ("dns.injection", "dns.wrong_address")
    assert verdict.confidence_word is ConfidenceWord.LIKELY
    assert verdict.confidence == 0.96


def test_disturbed_surroundings_mask_what_else_was_seen_and_are_named() -> None:
    verdict = verdict_on(msgspec.structs.replace(BLOCKED, context=("captive_portal", "x")))

    assert verdict.state is State.INCONCLUSIVE
    assert verdict.explanation.startswith("Nothing can be said of site.example from here: this net")


def test_the_rules_given_are_the_ones_applied() -> None:
    assert verdict_on(BLOCKED).state is State.BLOCKED
    only_down = tuple(rule for rule in RULES if rule.state is State.DOWN)
    verdict = judge(BLOCKED, only_down)

    assert verdict is not None
    assert verdict.state is State.INCONCLUSIVE
    assert verdict.fired == ()


@pytest.mark.parametrize(
    ("look", "words"),
    [
        (measured(*FOUND, tls(), http(503)), "answered with status 503; without a control"),
        (
            measured(*FOUND, tls(failure=RESET)),
            f"tls handshake at {REAL} port 443 ended with connection_reset",
        ),
        (measured(*denied(SERVFAIL)), "site.example: dns query ended with dns_servfail_error"),
        (
            plain(*FOUND, http(451, port=80)),
            "A page came for site.example (status 451), but without TLS nothing proves",
        ),
        (
            plain(*FOUND, *AGREED, tcp(), tls(failure=RESET), http(451, port=80)),
            "A page came for site.example (status 451)",
        ),
        (
            plain(*FOUND, tcp(failure=TIMEOUT), tcp(port=80), http(200, port=80)),
            "A page came for site.example (status 200)",
        ),
        (
            plain(*FOUND, tls(failure=RESET), http(None, TIMEOUT, port=80)),
            f"http exchange at {REAL} port 80 ended with generic_timeout_error",
        ),
        (
            measured(*FOUND, *AGREED, tls(WRONG, RESET), tls(failure=TIMEOUT)),
            f"tls handshake at {REAL} port 443 ended with generic_timeout_error",
        ),
        (
            measured(system(V6, kind="AAAA"), tcp(V6, Failure.NETWORK_UNREACHABLE)),
            "has IPv6 addresses only, and this host has no IPv6 route",
        ),
        (
            measured(*denied(NODATA), trusted(failure=NODATA), trusted(V6, kind="AAAA")),
            "site.example: dns query ended with dns_no_answer",
        ),
        (
            measured(*FOUND, *AGREED, forbidden_here(), *seen()),
            "This host's own routes or rules refused to connect to 203.0.113.10 port 443",
        ),
        (measured(*FOUND), "Nothing seen of site.example settles"),
    ],
)
def test_what_is_undecided_is_said_in_plain_words(look: Measurement, words: str) -> None:
    verdict = verdict_on(look)

    assert verdict.state is State.INCONCLUSIVE
    assert words in verdict.explanation


def test_a_page_in_the_clear_is_not_told_as_a_failure_of_the_tls_port() -> None:
    look = plain(*FOUND, *AGREED, tcp(failure=RESET), tls(failure=RESET), http(451, port=80))

    assert "443" not in verdict_on(look).explanation


@pytest.mark.parametrize(
    ("look", "anomalies"),
    [
        (measured(*REACHED), ()),
        (
            measured(*REACHED, trusted(failure=NXDOMAIN)),
            ("dns.dns_nxdomain_error from https://resolver.example@192.0.2.1",),
        ),
        (
            measured(*REACHED, trusted(BOGON)),
            ("dns.bogon from https://resolver.example@192.0.2.1",),
        ),
        (
            measured(system(REAL, replies=(told(REAL2), told(REAL))), tls(REAL2), http()),
            ("dns.injection from udp://192.0.2.53",),
        ),
        (
            measured(*FOUND, tcp(V6, TIMEOUT), tls(REAL2, RESET), tls(), http()),
            (
                f"tcp.generic_timeout_error at {V6} port 443",
                f"tls.connection_reset at {REAL2} port 443",
            ),
        ),
        (
            measured(*FOUND, tcp(V6, Failure.NETWORK_UNREACHABLE), tls(), http()),
            (),
        ),
        (measured(*FOUND, tcp(failure=TIMEOUT)), ()),
        (measured(*FOUND, tcp(), *BLOCKED.steps), ()),
    ],
)
def test_what_is_odd_off_the_default_path_is_an_anomaly(
    look: Measurement, anomalies: tuple[str, ...]
) -> None:
    assert verdict_on(look).anomalies == anomalies


def test_what_the_verdict_rests_on_is_no_anomaly() -> None:
    look = measured(system(BOGON), trusted(REAL), resolver_control(), control_led())

    assert verdict_on(look).techniques == ("dns.bogon",)
    assert verdict_on(look).anomalies == ()


@pytest.mark.parametrize(
    ("name", "look", "standing"),
    [
        ("name_gone", measured(*REACHED), Standing.NOT_TESTED),
        ("name_gone", measured(*denied(NXDOMAIN), trusted(REAL)), Standing.RULED_OUT),
        ("resolver_broken", measured(*REACHED), Standing.RULED_OUT),
        ("resolver_broken", measured(*denied(NXDOMAIN)), Standing.NOT_TESTED),
        (
            "resolver_broken",
            measured(*denied(NXDOMAIN), resolver_control()),
            Standing.RULED_OUT,
        ),
        (
            "resolver_broken",
            measured(*denied(NXDOMAIN), resolver_control(SERVFAIL)),
            Standing.POSSIBLE,
        ),
        ("server_down", measured(*REACHED), Standing.RULED_OUT),
        ("server_down", measured(*FOUND), Standing.NOT_TESTED),
        ("server_down", measured(*FOUND, tls(failure=RESET)), Standing.NOT_TESTED),
        ("server_down", BLOCKED, Standing.RULED_OUT),
        (
            "server_down",
            measured(*FOUND, tls(failure=RESET), control_here(tls(failure=RESET))),
            Standing.POSSIBLE,
        ),
        ("server_refuses_network", measured(*REACHED), Standing.RULED_OUT),
        (
            "server_refuses_network",
            measured(*FOUND, *AGREED, tls(), http(403), *seen()),
            Standing.POSSIBLE,
        ),
        ("server_refuses_name", measured(*REACHED), Standing.RULED_OUT),
        ("server_refuses_name", PAIRED, Standing.NOT_TESTED),
        ("server_refuses_name", BLOCKED, Standing.RULED_OUT),
        (
            "server_refuses_name",
            measured(*PAIRED.steps, swap_control(tls()), swap_test(tls())),
            Standing.POSSIBLE,
        ),
        ("stale_or_local_answer", measured(*REACHED), Standing.RULED_OUT),
        ("stale_or_local_answer", measured(*FOUND, *AGREED), Standing.RULED_OUT),
        ("stale_or_local_answer", measured(system(BOGON), trusted(REAL)), Standing.POSSIBLE),
        ("stale_or_local_answer", measured(*denied(NXDOMAIN)), Standing.NOT_TESTED),
    ],
)
def test_each_other_explanation_has_a_standing(
    name: str, look: Measurement, standing: Standing
) -> None:
    assert verdict_on(look).confounders[name] is standing


def test_an_ipv6_address_withheld_beside_a_true_one_is_an_anomaly_and_no_more() -> None:
    both = (system(REAL), trusted(REAL), trusted(V6, kind="AAAA"), tcp(), tls(), http())
    withheld = verdict_on(measured(*both, system(failure=NODATA, kind="AAAA")))
    given = verdict_on(measured(*both, system(V6, kind="AAAA"), tls(V6)))
    none_to_give = verdict_on(measured(*REACHED, trusted(failure=NODATA, kind="AAAA")))

    assert withheld.state is given.state is none_to_give.state is State.OK
    assert withheld.anomalies == ("dns.dns_no_answer for IPv6 from udp://192.0.2.53",)
    assert given.anomalies == none_to_give.anomalies == ()
