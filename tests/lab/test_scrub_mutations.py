"""Each spelling the scrubber knows is needed: without any single one, an address gets through."""

import base64
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, IPv6Address

import pytest

from heliograph import scrub
from heliograph.scrub import MARK, Scrubber
from tests.unit.heliograph.test_scrub import PLACES, V4_SPELLINGS, V6_SPELLINGS, groups

V4 = IPv4Address("203.0.114.7")
V6 = IPv6Address("2001:db8:0:1a::7")
ZEROS = (IPv6Address("2a00:0:0:7::9"), IPv6Address("2a00::1"), IPv6Address("2a00:5:0:0:1:2:3:4"))
Address = IPv4Address | IPv6Address

NOTHING = "(?!)"
"""A pattern that is found nowhere."""

MAKERS: dict[str, tuple[Address, ...]] = {
    "_decimal_spellings": (V4, V6),
    "_hex_spellings": (V4, V6),
    "_group_spellings": (V4, V6, *ZEROS),
}
"""What makes spellings, and addresses that between them have every one."""


def told() -> Iterator[tuple[Address, str]]:
    """Every address as networks write it."""
    for spell in V4_SPELLINGS.values():
        yield V4, spell(V4)
    for address in (V6, *ZEROS):
        for write in V6_SPELLINGS.values():
            yield address, write(address)
        yield from ((address, shortened) for shortened in _shortened(address))


def _shortened(address: IPv6Address) -> Iterator[str]:
    """With ``::`` for every run of zeros."""
    numbers = groups(address)
    for start in range(1, 8):
        for end in range(start + 1, 9):
            if set(numbers[start:end]) == {"0"}:
                yield ":".join(numbers[:start]) + "::" + ":".join(numbers[end:])


def survivors() -> Iterator[str]:
    """The spellings that get through somewhere."""
    known: dict[Address, Scrubber] = {}
    for address, spelled in told():
        if address not in known:
            known[address] = Scrubber()
            known[address].add(str(address))
        for place in ("alone", "in a sentence", "after %20", "quoted JSON"):
            text = PLACES[place](spelled)
            left = known[address].scrub(text)
            if left == text or _core(spelled) in left:
                yield spelled
    yield from (spelled for address in ZEROS for spelled in _in_part(known[address], address))


def _in_part(known: Scrubber, address: IPv6Address) -> Iterator[str]:
    """Shortened forms of which some is left."""
    for spelled in _shortened(address):
        if known.scrub(f"at {spelled} now") != f"at {MARK} now":
            yield spelled


def _core(spelled: str) -> str:
    return spelled.removesuffix(".in-addr.arpa").removesuffix("/64").removesuffix("::1")


def mutants() -> Iterator[tuple[str, int, int]]:
    """Each maker, address and pattern: the one to leave out."""
    for maker, addresses in MAKERS.items():
        for which, address in enumerate(addresses):
            patterns = list(getattr(scrub, maker)(address))
            yield from ((maker, which, number) for number in range(len(patterns)))


def test_with_all_spellings_nothing_gets_through() -> None:
    assert [*survivors()] == []


@pytest.mark.parametrize(("maker", "which", "number"), [*mutants()])
def test_without_any_spelling_something_gets_through(
    maker: str, which: int, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole: Callable[[Address], Iterator[str]] = getattr(scrub, maker)
    victim = MAKERS[maker][which]

    def lacking(address: Address) -> Iterator[str]:
        for position, pattern in enumerate(whole(address)):
            left_out = address == victim and position == number
            yield NOTHING if left_out else pattern

    monkeypatch.setattr(scrub, maker, lacking)
    assert any(survivors())


@pytest.mark.parametrize(
    ("address", "text"),
    [
        (V4, str(V4)),
        (V6, str(V6)),
        (V6, V6.exploded),
        (V6, str(V6).upper()),
        (V6, V6.exploded.upper()),
    ],
)
@pytest.mark.parametrize("before", range(3))
def test_without_any_base64_form_something_gets_through(
    address: Address, text: str, before: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = b"\0" * before + text.encode()
    dropped = base64.b64encode(data).decode()[(before * 8 + 5) // 6 : len(data) * 8 // 6]
    whole = scrub._in_base64

    def lacking(address: Address) -> Iterator[str]:
        return (code for code in whole(address) if code.replace("\\", "") != dropped)

    written = base64.b64encode(b"x" * before + text.encode() + b" and more").decode()
    known = Scrubber()
    known.add(str(address))
    assert known.leaks(written)
    monkeypatch.setattr(scrub, "_in_base64", lacking)
    unaware = Scrubber()
    unaware.add(str(address))
    assert not unaware.leaks(written)


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("_DOT", r"(?:[_-]|%(?:25)*2e)"),
        ("_DOT", r"(?:[.-]|%(?:25)*2e)"),
        ("_DOT", r"(?:[._]|%(?:25)*2e)"),
        ("_DOT", r"(?:[._-])"),
        ("_COLON", r"(?:[_-]|%(?:25)*3a)"),
        ("_COLON", r"(?:[:-]|%(?:25)*3a)"),
        ("_COLON", r"(?:[:_]|%(?:25)*3a)"),
        ("_COLON", r"(?:[:_-])"),
        ("_COLON", r"(?:[:_-]|%3a)"),
        ("_ESCAPE_ENDS", r"(?<=\\u[0-9a-f]{4})"),
    ],
)
def test_without_any_way_to_part_the_groups_something_gets_through(
    name: str, pattern: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scrub, name, pattern)
    for derived in ("_NO_DIGIT_BEFORE", "_NO_HEX_BEFORE"):
        digits = "0-9" if "DIGIT" in derived else "0-9a-f"
        monkeypatch.setattr(scrub, derived, rf"(?:(?<![{digits}])|{scrub._ESCAPE_ENDS})")
    assert any(survivors())
