"""The volunteer's own addresses taken out of everything, in every spelling a network returns.

Spellings: RFC 5952 and its looser forms, reverse names, numbers, percent and base64 encoding.
"""

import base64
import re
from collections.abc import Callable, Collection, Iterator
from hashlib import blake2b
from ipaddress import IPv4Address, IPv6Address, ip_address

MARK = "[scrubbed]"
_MOST_DIGESTS = 20_000

_Address = IPv4Address | IPv6Address

# The end of an escape is no part of the number that follows it: %20, \u001f, \x00, \b and \f.
_ESCAPE_ENDS = r"(?<=%[0-9a-f]{2})|(?<=\\u[0-9a-f]{4})|(?<=\\x[0-9a-f]{2})|(?<=\\[bf])"
_NO_DIGIT_BEFORE = rf"(?:(?<![0-9])|{_ESCAPE_ENDS})"
_NO_DIGIT_AFTER = r"(?![0-9])"
_NO_HEX_BEFORE = rf"(?:(?<![0-9a-f])|{_ESCAPE_ENDS})"
_NO_HEX_AFTER = r"(?![0-9a-f])"

_DOT = r"(?:[._-]|%(?:25)*2e)"
_COLON = r"(?:[:_-]|%(?:25)*3a)"
_GROUP = r"[0-9a-f]{1,4}"
_HOST_PART = rf"(?:{_GROUP}{_COLON}){{2}}(?:{_GROUP}{_COLON}{_GROUP}|[0-9.]{{7,15}})"
_SHORT_HOST_PART = rf"(?:{_GROUP}(?:{_COLON}{_GROUP}){{0,3}}(?:\.[0-9.]{{5,11}})?)?"

# JSON's own escapes are stepped over whole, so that none is cut in two.
_JSON_ESCAPE = r'\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt])'
_BEFORE_BARE_NUMBER = re.compile(r'(?:(?<!\\)":|[\[,])\s*\Z')
_AFTER_BARE_NUMBER = re.compile(r"\s*[\],}]")


class Scrubber:
    """Knows the host's own addresses; loopback ones are nobody's and never added."""

    def __init__(self) -> None:
        self._addresses: set[_Address] = set()
        self._pattern: re.Pattern[str] | None = None
        self._clean: set[bytes] = set()
        """Digests of texts found to hold none: the same evidence is read many times over."""

    def add(self, address: str) -> None:
        """Take out this address from now on; unusable text is passed over."""
        try:
            parsed = ip_address(address.partition("%")[0])
        except ValueError:
            return
        mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
        parsed = mapped or parsed
        if parsed.is_loopback or parsed.is_unspecified or parsed in self._addresses:
            return
        self._addresses.add(parsed)
        self._pattern = None
        self._clean.clear()

    @property
    def addresses(self) -> frozenset[str]:
        """The own addresses it knows."""
        return frozenset(map(str, self._addresses))

    def scrub(self, text: str) -> str:
        """The text with every spelling of every own address replaced by ``[scrubbed]``.

        JSON text stays JSON: where an address stands as a bare number it becomes 0.
        """
        if not self._addresses:
            return text
        digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        if digest in self._clean:
            return text
        pattern = self._compiled()
        found = text
        while (scrubbed := pattern.sub(_replacement, found)) != found:
            found = scrubbed  # what is taken out may have hidden the edge of another
        if found == text:
            self._remember(digest)
        return found

    def _remember(self, digest: bytes) -> None:
        if len(self._clean) >= _MOST_DIGESTS:
            self._clean.clear()
        self._clean.add(digest)

    def leaks(self, text: str) -> bool:
        """Whether any spelling is in the text: the check before anything is stored or sent."""
        return self.scrub(text) != text

    def _compiled(self) -> re.Pattern[str]:
        if self._pattern is None:
            self._pattern = re.compile(_pattern_of(self._addresses))
        return self._pattern


def _replacement(found: re.Match[str]) -> str:
    if found["own"] is None:
        return found[0]
    if found[0].isdigit():
        before = found.string[max(0, found.start() - 16) : found.start()]
        if _BEFORE_BARE_NUMBER.search(before) and _AFTER_BARE_NUMBER.match(
            found.string, found.end()
        ):
            return "0"
    return MARK


def _pattern_of(addresses: Collection[_Address]) -> str:
    """One pattern; look-aheads and shared beginnings keep it fast on text that holds none."""
    coded = {code for address in addresses for code in _in_base64(address)}
    firsts = "".join(sorted({code[0] for code in coded}))
    return (
        rf"(?:{_JSON_ESCAPE})|(?P<own>(?=[0-9a-fA-F])(?i:"
        rf"(?=[0-9]){_NO_DIGIT_BEFORE}(?:{_any(_decimal_spellings, addresses)})"
        rf"|{_NO_HEX_BEFORE}(?:{_any(_hex_spellings, addresses)})"
        rf"|{_any(_group_spellings, addresses)})"
        rf"|(?=[{firsts}])(?:{'|'.join(sorted(coded))}))"
    )


def _any(spell: Callable[[_Address], Iterator[str]], addresses: Collection[_Address]) -> str:
    return "|".join(dict.fromkeys(pattern for address in addresses for pattern in spell(address)))


def _decimal_spellings(address: _Address) -> Iterator[str]:
    """Begin with a digit and after none."""
    if isinstance(address, IPv4Address):
        yield _dotted(address)
        yield from _reverse_names(address)
    yield _number(address)


def _hex_spellings(address: _Address) -> Iterator[str]:
    """Begin with a hex digit and after none."""
    if isinstance(address, IPv4Address):
        octets = (f"0x0?{octet:x}" for octet in address.packed)
        yield r"\.".join(octets) + _NO_HEX_AFTER
        yield f"(?:0x)?{address.packed.hex()}{_NO_HEX_AFTER}"
    else:
        yield f"(?:0x)?{address.packed[:8].hex()}[0-9a-f]{{0,16}}"


def _group_spellings(address: _Address) -> Iterator[str]:
    """Long enough to be found after anything."""
    if isinstance(address, IPv4Address):
        yield _inside_ipv6(address)
    else:
        yield from _in_groups(address)
        yield _nibbles(address)


def _dotted(address: IPv4Address) -> str:
    """Dots or dashes, padded with zeros or not."""
    octets = (f"0{{0,2}}{octet}" for octet in address.packed)
    return _DOT.join(octets) + _NO_DIGIT_AFTER


def _reverse_names(address: IPv4Address) -> Iterator[str]:
    """Dotted only as part of a name: alone, it is somebody else's address."""
    backwards = [str(octet) for octet in reversed(address.packed)]
    yield r"\.".join(backwards) + r"(?=\.[a-z])"
    yield "-".join(backwards) + _NO_DIGIT_AFTER


def _number(address: _Address) -> str:
    """In decimal, but not a part of a number with a fraction."""
    return rf"(?<![0-9]\.){int(address)}{_NO_DIGIT_AFTER}(?!\.[0-9])"


def _inside_ipv6(address: IPv4Address) -> str:
    """Mapped, translated or tunnelled, the last 32 bits written as two groups."""
    high, low = (f"0{{0,3}}{int(address) >> shift & 0xFFFF:x}" for shift in (16, 0))
    return rf"(?:ffff|ff9b|2002){_COLON}{{1,2}}{high}{_COLON}{low}{_NO_HEX_AFTER}"


def _in_groups(address: IPv6Address) -> Iterator[str]:
    """All addresses of its /64, which names the household as well as the whole address does.

    Expanded, and with ``::`` for any run of zeros that begins in the first half.
    """
    numbers = [int.from_bytes(address.packed[i : i + 2], "big") for i in range(0, 8, 2)]
    groups = [f"0{{0,3}}{number:x}" for number in numbers]
    yield _COLON.join(groups) + rf"{_NO_HEX_AFTER}(?:{_COLON}{{1,2}}[0-9a-f.]{{1,15}})*{_COLON}*"
    for start in range(1, 4):
        begin = _COLON.join(groups[:start]) + _COLON * 2
        for end in range(start + 1, 4):  # the longest first: the first that fits is taken
            if not any(numbers[start:end]):
                yield begin + _COLON.join(groups[end:]) + _COLON + _HOST_PART
        if not any(numbers[start:]):
            yield begin + _SHORT_HOST_PART


def _nibbles(address: IPv6Address) -> str:
    """Under ip6.arpa, the host's half there or not."""
    return r"(?:[0-9a-f]\.){0,16}" + r"\.".join(reversed(address.packed[:8].hex()))


def _in_base64(address: _Address) -> Iterator[str]:
    """The middle of the base64 form at each of the three alignments."""
    texts = {str(address)}
    if isinstance(address, IPv6Address):
        texts |= {address.exploded, address.compressed.upper(), address.exploded.upper()}
    for text in texts:
        for before in range(3):
            data = b"\0" * before + text.encode()
            whole = base64.b64encode(data).decode()
            yield re.escape(whole[(before * 8 + 5) // 6 : len(data) * 8 // 6])
