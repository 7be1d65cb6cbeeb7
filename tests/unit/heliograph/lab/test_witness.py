"""The witness's words: one for each thing that can be seen, and no library of the product's."""

import ast
import errno
import io
import json
import socket
import ssl
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import dns.message
import dns.rrset
import pytest

from heliograph.lab import witness
from heliograph.lab.witness import Check, look


def failing(error: OSError) -> Callable[..., AbstractContextManager[socket.socket]]:
    def connect(place: tuple[str, int], seconds: float) -> AbstractContextManager[socket.socket]:
        raise error

    return connect


def of_ssl(reason: str, kind: type[ssl.SSLError] = ssl.SSLError) -> ssl.SSLError:
    error = kind(1, f"[SSL: {reason}] told by OpenSSL")
    error.reason = reason
    return error


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "x"), "refused"),
        (ConnectionResetError(errno.ECONNRESET, "x"), "reset"),
        (TimeoutError("timed out"), "timeout"),
        (OSError(errno.ENETUNREACH, "x"), "unreachable"),
        (OSError(errno.EHOSTUNREACH, "x"), "unreachable"),
        (of_ssl("CERTIFICATE_VERIFY_FAILED", ssl.SSLCertVerificationError), "untrusted"),
        (of_ssl("EOF", ssl.SSLEOFError), "eof"),
        (of_ssl("UNEXPECTED_EOF_WHILE_READING"), "eof"),
        (of_ssl("", ssl.SSLZeroReturnError), "eof"),  # historical note: Python 3.11.2
        (of_ssl("WRONG_VERSION_NUMBER"), "no tls"),
        (BrokenPipeError(errno.EPIPE, "x"), "BrokenPipeError"),
    ],
    ids=lambda one: one if isinstance(one, str) else type(one).__name__,
)
def test_a_failure_is_a_word(monkeypatch: pytest.MonkeyPatch, error: OSError, word: str) -> None:
    monkeypatch.setattr("heliograph.lab.witness.socket.create_connection", failing(error))

    assert look(Check(kind="tcp", name="", address="192.0.2.1", port=443), None) == word


class Wire(AbstractContextManager["Wire"]):
    """A socket that is answered with bytes of our own."""

    def __init__(self, reply: Callable[[bytes], bytes]) -> None:
        self.reply, self.sent = reply, b""

    def __exit__(self, *_: object) -> None:
        """Nothing to close."""

    def settimeout(self, seconds: float) -> None:
        assert seconds > 0

    def connect(self, place: tuple[str, int]) -> None:
        assert place == ("192.0.2.1", 53)

    def send(self, data: bytes) -> None:
        self.sent = data

    def recv(self, size: int) -> bytes:
        return self.reply(self.sent)


@pytest.mark.parametrize(
    ("kind", "type_", "address"), [("dns", "A", "192.0.2.7"), ("aaaa", "AAAA", "2001:db8::7")]
)
def test_a_resolver_is_asked_for_either_family(
    monkeypatch: pytest.MonkeyPatch, kind: str, type_: str, address: str
) -> None:
    def answered(query: bytes) -> bytes:
        message = dns.message.make_response(dns.message.from_wire(query))
        name = message.question[0].name
        message.answer.append(dns.rrset.from_text(name, 60, "IN", type_, address))
        assert message.question[0].to_text() == f"site.example. IN {type_}"
        return message.to_wire()

    monkeypatch.setattr("heliograph.lab.witness.socket.socket", lambda *_: Wire(answered))

    check = Check(kind=kind, name="site.example", address="192.0.2.1", port=53)
    assert look(check, None) == address


def test_again_is_a_page_and_then_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    errors = iter([ConnectionResetError(errno.ECONNRESET, "x"), ConnectionRefusedError(111, "x")])

    def connect(place: tuple[str, int], seconds: float) -> AbstractContextManager[socket.socket]:
        raise next(errors)

    monkeypatch.setattr("heliograph.lab.witness.socket.create_connection", connect)

    check = Check(kind="again", name="site.example", address="192.0.2.1", port=443)
    assert look(check, None) == "reset, then refused"


def test_tries_are_told_apart_and_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    reset, refused = ConnectionResetError(errno.ECONNRESET, "x"), ConnectionRefusedError(111, "x")
    errors = iter([reset, refused, reset])

    def connect(place: tuple[str, int], seconds: float) -> AbstractContextManager[socket.socket]:
        raise next(errors)

    monkeypatch.setattr("heliograph.lab.witness.socket.create_connection", connect)

    check = Check(kind="tries", name="site.example", address="192.0.2.1", port=443)
    assert look(check, None) == "refused or reset"


def test_an_alias_before_the_addresses_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    def answered(query: bytes) -> bytes:
        message = dns.message.make_response(dns.message.from_wire(query))
        name = message.question[0].name
        message.answer.append(dns.rrset.from_text(name, 60, "IN", "CNAME", "other.example."))
        message.answer.append(dns.rrset.from_text("other.example.", 60, "IN", "A", "192.0.2.9"))
        return message.to_wire()

    monkeypatch.setattr("heliograph.lab.witness.socket.socket", lambda *_: Wire(answered))

    check = Check(kind="dns", name="site.example", address="192.0.2.1", port=53)
    assert look(check, None) == "192.0.2.9"


def test_what_is_wanted_twice_is_looked_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A second look at a place would see what the first one set off there."""
    looked: list[str] = []

    def saw(check: Check, _: str | None) -> str:
        looked.append(check["name"])
        return f"saw {check['name']}"

    checks = [Check(kind="tcp", name=name, address="192.0.2.1", port=443) for name in "aba"]
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(checks)))
    monkeypatch.setattr("sys.argv", ["witness"])
    monkeypatch.setattr("heliograph.lab.witness.look", saw)

    witness.main()

    assert json.loads(capsys.readouterr().out) == ["saw a", "saw b", "saw a"]
    assert sorted(looked) == ["a", "b"]


def imported(module: str) -> set[str]:
    """What a module of the lab imports, and what those of the lab among these do."""
    parts = [*ast.walk(ast.parse(Path(LAB, f"{module}.py").read_text(encoding="utf-8")))]
    named = {alias.name for part in parts if isinstance(part, ast.Import) for alias in part.names}
    from_them = [part for part in parts if isinstance(part, ast.ImportFrom)]
    own = {a.name for part in from_them if part.module == "heliograph.lab" for a in part.names}
    own |= {str(p.module).removeprefix(IN_LAB) for p in from_them if str(p.module) > IN_LAB}
    own &= {path.stem for path in LAB.glob("*.py")}
    others = {str(p.module) for p in from_them if not str(p.module).startswith("heliograph.lab")}
    return named | others | {name for each in own for name in imported(each)}


LAB = Path(witness.__file__).parent
IN_LAB = "heliograph.lab."


def test_it_rests_on_the_standard_library_alone() -> None:
    """Whatever the product gets wrong, its witness must not get wrong for the same reason."""
    named = imported("witness")

    assert "hmac" in named, "what it reads QUIC with is looked at as well"
    assert {name.partition(".")[0] for name in named} <= sys.stdlib_module_names


class Page:
    """A connection over which these pieces come; TimeoutError where there is None."""

    def __init__(self, *pieces: bytes | None) -> None:
        self.pieces = list(pieces)

    def __enter__(self) -> "Page":
        return self

    def __exit__(self, *raised: object) -> None:
        """Nothing to close."""

    def sendall(self, data: bytes) -> None:
        assert b"Host: site.example" in data

    def recv(self, size: int) -> bytes:
        piece = self.pieces.pop(0) if self.pieces else b""
        if piece is None:
            raise TimeoutError("timed out")
        return piece


def looked_at(monkeypatch: pytest.MonkeyPatch, kind: str, *pages: Page) -> str:
    coming = iter(pages)
    monkeypatch.setattr("heliograph.lab.witness.socket.create_connection", lambda *_: next(coming))
    return look(Check(kind=kind, name="site.example", address="192.0.2.1", port=80), None)


HEAD = b"HTTP/1.1 200 OK\r\n\r\n"


@pytest.mark.parametrize(
    ("pieces", "seen"),
    [
        ((HEAD, b"x" * 20_000), "19 KiB"),
        ((HEAD, b"x" * 20_000, None), "19 KiB, then silence"),
    ],
)
def test_how_much_comes_and_how_it_ends(
    monkeypatch: pytest.MonkeyPatch, pieces: tuple[bytes | None, ...], seen: str
) -> None:
    assert looked_at(monkeypatch, "bulk", Page(*pieces)) == seen


def test_what_takes_long_comes_slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 5.0])
    monkeypatch.setattr("heliograph.lab.witness.time.monotonic", lambda: next(clock))

    assert looked_at(monkeypatch, "bulk", Page(HEAD, b"x" * 100_000)) == "97 KiB, slowly"


@pytest.mark.parametrize(("other", "word"), [(b"one", "the same"), (b"two", "differs")])
def test_a_page_is_compared_with_itself(
    monkeypatch: pytest.MonkeyPatch, other: bytes, word: str
) -> None:
    pages = Page(HEAD + b"one"), Page(HEAD + other)

    assert looked_at(monkeypatch, "twice", *pages) == word
