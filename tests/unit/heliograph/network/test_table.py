"""The operator's table says whose an address is; a bad table says where and why."""

from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.network import Network, NetworkTable, TableError

HEADER = "cidr,asn,country,name\n"
ROWS = (
    HEADER + "198.18.0.0/15,64500,XA,Example ISP\n"
    '198.18.7.0/24,AS64501,XB,"Cloud, Inc"\n'
    "\n"
    "198.18.7.9/32, 64502 ,XC, One host \n"
    "2001:db8::/32,64503,XD,Six\n"
    "2001:db8:1::/48,64504,XE,Six more\n"
)


def table(folder: Path, text: str | bytes) -> NetworkTable:
    """The table of a file with this text."""
    path = folder / "asn.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return NetworkTable.load(path)


@pytest.mark.parametrize(
    ("address", "asn"),
    [
        ("198.18.0.1", 64500),
        ("198.19.255.255", 64500),
        ("198.18.7.1", 64501),
        ("198.18.7.9", 64502),
        ("198.18.8.0", 64500),
        ("198.20.0.0", None),
        ("2001:db8::1", 64503),
        ("2001:DB8:1::1", 64504),
        ("2001:db9::", None),
        ("::c612:1", None),
        ("no address", None),
        ("", None),
    ],
)
def test_the_most_specific_network_holds_the_address(
    tmp_path: Path, address: str, asn: int | None
) -> None:
    found = table(tmp_path, ROWS).lookup(address)
    assert (None if found is None else found.asn) == asn


def test_a_row_gives_number_country_and_name(tmp_path: Path) -> None:
    known = table(tmp_path, ROWS)
    assert known.lookup("198.18.7.1") == Network(asn=64501, country="XB", name="Cloud, Inc")
    assert known.lookup("198.18.7.9") == Network(asn=64502, country="XC", name="One host")


def test_a_default_row_holds_every_address_of_its_family(tmp_path: Path) -> None:
    known = table(tmp_path, HEADER + "0.0.0.0/0,1,ZZ,all\n")
    assert known.lookup("255.255.255.255") is not None
    assert known.lookup("::1") is None


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    text = b"\xef\xbb\xbf" + ROWS.replace("\n", "\r\n").encode()
    assert table(tmp_path, text).lookup("198.18.0.1") is not None


def test_names_are_made_storable(tmp_path: Path) -> None:
    found = table(tmp_path, HEADER + "198.18.0.0/15,1,ZZ,a\x00b\n").lookup("198.18.0.1")
    assert found is not None
    assert found.name == "a\\x00b"


@pytest.mark.parametrize(
    ("text", "line", "complaint"),
    [
        ("", 1, "the first line must be cidr,asn,country,name"),
        ("198.18.0.0/15,1,XA,x\n", 1, "the first line must be cidr,asn,country,name"),
        (HEADER + "198.18.0.0/15,1,XA\n", 2, "expected cidr,asn,country,name"),
        (HEADER + "198.18.0.0/15,1,XA,a,b\n", 2, "expected cidr,asn,country,name"),
        (HEADER + "198.18.0.0/15,1,XA,x\n198.18.0.1/15,1,XA,x\n", 3, "host bits"),
        (HEADER + "somewhere,1,XA,x\n", 2, "somewhere"),
        (HEADER + "198.18.0.0/15,one,XA,x\n", 2, "expected cidr,asn,country,name"),
        (HEADER + "198.18.0.0/15,-1,XA,x\n", 2, "no autonomous system number"),
        (HEADER + "198.18.0.0/15,4294967296,XA,x\n", 2, "no autonomous system number"),
    ],
)
def test_a_bad_table_is_refused_with_file_and_line(
    tmp_path: Path, text: str, line: int, complaint: str
) -> None:
    with pytest.raises(TableError) as caught:
        table(tmp_path, text)
    assert str(caught.value).startswith(f"{tmp_path / 'asn.csv'}:{line}: ")
    assert complaint in str(caught.value)


@pytest.mark.parametrize("text", [b"\xff\xfe", HEADER.encode() + b"\xff,1,XA,x\n"])
def test_a_table_that_is_no_text_is_refused(tmp_path: Path, text: bytes) -> None:
    with pytest.raises(TableError, match="can't be read"):
        table(tmp_path, text)


def test_a_cell_too_large_for_csv_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="can't be read"):
        table(tmp_path, HEADER + "198.18.0.0/15,1,XA," + "x" * 140_000)


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"nowhere\.csv: can't be read"):
        NetworkTable.load(tmp_path / "nowhere.csv")


@given(
    st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 32)), min_size=1, max_size=12),
    st.integers(0, 2**32 - 1),
)
def test_the_look_up_agrees_with_trying_every_row(
    prefixes: list[tuple[int, int]], number: int
) -> None:
    networks = [IPv4Network((n >> (32 - size) << (32 - size), size)) for n, size in prefixes]
    rows = [(str(n), Network(asn=n.prefixlen, country="ZZ", name=str(n))) for n in networks]
    holding = [n for n in networks if ip_address(number) in n]
    longest = max(holding, key=lambda n: n.prefixlen, default=None)
    found = NetworkTable(rows).lookup(str(ip_address(number)))
    assert (None if found is None else found.name) == (None if longest is None else str(longest))


def test_both_families_of_the_same_length_are_kept_apart() -> None:
    four = (str(IPv4Network("198.18.0.0/16")), Network(asn=4, country="ZZ", name=""))
    six = (str(IPv6Network("c612::/16")), Network(asn=6, country="ZZ", name=""))
    known = NetworkTable([four, six])
    assert known.lookup("198.18.0.1") == four[1]
    assert known.lookup("c612::1") == six[1]
