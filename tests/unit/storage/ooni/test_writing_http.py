"""Requests, the newest first, with everything of the response that is on record."""

import msgspec

from heliograph.detail import HttpDetail, TlsDetail
from heliograph.model import Step
from heliograph.text import beginning
from storage.ooni.writing_http import KEPT_WHOLE, first_of_each
from tests.unit.analysis.builders import RESET, TIMEOUT, http, tcp, tls, written
from tests.unit.analysis.builders_control import at_hop, lost, page, redirect
from tests.unit.storage.ooni.written import web

COOKIES = (("Set-Cookie", "a=[1 characters]"), ("Server", "x"), ("Set-Cookie", "b=[2 characters]"))


def noted(step: Step, **changes: object) -> Step:
    detail = msgspec.json.decode(step.detail, type=HttpDetail)
    changed = msgspec.structs.replace(detail, **changes)
    return msgspec.structs.replace(step, detail=written(changed))


def test_redirects_stand_behind_what_they_led_to() -> None:
    found = web(redirect("https://b.example/"), *at_hop(2, page())).requests

    assert [r.response and r.response.code for r in found] == [200, 302]
    assert [r.tags for r in found] == [
        ["depth=1", "fetch_body=true"],
        ["depth=0", "fetch_body=true"],
    ]


def test_a_request_says_what_was_sent_and_what_came_back() -> None:
    step = noted(page(), request_headers=(("Accept", "*/*"),), headers=COOKIES, title="Site")
    (found,) = web(step).requests
    response = found.response

    assert (found.request.method, found.request.url) == ("GET", "http://site.example/")
    assert found.request.headers_list == [("Accept", "*/*")]
    assert found.request.headers == {"Accept": "*/*"}
    assert response is not None
    assert response.headers_list == list(COOKIES)
    assert response.headers == {"Set-Cookie": "a=[1 characters]", "Server": "x"}
    assert "Welcome readers" in response.body
    assert not response.body_is_truncated
    assert found.address == "203.0.113.10:80"


def test_a_request_without_a_response_says_how_it_failed() -> None:
    (found,) = web(lost(RESET)).requests

    assert (found.failure, found.response) == ("connection_reset", None)


def test_a_response_that_broke_off_says_both() -> None:
    (found,) = web(noted(lost(TIMEOUT), status=200)).requests

    assert found.failure == "generic_timeout_error"
    assert found.response is not None
    assert (found.response.code, found.response.body) == (200, "")


def test_a_request_over_tls_says_which_protocol_was_agreed() -> None:
    shaken = msgspec.structs.replace(tls(), detail=written(TlsDetail(alpn="http/1.1")))

    assert [r.alpn for r in web(tcp(), shaken, http()).requests] == ["http/1.1"]
    assert [r.alpn for r in web(tcp(port=80), page()).requests] == [""]


def test_the_first_of_several_headers_stands_for_all() -> None:
    assert first_of_each((("A", "1"), ("a", "2"), ("A", "3"))) == {"A": "1", "a": "2"}


def test_bodies_are_said_to_be_cut_where_our_record_cuts_them() -> None:
    whole, cut = b"a " * (KEPT_WHOLE // 2), b"a " * (KEPT_WHOLE // 2) + b"a"

    assert beginning(whole) == whole.decode()
    assert beginning(cut) != cut.decode()
