"""Who was told which name, read from either form of a line."""

import msgspec
import pytest

from heliograph.model import Role
from storage.censoredplanet.said import began, number_of, of_flat, of_nested, service_of
from storage.censoredplanet.shapes import Line
from tests.unit.storage.censoredplanet.lines import SERVER, answer, flat_quack, quack, said


def line_of(text: bytes) -> Line:
    return msgspec.json.decode(text, type=Line)


@pytest.mark.parametrize(
    ("service", "spoken"),
    [
        ("http", ("http", 80)),
        ("https", ("https", 443)),
        ("http:8080", ("http", 8080)),
        ("https:0", ("https", 443)),
        ("http:99999", ("http", 80)),
        ("echo", None),
        ("discard:9", None),
        ("", None),
    ],
)
def test_the_service_says_protocol_and_port(service: str, spoken: tuple[str, int] | None) -> None:
    assert service_of(Line(service=service)) == spoken


@pytest.mark.parametrize(
    ("source", "spoken"),
    [
        ("CP_Quack-https-2021-05-30-01-01-01", ("https", 443)),
        ("CP_Quack-echo-2021-05-30-01-01-01", None),
        ("CP_Satellite-2021-10-20-12-00-01", None),
        ("", None),
        (None, None),
    ],
)
def test_a_flat_line_says_it_by_the_name_of_its_scan(
    source: str | None, spoken: tuple[str, int] | None
) -> None:
    assert service_of(Line(source=source)) == spoken


def test_harmless_names_are_controls_before_and_after_the_target() -> None:
    harmless = {"control_url": "control-1.example"}
    text = quack(said(1, **harmless), said(2), said(3, **harmless))

    assert [(one.name, one.role) for one in of_nested(line_of(text))] == [
        ("control-1.example", Role.CONTROL_BEFORE),
        ("site.example", Role.TEST),
        ("control-1.example", Role.CONTROL_AFTER),
    ]


def test_a_flat_line_without_an_answer_has_none() -> None:
    assert of_flat(line_of(flat_quack())).received is None
    assert of_flat(line_of(flat_quack(received_status="200 OK"))).received is not None


def test_headers_of_a_flat_line_are_gathered_by_name() -> None:
    text = flat_quack(received_headers=["Via: one", "Server: x: y", "Via: two", "odd"])
    found = of_flat(line_of(text)).received

    assert found is not None
    assert found.headers == {"Via": ["one", "two"], "Server": ["x: y"], "odd": [""]}


@pytest.mark.parametrize(
    ("error", "compared"),
    [
        ("Bodies do not match;Status lines do not match", True),
        ("Content-Type header field missing", True),
        ("read: connection reset by peer", False),
        (None, False),
    ],
)
def test_an_error_that_compares_is_told_from_one_that_failed(
    error: str | None, compared: bool
) -> None:
    (one,) = of_nested(line_of(quack(said(1, error=error, response=answer()))))

    assert one.compared is compared
    assert ";" not in one.error


def test_the_beginning_is_that_of_the_line_or_of_its_first_request() -> None:
    assert began(line_of(flat_quack())) == "2021-05-30T01:01:09.5-04:00"
    assert began(line_of(quack(said(4), said(5)))) == "2021-05-30T01:01:04.5-04:00"
    assert began(line_of(quack())) is None


@pytest.mark.parametrize(
    ("text", "number"), [("80", 80), ("", None), ("٣", None), ("9" * 5000, None)]
)
def test_only_a_few_digits_are_a_number(text: str, number: int | None) -> None:
    assert number_of(text) == number


def test_a_server_is_an_address_or_nobody() -> None:
    (one,) = of_nested(line_of(quack(said(1))))
    (other,) = of_nested(line_of(quack(said(1), vp="a name")))

    assert (one.server.address, other.server.address) == (SERVER, None)
