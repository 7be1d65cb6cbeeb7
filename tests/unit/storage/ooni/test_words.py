"""OONI's failure words, and those of programs before it, are ours."""

import pytest

from heliograph.failure import OWN_MEANINGS, Failure
from storage.ooni.words import alert_in, word_of


@pytest.mark.parametrize("word", sorted(Failure))
def test_a_word_of_the_list_is_kept_and_needs_no_text(word: Failure) -> None:
    assert word_of(word.value) == (word, None)


@pytest.mark.parametrize("told", [None, False, ""])
def test_nothing_said_is_no_failure(told: str | bool | None) -> None:
    assert word_of(told) == (None, None)


def test_that_it_failed_and_not_how_is_an_unknown_failure() -> None:
    word, text = word_of(True)

    assert word is Failure.UNKNOWN_FAILURE
    assert text is not None


@pytest.mark.parametrize(
    ("told", "word"),
    [
        ("connection_refused_error", Failure.CONNECTION_REFUSED),
        ("dns_name_error", Failure.DNS_NXDOMAIN_ERROR),
        ("dns_lookup_error", Failure.DNS_NON_RECOVERABLE_FAILURE),
        ("tcp_timed_out_error", Failure.TIMED_OUT),
        ("invalid_socket", Failure.ADDRESS_FAMILY_NOT_SUPPORTED),
    ],
)
def test_an_older_word_is_mapped_and_kept_beside(told: str, word: Failure) -> None:
    assert word_of(told) == (word, told)


@pytest.mark.parametrize(
    ("told", "word"),
    [
        (
            "unknown_failure: dial tcp [scrubbed]: connect: no route to host",
            Failure.HOST_UNREACHABLE,
        ),
        (
            "ssl_error: error:14007086:SSL routines:CONNECT_CR_CERT:certificate verify failed",
            Failure.SSL_INVALID_CERTIFICATE,
        ),
        (
            "unknown_failure: x509: certificate signed by unknown authority",
            Failure.SSL_UNKNOWN_AUTHORITY,
        ),
        (
            "unknown_failure: tls: first record does not look like a TLS handshake",
            Failure.X_TLS_PLAINTEXT_INJECTED,
        ),
        ("unknown_failure: remote error: tls: internal error", Failure.SSL_FAILED_HANDSHAKE),
        ("unknown_failure: read: connection reset by peer", Failure.CONNECTION_RESET),
        ("unknown_failure: net/http: read: EOF", Failure.EOF_ERROR),
        ("unknown_failure 'ascii' codec can't decode byte 0xd9", Failure.UNKNOWN_FAILURE),
        ("a word nobody knows", Failure.UNKNOWN_FAILURE),
    ],
)
def test_free_text_is_made_a_word_and_kept(told: str, word: Failure) -> None:
    assert word_of(told) == (word, told)


@pytest.mark.parametrize("word", sorted(OWN_MEANINGS))
def test_a_word_of_our_own_comes_back_from_an_export(word: Failure) -> None:
    found, _ = word_of(f"unknown_failure: {word}")

    assert found is word


def test_endless_text_is_cut() -> None:
    _, text = word_of("x" * 100_000)

    assert text is not None
    assert len(text) == 300


def test_an_alert_of_the_peer_has_its_number() -> None:
    assert alert_in("unknown_failure: remote error: tls: handshake failure") == 40
    assert alert_in("unknown_failure: remote error: tls: never heard of") is None
    assert alert_in("handshake failure") is None
    assert alert_in(None) is None
