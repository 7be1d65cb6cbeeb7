"""Requests and responses as OONI lists them are exchanges of ours."""

import base64
import hashlib
from typing import Any

import msgspec
import pytest

from heliograph.detail import HttpDetail, read
from heliograph.failure import Failure
from heliograph.model import Role, Step
from storage.ooni.pages import Way, exchange_step, header_of, status_of
from storage.ooni.shapes import Transaction
from tests.unit.storage.ooni.published import ADDRESS, PAGE, SITE, URL, line, request, response

WAY = Way(ADDRESS, 443)


def transaction(found: dict[str, Any]) -> Transaction:
    return msgspec.json.decode(line(found), type=Transaction)


def exchanged(found: dict[str, Any], way: Way = WAY) -> tuple[Step, HttpDetail]:
    step = exchange_step(transaction(found), way, 2)
    return step, read(step, HttpDetail)


def test_an_exchange_has_what_was_asked_and_what_came() -> None:
    shown = response(302, PAGE, Server="made", Location="/next", Content_Length="99")
    step, detail = exchanged(request(shown=shown))

    assert (step.host, step.address, step.port, step.hop) == (SITE, ADDRESS, 443, 2)
    assert (step.failure, step.started, step.seconds) == (None, 0.1, 0.1)
    assert (detail.url, detail.method, detail.stage, detail.status) == (URL, "GET", "done", 302)
    assert detail.request_headers == (("User-Agent", "Mozilla/5.0"),)
    assert (detail.location, detail.expected_bytes) == ("/next", 99)


def test_features_of_a_body_are_those_our_own_looks_keep() -> None:
    _, detail = exchanged(request(shown=response(body=PAGE)))

    assert detail.title == "A page & more"
    assert (detail.body_bytes, detail.body_text) == (len(PAGE), PAGE)
    assert detail.body_sha256 == hashlib.sha256(PAGE.encode()).hexdigest()


def test_a_body_that_is_no_text_is_its_bytes() -> None:
    data = b"<title>\xff</title>"
    body = {"data": base64.b64encode(data).decode(), "format": "base64"}
    _, detail = exchanged(request(shown=response(body=body)))

    assert detail.body_sha256 == hashlib.sha256(data).hexdigest()
    assert detail.title == "\\xff"


def test_of_a_long_body_the_beginning_is_kept_and_all_of_it_counted() -> None:
    body = "word " * 10_000
    shown = response(body=body) | {"body_is_truncated": True}
    _, detail = exchanged(request(shown=shown))

    assert detail.body_bytes == 50_000
    assert detail.body_text is not None
    assert 16_000 < len(detail.body_text) <= 16_384
    assert detail.truncated


@pytest.mark.parametrize("size", [1 << 17, 1 << 19])
def test_a_body_as_long_as_programs_keep_was_cut_off(size: int) -> None:
    _, whole = exchanged(request(shown=response(body="x" * (size - 1))))
    _, cut = exchanged(request(shown=response(body="x" * size)))

    assert (whole.truncated, cut.truncated) == (False, True)


def test_a_body_that_is_not_published_is_not_an_empty_one() -> None:
    _, left_out = exchanged(request(shown={"code": 200, "headers": {}}))
    _, empty = exchanged(request(shown=response(204, "")))

    assert left_out.body_sha256 is None
    assert empty.body_sha256 == hashlib.sha256(b"").hexdigest()


@pytest.mark.parametrize(
    ("shown", "way", "stage"),
    [
        (response(0, ""), WAY, "headers"),
        (response(0, ""), Way(None, None, "request"), "request"),
        (response(200, "half a p"), WAY, "body"),
    ],
)
def test_a_failed_exchange_got_as_far_as_can_be_told(
    shown: dict[str, Any], way: Way, stage: str
) -> None:
    step, detail = exchanged(request(shown=shown, failure="connection_reset"), way)

    assert (step.failure, detail.stage) == (Failure.CONNECTION_RESET, stage)


def test_neither_a_response_nor_a_failure_is_no_success() -> None:
    step, _ = exchanged({"request": {"url": URL}, "response": None})

    assert step.failure is Failure.INTERRUPTED


def test_what_was_concluded_is_said() -> None:
    _, detail = exchanged(request(), Way(ADDRESS, 443, implied="address: the only one"))

    assert detail.implied == "address: the only one"


def test_a_role_can_be_given() -> None:
    step = exchange_step(transaction(request()), WAY, 1, Role.REMOTE_CONTROL)

    assert step.role is Role.REMOTE_CONTROL


def test_a_status_is_a_number_of_three_digits() -> None:
    told = [status_of(transaction({"response": {"code": code}})) for code in (-1, 0, 99)]

    assert told == [None, None, 99]
    assert status_of(Transaction()) is None


def test_a_header_is_found_in_whatever_case() -> None:
    assert header_of((("X-A", "1"), ("x-a", "2")), "x-a") == "1"
    assert header_of((), "x-a") is None
