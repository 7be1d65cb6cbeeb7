"""A measurement of OONI's, as JSON text, is one of ours, and whatever the text is, one comes back.

``HELIOGRAPH_MUTATIONS`` sets how many damaged documents are tried.
"""

import os
import random
import time
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.judge import judge
from heliograph.ids import measurement_id
from heliograph.model import Measurement, Outcome, State
from storage.ooni.reader import read, theirs, unreadable
from storage.store import Store
from tests.unit.storage.ooni.mutation import mutated
from tests.unit.storage.ooni.published import (
    ADDRESS,
    URL,
    connect,
    document,
    handshake,
    healthy,
    line,
    older,
    oldest,
    over_udp,
    query,
    request,
    response,
    unlisted,
)

MUTATIONS = int(os.environ.get("HELIOGRAPH_MUTATIONS", "400"))
REAL = [
    document(healthy()),
    document(
        healthy(
            queries=[query(failure="dns_nxdomain_error"), over_udp(ADDRESS)],
            x_dns_duplicate_responses=[over_udp("10.10.34.36")],
            requests=[request(failure="connection_reset"), request(shown=response(302))],
        )
    ),
    older(),
    older({"requests": [unlisted(request(failure="ssl_unknown_authority"))]}),
    oldest(),
    document(
        {"targets": {"a": {"tcp_connect": [connect()], "tls_handshakes": [handshake()]}}},
        test_name="tor",
    ),
]
LINES = [line(found) for found in REAL]


def test_what_was_measured_where_when_and_by_what_is_kept() -> None:
    found = read(line(document(healthy(), input="https://Site.example.org")))

    assert (found.probe, found.probe_version) == ("web_connectivity", 5028)
    assert (found.target.input, found.target.url) == ("https://Site.example.org", URL)
    assert (found.vantage.country, found.vantage.asn) == ("XA", 64500)
    assert (found.vantage.network_name, found.vantage.source) == ("Example Net", "ooni")
    assert found.started == datetime(2024, 1, 24, 14, 12, 13, tzinfo=UTC)
    assert (found.seconds, found.software) == (1.25, "ooniprobe 3.21.0")
    assert (found.outcome, found.reason, found.context) == (Outcome.MEASURED, None, ())


def test_the_systems_resolver_is_called_by_the_address_others_see() -> None:
    told = [
        read(line(document(healthy(), resolver_ip=address, resolver_asn=network))).steps[0].resolver
        for address, network in (
            ("45.0.3.1", "AS64501"),
            ("45.0.3.1", None),
            ("127.0.0.1", "AS0"),
            (None, None),
        )
    ]

    assert told == ["system@45.0.3.1 AS64501", "system@45.0.3.1", "system", "system"]


def test_a_measurement_through_a_vpn_says_so() -> None:
    assert read(line(document(healthy(), annotations={"network_type": "vpn"}))).context == (
        "tunnel",
    )
    assert read(line(document(healthy(), annotations={"other": "vpn"}))).context == ()
    assert read(line(document(healthy(), annotations=["vpn"]))).context == ()


def test_an_answer_that_tunnels_give_to_every_name_says_so() -> None:
    tunnel, private = (healthy() | {"queries": [query(a)]} for a in ("198.19.0.7", "10.0.0.7"))

    assert read(line(document(tunnel))).context == ("tunnel",)
    assert read(line(document(private))).context == ()


@pytest.mark.parametrize("found", REAL)
def test_the_id_is_that_of_every_record(found: dict[str, object]) -> None:
    made = read(line(found))

    assert made.id == measurement_id(made)


def test_the_same_measurement_has_the_same_id_from_every_copy() -> None:
    bare = read(line(document(healthy())))
    uid = read(line(document(healthy(), measurement_uid="20240124.1_XA_web_1")))
    posted = read(line({"format": "json", "content": document(healthy())}))

    assert bare.source == "ooni:20240124T141213Z_webconnectivity_XA_64500_n1_made"
    assert uid.source == f"{bare.source}#20240124.1_XA_web_1"
    assert bare.id == uid.id == posted.id


def test_measurements_of_one_report_differ() -> None:
    ids = {read(line(document(healthy(), input=f"https://{n}.example.org/"))).id for n in range(9)}

    assert len(ids) == 9


def test_broken_texts_are_told_apart_and_each_is_one() -> None:
    texts = [b"nonsense", b"nonsense\n", b"other", b'{"a":1}', b'{"b":1}']
    ids = [read(text).id for text in texts]

    assert ids[0] == ids[1]
    assert len(set(ids)) == 4


@pytest.mark.parametrize("keys", [None, "x", 7, []])
def test_keys_that_are_none_leave_it_broken(keys: object) -> None:
    found = read(line(document({}) | {"test_keys": keys}))

    assert found.outcome is Outcome.BROKEN
    assert found.reason is not None
    assert found.target.url == URL


def test_what_could_be_read_of_an_odd_one_is_kept() -> None:
    found = read(line(document(healthy(queries=7))))

    assert (found.outcome, found.reason) == (
        Outcome.BROKEN,
        "$.test_keys.queries: is a number",
    )
    assert len(found.steps) > 3


def test_one_with_more_steps_than_any_honest_one_is_cut() -> None:
    found = read(line(document(healthy(tcp_connect=[connect()] * 20_000))))

    assert found.outcome is Outcome.BROKEN
    assert len(found.steps) == 4096


def test_a_name_that_is_none_makes_it_broken_and_is_not_kept() -> None:
    found = read(line(document({"queries": [query()]}, test_name="a\x1b[31mEVIL\x1b]0;t\x07")))

    assert (found.outcome, found.probe) == (Outcome.BROKEN, "unknown")
    assert (found.reason or "").startswith("$.test_name: is no name of a test")
    assert "\x1b" not in (found.reason or "")


def test_a_document_can_not_pass_for_a_look_of_our_own_probes() -> None:
    found = read(line(document({"queries": [query()]}, test_name="surroundings")))

    assert (found.outcome, found.probe) == (Outcome.MEASURED, "ooni.surroundings")


def test_what_nobody_can_read_stands_as_broken_with_the_reason() -> None:
    found = unreadable(b"file:7", "cut off")

    assert (found.outcome, found.reason, found.probe) == (Outcome.BROKEN, "cut off", "unknown")
    assert found.id == measurement_id(found)


@pytest.mark.parametrize(
    ("keys", "word"),
    [
        ({"blocking": False, "accessible": True}, "accessible"),
        ({"blocking": False, "accessible": False}, "down"),
        ({"blocking": "dns", "accessible": False}, "blocking: dns"),
        ({"blocking": None, "accessible": None}, None),
        ({}, None),
        ("x", None),
    ],
)
def test_their_own_verdict_is_a_word_and_no_part_of_the_record(
    keys: object, word: str | None
) -> None:
    assert theirs(line({"test_keys": keys})) == word
    assert theirs(b"nonsense") is None
    assert read(line(document(healthy(blocking="dns", accessible=False)))).id == (
        read(line(document(healthy()))).id
    )


def test_a_healthy_site_is_judged_ok() -> None:
    verdict = judge(read(line(document(healthy()))))

    assert verdict is not None
    assert verdict.state is State.OK


@settings(max_examples=MUTATIONS, deadline=None)
@given(seed=st.integers(0, 2**64), of=st.sampled_from(LINES))
def test_whatever_a_text_holds_one_measurement_comes_back(seed: int, of: bytes) -> None:
    text = mutated(random.Random(seed), of)
    began = time.process_time()
    found = read(text)
    judge(found)
    theirs(text)

    assert time.process_time() - began < 1.0
    assert found.id == measurement_id(found)
    assert (found.outcome is Outcome.MEASURED) == (found.reason is None)
    assert msgspec.json.decode(msgspec.json.encode(found), type=Measurement) == found


def test_damaged_documents_come_back_from_a_database_as_they_went_in() -> None:
    chance = random.Random(7)
    made = {one.id: one for one in (read(mutated(chance, of)) for of in LINES * 20)}
    with Store.open(":memory:") as store:
        for one in made.values():
            store.save(one, judge(one), None)

        assert [store.measurement(identity) for identity in made] == list(made.values())
