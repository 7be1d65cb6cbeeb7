"""What is read of OONI's documents is lenient, and never longer than an honest measurement."""

import msgspec
import pytest

from storage.ooni.shapes import MOST_STEPS, NOTHING, Document, is_list, is_object, some


def test_everything_may_be_missing_or_null() -> None:
    fields = [field.encode_name for field in msgspec.structs.fields(Document)]
    nulls = dict.fromkeys(fields)

    assert msgspec.json.decode(b"{}", type=Document) == Document()
    msgspec.json.decode(msgspec.json.encode(nulls), type=Document, strict=False)


def test_numbers_may_be_written_as_text() -> None:
    text = b'{"test_runtime":"1.5","test_keys":{"tcp_connect":[{"port":"443"}]}}'
    found = msgspec.json.decode(text, type=Document, strict=False)

    assert found.test_runtime == 1.5
    assert found.test_keys is not None
    assert some(found.test_keys.tcp_connect)[0].port == 443


@pytest.mark.parametrize(
    ("raw", "kinds"),
    [(b"{}", (True, False)), (b"[]", (False, True)), (b"null", (False, False))],
)
def test_what_json_is_shows_in_its_first_byte(raw: bytes, kinds: tuple[bool, bool]) -> None:
    assert (is_object(msgspec.Raw(raw)), is_list(msgspec.Raw(raw))) == kinds


def test_json_that_is_not_there_is_nothing() -> None:
    assert not is_object(NOTHING)
    assert not is_list(NOTHING)


def test_a_list_without_end_is_cut_so_that_it_shows() -> None:
    assert some(None) == []
    assert len(some([0] * 100_000)) == MOST_STEPS + 1
