"""What the counts of a bucket add up to."""

from analysis.detection.series import Key, Row, Series, Table
from tests.unit.analysis.detection.tables import key, rows, table


def test_only_looks_that_say_something_decide() -> None:
    row = Row(0, ok=3, blocked=2, throttled=1, down=7, inconclusive=9)

    assert (row.decided, row.looks) == (6, 22)


def test_a_table_is_in_order_of_its_keys() -> None:
    made = table({key(asn=2): rows(3), key(asn=1): rows(3)})

    assert isinstance(made, Table)
    assert [series.key for series in made] == [
        Key("XA", 1, "https://site.example/", "web"),
        Key("XA", 2, "https://site.example/", "web"),
    ]
    assert all(isinstance(series, Series) for series in made)
