"""Each redirect leads to a hop with evidence of its own, and is believed or not."""

import msgspec
import pytest

from analysis.chain import authentic, hops
from analysis.judge import judge
from heliograph.failure import Failure
from heliograph.model import Measurement, Step
from tests.unit.analysis.builders import (
    HOST,
    REAL,
    REAL2,
    RESET,
    WRONG,
    imported_plain,
    measured,
    plain,
    system,
    tls,
    trusted,
)
from tests.unit.analysis.builders_control import (
    at_hop,
    ended,
    page,
    redirect,
    seen_plain,
    sized,
)
from tests.unit.analysis.cases_dns import AGREED, FOUND, REACHED

WWW = f"www.{HOST}"
SECOND = at_hop(2, tls(), page(port=443))


def to(location: str, *more: Step) -> Measurement:
    """Over TLS, to that place."""
    return measured(*FOUND, tls(), redirect(location, port=443), *more)


def in_the_clear(location: str, *more: Step, host: str = HOST) -> Measurement:
    """Over plain HTTP, to that place, where the host proves itself."""
    landed = at_hop(2, system(REAL2), tls(REAL2), page(address=REAL2, port=443), host=host)
    return plain(*FOUND, *AGREED, redirect(location), *landed, *more)


def test_without_a_redirect_there_is_one_hop() -> None:
    (only,) = hops(measured(*REACHED))

    assert (only.hop, only.host, only.before) == (1, HOST, None)
    assert len(hops(measured())) == 1


def test_every_hop_knows_its_target_and_the_hop_before() -> None:
    first, second = hops(to(f"https://{WWW}:8443/a?b=c", *at_hop(2, system(REAL2), host=WWW)))

    assert second.before is first
    assert (second.hop, second.host, second.plain) == (2, WWW, False)
    assert (second.target.port, second.target.url) == (8443, f"https://{WWW}:8443/a?b=c")


def test_answers_are_kept_from_hop_to_hop_and_connections_are_not() -> None:
    first, second = hops(to("/on", *SECOND))

    assert second.system_addresses == first.system_addresses == {REAL}
    assert [s.hop for s in (*second.handshakes, *second.exchanges)] == [2, 2]
    assert [s.hop for s in (*first.handshakes, *first.exchanges)] == [1, 1]


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("/on", f"https://{HOST}/on"),
        ("on", f"https://{HOST}/on"),
        (f"//{WWW}/", f"https://{WWW}/"),
        (f"http://{WWW}", f"http://{WWW}/"),
        ("HTTPS://WWW.Site.Example/", f"https://{WWW}/"),
    ],
)
def test_a_location_may_be_relative(location: str, url: str) -> None:
    assert hops(to(location, *SECOND))[1].target.url == url


@pytest.mark.parametrize(
    "location", ["mailto:x@site.example", "https://[::1", "https://:1/", "http://a b/", "app:x"]
)
def test_a_location_nobody_can_go_to_ends_the_way(location: str) -> None:
    look = to(location, *SECOND)

    assert len(hops(look)) == 1
    assert judge(look) is not None


def test_a_page_that_is_no_redirect_ends_the_way() -> None:
    assert len(hops(measured(*REACHED, *SECOND))) == 1


def test_a_hop_the_look_never_came_to_is_none() -> None:
    assert len(hops(to("/on"))) == 1


def test_a_hop_that_was_never_recorded_ends_the_way() -> None:
    third = at_hop(3, tls(), page(port=443))

    assert [e.hop for e in hops(to("/on", *third))] == [1, 2]


def test_a_page_from_an_address_that_proved_nothing_leads_nowhere() -> None:
    look = measured(*FOUND, tls(failure=RESET), redirect("/on", port=443), *SECOND)

    assert len(hops(look)) == 1


@pytest.mark.parametrize("location", ["/on", f"https://{WWW}/", "https://stranger.example/"])
def test_a_redirect_over_tls_is_the_sites_own(location: str) -> None:
    assert authentic(hops(to(location, *SECOND))[-1])


@pytest.mark.parametrize("host", [HOST, WWW, f"a.b.{HOST}"])
def test_a_redirect_in_the_clear_is_believed_when_it_stays_with_the_host(host: str) -> None:
    assert authentic(hops(in_the_clear(f"https://{host}/", host=host))[-1])


@pytest.mark.parametrize("host", [f"bad{HOST}", "stranger.example", f"{HOST}.stranger.example"])
def test_a_redirect_in_the_clear_to_a_stranger_is_not_believed(host: str) -> None:
    assert not authentic(hops(in_the_clear(f"https://{host}/", host=host))[-1])


def test_a_redirect_in_the_clear_is_believed_when_a_control_is_led_there_too() -> None:
    to_stranger = "https://stranger.example/"
    same = in_the_clear(to_stranger, *seen_plain(redirect(to_stranger)), host="stranger.example")
    another = in_the_clear(to_stranger, *seen_plain(), host="stranger.example")

    assert authentic(hops(same)[-1])
    assert not authentic(hops(another)[-1])


def test_one_doubtful_redirect_spoils_all_that_follows() -> None:
    stranger = "stranger.example"
    landed = at_hop(2, system(WRONG), tls(WRONG), host=stranger)
    on = at_hop(2, redirect("/on", address=WRONG, port=443), host=stranger)
    last = at_hop(3, tls(WRONG), page(address=WRONG, port=443), host=stranger)
    chain = hops(plain(*FOUND, redirect(f"https://{stranger}/"), *landed, *on, *last))

    assert [authentic(e) for e in chain] == [True, False, False]


def test_a_hop_cut_off_is_a_hop_all_the_same() -> None:
    cut = msgspec.structs.replace(tls(), failure=Failure.INTERRUPTED)

    assert [e.hop for e in hops(to("/on", trusted(REAL), *at_hop(2, cut)))] == [1, 2]


@pytest.mark.parametrize(
    ("title", "believed"), [("Site", True), ("Another", False)], ids=["the same page", "another"]
)
def test_a_way_that_ends_where_a_control_ended_is_believed(title: str, believed: bool) -> None:
    landed = at_hop(
        2, system(REAL2), tls(REAL2), page(address=REAL2, port=443), host="other.example"
    )
    end = ended(sized(9000, title=title))
    way = imported_plain(*FOUND, redirect("https://other.example/"), *landed, end)

    assert authentic(hops(way)[-1]) is believed
