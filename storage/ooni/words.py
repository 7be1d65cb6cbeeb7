"""OONI's failure words in ours: the same ones, those of older programs, and free text made a word.

Facts from df-000 and df-007, and from what published measurements hold.
"""

from functools import lru_cache

from heliograph.failure import Failure
from storage.ooni.shapes import Word

_OLD = {
    # the first probe, in Python, and its test helper (df-000, df-007)
    "address_family_not_supported_error": Failure.ADDRESS_FAMILY_NOT_SUPPORTED,
    "connection_done": Failure.EOF_ERROR,
    "connection_refused_error": Failure.CONNECTION_REFUSED,
    "deferred_timeout_error": Failure.GENERIC_TIMEOUT_ERROR,
    "dns_lookup_error": Failure.DNS_NON_RECOVERABLE_FAILURE,  # stood for any failure of a look-up
    "dns_name_error": Failure.DNS_NXDOMAIN_ERROR,
    "dns_name_failure": Failure.DNS_SERVFAIL_ERROR,
    "dns_server_failure": Failure.DNS_SERVFAIL_ERROR,
    "dns_timeout_error": Failure.GENERIC_TIMEOUT_ERROR,
    "invalid_socket": Failure.ADDRESS_FAMILY_NOT_SUPPORTED,  # a helper that knew no IPv6
    "task_timed_out": Failure.GENERIC_TIMEOUT_ERROR,
    "tcp_timed_out_error": Failure.TIMED_OUT,
    # Measurement Kit
    "network_timeout": Failure.GENERIC_TIMEOUT_ERROR,
    "timeout_error": Failure.GENERIC_TIMEOUT_ERROR,
    # the current one
    "dns_no_data": Failure.DNS_NO_ANSWER,
    "ssl_unknown_autority": Failure.SSL_UNKNOWN_AUTHORITY,  # as df-007 has it
}

_SAID = (
    # what the operating system, Go's libraries and OpenSSL say, the more special first
    ("server gave http response to https client", Failure.X_TLS_PLAINTEXT_INJECTED),
    ("does not look like a tls handshake", Failure.X_TLS_PLAINTEXT_INJECTED),
    ("signed by unknown authority", Failure.SSL_UNKNOWN_AUTHORITY),
    ("unable to get local issuer certificate", Failure.SSL_UNKNOWN_AUTHORITY),
    ("self signed certificate", Failure.SSL_UNKNOWN_AUTHORITY),
    ("certificate is valid for", Failure.SSL_INVALID_HOSTNAME),
    ("certificate is not valid for any names", Failure.SSL_INVALID_HOSTNAME),
    ("doesn't contain any ip sans", Failure.SSL_INVALID_HOSTNAME),
    ("tls: unrecognized name", Failure.SSL_INVALID_HOSTNAME),
    ("certificate verify failed", Failure.SSL_INVALID_CERTIFICATE),
    ("x509:", Failure.SSL_INVALID_CERTIFICATE),
    ("malformed http", Failure.X_HTTP_MALFORMED_RESPONSE),
    ("tls:", Failure.SSL_FAILED_HANDSHAKE),
    ("ssl_error", Failure.SSL_FAILED_HANDSHAKE),
    ("ssl routines", Failure.SSL_FAILED_HANDSHAKE),
    ("no route to host", Failure.HOST_UNREACHABLE),
    ("network is unreachable", Failure.NETWORK_UNREACHABLE),
    ("network is down", Failure.NETWORK_DOWN),
    ("connection refused", Failure.CONNECTION_REFUSED),
    ("connection reset", Failure.CONNECTION_RESET),
    ("forcibly closed", Failure.CONNECTION_RESET),
    ("broken pipe", Failure.CONNECTION_RESET),
    ("operation timed out", Failure.TIMED_OUT),
    ("connection timed out", Failure.TIMED_OUT),
    ("i/o timeout", Failure.GENERIC_TIMEOUT_ERROR),
    ("deadline exceeded", Failure.GENERIC_TIMEOUT_ERROR),
    ("no such host", Failure.DNS_NXDOMAIN_ERROR),
    ("server misbehaving", Failure.DNS_SERVER_MISBEHAVING),
    ("unexpected eof", Failure.EOF_ERROR),
)
_UNKNOWN = "unknown_failure"
_KNOWN = frozenset(Failure)

_ALERTS = {
    # crypto/tls says "remote error: tls: ..." of an alert that came (RFC 8446, section 6)
    "unexpected message": 10,
    "bad record mac": 20,
    "handshake failure": 40,
    "bad certificate": 42,
    "unsupported certificate": 43,
    "unknown certificate authority": 48,
    "access denied": 49,
    "error decoding message": 50,
    "illegal parameter": 47,
    "protocol version not supported": 70,
    "insufficient security level": 71,
    "internal error": 80,
    "user canceled": 90,
    "unrecognized name": 112,
    "no application protocol": 120,
}
_ALERT = "remote error: tls: "
_CHARACTERS, _LONGEST = 300, 2048


def word_of(told: Word) -> tuple[Failure | None, str | None]:
    """Our word for a failure, and the text behind it when the word does not say it all."""
    if not told:
        return None, None
    if told is True:
        return Failure.UNKNOWN_FAILURE, "it failed; how is not published"
    return _word(told[:_LONGEST])


@lru_cache(maxsize=1024)
def _word(told: str) -> tuple[Failure, str | None]:
    if told in _KNOWN:
        return Failure(told), None
    text = told[:_CHARACTERS]
    old = _OLD.get(told)
    return (_from_text(told), text) if old is None else (old, text)


def _from_text(told: str) -> Failure:
    """The word in free text such as ``unknown_failure: read tcp: connection reset by peer``."""
    ours = told.removeprefix(_UNKNOWN).lstrip(": ")
    if ours in _KNOWN and ours.startswith("x_"):
        return Failure(ours)
    lowered = told.lower()
    if lowered.rstrip().endswith(": eof"):
        return Failure.EOF_ERROR
    return next((word for said, word in _SAID if said in lowered), Failure.UNKNOWN_FAILURE)


def alert_in(text: str | None) -> int | None:
    """The number of the TLS alert that a text tells of, or None."""
    _, mark, told = (text or "").partition(_ALERT)
    return _ALERTS.get(told.strip()) if mark else None
