"""The failure table, row by row, and the chains of causes that lead to it."""

import asyncio
import errno
import importlib
import itertools
import socket
import ssl

import h11
import httpcore
import httpx
import pytest

from heliograph import failure as module
from heliograph.failure import (
    CERTIFICATE_FAILURES,
    OWN_MEANINGS,
    Failure,
    causes,
    classify,
    decisive,
    from_verification,
)

BY_ERRNO = {
    "EACCES": Failure.PERMISSION_DENIED,
    "EADDRINUSE": Failure.ADDRESS_IN_USE,
    "EADDRNOTAVAIL": Failure.ADDRESS_NOT_AVAILABLE,
    "EAFNOSUPPORT": Failure.ADDRESS_FAMILY_NOT_SUPPORTED,
    "EBADF": Failure.BAD_FILE_DESCRIPTOR,
    "ECONNABORTED": Failure.CONNECTION_ABORTED,
    "ECONNREFUSED": Failure.CONNECTION_REFUSED,
    "ECONNRESET": Failure.CONNECTION_RESET,
    "EDESTADDRREQ": Failure.DESTINATION_ADDRESS_REQUIRED,
    "EFAULT": Failure.BAD_ADDRESS,
    "EHOSTDOWN": Failure.HOST_UNREACHABLE,
    "EHOSTUNREACH": Failure.HOST_UNREACHABLE,
    "EINVAL": Failure.INVALID_ARGUMENT,
    "EISCONN": Failure.ALREADY_CONNECTED,
    "EMSGSIZE": Failure.MESSAGE_SIZE,
    "ENETDOWN": Failure.NETWORK_DOWN,
    "ENETRESET": Failure.NETWORK_RESET,
    "ENETUNREACH": Failure.NETWORK_UNREACHABLE,
    "ENOBUFS": Failure.NO_BUFFER_SPACE,
    "ENOPROTOOPT": Failure.NO_PROTOCOL_OPTION,
    "ENOTCONN": Failure.NOT_CONNECTED,
    "ENOTSOCK": Failure.NOT_A_SOCKET,
    "EPERM": Failure.PERMISSION_DENIED,
    "EPIPE": Failure.CONNECTION_RESET,
    "EPROTONOSUPPORT": Failure.PROTOCOL_NOT_SUPPORTED,
    "EPROTOTYPE": Failure.WRONG_PROTOCOL_TYPE,
    "ETIMEDOUT": Failure.TIMED_OUT,
}
# Python has classes of their own for these: the operation is to be tried again, nothing failed.
NOT_YET = {
    "EAGAIN": Failure.OPERATION_WOULD_BLOCK,
    "EALREADY": Failure.CONNECTION_ALREADY_IN_PROGRESS,
    "EINTR": Failure.INTERRUPTED,
}


def number(name: str) -> int:
    """The number of an errno, by its name."""
    found = getattr(errno, name)
    assert isinstance(found, int)
    return found


def class_named(qualified: str) -> type[BaseException]:
    """The class of a row of the table, imported."""
    place, _, name = qualified.rpartition(".")
    found = getattr(importlib.import_module(place), name)
    assert isinstance(found, type)
    assert issubclass(found, BaseException)
    return found


def blank(kind: type[BaseException]) -> BaseException:
    """An instance of an exception whose constructor wants arguments we need not know."""
    return kind.__new__(kind)


def chained(*errors: BaseException) -> BaseException:
    """The first error, each caused by the next."""
    for outer, inner in itertools.pairwise(errors):
        outer.__cause__ = inner
    return errors[0]


@pytest.mark.parametrize("name", BY_ERRNO)
def test_every_errno_of_the_table_has_its_word(name: str) -> None:
    assert classify(OSError(number(name), "text")) is BY_ERRNO[name]


@pytest.mark.parametrize("name", NOT_YET)
def test_an_operation_to_be_tried_again_is_no_failure(name: str) -> None:
    error = OSError(number(name), "text")
    assert type(error) is not OSError
    assert classify(error) is None


@pytest.mark.parametrize("name", NOT_YET)
def test_the_same_errno_on_another_class_has_its_word(name: str) -> None:
    error = OSError()
    error.errno = number(name)
    assert classify(error) is NOT_YET[name]


def test_no_errno_of_the_table_is_untested() -> None:
    assert {number(name) for name in (*BY_ERRNO, *NOT_YET)} == set(module._BY_ERRNO)


def test_an_errno_outside_the_table_is_unknown() -> None:
    assert classify(OSError(errno.EXDEV, "text")) is Failure.UNKNOWN_FAILURE


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (ConnectionResetError("Connection lost"), Failure.EOF_ERROR),
        (ConnectionResetError(errno.ECONNRESET, "reset"), Failure.CONNECTION_RESET),
        (BrokenPipeError(errno.EPIPE, "pipe"), Failure.CONNECTION_RESET),
        (BrokenPipeError(), Failure.CONNECTION_ALREADY_CLOSED),
        (ConnectionAbortedError("SSL handshake"), Failure.CONNECTION_ALREADY_CLOSED),
        (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), Failure.CONNECTION_REFUSED),
        (TimeoutError(), Failure.GENERIC_TIMEOUT_ERROR),
        (TimeoutError(errno.ETIMEDOUT, "timed out"), Failure.TIMED_OUT),
        (asyncio.IncompleteReadError(b"", 5), Failure.EOF_ERROR),
        (EOFError(), Failure.EOF_ERROR),
        (OSError("no errno"), None),
        (ValueError("ours"), None),
        (KeyError("ours"), None),
        (asyncio.CancelledError(), None),
        (ssl.SSLWantReadError(), None),
        (ssl.SSLWantWriteError(), None),
    ],
    ids=repr,
)
def test_errors_of_python_itself(error: BaseException, word: Failure | None) -> None:
    assert classify(error) is word


@pytest.mark.parametrize(
    ("code", "word"),
    [
        (socket.EAI_AGAIN, Failure.DNS_TEMPORARY_FAILURE),
        (socket.EAI_FAIL, Failure.DNS_NON_RECOVERABLE_FAILURE),
        (socket.EAI_NODATA, Failure.DNS_NO_ANSWER),
        (socket.EAI_NONAME, Failure.DNS_NXDOMAIN_ERROR),
        (socket.EAI_SERVICE, Failure.DNS_NON_RECOVERABLE_FAILURE),
        (None, Failure.DNS_NON_RECOVERABLE_FAILURE),
    ],
)
def test_the_system_resolver_s_codes(code: int | None, word: Failure) -> None:
    error = socket.gaierror() if code is None else socket.gaierror(code, "text")
    assert classify(error) is word


@pytest.mark.parametrize("qualified", module._BY_CLASS)
def test_every_class_of_the_table_exists_and_has_its_word(qualified: str) -> None:
    kind = class_named(qualified)
    assert f"{kind.__module__}.{kind.__qualname__}" == qualified
    assert classify(blank(kind)) is module._BY_CLASS[qualified]


@pytest.mark.parametrize("qualified", module._BY_CLASS)
def test_a_class_derived_from_one_of_the_table_has_its_word(qualified: str) -> None:
    kind = type("Derived", (class_named(qualified),), {})
    assert classify(blank(kind)) is module._BY_CLASS[qualified]


@pytest.mark.parametrize(
    "qualified", sorted(module._PROTOCOL_ERRORS | module._OTHER_TRANSPORT_ERRORS)
)
def test_every_class_known_by_its_text_exists(qualified: str) -> None:
    kind = class_named(qualified)
    assert f"{kind.__module__}.{kind.__qualname__}" == qualified


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (httpx.ConnectTimeout, Failure.GENERIC_TIMEOUT_ERROR),
        (httpx.ReadTimeout, Failure.GENERIC_TIMEOUT_ERROR),
        (httpx.WriteTimeout, Failure.GENERIC_TIMEOUT_ERROR),
        (httpx.PoolTimeout, Failure.GENERIC_TIMEOUT_ERROR),
        (httpx.ConnectError, Failure.UNKNOWN_FAILURE),
        (httpx.ReadError, Failure.UNKNOWN_FAILURE),
        (httpx.WriteError, Failure.UNKNOWN_FAILURE),
        (httpx.CloseError, Failure.UNKNOWN_FAILURE),
        (httpx.ProxyError, Failure.UNKNOWN_FAILURE),
        (httpx.DecodingError, Failure.X_HTTP_MALFORMED_RESPONSE),
        (httpcore.ConnectTimeout, Failure.GENERIC_TIMEOUT_ERROR),
        (httpcore.ReadTimeout, Failure.GENERIC_TIMEOUT_ERROR),
        (httpcore.ConnectError, Failure.UNKNOWN_FAILURE),
        (httpcore.ReadError, Failure.UNKNOWN_FAILURE),
        (httpx.InvalidURL, None),
    ],
)
def test_what_the_http_libraries_raise(kind: type[Exception], word: Failure | None) -> None:
    assert classify(kind("text")) is word


@pytest.mark.parametrize("kind", [httpx.RemoteProtocolError, httpcore.RemoteProtocolError])
@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Server disconnected without sending a response.", Failure.EOF_ERROR),
        ("peer closed connection without sending complete message body", Failure.EOF_ERROR),
        ("Receive buffer too long", Failure.X_HTTP_HEADER_OVERFLOW),
        ("illegal status line", Failure.X_HTTP_MALFORMED_RESPONSE),
    ],
)
def test_a_protocol_error_is_told_by_its_text(
    kind: type[Exception], text: str, word: Failure
) -> None:
    assert classify(kind(text)) is word


def test_h11_still_says_what_the_table_looks_for() -> None:
    client = h11.Connection(h11.CLIENT, max_incomplete_event_size=64)
    client.send(h11.Request(method="GET", target="/", headers=[("Host", "x")]))
    client.send(h11.EndOfMessage())
    client.receive_data(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100)
    with pytest.raises(h11.RemoteProtocolError) as caught:
        client.next_event()
    assert classify(caught.value) is Failure.X_HTTP_HEADER_OVERFLOW


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        ("WRONG_VERSION_NUMBER", Failure.X_TLS_PLAINTEXT_INJECTED),
        ("HTTP_REQUEST", Failure.X_TLS_PLAINTEXT_INJECTED),
        ("HTTPS_PROXY_REQUEST", Failure.X_TLS_PLAINTEXT_INJECTED),
        ("TLSV1_UNRECOGNIZED_NAME", Failure.SSL_INVALID_HOSTNAME),
        ("SSLV3_ALERT_HANDSHAKE_FAILURE", Failure.SSL_FAILED_HANDSHAKE),
        (None, Failure.SSL_FAILED_HANDSHAKE),
    ],
)
def test_a_tls_error_is_told_by_its_reason(reason: str | None, word: Failure) -> None:
    error = ssl.SSLError(1, "text")
    error.reason = reason  # type: ignore[assignment]  # None when OpenSSL gave none
    assert classify(error) is word


@pytest.mark.parametrize(
    ("code", "word"),
    [
        (2, Failure.SSL_UNKNOWN_AUTHORITY),
        (18, Failure.SSL_UNKNOWN_AUTHORITY),
        (19, Failure.SSL_UNKNOWN_AUTHORITY),
        (20, Failure.SSL_UNKNOWN_AUTHORITY),
        (21, Failure.SSL_UNKNOWN_AUTHORITY),
        (27, Failure.SSL_UNKNOWN_AUTHORITY),
        (33, Failure.SSL_UNKNOWN_AUTHORITY),
        (62, Failure.SSL_INVALID_HOSTNAME),
        (64, Failure.SSL_INVALID_HOSTNAME),
        (9, Failure.SSL_INVALID_CERTIFICATE),
        (10, Failure.SSL_INVALID_CERTIFICATE),
        (1, Failure.SSL_INVALID_CERTIFICATE),
    ],
)
def test_verification_codes_of_openssl(code: int, word: Failure) -> None:
    error = ssl.SSLCertVerificationError(1, "text")
    error.verify_code = code
    assert from_verification(code) is word
    assert classify(error) is word
    assert word in CERTIFICATE_FAILURES


def test_the_mechanism_at_the_end_of_the_chain_wins() -> None:
    reset = ConnectionResetError(errno.ECONNRESET, "reset")
    error = chained(httpx.ConnectError(""), httpcore.ConnectError(""), reset)
    assert classify(error) is Failure.CONNECTION_RESET
    assert decisive(error) == (Failure.CONNECTION_RESET, reset)


def test_an_error_without_a_word_at_the_end_hides_nothing() -> None:
    timeout = httpx.ReadTimeout("")
    assert decisive(chained(timeout, ValueError("ours"))) == (
        Failure.GENERIC_TIMEOUT_ERROR,
        timeout,
    )


def test_unknown_at_the_end_does_not_replace_a_word() -> None:
    error = chained(httpx.ReadTimeout(""), OSError(errno.EXDEV, ""))
    assert classify(error) is Failure.GENERIC_TIMEOUT_ERROR


def test_a_chain_of_our_own_errors_has_no_word() -> None:
    assert classify(chained(ValueError(), KeyError())) is None
    assert decisive(ValueError()) is None


def test_the_context_is_followed_unless_it_was_hidden() -> None:
    error, behind = httpx.ConnectError(""), ConnectionRefusedError(errno.ECONNREFUSED, "")
    error.__context__ = behind
    assert classify(error) is Failure.CONNECTION_REFUSED
    error.__suppress_context__ = True
    assert list(causes(error)) == [error]


def test_causes_come_outermost_first() -> None:
    errors = [ValueError(), KeyError(), OSError()]
    assert list(causes(chained(*errors))) == errors


def test_a_circle_of_causes_ends() -> None:
    one, two = httpx.ConnectError(""), ConnectionRefusedError(errno.ECONNREFUSED, "")
    one.__cause__, two.__cause__ = two, one
    assert list(causes(one)) == [one, two]
    assert classify(one) is Failure.CONNECTION_REFUSED
    one.__cause__ = one
    assert list(causes(one)) == [one]


def test_a_chain_without_end_is_cut_at_32() -> None:
    assert len(list(causes(chained(*(ValueError() for _ in range(100)))))) == 32


def test_words_of_our_own_are_those_with_a_meaning() -> None:
    assert {word for word in Failure if word.startswith("x_")} == set(OWN_MEANINGS)


def test_words_are_spelled_like_their_names() -> None:
    assert all(word.value == word.name.lower() for word in Failure)


def test_a_missing_file_of_ours_is_a_bug_and_not_the_networks_doing() -> None:
    assert classify(FileNotFoundError(2, "No such file or directory", "roots.pem")) is None
