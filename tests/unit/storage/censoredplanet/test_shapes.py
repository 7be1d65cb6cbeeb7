"""Lines are read by the names their fields are published under, and may lack any of them."""

import msgspec
import pytest

from storage.censoredplanet.shapes import NOTHING, Line, Received, RoundTrip
from tests.unit.storage.censoredplanet.lines import flat_quack, flat_satellite, quack, satellite


@pytest.mark.parametrize("line", [satellite(), quack(), flat_satellite(0), flat_quack()])
def test_a_line_is_read_by_its_published_names(line: bytes) -> None:
    found = msgspec.json.decode(line, type=Line)
    told = msgspec.json.decode(line)

    for name in set(told) & set(Line.__struct_fields__) - {"response", "location", "answers"}:
        assert getattr(found, name) == told[name]


@pytest.mark.parametrize("shape", [Line, Received, RoundTrip])
def test_any_field_may_be_missing(shape: type[msgspec.Struct]) -> None:
    empty = msgspec.json.decode(b"{}", type=shape)
    values = [getattr(empty, name) for name in shape.__struct_fields__]

    assert all(value is None or value is NOTHING for value in values)


def test_what_is_told_of_a_handshake_has_names_of_its_own() -> None:
    text = b'{"TlsVersion":771,"CipherSuite":49199,"Certificate":["MAA="]}'
    found = msgspec.json.decode(text, type=Received)

    assert (found.tls_version, found.cipher_suite, found.certificate) == (771, 49199, ["MAA="])
