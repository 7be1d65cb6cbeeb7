"""The volunteer's address disappears in every spelling, from every place, and nothing else does."""

import base64
import json
import time
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from heliograph.scrub import MARK, Scrubber

V4 = IPv4Address("203.0.114.7")
V6 = IPv6Address("2001:db8:0:1a::7")


def scrubber(*addresses: str) -> Scrubber:
    """A scrubber that knows these addresses."""
    made = Scrubber()
    for address in addresses:
        made.add(address)
    return made


def decimal_reverse(address: IPv4Address, separator: str) -> str:
    """The octets backwards."""
    return separator.join(str(address).split(".")[::-1])


def groups(address: IPv6Address) -> list[str]:
    """The eight groups without leading zeros."""
    return [f"{int(group, 16):x}" for group in address.exploded.split(":")]


V4_SPELLINGS: dict[str, Callable[[IPv4Address], str]] = {
    "dotted": str,
    "dashed": lambda a: str(a).replace(".", "-"),
    "underscored": lambda a: str(a).replace(".", "_"),
    "padded": lambda a: ".".join(f"{octet:03}" for octet in a.packed),
    "padded and dashed": lambda a: "-".join(f"{octet:03}" for octet in a.packed),
    "percent-encoded": lambda a: str(a).replace(".", "%2E"),
    "in-addr.arpa": lambda a: decimal_reverse(a, ".") + ".in-addr.arpa",
    "reverse dashed": lambda a: "pool-" + decimal_reverse(a, "-") + ".isp.example",
    "decimal": lambda a: str(int(a)),
    "hex": lambda a: a.packed.hex(),
    "upper hex": lambda a: a.packed.hex().upper(),
    "0x hex": lambda a: f"0x{a.packed.hex()}",
    "dotted hex": lambda a: ".".join(f"0x{octet:x}" for octet in a.packed),
    "dotted padded hex": lambda a: ".".join(f"0x{octet:02X}" for octet in a.packed),
    "mapped dotted": lambda a: f"::ffff:{a}",
    "mapped hex": lambda a: f"::ffff:{int(a) >> 16:x}:{int(a) & 0xFFFF:x}",
    "mapped expanded": lambda a: IPv6Address(f"::ffff:{a}").exploded,
    "translated": lambda a: f"64:ff9b::{int(a) >> 16:x}:{int(a) & 0xFFFF:x}",
    "6to4": lambda a: f"2002:{int(a) >> 16:x}:{int(a) & 0xFFFF:x}::1",
}
V6_SPELLINGS: dict[str, Callable[[IPv6Address], str]] = {
    "compressed": str,
    "upper": lambda a: str(a).upper(),
    "expanded": lambda a: a.exploded,
    "upper expanded": lambda a: a.exploded.upper(),
    "unpadded": lambda a: ":".join(groups(a)),
    "percent-encoded": lambda a: quote(str(a), safe=""),
    "twice percent-encoded": lambda a: quote(quote(a.exploded, safe=""), safe=""),
    "dashed": lambda a: str(a).replace(":", "-"),
    "underscored": lambda a: str(a).replace(":", "_"),
    "dashed expanded": lambda a: a.exploded.replace(":", "-"),
    "prefix": lambda a: f"{IPv6Address(int(a) >> 64 << 64)}/64",
    "prefix groups": lambda a: ":".join(groups(a)[:4]),
    "neighbour": lambda a: str(IPv6Address(int(a) ^ 0xBEEF)),
    "dotted tail": lambda a: ":".join(groups(a)[:6]) + f":{IPv4Address(int(a) & 0xFFFFFFFF)}",
    "ip6.arpa": lambda a: a.reverse_pointer,
    "ip6.arpa of the prefix": lambda a: a.reverse_pointer[32:],
    "hex": lambda a: a.packed.hex(),
    "prefix in hex": lambda a: a.packed[:8].hex(),
    "decimal": lambda a: str(int(a)),
}
PLACES: dict[str, Callable[[str], str]] = {
    "alone": lambda s: s,
    "in a sentence": lambda s: f"your address ({s}), not mine",
    "in markup": lambda s: f'<b title="{s}">{s}</b>',
    "in a query": lambda s: f"/blocked?ip={s}&x=1",
    "after %20": lambda s: f"ip%20{s}%20",
    "after a quote": lambda s: f"%22{s}%22",
    "after a control character": lambda s: f"\x01{s}\x1f{s}\x0c{s}\x08{s}",
    "after an escaped NUL": lambda s: rf"\x00{s}",
    "after an escaped byte": lambda s: rf"\x99{s}",
    "after an escaped surrogate": lambda s: rf"\ud800{s}",
    "after a backslash": lambda s: rf"\\{s}\share",
    "with a port": lambda s: f"[{s}] {s}\n",
    "quoted JSON": lambda s: json.dumps({"ip": s}),
    "number in JSON": lambda s: json.dumps({"ip": s}).replace(f'"{s}"', s),
}


@pytest.mark.parametrize("spelling", V4_SPELLINGS)
def test_every_ipv4_spelling_disappears_everywhere(spelling: str) -> None:
    spelled = V4_SPELLINGS[spelling](V4)
    for put in PLACES.values():
        check_gone(str(V4), spelled, put(spelled))


@pytest.mark.parametrize("spelling", V6_SPELLINGS)
def test_every_ipv6_spelling_disappears_everywhere(spelling: str) -> None:
    spelled = V6_SPELLINGS[spelling](V6)
    for put in PLACES.values():
        check_gone(str(V6), spelled, put(spelled))


def check_gone(address: str, spelled: str, text: str) -> None:
    """The spelling is in neither the text nor the JSON of it, which stays JSON."""
    known = scrubber(address)
    core = spelled.removesuffix(".in-addr.arpa").removesuffix("/64").removesuffix("::1")
    assert known.leaks(text)
    assert core not in known.scrub(text)
    assert not known.leaks(known.scrub(text))
    written = json.dumps({"body": text, "n": 3})
    assert known.leaks(written)
    decoded = json.loads(known.scrub(written))
    assert core not in decoded["body"]
    assert decoded["n"] == 3


@given(st.ip_addresses(v=4), st.sampled_from([*V4_SPELLINGS]), st.sampled_from([*PLACES]))
def test_any_ipv4_address_disappears(address: IPv4Address, spelling: str, place: str) -> None:
    assume(not (address.is_loopback or address.is_unspecified))
    spelled = V4_SPELLINGS[spelling](address)
    text = PLACES[place](spelled)
    known = scrubber(str(address))
    assert known.leaks(text)
    assert not known.leaks(known.scrub(text))
    written = json.dumps({"body": text})
    assert json.loads(known.scrub(written)).keys() == {"body"}
    assert not known.leaks(known.scrub(written))


@given(
    st.ip_addresses(network="2000::/3"),
    st.integers(0, 255),
    st.sampled_from([*V6_SPELLINGS]),
    st.sampled_from([*PLACES]),
)
def test_any_ipv6_address_disappears(
    address: IPv6Address, zeros: int, spelling: str, place: str
) -> None:
    kept = [g if i == 0 or not zeros >> i & 1 else "0" for i, g in enumerate(groups(address))]
    address = IPv6Address(":".join(kept))
    spelled = V6_SPELLINGS[spelling](address)
    text = PLACES[place](spelled)
    known = scrubber(str(address))
    assert known.leaks(text)
    assert not known.leaks(known.scrub(text))
    assert json.loads(known.scrub(json.dumps([text])))


@given(st.ip_addresses(network="2000::/3"), st.integers(0, 255))
def test_every_run_of_zeros_may_be_shortened(address: IPv6Address, zeros: int) -> None:
    kept = [g if i == 0 or not zeros >> i & 1 else "0" for i, g in enumerate(groups(address))]
    known = scrubber(":".join(kept))
    for start in range(1, 8):
        for end in range(start + 1, 9):
            if set(kept[start:end]) == {"0"}:
                written = ":".join(kept[:start]) + "::" + ":".join(kept[end:])
                assert IPv6Address(written) == IPv6Address(":".join(kept))
                assert known.scrub(f"at {written} now") == f"at {MARK} now"


@pytest.mark.parametrize("before", range(6))
@pytest.mark.parametrize(
    ("address", "spelled"),
    [
        (V4, str(V4)),
        (V6, str(V6)),
        (V6, V6.exploded),
        (V6, str(V6).upper()),
        (V6, V6.exploded.upper()),
    ],
)
def test_base64_of_the_address_disappears_at_every_alignment(
    address: IPv4Address | IPv6Address, spelled: str, before: int
) -> None:
    known = scrubber(str(address))
    coded = base64.b64encode(b"x" * before + spelled.encode() + b" and more").decode()
    cleaned = known.scrub(coded)
    assert MARK in cleaned
    assert known.leaks(coded)
    assert not known.leaks(cleaned)
    left = cleaned.partition(MARK)
    assert len(left[0]) <= before * 8 // 6 + 1


@pytest.mark.parametrize(
    "text",
    [
        "11.2.3.4",
        "1.2.3.45",
        "1.2.3.40",
        "11.2.3.45",
        "21.2.3.4",
        "1.2.3",
        "1.2.30.4",
        "4.3.2.1",
        "4.3.2.1.5",
        "0.16909060",
        "16909060.5",
        "116909060",
        "169090601",
        "f01020304",
        "010203045",
        "a" * 30 + "01020304" + "b" * 26,
        "2001:db8:0:2::1",
        "2001:db8:0:10::1",
        "2001:db8::1:1",
        "2001:db8:1::1",
        "2001:db8",
        "127.0.0.1",
        "::1",
        "",
    ],
)
def test_what_only_looks_alike_stays(text: str) -> None:
    known = scrubber("1.2.3.4", "2001:db8:0:1::1")
    assert known.scrub(text) == text
    assert not known.leaks(text)


@pytest.mark.parametrize(
    "json_text",
    [
        '{"n":16909060}',
        '{"n": 16909060 }',
        '{"n":[16909060,16909060, 16909060]}',
        "[16909060]",
        '{"n":0.16909060}',
        '{"n":16909060.5}',
        r'{"n":"{\"ip\":16909060}"}',
        r'{"n":"\u00011.2.3.4"}',
        r'{"n":"\u00a1.2.3.4"}',
        r'{"n":"\u01020304"}',
        r'{"n":"\\u01020304"}',
        '{"1.2.3.4":1}',
    ],
)
def test_json_stays_json(json_text: str) -> None:
    assert json.loads(scrubber("1.2.3.4").scrub(json_text)) is not None


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ('{"n":16909060,"m":5}', '{"n":0,"m":5}'),
        ("[16909060]", "[0]"),
        (r'"{\"ip\":16909060}"', rf'"{{\"ip\":{MARK}}}"'),
        ("is 16909060", f"is {MARK}"),
    ],
)
def test_a_bare_number_of_json_becomes_zero(text: str, scrubbed: str) -> None:
    assert scrubber("1.2.3.4").scrub(text) == scrubbed


def test_an_address_uncovered_by_scrubbing_another_goes_too() -> None:
    coded = base64.b64encode(b"1.2.33.45").decode()
    assert coded[-1].isdigit()
    assert scrubber("1.2.33.45").scrub(f"{coded}1.2.33.45") == MARK * 2


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        (V6.reverse_pointer, f"{MARK}.ip6.arpa"),
        (V6.packed.hex(), MARK),
        (f"[{V6.exploded}]:443", f"[{MARK}]:443"),
        (f"from {V6} to", f"from {MARK} to"),
    ],
)
def test_the_host_s_half_of_an_ipv6_address_goes_with_the_prefix(text: str, scrubbed: str) -> None:
    assert scrubber(str(V6)).scrub(text) == scrubbed


def test_several_addresses_are_known_and_new_ones_at_once() -> None:
    known = scrubber("1.2.3.4")
    assert known.scrub("1.2.3.4 5.6.7.8") == f"{MARK} 5.6.7.8"
    known.add("5.6.7.8")
    known.add("2001:db8::1%eth0")
    assert known.scrub("1.2.3.4 5.6.7.8 2001:db8::1") == f"{MARK} {MARK} {MARK}"


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1", "0.0.0.0", "::", "", "name"]
)
def test_addresses_that_identify_nobody_are_never_added(address: str) -> None:
    known = scrubber(address)
    assert known.scrub(f"at {address}") == f"at {address}"
    assert not known.leaks(f"at {address}")


def test_a_mapped_address_is_known_as_the_one_inside() -> None:
    assert scrubber("::ffff:1.2.3.4").scrub("1.2.3.4") == MARK


def test_the_pattern_is_made_anew_only_for_a_new_address(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    def count(addresses: set[IPv4Address]) -> str:
        made.append(len(addresses))
        return "(?P<own>1)"

    monkeypatch.setattr("heliograph.scrub._pattern_of", count)
    known = scrubber("1.2.3.4")
    known.scrub("x")
    known.add("1.2.3.4")
    known.scrub("x")
    known.add("5.6.7.8")
    known.scrub("x")
    assert made == [1, 2]


@pytest.mark.parametrize(
    "piece",
    ["0.", "0", "2001:", "2001:db8:0:1:", "\\", "%25", "2001%25", ":1", "::", "1.2.3.", "ff"],
)
def test_no_text_makes_it_slow(piece: str) -> None:
    known = scrubber("1.2.3.4", "2001:db8:0:1::1", "2001:db8::1")
    began = time.process_time()
    known.scrub("2001:db8:0:1" + piece * (100_000 // len(piece)))
    assert time.process_time() - began < 1


def test_a_text_found_clean_is_looked_at_again_when_another_address_is_known() -> None:
    scrubber = Scrubber()
    scrubber.add("198.51.100.1")
    text = "from 203.0.113.7 \ud800"

    assert scrubber.scrub(text) == text
    assert scrubber.scrub(text) == text
    scrubber.add("203.0.113.7")

    assert "203.0.113.7" not in scrubber.scrub(text)


def test_it_tells_which_addresses_it_knows() -> None:
    scrubber = Scrubber()
    for text in ("203.0.113.7", "::ffff:203.0.113.7", "fe80::1%eth0", "127.0.0.1", "nothing"):
        scrubber.add(text)

    assert scrubber.addresses == {"203.0.113.7", "fe80::1"}
