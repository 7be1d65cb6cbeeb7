"""The catalogue: the names there must be, verdicts that exist, and scenes that fit together."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import pytest

from heliograph.lab.authority import Authority
from heliograph.lab.row import SURROUNDINGS, Row, by_scene
from heliograph.lab.rows import ROWS, TOGETHER, crowd, named
from heliograph.lab.scene import Scene

NAMES = {
    *("ok-http", "ok-https", "ok-redirects", "ok-idna", "ok-cdn", "ok-control-down-tls"),
    *("restricted-451", "down-nxdomain", "down-refused", "dns-nxdomain", "dns-bogon"),
    *("dns-blockpage", "dns-injection", "tcp-drop", "tcp-refused", "tls-reset", "tls-drop"),
    *("tls-eof", "tls-mitm", "http-reset", "http-drop", "http-blockpage-200"),
    *("http-redirect-https", "offline", "bomb"),
    *("offline-silent", "captive-portal", "shutdown", "tls-mitm-everything", "clock-skew"),
    *("dns-resolver-broken", "dns-nxdomain-rewritten", "dns-nxdomain-rewritten-dead"),
    "ok-no-ipv6",
    *("dns-nodata", "dns-refused", "dns-servfail", "dns-timeout", "dns-timeout-isp"),
    *("dns-bogon-loopback", "dns-bogon-nought", "dns-injection-thrice", "dns-injection-inline"),
    *("dns-injection-reaches-content", "dns-injection-v6", "dns-all-poisoned"),
    *("tcp-unreachable", "tcp-one-of-two", "tcp-drop-v6", "tls-alert", "tls-reset-racing"),
    *("tls-reset-v6", "tls-case", "tls-case-other", "tls-bare", "tls-subdomain"),
    *("tls-subdomains", "tls-residual", "tls-residual-beside"),
    *("ok-large", "ok-dynamic", "ok-localised", "ok-slow", "ok-flaky", "restricted-captcha"),
    *("restricted-captcha-200", "restricted-geo", "down-timeout", "down-expired-cert"),
    *("down-wrong-name", "down-redirect-loop", "down-private-dns", "down-5xx"),
    *("control-refused", "control-refused-http", "control-poisoned", "control-poisoned-dead"),
    *("http-eof", "http-blockpage-403", "http-blockpage-unknown", "http-redirect"),
    *("http-redirect-second-hop", "http-truncated", "http-truncated-https"),
    *("http-reset-racing", "http-blockpage-racing", "ok-https-v6", "down-refused-v6"),
    *("dns-nxdomain-v6", "dns-nodata-v6", "dns-bogon-v6", "dns-blockpage-v6", "dns-timeout-v6"),
    *("tcp-refused-v6", "tcp-unreachable-v6", "tcp-one-of-two-v6", "tls-reset-racing-v6"),
    *("tls-drop-v6", "tls-eof-v6", "tls-alert-v6", "tls-mitm-v6", "http-reset-v6"),
    *("dns-no-ipv6", "dns-no-ipv6-both", "ok-ipv6-withheld", "dns-nodata-no-ipv6"),
    *("ok-isp-cache", "stale-address", "origin-exposed", "split-horizon", "dnssec-bogus"),
    *("authority-unreached", "filter-chosen", "resolver-without-tcp", "ok-slow-resolver"),
    *(
        "ok-dns64",
        "rebind-protection",
        "parked",
        "dns-blockpage-certified",
        "dns-blockpage-self-signed",
        "dns-forged-v6-only",
    ),
    *("dns-nxdomain-second-hop", "dns-nxdomain-and-451", "ok-edition", "edge-resets", "half-dead"),
    *("large-packets-lost", "narrow-line", "rationed", "short-outage", "client-certificate"),
    *(
        "down-alert",
        "down-redirect-nowhere",
        "control-censored",
        "ok-trailing-dot",
        "tls-reset-both",
        "tls-chance",
    ),
    *("tls-alert-unknown-name", "tls-certificate-lost", "tls-reset-control-down", "http-empty"),
    *("http-blockpage-control-down", "http-blockpage-titled", "http-451-injected"),
    *("http-redirect-self", "http-reset-midway", "http-blockpage-once"),
    *("removed-post", "content-soft-404", "content-restricted", "content-blocked", "content-ok"),
    *("content-dynamic", "content-layout-changed", "content-login-wall", "content-challenge"),
    *("content-platform-down", "shape-one-segment"),
    *("quic-ok", "quic-ok-strict", "quic-drop", "quic-drop-web", "quic-drop-late"),
    *("quic-drop-residual", "quic-close-racing", "quic-close-inline", "quic-udp443-all"),
    *("quic-not-served", "quic-ip", "quic-down-name", "quic-down-closing", "quic-lossy"),
    *("trace-reset-on-path", "trace-reset-in-path", "trace-drop-in-path", "trace-http-reset"),
    *("trace-http-page", "trace-dns-forger", "trace-clean", "trace-server-resets"),
    *("trace-mute-reset", "trace-mute-drop", "trace-raw-on-path", "trace-raw-in-path"),
    *("trace-reset-v6", "trace-drop-v6", "trace-lossy", "keyword-lossy", "throttle-lossy"),
    *("throttle-sni", "throttle-sni-web", "throttle-policed", "throttle-nameless"),
    *("throttle-no-pair", "throttle-frozen", "slow-server", "quick-server"),
    *("slow-line", "slow-line-web"),
    *("keyword-path", "keyword-query-drop", "keyword-host", "keyword-header"),
    *("keyword-body-blockpage", "keyword-two-words", "keyword-ok", "keyword-long"),
    *("keyword-proxy", "http-keyword"),
}
KINDS = {
    *("quic", "quic late", "quic offer", "sink", "sink header", "sink body"),
    *("dns", "aaaa", "tcp", "http", "https"),
    *("again", "tries", "twice", "bulk", "weather"),
}
STATES = {"ok", "blocked", "restricted", "down", "none", "inconclusive", "removed", "throttled"}
SCENES = by_scene(ROWS)
BY_SCENE = [pytest.param(rows, id=rows[0].surroundings) for rows in SCENES]


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


def staged(rows: Sequence[Row], authority: Authority, *, on: bool) -> Scene:
    scene = Scene(authority, authority, on)
    for row in rows:
        row.stage(scene)
    scene.furnish()
    return scene


def test_every_name_is_there_once() -> None:
    assert Counter(row.name for row in ROWS) == Counter(NAMES)


def test_no_two_rows_share_a_target() -> None:
    targets = Counter(target for row in ROWS for target in row.targets)

    assert [target for target, times in targets.items() if times > 1] == []


def test_a_row_expects_a_verdict_that_exists() -> None:
    for row in ROWS:
        assert row.state in STATES, row.name
        assert row.surroundings in SURROUNDINGS, row.name
        has_technique = row.technique is not None
        assert has_technique == (row.state in {"blocked", "throttled"}), row.name
        words = [row.state, *([row.technique] if row.technique else [])]
        assert row.expected == " ".join(words), row.name


def test_a_row_says_what_a_witness_must_see(authority: Authority) -> None:
    for row in ROWS:
        staged = row.stage(Scene(authority, authority, on=True))

        assert staged, row.name
        for check, seen in staged:
            assert check["kind"] in KINDS, row.name
            assert check["address"], row.name
            assert seen, row.name


def test_a_witness_looks_at_every_bomb(authority: Authority) -> None:
    (bomb,) = named(["bomb"])
    staged = bomb.stage(Scene(authority, authority, on=True))

    assert [f"https://{check['name']}/" for check, _ in staged] == list(bomb.targets[:3])


@pytest.mark.parametrize("rows", BY_SCENE)
def test_the_rows_of_a_scene_fit_together(rows: list[Row], authority: Authority) -> None:
    scene = staged(rows, authority, on=True)
    addresses = Counter(server.address for server in scene.servers)

    assert [address for address, times in addresses.items() if times > 1] == []


@pytest.mark.parametrize("rows", BY_SCENE)
def test_no_row_of_a_scene_says_where_another_s_name_is(
    rows: list[Row], authority: Authority
) -> None:
    scene = Scene(authority, authority, on=True)
    whose: dict[str, str] = {}
    for row in rows:
        known = dict(scene.truth)
        row.stage(scene)
        told = {name for name, answer in scene.truth.items() if known.get(name) != answer}
        assert [(name, whose[name]) for name in told & whose.keys()] == [], row.name
        whose |= dict.fromkeys(told, row.name)


def test_rows_that_hold_for_everything_have_scenes_of_their_own() -> None:
    shared, *others = SCENES

    assert [row.name for row in shared] == [row.name for row in ROWS if not row.alone]
    assert [len({row.surroundings for row in rows}) for rows in others] == [1] * len(others)
    assert sorted(row.name for rows in SCENES for row in rows) == sorted(NAMES)


@pytest.mark.parametrize("rows", BY_SCENE)
def test_nobody_interferes_while_the_conditions_are_off(
    rows: list[Row], authority: Authority
) -> None:
    scene = staged(rows, authority, on=False)

    assert scene.conditions == scene.control_conditions == []
    assert scene.lies == {}
    assert scene.on_the_way == {}
    assert scene.told == scene.truth
    assert (scene.isp_default, scene.isp_always, scene.intercepted) == (None, None, False)
    assert (scene.ipv6, scene.ahead, scene.authority) == (True, timedelta(), authority)


def test_what_holds_at_the_control_is_looked_at_from_there(authority: Authority) -> None:
    for row in ROWS:
        scene = staged([row], authority, on=True)
        assert row.from_control == row.name.startswith("control-"), row.name
        if scene.control_conditions:
            assert row.from_control or scene.conditions or scene.lies, row.name


@pytest.mark.parametrize("rows", BY_SCENE)
def test_a_scene_is_the_same_places_on_and_off(rows: list[Row], authority: Authority) -> None:
    with_it, without = (staged(rows, authority, on=on) for on in (True, False))

    assert with_it.places == without.places


def test_what_is_shown_is_one_scene_of_the_catalogue() -> None:
    assert [row.name for row in TOGETHER if row.alone] == []
    assert ROWS[: len(TOGETHER)] == TOGETHER
    assert len(TOGETHER) == 25, "the demo takes as long as its rows do"


def test_a_row_that_is_also_right_says_so_in_words() -> None:
    (beside,) = named(["tls-residual-beside"])

    assert beside.accepts("ok")
    assert beside.accepts("inconclusive")
    assert not beside.accepts("blocked tls.reset")


@pytest.mark.parametrize("names", [["tls-residual"], ["tls-residual", "tls-residual-beside"]])
def test_rows_of_one_address_stage_it_once(names: list[str], authority: Authority) -> None:
    scene = staged(named(names), authority, on=True)

    assert len(scene.conditions) == 1
    assert all(row.afresh for row in named(names))
    assert scene.truth["lingering.example"] is scene.truth["beside.example"]


def test_a_crowd_has_an_address_for_every_site(authority: Authority) -> None:
    healthy, lost = crowd(300, 20)
    scene = staged((healthy, lost), authority, on=True)
    addresses = {server.address for server in scene.servers}

    assert (len(healthy.targets), len(lost.targets)) == (300, 20)
    assert len(addresses) >= 320
    assert scene.delay == 0.05


def test_rows_come_in_the_order_of_the_catalogue() -> None:
    assert [row.name for row in named(["tls-reset", "ok-http"])] == ["ok-http", "tls-reset"]


def test_an_unknown_row_is_refused_with_the_names_near_it() -> None:
    with pytest.raises(ValueError, match="there is no row 'tls-rest'; there are tls-reset"):
        named(["tls-rest"])


def test_a_row_whose_name_is_near_none_is_refused_without_the_whole_catalogue() -> None:
    with pytest.raises(ValueError, match="and others: heliograph lab list") as caught:
        named(["nope"])

    assert sum(row.name in str(caught.value).split() for row in ROWS) <= 3
    assert len(str(caught.value)) < 200
