"""Of odd documents what fits is read, and what does not is named."""

import json
from typing import Any

import msgspec
import pytest

from storage.ooni.odd import salvage
from storage.ooni.shapes import Control, is_object
from tests.unit.storage.ooni.published import (
    connect,
    control,
    document,
    handshake,
    healthy,
    line,
    query,
)


def problems(found: object) -> tuple[str, ...]:
    return salvage(line(found)).problems


def test_one_that_is_as_it_should_be_has_no_problem() -> None:
    found = salvage(line(document(healthy())))

    assert found.problems == ()
    assert found.document.test_keys is not None
    assert len(found.document.test_keys.queries or ()) == 2


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"", "not JSON"),
        (b"nonsense", "not JSON"),
        (b'{"test_keys": {"queries": [', "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"null", "$: is null, and no measurement"),
        (b"7", "$: is a number, and no measurement"),
        (b'"x"', "$: is a string, and no measurement"),
        (b"[]", "$: is an array, and no measurement"),
    ],
)
def test_what_is_no_document_is_told(text: bytes, problem: str) -> None:
    (told,) = salvage(text).problems

    assert told.startswith(problem)


def test_of_several_documents_over_many_lines_it_is_told_what_mends_it() -> None:
    assert (
        salvage(b"{\n}\n{\n}")
        .problems[0]
        .endswith("; of documents over many lines, one a file is read")
    )
    assert "one a file" not in salvage(b"{} {}").problems[0]


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        (healthy(queries=7), "$.test_keys.queries: is a number"),
        (healthy(queries=[query(), "x"]), "$.test_keys.queries[1]: is a string"),
        (
            healthy(tcp_connect=[connect(port="many")]),
            "$.test_keys.tcp_connect[0].port: is a string",
        ),
        (healthy(control={"dns": []}), "$.test_keys.control.dns: is an array"),
        (healthy(control=[control()]), "$.test_keys.control: is an array"),
        ("x", "$.test_keys: is a string"),
    ],
)
def test_what_does_not_fit_its_place_is_named(keys: Any, place: str) -> None:
    assert problems(document(keys)) == (place,)


def test_what_is_beside_a_misfit_is_read() -> None:
    found = salvage(line(document(healthy(queries=[7, query("45.0.2.7")]), probe_cc=3)))

    assert found.document.probe_asn == "AS64500"
    assert found.document.probe_cc is None
    assert found.document.test_keys is not None
    assert [q.hostname for q in found.document.test_keys.queries or ()] == ["site.example.org"]


def test_something_odd_that_is_no_evidence_is_passed_over() -> None:
    assert problems(document(healthy(), software_version=7, test_runtime="long")) == ()


def test_parts_that_are_read_late_can_be_read_afterwards() -> None:
    found = salvage(line(document(healthy(control=control(dns=7), network_events="x"))))
    assert found.document.test_keys is not None
    told = found.document.test_keys.control

    assert is_object(told)
    assert msgspec.json.decode(told, type=Control).http_request is not None


def test_handshakes_in_the_place_of_other_keys_stay_handshakes() -> None:
    keys = {"target": handshake(), "control": handshake(), "queries": 7}
    found = salvage(line(document(keys, test_name="echcheck")))
    assert found.document.test_keys is not None

    assert b"TLSv1.3" in bytes(found.document.test_keys.target)


def test_numbers_nobody_can_hold_are_left_out() -> None:
    text = line(document(healthy())).replace(b'"test_runtime": 1.25', b'"test_runtime": NaN')
    text = text.replace(b'"t0": 0.001', b'"t0": 1e999').replace(
        b'"rcode": 0', b'"rcode": ' + b"9" * 99
    )
    found = salvage(text)

    assert found.problems == ()
    assert found.document.test_runtime is None


def test_text_that_is_no_text_is_mended() -> None:
    text = line(document(healthy(), probe_network_name="X")).replace(
        b'"X"', b'"\xff\\ud800\\u0000"'
    )
    found = salvage(text)

    assert found.problems == ()
    assert found.document.probe_network_name == "\ufffd\\ud800\\x00"


def test_what_the_archive_keeps_around_a_measurement_is_taken_off() -> None:
    found = salvage(line({"format": "json", "content": document(healthy(queries=7))}))

    assert found.document.probe_cc == "XA"
    assert found.problems == ("$.test_keys.queries: is a number",)


def test_of_many_problems_the_first_are_named_and_the_others_counted() -> None:
    told = problems(document(healthy(queries=[7] * 100)))

    assert len(told) == 6
    assert told[-1] == "and 95 more"


def test_a_problem_is_told_in_a_few_words() -> None:
    (told,) = problems(document({"targets": {"x" * 10_000: 7}}, test_name="tor"))

    assert len(told) <= 200
    assert json.dumps(told)


def test_one_that_is_odd_and_endless_is_given_up_but_for_what_stands_around_it() -> None:
    found = salvage(line(document(healthy(queries=[7] * 300_000))))

    assert found.document.probe_cc == "XA"
    assert found.document.test_keys is None
    assert "too long to mend" in found.problems[-1]
