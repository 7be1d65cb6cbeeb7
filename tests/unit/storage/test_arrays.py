"""An array is taken apart into its items, whatever is odd within one of them."""

import pytest

from storage.arrays import items_of


@pytest.mark.parametrize(
    "odd",
    [b'{"input":"\\ud800x"}', b'{"input":"\\udc00"}', b'{"a":NaN}', b'{"a":"\x01\xff"}'],
)
def test_one_odd_item_costs_no_other(odd: bytes) -> None:
    assert items_of(b'[{"a": 1}, ' + odd + b' ,{"b":2}]\n') == [b'{"a": 1}', odd, b'{"b":2}']


@pytest.mark.parametrize(
    "text", [b'[{"a":1}', b'[{"a":1},]', b"[,]", b'[{"a":1} {}]', b"[1]]", b"{}", b"[" * 10**5]
)
def test_what_is_no_array_is_none(text: bytes) -> None:
    assert items_of(text) is None


def test_an_array_may_be_empty() -> None:
    assert items_of(b" [ ] ") == []
