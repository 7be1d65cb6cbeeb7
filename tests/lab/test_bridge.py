"""The bridge on a real path: what a client sees of each condition, and that the rest is intact."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator

import msgspec
import pytest

from heliograph.lab.bridge import Bridge, Setting
from heliograph.lab.censor import (
    AlertSni,
    AnswerHost,
    AnyCondition,
    BlockUdp,
    Censor,
    CloseHost,
    CloseSni,
    Delay,
    DropAddress,
    DropDns,
    DropHost,
    DropSni,
    Freeze,
    InjectDns,
    Limit,
    Lose,
    RefuseAddress,
    ResetHost,
    ResetSni,
    ResetWord,
    Residual,
    UnreachableAddress,
)
from heliograph.lab.netns import enter, obstacle
from tests.lab.path_child import BIG, NOBODY, SITE, SITE_V6, TRUTH, TRUTH_V6

BAD, GOOD = "bad.example", "good.example"
NAMES = (BAD,)
FORGED, FORGED_V6 = "203.0.113.6", "2001:db8::6"
PAGE = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 6\r\n\r\nforged"
BOTH = pytest.mark.parametrize("site", [SITE, SITE_V6], ids=["v4", "v6"])
HASHED_PAGE = hashlib.sha256(b"x" * 40_000).hexdigest()


class Sight(msgspec.Struct, frozen=True):
    """What one look saw, and how long it took."""

    seen: str
    seconds: float


class Path:
    """A client behind a bridge; each call puts a bridge of its own on the path."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process

    def sights(
        self,
        *looks: tuple[str, ...],
        conditions: tuple[AnyCondition, ...] = (),
        delay: float = 0.0,
        words: tuple[str, ...] = (),
    ) -> list[Sight]:
        setting = msgspec.to_builtins(Setting(conditions=conditions, delay=delay))
        job = {"setting": setting, "words": words, "looks": looks}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(job).encode() + b"\n")
        self._process.stdin.flush()
        return msgspec.json.decode(self._process.stdout.readline(), type=list[Sight])

    def seen(self, condition: AnyCondition, *looks: tuple[str, ...]) -> list[str]:
        return [sight.seen for sight in self.sights(*looks, conditions=(condition,))]


@pytest.fixture(scope="module")
def path() -> Iterator[Path]:
    problem = obstacle()
    assert problem is None, f"these tests need namespaces: {problem}"
    alive, ours = os.pipe()
    process = subprocess.Popen(
        enter("tests.lab.path_child", [], alive),
        pass_fds=(alive,),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    os.close(alive)
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"staged\n"
        yield Path(process)
        os.close(ours)


# By name: the name in any case and in pieces is hit, another one on the same address is not


@BOTH
@pytest.mark.parametrize(
    ("condition", "seen"),
    [
        (ResetSni(names=NAMES), "reset"),
        (DropSni(names=NAMES), "timeout"),
        (CloseSni(names=NAMES), "eof"),
        (AlertSni(names=NAMES, number=112), "alert 112 then eof"),
    ],
    ids=["reset", "drop", "close", "alert"],
)
def test_a_name(path: Path, site: str, condition: AnyCondition, seen: str) -> None:
    looks = [("hello", site, BAD), ("hello", site, "BAD.Example", "split"), ("hello", site, GOOD)]

    assert path.seen(condition, *looks) == [seen, seen, "served"]


@BOTH
@pytest.mark.parametrize(
    ("condition", "seen"),
    [
        (ResetHost(names=NAMES), "reset"),
        (DropHost(names=NAMES), "timeout"),
        (CloseHost(names=NAMES), "eof"),
        (AnswerHost(names=NAMES, response=PAGE), "forged"),
    ],
    ids=["reset", "drop", "close", "answer"],
)
def test_a_host(path: Path, site: str, condition: AnyCondition, seen: str) -> None:
    looks = [("get", site, BAD), ("get", site, f"BAD.example:{80}"), ("get", site, GOOD)]

    assert path.seen(condition, *looks) == [seen, seen, "served"]


def test_a_host_named_second_on_a_connection(path: Path) -> None:
    condition = ResetHost(names=NAMES)

    assert path.seen(condition, ("get twice", SITE, GOOD, BAD)) == ["served, reset"]


def test_a_long_forged_answer_is_whole(path: Path) -> None:
    page = b"HTTP/1.1 200 OK\r\nContent-Length: 40000\r\n\r\n" + b"x" * 40_000

    seen = path.seen(AnswerHost(names=NAMES, response=page), ("get", SITE, BAD))

    assert seen == [HASHED_PAGE]


def test_a_word(path: Path) -> None:
    looks = [("get", SITE, GOOD, "/?q=word"), ("get", SITE, GOOD, "/?q=other")]

    assert path.seen(ResetWord(words=("word",)), *looks) == ["reset", "served"]


def test_what_stays_after_a_hit_and_passes(path: Path) -> None:
    condition = Residual(condition=ResetSni(names=NAMES), seconds=1)

    (seen,) = path.seen(condition, ("residual", SITE, BAD, GOOD))

    assert seen == "reset, refused, served, served", "the name, another, port 80, and later"


# By address


@BOTH
@pytest.mark.parametrize(
    ("kind", "seen"),
    [
        (DropAddress, "timeout"),
        (RefuseAddress, "refused"),
        (UnreachableAddress, "errno 113"),
    ],
)
def test_an_address(
    path: Path,
    site: str,
    kind: type[DropAddress] | type[RefuseAddress] | type[UnreachableAddress],
    seen: str,
) -> None:
    looks = [("connect", site, "443"), ("connect", site, "80")]

    assert path.seen(kind(addresses=(site,), port=443), *looks) == [seen, "connected"]
    assert path.seen(kind(addresses=("192.0.2.0/24",)), *looks) == ["connected", "connected"]


# DNS


@BOTH
@pytest.mark.parametrize(
    ("kind", "forged", "truth"), [("A", FORGED, TRUTH), ("AAAA", FORGED_V6, TRUTH_V6)]
)
def test_a_forged_answer_is_there_first(
    path: Path, site: str, kind: str, forged: str, truth: str
) -> None:
    condition = InjectDns(names=NAMES, addresses=(FORGED, FORGED_V6), count=3, ip_ttl=57)

    seen = path.seen(condition, ("ask", site, BAD, kind), ("ask", site, GOOD, kind))

    assert seen == [", ".join([f"{forged} 57"] * 3 + [f"{truth} 64"]), f"{truth} 64"]


def test_a_forged_answer_comes_from_where_no_resolver_lives(path: Path) -> None:
    condition = InjectDns(names=NAMES, addresses=(FORGED,), count=2, ip_ttl=57)

    seen = path.seen(condition, ("ask", NOBODY, BAD), ("ask", NOBODY, GOOD))

    assert seen == [f"{FORGED} 57, {FORGED} 57", "timeout"]


def test_a_forged_answer_over_tcp(path: Path) -> None:
    condition = InjectDns(names=NAMES, addresses=(FORGED,), tcp=True)

    seen = path.seen(condition, ("ask tcp", SITE, BAD), ("ask tcp", SITE, GOOD))

    assert seen == [FORGED, TRUTH]


def test_a_query_that_vanishes(path: Path) -> None:
    looks = [("ask", SITE, BAD), ("ask", SITE, GOOD), ("ask tcp", SITE, BAD)]

    assert path.seen(DropDns(names=NAMES), *looks) == ["timeout", f"{TRUTH} 64", "timeout"]


# Weather and speed


@BOTH
def test_a_delay_is_one_way(path: Path, site: str) -> None:
    (sight,) = path.sights(("connect", site, "80"), delay=0.02)
    (slower,) = path.sights(("connect", site, "80"), delay=0.02, conditions=(Delay(seconds=0.05),))

    assert 0.04 <= sight.seconds < 0.08  # the upper bounds: whatever a busy machine adds
    assert 0.14 <= slower.seconds < 0.2


def test_a_third_of_the_packets_is_lost(path: Path) -> None:
    sights = path.sights(*[("echo", SITE, "4433")] * 12, conditions=(Lose(share=0.3, seed=1),))

    seen = [sight.seen for sight in sights]
    assert set(seen) == {"echoed", "timeout"}


def test_a_lossy_path_carries_a_page_intact(path: Path) -> None:
    condition = Lose(share=0.1, seed=3)

    assert path.seen(condition, ("get", SITE, GOOD, "/page")) == [HASHED_PAGE]


@BOTH
def test_a_limit(path: Path, site: str) -> None:
    limited, other = path.sights(
        ("get", site, BAD, "/page"),
        ("get", site, GOOD, "/page"),
        conditions=(Limit(names=NAMES, rate=40_000),),
    )

    assert (limited.seen, other.seen) == (HASHED_PAGE, HASHED_PAGE)
    assert 0.9 < limited.seconds < 1.5
    assert other.seconds < 0.3


@BOTH
def test_a_frozen_connection_brings_so_many_bytes(path: Path, site: str) -> None:
    condition = Freeze(names=NAMES, after=10_000)
    looks = [("get", site, BAD, "/page"), ("get", site, BAD), ("get", site, GOOD, "/page")]

    assert path.seen(condition, *looks) == ["frozen after 10000", "served", HASHED_PAGE]


@BOTH
def test_a_blocked_udp_port(path: Path, site: str) -> None:
    looks = [("echo", site, "4433"), ("ask", site, BAD)]

    assert path.seen(BlockUdp(port=4433), *looks) == ["timeout", f"{TRUTH} 64"]


# The path itself


@BOTH
def test_what_nobody_interferes_with_is_whole(path: Path, site: str) -> None:
    look = ("get", site, BAD, "/big")
    whole = hashlib.sha256(BIG).hexdigest()

    untouched = path.sights(look)
    watched = path.sights(look, conditions=(ResetHost(names=("other.example",)),), delay=0.001)

    assert [sight.seen for sight in (*untouched, *watched)] == [whole, whole]
    assert untouched[0].seconds < 5


def test_a_censor_can_be_switched_off_and_on(path: Path) -> None:
    conditions = (ResetSni(names=NAMES), DropAddress(addresses=(SITE_V6,)))
    looks = [("hello", SITE, BAD), ("connect", SITE_V6, "80")]

    off = path.sights(*looks, conditions=conditions, words=("off",))
    on = path.sights(*looks, conditions=conditions, words=("off", "on"))

    assert [sight.seen for sight in off] == ["served", "connected"]
    assert [sight.seen for sight in on] == ["reset", "timeout"]


def test_a_hundred_connections_one_after_another(path: Path) -> None:
    sights = path.sights(*[("get", SITE, GOOD)] * 100, conditions=(ResetHost(names=NAMES),))

    assert {sight.seen for sight in sights} == {"served"}
    assert sum(sight.seconds for sight in sights) < 3


def test_words_it_does_not_know_and_half_lines_change_nothing() -> None:
    """Only the words are tried: a bridge without interfaces would not start."""
    heard = Bridge.__new__(Bridge)
    heard._unfinished = b""
    heard.censor = Censor((Delay(seconds=1),))

    assert heard._told(b"nonsense\no")
    assert heard.censor.on
    assert heard._told(b"ff\n")
    assert not heard.censor.on
    assert not heard._told(b"")


def test_an_interface_that_is_not_there_is_a_clear_end() -> None:
    problem = obstacle()
    assert problem is None, f"these tests need namespaces: {problem}"

    done = subprocess.run(
        ["unshare", "-Urn", sys.executable, "-m", "heliograph.lab.bridge", "nowhere", "never"],
        input=b"{}\n",
        capture_output=True,
        check=False,
        timeout=20,
    )

    assert done.returncode != 0
    assert b"ready" not in done.stdout
    assert b"No such device" in done.stderr
