"""A page is gone only where its site is as ever; all that is innocent is told apart from that."""

import msgspec
import pytest

from analysis.beside.content import CONTENT
from analysis.beside.content import RULES as CONTENT_RULES
from analysis.grounds import grounds
from analysis.judge import judge
from analysis.questions import questions
from heliograph.failure import Failure
from heliograph.model import (
    CONTROL_RESTING,
    Measurement,
    QuestionKind,
    Side,
    Standing,
    State,
    Step,
    Verdict,
)
from tests.unit.analysis.beside.content_looks import (
    AS_EVER,
    CHALLENGE,
    FRAME,
    GATE,
    GONE,
    IN_FRAME,
    KEPT,
    POST,
    PROVED_THERE,
    REACHED,
    REMOVED,
    RULES,
    WITHHELD,
    beside,
    beside_there,
    framed,
    later,
    look,
    page,
    there,
)
from tests.unit.analysis.builders import (
    HOST,
    REAL,
    RESET,
    TIMEOUT,
    UNKNOWN_CA,
    WRONG,
    control_here,
    measured,
    swap_control,
    swap_lookup,
    swap_test,
    system,
    tcp,
    tls,
    trusted,
)

FORM = page("password")
FORM_GONE = page("password", status=404)
RULES_FORM = page("rules", "password", url=RULES)
EVERYWHERE = (beside(RULES_FORM), beside_there(RULES_FORM))
LOGIN = page("password", url=f"https://{HOST}/login", hop=2)
SENT = page(status=302, location=f"https://{HOST}/login")
REFUSED = page(status=403)
ROBOTS = page(status=403, title=CHALLENGE)
ERROR = page(status=502)
RULES_REFUSED = beside(page(status=403, url=RULES))
RULES_ERROR = page(status=502, url=RULES)
RULES_GONE = page(url=RULES)
LEGAL = page(status=451)
SECOND_HOP = tuple(msgspec.structs.replace(step, hop=2) for step in (tcp(REAL), tls(REAL)))
ASKED = page(body=GATE)
CUT = page(problem="the page is longer than was read")


def verdict(measurement: Measurement) -> Verdict:
    found = judge(measurement)
    assert found is not None
    return found


def fired(measurement: Measurement) -> str | None:
    rules = verdict(measurement).fired
    return rules[0].rule if rules else None


# For each rule what fires it, and innocent things that look alike

CASES = {
    "content.there": [
        KEPT,
        look(page("post")),
        look(page("post"), there(GONE), *AS_EVER),
        look(page("post", "password"), there(page("post")), *AS_EVER),
        look(GONE, later(page("post")), there(page("post")), *AS_EVER),
        look(SENT, *SECOND_HOP, page("post", url=f"https://{HOST}/login", hop=2), *AS_EVER),
        look(page("post", status=302, location=f"http://{HOST}/"), page(hop=2), *AS_EVER),
        look(page("post", "rules"), there(page("post", "rules")), *AS_EVER),
    ],
    "content.removed": [
        REMOVED,
        look(page(status=410), later(GONE), there(GONE), *AS_EVER),
        look(framed(), later(framed()), there(framed()), *IN_FRAME),
        look(framed(), later(GONE), there(framed()), *IN_FRAME),
        look(FORM_GONE, later(FORM_GONE), there(FORM_GONE), *EVERYWHERE),
        look(
            page(status=302, location=f"https://{HOST}/"),
            *SECOND_HOP,
            page(url=f"https://{HOST}/", hop=2, body=FRAME.format("All posts")),
            later(framed()),
            there(page(status=302)),
            there(page(url=f"https://{HOST}/", hop=2, body=FRAME.format("All posts"))),
            *IN_FRAME,
        ),
    ],
    "content.restricted.page": [
        WITHHELD,
        look(REFUSED, later(REFUSED), there(page("post")), *AS_EVER),
        look(page(), later(GONE), there(page("post")), AS_EVER[0]),
    ],
    "content.restricted.site": [
        look(REFUSED, later(REFUSED), there(page("post")), RULES_REFUSED, AS_EVER[1]),
    ],
    "content.legal": [look(LEGAL, later(LEGAL), there(LEGAL), *AS_EVER), look(LEGAL)],
    "content.down": [
        look(ERROR, later(ERROR), there(ERROR), beside(RULES_ERROR), beside_there(RULES_ERROR)),
    ],
    "content.proves_nothing": [
        look(page("post"), there(page("post")), beside(page("post", "rules")), AS_EVER[1]),
        look(page("rules"), later(page("rules")), there(page("rules")), *AS_EVER),
    ],
    "content.layout": [
        look(page(), later(page()), there(page()), beside(RULES_GONE), beside_there(RULES_GONE)),
        look(page(), later(page()), there(page("post")), beside(RULES_GONE), AS_EVER[1]),
        look(page(), later(page()), there(page()), AS_EVER[0], beside_there(RULES_GONE)),
    ],
    "content.wall": [
        look(SENT, LOGIN, later(SENT), later(LOGIN), there(SENT), there(LOGIN), *AS_EVER),
        look(FORM, later(FORM), there(FORM), *AS_EVER),
        look(page(status=401), later(page(status=401)), there(page(status=401)), *AS_EVER),
        look(GONE, later(GONE), there(FORM), *AS_EVER),
        look(
            page(status=302, location="https://consent.site.example/x"),
            page(url="https://consent.site.example/x", hop=2),
            later(page(url="https://consent.site.example/x", hop=2)),
            there(GONE),
            *AS_EVER,
        ),
    ],
    "content.challenge": [
        look(ROBOTS, later(ROBOTS), there(page("post")), beside(ROBOTS), AS_EVER[1]),
        look(ROBOTS, later(ROBOTS), there(page("post")), *AS_EVER),
        look(GONE, later(GONE), there(ROBOTS), *AS_EVER),
    ],
    "content.error": [
        look(ERROR, later(ERROR), there(ERROR), *AS_EVER),
        look(GONE, later(GONE), there(page(status=429)), *AS_EVER),
    ],
}
UNDECIDED = {
    "nothing": [
        look(GONE, later(GONE)),
        look(GONE, later(GONE), *AS_EVER),
        look(GONE, there(GONE), *AS_EVER),
        look(GONE, later(GONE), there(GONE)),
        look(GONE, later(GONE), there(GONE), AS_EVER[0]),
        look(GONE, later(GONE), there(page("post"))),
        look(GONE, later(GONE), there(page(searched=False)), *AS_EVER),
        look(GONE, later(REFUSED), there(GONE), *AS_EVER),
        look(CUT, later(CUT), there(CUT), *AS_EVER),
        look(GONE, later(CUT), there(GONE), *AS_EVER),
        look(page(failure=TIMEOUT), later(GONE), there(GONE), *AS_EVER),
        look(REFUSED, later(REFUSED), there(REFUSED), *AS_EVER),
        look(page(status=None, failure=Failure.EOF_ERROR), there(page("post"))),
        look(),
    ],
    "withheld": [
        look(page(failure=TIMEOUT), later(GONE), there(page("post")), *AS_EVER),
        look(GONE, there(page("post")), *AS_EVER),
        look(GONE, later(CUT), there(page("post")), *AS_EVER),
        look(REFUSED, later(REFUSED), there(page("post")), AS_EVER[1]),
        look(REFUSED, later(REFUSED), there(page("post")), RULES_REFUSED),
        look(
            *(REFUSED, later(REFUSED), there(page("post")), RULES_REFUSED),
            beside_there(page(status=403, url=RULES)),
        ),
        look(GONE, later(GONE), there(page("post")), RULES_REFUSED, AS_EVER[1]),
        look(REFUSED, there(page("post")), RULES_REFUSED, AS_EVER[1]),
    ],
    "shown first": [
        look(page(), later(page()), there(page()), *AS_EVER),
        look(page(), later(page()), there(page()), *IN_FRAME),
        look(framed(), later(framed()), there(framed()), *AS_EVER),
        look(ASKED, later(ASKED), there(ASKED), *IN_FRAME),
        look(ASKED, later(framed()), there(framed()), *IN_FRAME),
        look(framed(), later(ASKED), there(framed()), *IN_FRAME),
        look(framed(), later(framed()), there(ASKED), *IN_FRAME),
        look(framed(), later(framed()), there(framed()), IN_FRAME[0], AS_EVER[1]),
    ],
    "removed": [
        look(GONE, later(GONE), there(GONE), AS_EVER[1]),
        look(GONE, later(GONE), there(GONE), RULES_REFUSED, AS_EVER[1]),
    ],
}
STATES = {rule.id: rule.state for rule in CONTENT_RULES}
EACH = [pytest.param(name, each) for name, looks in CASES.items() for each in looks]


@pytest.mark.parametrize(("rule", "measurement"), EACH)
def test_a_look_fires_its_rule_and_gets_its_state(rule: str, measurement: Measurement) -> None:
    found = verdict(measurement)

    assert fired(measurement) == rule, found.explanation
    assert found.state is STATES[rule]
    assert (found.techniques, found.confidence, found.hop) == ((), None, None)


def test_every_rule_has_its_looks() -> None:
    assert set(CASES) == set(STATES)


@pytest.mark.parametrize("measurement", [each for looks in UNDECIDED.values() for each in looks])
def test_what_is_not_known_is_not_claimed(measurement: Measurement) -> None:
    found = verdict(measurement)

    assert (found.state, found.fired) == (State.INCONCLUSIVE, ())
    assert len(found.explanation) > 20


def test_the_sentence_names_what_was_expected() -> None:
    assert "does not hold “five words”, which is expected of it: neither here, twice" in (
        verdict(REMOVED).explanation
    )
    assert "no control elsewhere can tell" in verdict(look(GONE, later(GONE))).explanation
    assert "no other page of the site came" in (
        verdict(look(GONE, later(GONE), there(GONE))).explanation
    )
    unsearched = page(url=RULES, searched=False)
    for measurement, missing in (
        (look(GONE, later(GONE), there(page(searched=False)), *AS_EVER), "no control elsewhere"),
        (look(GONE, later(GONE), there(GONE), beside(unsearched)), "no other page of the site"),
    ):
        assert missing in verdict(measurement).explanation
    varying = look(GONE, later(REFUSED), there(GONE), *AS_EVER)
    assert "show settles nothing" in verdict(varying).explanation
    assert "longer than was read" in verdict(look(CUT, later(CUT), there(CUT))).explanation


def test_a_question_that_everybody_is_asked_first_is_no_removal_and_is_told() -> None:
    for measurement in UNDECIDED["shown first"]:
        found = verdict(measurement)

        assert "neither the page's status nor its frame tells that it is gone" in found.explanation
        assert found.confounders["login_or_consent"] is Standing.POSSIBLE


# The way


def stopped() -> Measurement:
    """The site's name is reset; another name there, and the site elsewhere, are answered."""
    step = tls(REAL, RESET)
    return measured(
        *(system(REAL), trusted(REAL), tcp(REAL), step),
        *(control_here(tls(REAL)), swap_lookup(), swap_control(tls(REAL)), swap_test(step)),
        *PROVED_THERE,
        there(page("post")),
        probe="content",
        url=POST,
    )


def test_interference_on_the_way_is_judged_by_the_rules_of_the_web() -> None:
    found = verdict(stopped())
    as_web = judge(msgspec.structs.replace(stopped(), probe="web"))

    assert (found.state, found.techniques) == (State.BLOCKED, ("tls.reset",))
    assert found == as_web


def test_what_would_settle_the_way_is_asked_and_nothing_once_a_page_came() -> None:
    unsettled = measured(
        system(REAL), trusted(REAL), tcp(REAL), tls(REAL, RESET), probe="content", url=POST
    )

    asked = questions(unsettled, verdict(unsettled), frozenset())

    assert QuestionKind.CONTROL_NAME_SAME_ADDRESS in {question.kind for question in asked}
    for fine in (KEPT, REMOVED, WITHHELD, CASES["content.layout"][0]):
        assert questions(fine, verdict(fine), frozenset()) == ()


def test_a_page_that_the_site_did_not_prove_is_nothing_to_go_by() -> None:
    forged = (system(REAL), trusted(REAL), tcp(REAL), tls(REAL, UNKNOWN_CA))
    for here, elsewhere in ((GONE, GONE), (GONE, page("post")), (LEGAL, LEGAL)):
        steps = (*forged, *PROVED_THERE, here, later(here), there(elsewhere), *AS_EVER)
        found = verdict(measured(*steps, probe="content", url=POST))

        assert found.state is State.INCONCLUSIVE
        assert "nothing proves that the site itself gave the page" in found.explanation


def in_the_clear(*steps: Step, address: str = REAL) -> Measurement:
    """A look at a page without TLS, for which the trusted resolver gives the site's address."""
    way = (system(address), trusted(REAL), tcp(address, port=80))
    plain = [msgspec.structs.replace(s, port=80, address=address) for s in steps if not s.pair]
    others = [step for step in steps if step.pair]
    return measured(*way, *plain, *others, probe="content", url=f"http://{HOST}/7")


def test_words_in_a_page_that_nobody_proves_may_be_quoted_by_a_notice() -> None:
    quoted = page("post", url=f"http://{HOST}/7")
    proved = in_the_clear(quoted, there(tcp(REAL, port=80)), there(page("post", title="Board")))

    for measurement in (
        in_the_clear(quoted),
        in_the_clear(GONE, later(quoted)),
        in_the_clear(quoted, address=WRONG),
        proved,
    ):
        found = verdict(measurement)

        assert (found.state, found.fired) == (State.INCONCLUSIVE, ())
        assert found.explanation == (
            "The page at site.example holds “five words”, and nothing proves that the site itself"
            " gave it."
        )


def test_words_count_where_a_control_was_shown_the_same_page() -> None:
    here = page("post", url=f"http://{HOST}/7", title="Board")
    seen = (there(tcp(REAL, port=80)), there(here))

    assert fired(in_the_clear(here, *seen)) == "content.there"


def test_in_the_clear_somebody_may_have_taken_the_words_out() -> None:
    """A page without TLS that is shown here alone is no restriction by the site."""
    url = f"http://{HOST}/7"
    plain = [
        msgspec.structs.replace(step, port=80)
        for step in (system(REAL), trusted(REAL), tcp(REAL), GONE, later(GONE))
    ]
    seen = (there(tcp(REAL, port=80)), there(page("post")), *AS_EVER)
    found = verdict(measured(*plain, *seen, probe="content", url=url))

    assert found.state not in {State.RESTRICTED, State.REMOVED}


def test_a_redirect_in_the_clear_may_have_led_everybody_astray() -> None:
    """Whoever forges it chooses which page a control is asked for."""
    plain = (
        *(system(REAL), trusted(REAL), tcp(REAL, port=80)),
        msgspec.structs.replace(page(status=301, location=POST), port=80),
        *SECOND_HOP,
    )
    gone = msgspec.structs.replace(GONE, hop=2)
    elsewhere = (there(tcp(REAL, port=80)), there(plain[3]), *map(there, SECOND_HOP), there(gone))
    steps = (*plain, gone, later(gone), *elsewhere, *AS_EVER)

    assert verdict(measured(*steps, probe="content", url=f"http://{HOST}/7")).state is (
        State.INCONCLUSIVE
    )
    there_too = (*plain, page("post", hop=2), *elsewhere[:4], there(page("post", hop=2)), *AS_EVER)
    assert verdict(measured(*there_too, probe="content", url=f"http://{HOST}/7")).state is State.OK


def led(to: str, here: Step, elsewhere: Step) -> Measurement:
    """Somebody answers in the clear, and leads the visitor on over TLS; a control is led there."""
    host = to.split("/")[2]
    moved = msgspec.structs.replace(page(status=301, location=to, url=f"http://{HOST}/7"), port=80)
    way = (msgspec.structs.replace(system(REAL), hop=2), *SECOND_HOP)
    on = [msgspec.structs.replace(s, host=host, sni=host if s.sni else None) for s in way]
    end, seen_there = (msgspec.structs.replace(s, host=host, hop=2) for s in (here, elsewhere))
    steps = (system(REAL), trusted(REAL), tcp(REAL, port=80), moved, *on, end, later(end))
    control = (tcp(REAL, port=80), page(status=200, url=f"http://{HOST}/7"), seen_there)
    return measured(
        *(*steps, *map(there, control), *AS_EVER), probe="content", url=f"http://{HOST}/7"
    )


def test_a_page_that_was_reached_by_way_of_the_clear_is_not_withheld_by_the_site() -> None:
    """Whoever forges the redirect may choose a page of the site that is not there."""
    found = verdict(led(f"https://{HOST}/gone", GONE, page("post")))

    assert found.state is State.INCONCLUSIVE


def test_another_site_to_which_somebody_led_the_visitor_does_not_speak_for_this_one() -> None:
    own, foreign = (
        verdict(led(f"https://{host}/7", LEGAL, LEGAL)).state for host in (HOST, "notice.example")
    )

    assert own is State.RESTRICTED
    assert foreign is not State.RESTRICTED


def test_the_pages_of_a_look_change_nothing_in_what_is_said_of_its_way() -> None:
    alone = judge(msgspec.structs.replace(look(GONE, there(GONE)), probe="web"))
    assert alone is not None
    with_pages = CONTENT.way
    assert with_pages is not None
    assert judge(with_pages(REMOVED)) == alone


def test_surroundings_that_lie_mask_it_all() -> None:
    masked = look(*REMOVED.steps[len(REACHED) + len(PROVED_THERE) :], context=("captive_portal",))

    assert (verdict(masked).state, verdict(masked).fired) == (State.INCONCLUSIVE, ())
    assert verdict(msgspec.structs.replace(REMOVED, context=(CONTROL_RESTING,))).state is (
        State.REMOVED
    )


# What else is said


@pytest.mark.parametrize(
    ("measurement", "name", "standing"),
    [
        (REMOVED, "layout_changed", Standing.RULED_OUT),
        (REMOVED, "page_varies", Standing.RULED_OUT),
        (REMOVED, "server_refuses_network", Standing.RULED_OUT),
        (REMOVED, "login_or_consent", Standing.RULED_OUT),
        (REMOVED, "test_for_robots", Standing.RULED_OUT),
        (KEPT, "login_or_consent", Standing.RULED_OUT),
        (
            look(framed(), later(framed()), there(framed()), *IN_FRAME),
            "login_or_consent",
            (Standing.POSSIBLE),
        ),
        (WITHHELD, "server_refuses_network", Standing.POSSIBLE),
        (KEPT, "page_varies", Standing.NOT_TESTED),
        (look(GONE, later(GONE)), "layout_changed", Standing.NOT_TESTED),
        (look(GONE, later(GONE)), "server_refuses_network", Standing.NOT_TESTED),
        (CASES["content.layout"][0], "layout_changed", Standing.POSSIBLE),
        (CASES["content.wall"][0], "login_or_consent", Standing.POSSIBLE),
        (CASES["content.challenge"][0], "test_for_robots", Standing.POSSIBLE),
        (look(), "test_for_robots", Standing.NOT_TESTED),
        (look(GONE, beside(page(searched=False))), "layout_changed", Standing.NOT_TESTED),
        (look(there(GONE)), "server_refuses_network", Standing.NOT_TESTED),
        (look(GONE, there(CUT)), "server_refuses_network", Standing.NOT_TESTED),
        (look(page("post"), there(GONE)), "server_refuses_network", Standing.RULED_OUT),
    ],
)
def test_other_explanations_are_named(
    measurement: Measurement, name: str, standing: Standing
) -> None:
    assert verdict(measurement).confounders[name] is standing


def test_what_comes_and_goes_is_an_anomaly() -> None:
    assert verdict(CASES["content.there"][4]).anomalies == ("content.varies: missing, then found",)
    assert verdict(CASES["content.there"][2]).anomalies == (
        "content.missing for a control elsewhere",
    )
    assert verdict(REMOVED).anomalies == ()
    assert verdict(look(later(GONE))).anomalies == ()
    assert verdict(look(page("post"), there(page(status=403)))).anomalies == ()


def test_every_page_is_a_ground_with_its_step() -> None:
    told = [g for g in grounds(REMOVED, None) if "what it should" in g.text]
    elsewhere = "as a control elsewhere saw it"

    assert [ground.text for ground in told] == [
        "the page, from here, does not hold what it should (status 404)",
        "the page, from here once more, does not hold what it should (status 404)",
        f"the page, {elsewhere}, does not hold what it should (status 404)",
        "another page of the site, from here, holds what it should (status 200, in text)",
        f"another page of the site, {elsewhere}, holds what it should (status 200, in text)",
    ]
    assert [ground.steps for ground in told] == [(6,), (7,), (8,), (9,), (10,)]
    assert [ground.side for ground in told][2] is Side.AGAINST


def test_the_way_has_its_grounds_as_well_and_what_a_control_finds_speaks_for_somebody() -> None:
    found = grounds(WITHHELD, None)

    assert any("a certificate proves the site" in ground.text for ground in found)
    finds = "the page, as a control elsewhere saw it, holds"
    assert [g.side for g in found if g.text.startswith(finds)] == [Side.FOR]
    others = [g.side for g in found if "another page of the site" in g.text]
    assert others == [Side.FACT, Side.FACT]
    for fine in (KEPT, look(page("post"), there(GONE)), look(CUT, there(page("post")))):
        assert {g.side for g in grounds(fine, None) if g.text.startswith("the page, as")} == {
            Side.FACT
        }
    assert "the page, from here, was not read: the answer broke off (eof_error)" in [
        ground.text for ground in grounds(UNDECIDED["nothing"][12], None)
    ]
    broken = page(status=403, failure=Failure.EOF_ERROR)
    assert "the page, from here, is refused (status 403)" in [
        ground.text for ground in grounds(look(broken), None)
    ]
