"""Known kinds of forged resets: each with its source, and found by every field."""

import msgspec
import pytest

from analysis.injectors import Injector, injectors, like
from heliograph.detail import Caught

HENAN = Caught(
    kind="reset", flags="RA", ip_id=1, ip_ttl=58, size=10, payload="01020304050607080900"
)


def one_of(entry: Injector) -> Caught:
    return Caught(
        kind="reset",
        count=entry.count,
        flags=entry.flags,
        dont_fragment=entry.dont_fragment,
        ip_id=entry.ip_id[0],
        ip_ttl=entry.ip_ttl[1],
        payload=entry.payload,
    )


@pytest.mark.parametrize("entry", injectors().injector, ids=lambda entry: entry.id)
def test_an_entry_is_found_by_its_fields_and_says_where_it_is_from(entry: Injector) -> None:
    assert entry in like(one_of(entry))
    assert entry.source.startswith("https://")
    assert entry.reported <= injectors().date


@pytest.mark.parametrize(
    "other", [{"flags": "R"}, {"count": 3}, {"ip_id": 2}, {"ip_ttl": 57}, {"payload": ""}]
)
def test_one_other_field_makes_another_kind(other: dict[str, object]) -> None:
    assert [entry.id for entry in like(HENAN)] == ["cn-henan"]
    assert like(msgspec.structs.replace(HENAN, **other)) == ()
