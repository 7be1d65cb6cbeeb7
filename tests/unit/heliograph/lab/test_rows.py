"""The catalogue: the names there must be, verdicts that exist, and scenes that fit together."""

from collections import Counter

import pytest

from heliograph.lab.authority import Authority
from heliograph.lab.rows import NO_CONTROL, OFFLINE, ROWS, USUAL, Row, crowd, named
from heliograph.lab.scene import Scene

NAMES = {
    *("ok-http", "ok-https", "ok-redirects", "ok-idna", "ok-cdn", "ok-control-down-tls"),
    *("restricted-451", "down-nxdomain", "down-refused", "dns-nxdomain", "dns-bogon"),
    *("dns-blockpage", "dns-injection", "tcp-drop", "tcp-refused", "tls-reset", "tls-drop"),
    *("tls-eof", "tls-mitm", "http-reset", "http-drop", "http-blockpage-200"),
    *("http-redirect-https", "offline", "bomb"),
}
STATES = {"ok", "blocked", "restricted", "down", "none"}
BY_NAME = [pytest.param(row, id=row.name) for row in ROWS]


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


def staged(rows: tuple[Row, ...], authority: Authority, *, on: bool) -> Scene:
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


@pytest.mark.parametrize("row", BY_NAME)
def test_a_row_expects_a_verdict_that_exists(row: Row) -> None:
    assert row.state in STATES
    assert row.surroundings in {USUAL, NO_CONTROL, OFFLINE}
    assert (row.technique is not None) == (row.state == "blocked")
    assert row.expected == " ".join([row.state, *([row.technique] if row.technique else [])])


@pytest.mark.parametrize("row", BY_NAME)
def test_a_row_says_what_a_witness_must_see(row: Row, authority: Authority) -> None:
    staged = row.stage(Scene(authority, authority, on=True))

    assert staged
    for check, seen in staged:
        assert check["kind"] in {"dns", "tcp", "http", "https"}
        assert check["address"]
        assert seen


def test_a_witness_looks_at_every_bomb(authority: Authority) -> None:
    (bomb,) = named(["bomb"])
    staged = bomb.stage(Scene(authority, authority, on=True))

    assert [f"https://{check['name']}/" for check, _ in staged] == list(bomb.targets[:3])


def test_all_rows_fit_into_one_scene(authority: Authority) -> None:
    scene = staged(ROWS, authority, on=True)
    addresses = Counter(server.address for server in scene.servers)

    assert [address for address, times in addresses.items() if times > 1] == []
    assert scene.conditions
    assert scene.lies


def test_nobody_interferes_while_the_conditions_are_off(authority: Authority) -> None:
    scene = staged(ROWS, authority, on=False)

    assert scene.conditions == []
    assert scene.lies == {}
    assert scene.told == scene.truth


def test_a_scene_is_the_same_places_on_and_off(authority: Authority) -> None:
    with_it, without = (staged(ROWS, authority, on=on) for on in (True, False))

    assert with_it.places == without.places


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
