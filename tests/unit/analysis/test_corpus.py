"""What the lab measured, judged again: as it must be, every time, and never a false "blocked"."""

import re
from collections import defaultdict
from datetime import UTC, datetime

import msgspec
import pytest

from analysis.corpus import Kept, Truth, read, written
from analysis.judge import judge
from analysis.rules import RULES
from heliograph.cli.keeping import truth_of, truth_without
from heliograph.ids import measurement_id
from heliograph.lab.rows import ROWS
from heliograph.model import Measurement, State, Verdict
from tests.unit.analysis.builders import measured, system, tls
from tests.unit.analysis.kept import RENEW, corpus, files, lines
from tests.unit.analysis.test_rules import BY_ID, holds_somewhere

ROW_AND_LOOK_ALIKE = {
    "surroundings.masked": ("captive-portal", "clock-skew"),
    "surroundings.resolver": ("dns-no-ipv6", "dns-nodata-v6"),
    "dns.injection.proved": ("dns-injection", "dns-nxdomain-rewritten"),
    "dns.injection": ("dns-injection", "ok-cdn"),
    "dns.bogon": ("dns-bogon", "down-private-dns"),
    "dns.nxdomain": ("dns-nxdomain", "down-nxdomain"),
    "dns.nodata": ("dns-nodata", "ok-http"),
    "dns.refused": ("dns-refused", "dns-resolver-broken"),
    "dns.servfail": ("dns-servfail", "dns-resolver-broken"),
    "dns.timeout": ("dns-timeout", "ok-flaky"),
    "dns.wrong_address": ("dns-blockpage-self-signed", "origin-exposed"),
    "dns.wrong_address.other_site": ("dns-blockpage-certified", "ok-cdn"),
    "dns.wrong_address.one_page": ("dns-blockpage", "dns-nxdomain-rewritten-dead"),
    "http.blockpage.one_page": ("dns-blockpage", "dns-nxdomain-rewritten-dead"),
    "known.dns.bogon": ("dns-bogon", "down-private-dns"),
    "tcp.timeout": ("tcp-drop", "down-timeout"),
    "tcp.refused": ("tcp-refused", "down-refused"),
    "tcp.unreachable": ("tcp-unreachable", "ok-no-ipv6"),
    "tls.reset": ("tls-reset", "tls-residual-beside"),
    "tls.timeout": ("tls-drop", "ok-flaky"),
    "tls.eof": ("tls-eof", "down-wrong-name"),
    "http.reset": ("http-reset", "tls-residual-beside"),
    "http.timeout": ("http-drop", "ok-slow"),
    "http.eof": ("http-eof", "bomb"),
    "tls.mitm": ("tls-mitm", "tls-mitm-everything"),
    "tls.mitm.control": ("tls-mitm", "down-wrong-name"),
    "tls.alert": ("tls-alert", "down-expired-cert"),
    "http.redirect": ("http-redirect", "ok-redirects"),
    "http.blockpage": ("http-blockpage-200", "restricted-captcha-200"),
    "http.truncated": ("http-truncated", "ok-large"),
    "reached.451": ("restricted-451", "restricted-geo"),
    "reached.refused": ("restricted-geo", "control-refused"),
    "reached.challenge": ("restricted-captcha-200", "ok-localised"),
    "reached.page": ("ok-https", "restricted-geo"),
    "reached.same_page": ("ok-http", "http-blockpage-unknown"),
    "down.error": ("down-5xx", "restricted-geo"),
    "down.redirects": ("down-redirect-loop", "ok-redirects"),
    "down.redirect_nowhere": ("down-redirect-nowhere", "http-redirect"),
    "throttle.page": ("throttle-sni-web", "slow-line-web"),
    "down.name": ("down-nxdomain", "dns-nxdomain"),
    "down.private": ("down-private-dns", "dns-bogon"),
    "down.address": ("down-refused", "tcp-refused"),
    "down.handshake": ("down-expired-cert", "tls-mitm"),
    "down.request": ("client-certificate", "http-reset"),
}
"""For each rule a row that fires it, and one that looks alike and must not."""

_ELSEWHERE = "about what is known of real networks; the lab has addresses and pages of its own"
_IMPORTED = "about looks that were imported and can't be questioned; no row is looked at so"
WITHOUT_ROW = {
    "surroundings.resolver_misleads": "the run itself flags such a resolver: surroundings.masked",
    "surroundings.fine": "about looks at the surroundings, which no row is about",
    "known.dns.wrong_address": _ELSEWHERE,
    "known.http.redirect": _ELSEWHERE,
    "known.http.blockpage": _ELSEWHERE,
    "known.http.redirect.alone": _ELSEWHERE,
    "known.http.blockpage.alone": _ELSEWHERE,
    "known.optional": _ELSEWHERE,
    "known.product": _ELSEWHERE,
    "tls.plaintext": "no row answers a handshake in the clear",
    "reached.name": "about the probe tls; rows are looked at by the probe web",
    "reached.address": "about the probe tcp",
    "reached.answer": "about the probe dns",
    **{rule: _IMPORTED for rule in BY_ID if rule.startswith("once.")},
}
"""Rules that no row fires, and why; their measurements are in cases.py."""


@pytest.fixture(scope="module")
def verdicts() -> dict[str, Verdict]:
    """On every measurement of the corpus, by its id."""
    judged = {kept.measurement.id: judge(kept.measurement) for kept in corpus()}
    return {name: verdict for name, verdict in judged.items() if verdict is not None}


@pytest.fixture(scope="module")
def by_row() -> dict[str, list[Kept]]:
    """What was measured while the row's condition was there."""
    found: dict[str, list[Kept]] = defaultdict(list)
    for kept in corpus():
        if not kept.twin:
            found[kept.row].append(kept)
    return found


@pytest.mark.parametrize("row", files())
def test_what_was_measured_is_called_what_it_is(row: str, verdicts: dict[str, Verdict]) -> None:
    mine = [kept for kept in corpus() if kept.row == row]

    assert mine
    for kept in mine:
        case = kept.case(verdicts.get(kept.measurement.id))
        assert case.faults == (), (case, verdicts[kept.measurement.id].explanation)


def test_judged_twice_it_is_the_same_byte_for_byte(verdicts: dict[str, Verdict]) -> None:
    for kept in read(lines()):
        again = msgspec.json.encode(judge(kept.measurement))
        assert again == msgspec.json.encode(verdicts[kept.measurement.id])


def test_where_nobody_interferes_no_rule_of_blocking_holds() -> None:
    blocking = [rule for rule in RULES if rule.state is State.BLOCKED]
    for kept in corpus():
        if kept.twin:
            held = [rule.id for rule in blocking if holds_somewhere(rule, kept.measurement)]
            assert held == [], kept.row


def test_every_row_is_there_with_what_the_catalogue_says_of_it() -> None:
    told = {(kept.row, kept.twin): kept.truth for kept in corpus()}
    for row in ROWS:
        assert told.get((row.name, True)) == truth_without(row), f"{row.name}: {RENEW}"
        if row.state != "none":
            assert told.get((row.name, False)) == truth_of(row), f"{row.name}: {RENEW}"
    assert {name for name, _ in told} == {row.name for row in ROWS}, "a row is gone: its file stays"


def test_every_target_was_looked_at_with_the_condition_and_without() -> None:
    seen = {(kept.row, kept.twin, kept.measurement.target.input) for kept in corpus()}
    for row in ROWS:
        for target in row.targets:
            assert (row.name, True, target) in seen, f"{row.name}: {RENEW}"
            assert row.state == "none" or (row.name, False, target) in seen, row.name


def test_every_rule_has_a_row_or_a_reason_why_not() -> None:
    assert set(ROW_AND_LOOK_ALIKE) | set(WITHOUT_ROW) == set(BY_ID)


@pytest.mark.parametrize("rule", ROW_AND_LOOK_ALIKE)
def test_its_row_fires_a_rule(
    rule: str, by_row: dict[str, list[Kept]], verdicts: dict[str, Verdict]
) -> None:
    row, _ = ROW_AND_LOOK_ALIKE[rule]
    fired = [verdicts[kept.measurement.id].fired for kept in by_row[row]]

    assert any(rule in {one.rule for one in each} for each in fired)


@pytest.mark.parametrize("rule", ROW_AND_LOOK_ALIKE)
def test_its_look_alike_does_not(rule: str, by_row: dict[str, list[Kept]]) -> None:
    _, alike = ROW_AND_LOOK_ALIKE[rule]

    assert by_row[alike]
    for kept in by_row[alike]:
        if BY_ID[rule].state is State.BLOCKED:
            assert kept.truth.state != State.BLOCKED, "innocent"
        assert not holds_somewhere(BY_ID[rule], kept.measurement)


def test_a_rule_that_is_said_to_have_no_row_has_none(verdicts: dict[str, Verdict]) -> None:
    fired = {one.rule for verdict in verdicts.values() for one in verdict.fired}

    assert fired.isdisjoint(WITHOUT_ROW)


def test_the_corpus_is_small_and_tells_nothing_of_a_computer_or_a_moment() -> None:
    text = lines().decode()

    assert sum(path.stat().st_size for path in files().values()) < 2_000_000
    for trace in ("/run/", "/home/", "/tmp/", "/root/", '"stack"'):
        assert trace not in text
    moments = set(re.findall(r"[T ](\d\d:\d\d:\d\d)(?:Z| GMT)", text))
    assert moments == {"00:00:00"}


def test_every_id_is_that_of_its_record() -> None:
    for kept in corpus():
        assert kept.measurement.id == measurement_id(kept.measurement)


def kept_of(number: int, *, twin: bool = False) -> Kept:
    look: Measurement = msgspec.structs.replace(
        measured(system("203.0.113.10"), tls("203.0.113.10")),
        started=datetime(2026, 11, 23, tzinfo=UTC),
        seconds=float(number),
    )
    truth = Truth(state="ok", also=("down",), odd="tcp.")
    return Kept(row="row", twin=twin, repeat=number, truth=truth, measurement=look)


def test_what_is_written_is_read_and_the_order_does_not_matter() -> None:
    some = [kept_of(2), kept_of(1), kept_of(0, twin=True)]
    text = written(some)

    assert read(text) == [some[1], some[0], some[2]]
    assert written(some[::-1]) == text
    assert text.count(b"\n") == 3
    assert read(b"") == []


def test_a_measurement_without_a_verdict_is_a_fault_and_one_without_its_anomaly_too() -> None:
    look = kept_of(1)

    assert look.case(None).faults == ("state", "anomaly")
    assert look.case(judge(look.measurement)).faults[-1:] == ("anomaly",)
    assert kept_of(0, twin=True).case(None).condition == "row without it"
