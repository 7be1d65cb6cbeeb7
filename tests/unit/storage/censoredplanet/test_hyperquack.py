"""Names said to a stranger's server as steps of a comparison, and what was not published."""

import pytest

from heliograph.detail import HttpDetail, TcpDetail, TlsDetail, read
from heliograph.failure import Failure
from heliograph.model import Role, Step, StepKind
from storage.censoredplanet.hyperquack import OTHER, PAIR, SOMEWHERE, USUAL
from storage.censoredplanet.reading import read as read_line
from tests.unit.storage.censoredplanet.lines import (
    READ_RESET,
    SERVER,
    answer,
    flat_quack,
    quack,
    said,
)

HTTP, TLS, TCP = StepKind.HTTP_EXCHANGE, StepKind.TLS_HANDSHAKE, StepKind.TCP_CONNECT


def steps_of(line: bytes) -> tuple[Step, ...]:
    return read_line(line).steps


def failing(error: str, service: str = "https") -> tuple[Step, ...]:
    return steps_of(quack(said(9, matches_template=False, error=error), service=service))


def test_names_are_said_in_their_order_and_all_belong_to_one_comparison() -> None:
    harmless = {"control_url": "control-1.example"}
    steps = steps_of(quack(said(1, **harmless), said(2), said(3), said(4, **harmless)))

    assert [(s.role, s.host, s.started, s.seconds) for s in steps] == [
        (Role.CONTROL_BEFORE, "control-1.example", 0.0, 0.25),
        (Role.TEST, "site.example", 1.0, 0.25),
        (Role.TEST, "site.example", 2.0, 0.25),
        (Role.CONTROL_AFTER, "control-1.example", 3.0, 0.25),
    ]
    assert {(s.pair, s.address, s.port) for s in steps} == {(PAIR, SERVER, 80)}


def test_the_usual_answer_is_one_though_it_is_not_published() -> None:
    (step,) = steps_of(quack(said(1)))
    detail = read(step, HttpDetail)

    assert (step.kind, step.failure) == (HTTP, None)
    assert (detail.url, detail.stage, detail.status) == ("http://site.example/", "done", None)
    assert detail.implied == USUAL


def test_another_answer_is_kept_as_it_came() -> None:
    (step,) = steps_of(quack(said(1, matches_template=False, response=answer())))
    detail = read(step, HttpDetail)

    assert (step.failure, detail.status, detail.title, detail.implied) == (None, 403, "No", None)
    assert detail.headers == (("Content-Type", "text/html"), ("Via", "one"), ("Via", "two"))
    assert detail.body_text == "<title>No</title>"


def test_another_answer_that_was_not_published_is_not_taken_for_the_usual_one() -> None:
    (step,) = steps_of(quack(said(1, matches_template=False)))

    assert step.failure is None
    assert read(step, HttpDetail).implied == OTHER


@pytest.mark.parametrize(
    "error", ["Bodies do not match", "Status lines do not match;Bodies do not match"]
)
def test_an_answer_that_differs_did_not_fail(error: str) -> None:
    (step,) = steps_of(quack(said(1, matches_template=False, error=error)))
    detail = read(step, HttpDetail)

    assert (step.failure, detail.implied) == (None, OTHER)
    assert detail.cause is not None
    assert detail.cause.text == error.partition(";")[0]


def test_over_tls_the_handshake_is_a_step_of_its_own() -> None:
    received = answer(TlsVersion=771, CipherSuite=49199, Certificate="MAA=")
    shaken, step = steps_of(
        quack(said(1, matches_template=False, response=received), service="https")
    )
    detail = read(shaken, TlsDetail)

    assert (shaken.kind, shaken.sni, shaken.port, shaken.failure) == (
        TLS,
        "site.example",
        443,
        None,
    )
    assert (detail.version, detail.cipher, detail.completed) == ("TLSv1.2", "0xc02f", True)
    assert len(detail.chain) == 1
    assert (step.kind, read(step, HttpDetail).url) == (HTTP, "https://site.example/")


def test_a_chain_of_certificates_is_read_as_well_as_one() -> None:
    received = answer(Certificate=["MAA=", "MAE="])
    shaken, _ = steps_of(quack(said(1, response=received), service="https"))

    assert len(read(shaken, TlsDetail).chain) == 2


def test_what_the_usual_answer_says_of_the_handshake_is_marked_as_concluded() -> None:
    shaken, _ = steps_of(quack(said(1), service="https"))

    assert read(shaken, TlsDetail).implied == USUAL


@pytest.mark.parametrize(
    ("error", "kind", "failure"),
    [
        ("dial tcp 203.0.113.80:443: connect: connection refused", TCP, Failure.CONNECTION_REFUSED),
        ("dial tcp 203.0.113.80:443: i/o timeout", TCP, Failure.GENERIC_TIMEOUT_ERROR),
        ("connect: no route to host", TCP, Failure.HOST_UNREACHABLE),
        ("connection reset by peer", TCP, Failure.CONNECTION_RESET),
        ("context deadline exceeded", TCP, Failure.GENERIC_TIMEOUT_ERROR),
        ("connect: cannot assign requested address", TCP, Failure.INTERRUPTED),
        ("socket: too many open files", TCP, Failure.INTERRUPTED),
        (READ_RESET, TLS, Failure.CONNECTION_RESET),
        ("EOF", TLS, Failure.EOF_ERROR),
        ("remote error: tls: unrecognized name", TLS, Failure.SSL_INVALID_HOSTNAME),
        ("tls: oversized record received with length 20527", TLS, Failure.SSL_FAILED_HANDSHAKE),
        ("something new", TLS, Failure.UNKNOWN_FAILURE),
    ],
)
def test_failures_are_those_of_the_layer_that_is_told(
    error: str, kind: StepKind, failure: Failure
) -> None:
    (step,) = failing(error)

    assert (step.kind, step.failure) == (kind, failure)
    cause = (read(step, TcpDetail) if kind is TCP else read(step, TlsDetail)).cause
    assert cause is not None
    assert cause.text == error


def test_whether_a_handshake_was_cut_off_or_what_followed_is_left_open() -> None:
    (vague,), (clear,) = failing(READ_RESET), failing("remote error: tls: unrecognized name")

    assert read(vague, TlsDetail).implied == SOMEWHERE
    assert (read(clear, TlsDetail).implied, read(clear, TlsDetail).alert) == (None, 112)


def test_in_the_clear_what_is_cut_off_is_the_request() -> None:
    (step,) = failing(READ_RESET, "http")
    detail = read(step, HttpDetail)

    assert (step.kind, step.failure) == (HTTP, Failure.CONNECTION_RESET)
    assert (detail.stage, detail.implied) == ("headers", None)


def test_a_path_is_asked_for_and_no_part_of_the_name() -> None:
    (step,) = steps_of(quack(said(1), test_url="Site.Example/a/b"))

    assert step.host == "site.example"
    assert read(step, HttpDetail).url == "http://Site.Example/a/b"


def test_a_flat_line_is_one_request() -> None:
    shaken, step = steps_of(
        flat_quack(
            matches_template=False,
            received_status="403 Forbidden",
            received_headers=["Content-Type: text/html", "Via: one", "Via: two"],
            received_body="<title>No</title>",
            received_tls_version=771,
            received_tls_cipher_suite=49199,
            received_tls_cert="MAA=",
        )
    )

    assert (shaken.kind, shaken.role, shaken.pair) == (TLS, Role.TEST, PAIR)
    assert read(shaken, TlsDetail).version == "TLSv1.2"
    assert read(step, HttpDetail).status == 403
    assert len(read(step, HttpDetail).headers) == 3
    assert (step.started, step.seconds) == (0.0, 0.25)


def test_a_flat_line_about_a_harmless_name_is_the_other_half_of_a_comparison() -> None:
    steps = steps_of(flat_quack(domain="control-1.example", domain_is_control=True))

    assert {(s.role, s.host) for s in steps} == {(Role.CONTROL_BEFORE, "control-1.example")}
