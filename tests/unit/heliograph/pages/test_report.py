"""The report shows everything and runs nothing, whatever a network put into the results."""

from datetime import UTC, datetime

import msgspec
import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from heliograph.detail import (
    DatagramDetail,
    Detail,
    DnsAnswer,
    DnsDetail,
    DnsReply,
    HopTrial,
    HttpDetail,
    QuicDetail,
    Sought,
    SweepDetail,
    TcpDetail,
    TlsDetail,
)
from heliograph.failure import Failure
from heliograph.model import (
    ConfidenceWord,
    Measurement,
    Outcome,
    Standing,
    State,
    Step,
    StepKind,
    Target,
    Vantage,
    VerdictRow,
)
from heliograph.pages.report import ReportEntry, bars, note, render

ID = "00079c2c-0000-8000-8000-000000000000"
HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "</title></style></table><iframe src=//evil.example>",
    "javascript:alert(1)",
    "{{ 7 * 191 }} {% raw %}",
    "&lt;script&gt; &amp;#x3c;",
    "<!--",
    "<a href=https://evil.example/>",
    "\x1b[31m \u202e \u200b \x00",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
)


def step(kind: StepKind, detail: Detail, failure: Failure | None = None, text: str = "") -> Step:
    return Step(
        kind=kind,
        host=text or "site.example",
        resolver=f"udp://192.0.2.53{text}" if kind is StepKind.DNS_QUERY else None,
        address=text or "203.0.113.10",
        port=443,
        sni=text or None,
        started=0.5,
        seconds=0.25,
        failure=failure,
        detail=msgspec.json.encode(detail).decode(),
    )


def steps(text: str = "") -> tuple[Step, ...]:
    """One step of every kind, each text a network chooses being this one."""
    answer = DnsAnswer(name=text, type="A", value=text or "203.0.113.10")
    replies = (DnsReply(after=0.1, rcode=text, answers=(answer,)), DnsReply(after=0.2, rcode=text))
    pairs = (text or "X", text or "y")
    return (
        step(StepKind.DNS_QUERY, DnsDetail(query_type="A", replies=replies), None, text),
        step(StepKind.TCP_CONNECT, TcpDetail(refusal=text), Failure.X_ADDRESS_REFUSED, text),
        step(
            StepKind.TLS_HANDSHAKE,
            TlsDetail(version=text, verification=text, alert=40, injected=text),
            Failure.SSL_FAILED_HANDSHAKE,
            text,
        ),
        step(
            StepKind.HTTP_EXCHANGE,
            HttpDetail(
                url=text,
                status=200,
                headers=(pairs,),
                location=text,
                title=text,
                body_text=text,
                body_bytes=3,
                truncated=True,
                stage="done",
            ),
            None,
            text,
        ),
        step(StepKind.HTTP_EXCHANGE, HttpDetail(url=text), Failure.EOF_ERROR, text),
        step(StepKind.QUIC_HANDSHAKE, DatagramDetail(sent=text), Failure.INTERRUPTED, text),
        step(StepKind.DATAGRAM, DatagramDetail(sent=text), None, text),
        step(
            StepKind.HOP_PROBE,
            SweepDetail(said=text, trials=(HopTrial(ttl=1, ended=text),)),
            None,
            text,
        ),
    )


def entry(
    text: str = "",
    *,
    outcome: Outcome = Outcome.MEASURED,
    reason: str | None = None,
    state: State | None = State.BLOCKED,
) -> ReportEntry:
    """A blocked measurement with everything a report can show."""
    shown = text or "https://site.example/"
    target = Target(input=shown, url=shown, scheme="https", host=text or "site.example", port=443)
    measurement = Measurement(
        id=ID,
        probe="http",
        probe_version=1,
        target=target,
        vantage=Vantage(network_name=text or None),
        started=datetime(2026, 11, 23, tzinfo=UTC),
        outcome=outcome,
        reason=reason,
        steps=steps(text),
    )
    blocked = state is State.BLOCKED
    row = VerdictRow(
        measurement_id=ID,
        started="2026-11-23T00:00:00Z",
        input=shown,
        target=shown,
        host=target.host,
        probe=text or "http",
        outcome=outcome,
        reason=reason,
        state=state,
        techniques=(text or "tls.reset",) if blocked else (),
        confidence=0.9 if blocked else None,
        confidence_word=ConfidenceWord.LIKELY if blocked else None,
        explanation=None if state is None else text or "In plain words.",
        anomalies=(text or "dns.bogon from udp://192.0.2.53",),
        confounders={text or "server_down": Standing.RULED_OUT, "name_gone": Standing.NOT_TESTED},
        rules=(text or "tls.reset.paired",),
        ruleset_version=1,
        country="XA",
        asn=64500,
    )
    return ReportEntry(row=row, measurement=measurement)


def page(*entries: ReportEntry, title: str = "A report") -> LexborHTMLParser:
    return LexborHTMLParser(render(title, entries, "2026-11-23 12:00 UTC"))


def first(parsed: LexborHTMLParser, selector: str) -> LexborNode:
    found = parsed.css_first(selector)
    assert found is not None
    return found


def shape(parsed: LexborHTMLParser) -> list[tuple[str | None, tuple[str, ...]]]:
    """Every element with the names of its attributes: what a browser would act on."""
    return [(node.tag, tuple(node.attributes)) for node in parsed.css("*")]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_changes_no_element_and_no_attribute_of_the_page(text: str) -> None:
    harmless, hostile = page(entry("x"), title="x"), page(entry(text), title=text)

    assert shape(hostile) == shape(harmless)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_the_page_refers_to_nothing_outside_itself(text: str) -> None:
    parsed = page(entry(text), title=text)

    links = {
        value
        for node in parsed.css("*")
        for name, value in node.attributes.items()
        if name in {"href", "src", "srcset", "action", "data", "poster", "background"}
    }
    assert links == {f"#{ID}"}
    styles = [node.attributes.get("style") or "" for node in parsed.css("[style]")]
    assert all("url(" not in style for style in styles)
    (sheet,) = [node.text() for node in parsed.css("style")]
    assert "url(" not in sheet
    assert "@import" not in sheet


def test_the_page_forbids_whatever_might_slip_through() -> None:
    parsed = page(entry())

    (policy,) = parsed.css("meta[http-equiv='Content-Security-Policy']")
    assert policy.attributes["content"] == "default-src 'none'; style-src 'unsafe-inline'"
    assert parsed.css("script") == []


def test_nothing_moves_the_cursor_or_turns_the_text_in_what_a_network_said() -> None:
    html = render("t", [entry("\x1b[31m\u202e\u200b")], "now")
    cells = [node.text() for node in LexborHTMLParser(html).css(".steps td")]

    assert any("\\x1b[31m\\u202e\\u200b" in cell for cell in cells)
    assert not {"\x1b", "\u202e", "\u200b"} & set("".join(cells))
    assert not {"\x1b", "\u202e", "\u200b"} & set(html)


def test_a_verdict_is_told_with_all_it_rests_on() -> None:
    text = " ".join(first(page(entry()), "section").text().split())

    for words in (
        "https://site.example/: blocked",
        "In plain words.",
        "Probe http, 2026-11-23 00:00:00 UTC, network AS64500, XA.",
        "Data used: 0 bytes (sent 0 bytes, received 0 bytes).",
        "Confidence: likely (0.90).",
        "Rules: tls.reset.paired, ruleset 1.",
        "Also odd: dns.bogon from udp://192.0.2.53.",
        "Other explanations: server down: ruled out, name gone: not tested.",
        f"Measurement {ID}.",
    ):
        assert words in text


def test_the_table_links_every_verdict_to_its_evidence() -> None:
    parsed = page(entry(), entry())

    assert len(parsed.css("main > table tbody tr")) == 2
    assert "2 measurements" in first(parsed, "caption").text()
    assert first(parsed, "section").attributes["id"] == ID


@pytest.mark.parametrize(
    ("state", "tone"),
    [
        (State.OK, "good"),
        (State.BLOCKED, "bad"),
        (State.THROTTLED, "bad"),
        (State.RESTRICTED, "warn"),
        (State.REMOVED, "warn"),
        (State.DOWN, "warn"),
        (State.INCONCLUSIVE, "none"),
    ],
)
def test_what_is_undecided_is_never_drawn_as_good(state: State, tone: str) -> None:
    cell = first(page(entry(state=state)), "td.state")

    assert cell.attributes["class"] == f"state {tone}"
    assert cell.text() == state


@pytest.mark.parametrize(
    ("outcome", "reason", "told"),
    [
        (Outcome.SKIPPED, "no such thing here", "no such thing here"),
        (Outcome.BROKEN, "Traceback\n  File\nValueError: x\n", "ValueError: x"),
        (Outcome.BROKEN, None, ""),
        (Outcome.BROKEN, "\n \n", ""),
    ],
)
def test_what_was_not_measured_is_told_with_its_reason(
    outcome: Outcome, reason: str | None, told: str
) -> None:
    parsed = page(entry(outcome=outcome, reason=reason, state=None))

    assert first(parsed, "td.state").text() == outcome
    assert first(parsed, "section > p").text() == told


def test_a_report_of_nothing_is_a_page() -> None:
    assert "0 measurements" in first(page(), "caption").text()


def test_every_kind_of_step_has_its_line() -> None:
    measurement = entry().measurement
    drawn = bars(measurement)

    assert {step.kind for step in measurement.steps} == set(StepKind)
    assert [bar.what for bar in drawn] == [s.kind.replace("_", " ") for s in measurement.steps]
    assert [bar.failed for bar in drawn] == [s.failure is not None for s in measurement.steps]
    assert drawn[0].where == "site.example @ udp://192.0.2.53"
    assert drawn[1].where == "site.example @ 203.0.113.10 port 443"
    assert {(bar.left, bar.width) for bar in drawn} == {(66.67, 33.33)}


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"host": None}, "203.0.113.10 port 443"),
        ({"host": None, "address": None}, ""),
        ({"address": None}, "site.example @ ?"),
    ],
)
def test_a_step_without_a_name_or_a_place_is_shown(changes: dict[str, None], where: str) -> None:
    changed = msgspec.structs.replace(steps()[1], **changes)
    measurement = msgspec.structs.replace(entry().measurement, steps=(changed,))

    assert bars(measurement)[0].where == where


def test_steps_of_no_length_can_still_be_seen() -> None:
    instant = msgspec.structs.replace(steps()[1], started=0.0, seconds=0.0)
    measurement = msgspec.structs.replace(entry().measurement, steps=(instant,))

    assert [(bar.left, bar.width) for bar in bars(measurement)] == [(0.0, 0.4)]
    assert bars(msgspec.structs.replace(measurement, steps=())) == []


@pytest.mark.parametrize(
    ("kind", "detail", "expected"),
    [
        (StepKind.DNS_QUERY, DnsDetail(query_type="AAAA"), "AAAA: no reply"),
        (
            StepKind.DNS_QUERY,
            DnsDetail(
                query_type="A",
                replies=(
                    DnsReply(
                        after=0.001,
                        answers=(
                            DnsAnswer(name="a", type="A", value="203.0.113.1"),
                            DnsAnswer(name="a", type="A", value="203.0.113.2"),
                        ),
                    ),
                    DnsReply(after=0.02, rcode="NXDOMAIN"),
                    DnsReply(after=0.03, problem="wrong query id"),
                ),
            ),
            "A: 203.0.113.1, 203.0.113.2 after 1 ms; then NXDOMAIN after 20 ms;"
            " then wrong query id after 30 ms",
        ),
        (StepKind.TCP_CONNECT, TcpDetail(), ""),
        (StepKind.TCP_CONNECT, TcpDetail(refusal="loopback"), "loopback"),
        (StepKind.TLS_HANDSHAKE, TlsDetail(), ""),
        (
            StepKind.TLS_HANDSHAKE,
            TlsDetail(version="TLSv1.3", verification="expired", alert=40, injected="HTTP" * 20),
            "TLSv1.3, expired, alert 40, not TLS: " + "HTTP" * 15,
        ),
        (
            StepKind.QUIC_HANDSHAKE,
            QuicDetail(version="TLSv1.3", status=200, follow_ups=5, answered=4),
            "TLSv1.3, 4 of 5 follow-ups answered, status 200",
        ),
        (
            StepKind.QUIC_HANDSHAKE,
            QuicDetail(close_code=296, contradicted=True),
            "closed with code 296, completed all the same",
        ),
        (
            StepKind.QUIC_HANDSHAKE,
            QuicDetail(offered="1a2a3a4a", versions=("00000001",)),
            "offered version 1a2a3a4a, told 00000001",
        ),
        (StepKind.HTTP_EXCHANGE, HttpDetail(url="u", stage="headers"), "stopped at headers"),
        (StepKind.HTTP_EXCHANGE, HttpDetail(url="u", status=204), "status 204, 0 bytes"),
        (
            StepKind.HTTP_EXCHANGE,
            HttpDetail(url="u", status=200, body_bytes=9, truncated=True, title="Hi"),
            "status 200, 9 bytes, cut, title Hi",
        ),
        (StepKind.DATAGRAM, DatagramDetail(sent=""), ""),
        (
            StepKind.HOP_PROBE,
            SweepDetail(
                said="tls",
                trials=(
                    HopTrial(ttl=1, ended="expired"),
                    HopTrial(ttl=2, ended="expired"),
                    HopTrial(ttl=3, ended="reset"),
                ),
            ),
            "tls, by hops: 1 to 2 expired, 3 reset",
        ),
    ],
)
def test_a_step_is_told_beyond_its_failure_word(
    kind: StepKind, detail: Detail, expected: str
) -> None:
    assert note(step(kind, detail)) == expected


def test_a_reply_of_which_nobody_published_when_it_came_is_told_without_a_moment() -> None:
    detail = DnsDetail(query_type="A", replies=(DnsReply(after=0.0, rcode="NXDOMAIN"),))

    assert note(step(StepKind.DNS_QUERY, detail), timed=False) == "A: NXDOMAIN"
    assert note(step(StepKind.DNS_QUERY, detail)) == "A: NXDOMAIN after 0 ms"


@pytest.mark.parametrize("kind", list(StepKind))
def test_a_step_cut_off_before_anything_was_written_down_is_shown(kind: StepKind) -> None:
    begun = Step(kind=kind, address="203.0.113.10", port=443)
    measurement = msgspec.structs.replace(entry().measurement, steps=(begun,))

    assert bars(measurement)[0].outcome == "interrupted"


def test_what_the_runs_sent_for_the_surroundings_is_counted_and_named() -> None:
    around = msgspec.structs.replace(entry().measurement, probe="surroundings", id="around-id")
    parsed = LexborHTMLParser(render("t", [entry()], "now", "", [around]))
    text = " ".join(first(parsed, "main").text(separator=" ").split())

    assert "of it for 1 look at the surroundings" in text
    assert "surroundings: in the name of site.example" in text
    assert "whichever measurements were chosen. Measurements around-id (2026-11-23" in text
    assert "around-id" not in render("t", [entry()], "now")


def test_one_measurement_is_one() -> None:
    assert first(page(entry()), "caption").text() == "1 measurement"


def test_what_a_page_was_searched_for_is_told_as_far_as_it_was_found() -> None:
    def told(*sought: Sought) -> str:
        detail = HttpDetail(url="https://site.example/", status=200, title="T", sought=sought)
        encoded = msgspec.json.encode(detail).decode()
        return note(Step(kind=StepKind.HTTP_EXCHANGE, failure=None, detail=encoded))

    found = Sought(text="words", found="text")
    assert told(found, Sought(selector="p")) == (
        "status 200, 0 bytes, title T, holds 'words' in text"
    )
    assert told(Sought(text="words")) == "status 200, 0 bytes, title T, holds nothing sought"
    assert told() == "status 200, 0 bytes, title T"
