"""The witness's words: one for each thing that can be seen, and no library of the product's."""

import ast
import errno
import socket
import ssl
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

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


def test_it_rests_on_the_standard_library_alone() -> None:
    """Whatever the product gets wrong, its witness must not get wrong for the same reason."""
    parts = [*ast.walk(ast.parse(Path(witness.__file__).read_text(encoding="utf-8")))]
    named = {alias.name for part in parts if isinstance(part, ast.Import) for alias in part.names}
    named |= {str(part.module) for part in parts if isinstance(part, ast.ImportFrom)}

    assert {name.partition(".")[0] for name in named} <= sys.stdlib_module_names
