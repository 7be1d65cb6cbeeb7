"""The closed list of failure words, and the one table that turns foreign exceptions into them.

The words are those of OONI's data format df-007, so that data joins across projects; words of our
own begin with ``x_``. Foreign exceptions are recognised by their qualified class name, so this
module imports none of the libraries it knows.
"""

import errno
import socket
import ssl
from collections.abc import Iterator
from enum import StrEnum


class Failure(StrEnum):
    """How one step failed. A failure is data: it says what happened, never who is to blame."""

    ADDRESS_FAMILY_NOT_SUPPORTED = "address_family_not_supported"
    ADDRESS_IN_USE = "address_in_use"
    ADDRESS_NOT_AVAILABLE = "address_not_available"
    ALREADY_CONNECTED = "already_connected"
    ANDROID_DNS_CACHE_NO_DATA = "android_dns_cache_no_data"
    BAD_ADDRESS = "bad_address"
    BAD_FILE_DESCRIPTOR = "bad_file_descriptor"
    CONNECTION_ABORTED = "connection_aborted"
    CONNECTION_ALREADY_CLOSED = "connection_already_closed"
    CONNECTION_ALREADY_IN_PROGRESS = "connection_already_in_progress"
    CONNECTION_REFUSED = "connection_refused"
    CONNECTION_RESET = "connection_reset"
    DESTINATION_ADDRESS_REQUIRED = "destination_address_required"
    DNS_BOGON_ERROR = "dns_bogon_error"
    DNS_NO_ANSWER = "dns_no_answer"
    DNS_NON_RECOVERABLE_FAILURE = "dns_non_recoverable_failure"
    DNS_NXDOMAIN_ERROR = "dns_nxdomain_error"
    DNS_REFUSED_ERROR = "dns_refused_error"
    DNS_REPLY_WITH_WRONG_QUERY_ID = "dns_reply_with_wrong_query_id"
    DNS_SERVER_MISBEHAVING = "dns_server_misbehaving"
    DNS_SERVFAIL_ERROR = "dns_servfail_error"
    DNS_TEMPORARY_FAILURE = "dns_temporary_failure"
    EOF_ERROR = "eof_error"
    GENERIC_TIMEOUT_ERROR = "generic_timeout_error"
    HOST_UNREACHABLE = "host_unreachable"
    HTTP_INVALID_REDIRECT_LOCATION_HOST = "http_invalid_redirect_location_host"
    HTTP_REQUEST_FAILED = "http_request_failed"
    HTTP_UNEXPECTED_REDIRECT_URL = "http_unexpected_redirect_url"
    HTTP_UNEXPECTED_STATUS_CODE = "http_unexpected_status_code"
    INTERRUPTED = "interrupted"
    INVALID_ARGUMENT = "invalid_argument"
    JSON_PARSE_ERROR = "json_parse_error"
    MESSAGE_SIZE = "message_size"
    NETWORK_DOWN = "network_down"
    NETWORK_RESET = "network_reset"
    NETWORK_UNREACHABLE = "network_unreachable"
    NO_BUFFER_SPACE = "no_buffer_space"
    NO_PROTOCOL_OPTION = "no_protocol_option"
    NOT_A_SOCKET = "not_a_socket"
    NOT_CONNECTED = "not_connected"
    OPERATION_WOULD_BLOCK = "operation_would_block"
    PERMISSION_DENIED = "permission_denied"
    PROTOCOL_NOT_SUPPORTED = "protocol_not_supported"
    QUIC_INCOMPATIBLE_VERSION = "quic_incompatible_version"
    SSL_FAILED_HANDSHAKE = "ssl_failed_handshake"
    SSL_INVALID_CERTIFICATE = "ssl_invalid_certificate"
    SSL_INVALID_HOSTNAME = "ssl_invalid_hostname"
    SSL_UNKNOWN_AUTHORITY = "ssl_unknown_authority"
    TIMED_OUT = "timed_out"
    UNKNOWN_FAILURE = "unknown_failure"
    WRONG_PROTOCOL_TYPE = "wrong_protocol_type"
    X_ADDRESS_REFUSED = "x_address_refused"
    X_BUDGET_EXHAUSTED = "x_budget_exhausted"
    X_HTTP_HEADER_OVERFLOW = "x_http_header_overflow"
    X_HTTP_MALFORMED_RESPONSE = "x_http_malformed_response"
    X_QUIC_CLOSED = "x_quic_closed"
    X_TLS_PLAINTEXT_INJECTED = "x_tls_plaintext_injected"


OWN_MEANINGS = {
    Failure.X_ADDRESS_REFUSED: "the address guard refused to connect; no packet was sent",
    Failure.X_BUDGET_EXHAUSTED: "the look's budget of connections, queries or bytes was spent",
    Failure.X_HTTP_HEADER_OVERFLOW: "the response's headers outgrew the limit before they ended",
    Failure.X_HTTP_MALFORMED_RESPONSE: "what came back is not HTTP",
    Failure.X_QUIC_CLOSED: "the QUIC connection was closed for a reason that is no TLS alert",
    Failure.X_TLS_PLAINTEXT_INJECTED: "the reply to a ClientHello is not a TLS record",
}
"""What the words of our own mean. They are exported to OONI's format as ``unknown_failure: …``."""

CERTIFICATE_FAILURES = frozenset(
    {
        Failure.SSL_INVALID_CERTIFICATE,
        Failure.SSL_INVALID_HOSTNAME,
        Failure.SSL_UNKNOWN_AUTHORITY,
    }
)
"""The handshake was completed; what was presented does not prove the name."""

NOT_ATTEMPTED = frozenset(
    {Failure.X_ADDRESS_REFUSED, Failure.X_BUDGET_EXHAUSTED, Failure.INTERRUPTED}
)
"""Words that say something about us, not about the network."""

_BY_ERRNO = {
    errno.EACCES: Failure.PERMISSION_DENIED,
    errno.EADDRINUSE: Failure.ADDRESS_IN_USE,
    errno.EADDRNOTAVAIL: Failure.ADDRESS_NOT_AVAILABLE,
    errno.EAFNOSUPPORT: Failure.ADDRESS_FAMILY_NOT_SUPPORTED,
    errno.EAGAIN: Failure.OPERATION_WOULD_BLOCK,
    errno.EALREADY: Failure.CONNECTION_ALREADY_IN_PROGRESS,
    errno.EBADF: Failure.BAD_FILE_DESCRIPTOR,
    errno.ECONNABORTED: Failure.CONNECTION_ABORTED,
    errno.ECONNREFUSED: Failure.CONNECTION_REFUSED,
    errno.ECONNRESET: Failure.CONNECTION_RESET,
    errno.EDESTADDRREQ: Failure.DESTINATION_ADDRESS_REQUIRED,
    errno.EFAULT: Failure.BAD_ADDRESS,
    errno.EHOSTDOWN: Failure.HOST_UNREACHABLE,
    errno.EHOSTUNREACH: Failure.HOST_UNREACHABLE,
    errno.EINTR: Failure.INTERRUPTED,
    errno.EINVAL: Failure.INVALID_ARGUMENT,
    errno.EISCONN: Failure.ALREADY_CONNECTED,
    errno.EMSGSIZE: Failure.MESSAGE_SIZE,
    errno.ENETDOWN: Failure.NETWORK_DOWN,
    errno.ENETRESET: Failure.NETWORK_RESET,
    errno.ENETUNREACH: Failure.NETWORK_UNREACHABLE,
    errno.ENOBUFS: Failure.NO_BUFFER_SPACE,
    errno.ENOPROTOOPT: Failure.NO_PROTOCOL_OPTION,
    errno.ENOTCONN: Failure.NOT_CONNECTED,
    errno.ENOTSOCK: Failure.NOT_A_SOCKET,
    errno.EPERM: Failure.PERMISSION_DENIED,
    errno.EPIPE: Failure.CONNECTION_RESET,  # we wrote to a connection the peer had reset
    errno.EPROTONOSUPPORT: Failure.PROTOCOL_NOT_SUPPORTED,
    errno.EPROTOTYPE: Failure.WRONG_PROTOCOL_TYPE,
    errno.ETIMEDOUT: Failure.TIMED_OUT,
}

_BY_GAI = {
    socket.EAI_AGAIN: Failure.DNS_TEMPORARY_FAILURE,
    socket.EAI_FAIL: Failure.DNS_NON_RECOVERABLE_FAILURE,
    socket.EAI_NODATA: Failure.DNS_NO_ANSWER,
    socket.EAI_NONAME: Failure.DNS_NXDOMAIN_ERROR,
}

# X509_V_ERR_… of OpenSSL: the chain ends in something we do not trust, or is for another name.
_UNKNOWN_AUTHORITY_CODES = frozenset({2, 18, 19, 20, 21, 27, 33})
_HOSTNAME_CODES = frozenset({62, 64})

_BY_CLASS = {
    "builtins.EOFError": Failure.EOF_ERROR,
    "builtins.TimeoutError": Failure.GENERIC_TIMEOUT_ERROR,
    "asyncio.exceptions.IncompleteReadError": Failure.EOF_ERROR,
    "ssl.SSLEOFError": Failure.EOF_ERROR,
    "ssl.SSLZeroReturnError": Failure.EOF_ERROR,
    "dns.exception.Timeout": Failure.GENERIC_TIMEOUT_ERROR,
    "dns.resolver.LifetimeTimeout": Failure.GENERIC_TIMEOUT_ERROR,
    "dns.resolver.NXDOMAIN": Failure.DNS_NXDOMAIN_ERROR,
    "dns.resolver.NoAnswer": Failure.DNS_NO_ANSWER,
    "dns.resolver.NoNameservers": Failure.DNS_SERVER_MISBEHAVING,
    "dns.exception.DNSException": Failure.DNS_SERVER_MISBEHAVING,
    "httpcore.TimeoutException": Failure.GENERIC_TIMEOUT_ERROR,
    "httpx.TimeoutException": Failure.GENERIC_TIMEOUT_ERROR,
    "httpx.DecodingError": Failure.X_HTTP_MALFORMED_RESPONSE,
    "probes.net.stream.NotTls": Failure.X_TLS_PLAINTEXT_INJECTED,
    "probes.net.exchange.HeaderOverflow": Failure.X_HTTP_HEADER_OVERFLOW,
    "probes.net.exchange.UnexpectedStatus": Failure.HTTP_UNEXPECTED_STATUS_CODE,
    "probes.net.spending.BudgetExhausted": Failure.X_BUDGET_EXHAUSTED,
    "probes.net.spending.AddressRefused": Failure.X_ADDRESS_REFUSED,
}

_PROTOCOL_ERRORS = frozenset(
    {"httpx.RemoteProtocolError", "httpcore.RemoteProtocolError", "h11._util.RemoteProtocolError"}
)
_OTHER_TRANSPORT_ERRORS = frozenset({"httpx.TransportError", "httpcore.NetworkError"})
_NOT_EVENTS = (BlockingIOError, InterruptedError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


def classify(error: BaseException) -> Failure | None:
    """The word for what the network did, or None when the error is not the network's doing.

    Wrappers hide the mechanism (httpx has one class for seven kinds of blocking), so the chain
    of causes is followed and the deepest error that has a word wins.
    """
    found = decisive(error)
    return None if found is None else found[0]


def decisive(error: BaseException) -> tuple[Failure, BaseException] | None:
    """The word, and the link of the chain of causes it comes from."""
    found: tuple[Failure, BaseException] | None = None
    for link in causes(error):
        word = _word_for(link)
        if word is not None and (word is not Failure.UNKNOWN_FAILURE or found is None):
            found = word, link
    return found


def causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what lies behind it, outermost first; bounded, and safe against cycles."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen and len(seen) < 32:
        seen.add(id(link))
        yield link
        hidden = link.__suppress_context__
        link = link.__cause__ or (None if hidden else link.__context__)


def from_verification(code: int) -> Failure:
    """The word for an X.509 verification result of OpenSSL (``X509_V_ERR_…``) other than 0."""
    if code in _UNKNOWN_AUTHORITY_CODES:
        return Failure.SSL_UNKNOWN_AUTHORITY
    if code in _HOSTNAME_CODES:
        return Failure.SSL_INVALID_HOSTNAME
    return Failure.SSL_INVALID_CERTIFICATE


def _word_for(error: BaseException) -> Failure | None:
    if isinstance(error, _NOT_EVENTS):
        return None
    names = [f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__]
    if isinstance(error, ssl.SSLError):
        return _from_ssl(error, names)
    if isinstance(error, OSError):
        return _from_os_error(error)
    if not _PROTOCOL_ERRORS.isdisjoint(names):
        return _from_protocol_error(str(error))
    for name in names:
        if name in _BY_CLASS:
            return _BY_CLASS[name]
    return None if _OTHER_TRANSPORT_ERRORS.isdisjoint(names) else Failure.UNKNOWN_FAILURE


def _from_os_error(error: OSError) -> Failure | None:
    if isinstance(error, socket.gaierror):
        return _BY_GAI.get(error.errno or 0, Failure.DNS_NON_RECOVERABLE_FAILURE)
    if error.filename is not None:
        return None  # about a file of ours
    if error.errno is not None:
        return _BY_ERRNO.get(error.errno, Failure.UNKNOWN_FAILURE)
    if isinstance(error, ConnectionResetError):
        return Failure.EOF_ERROR  # asyncio says "reset" without an errno for a clean close
    if isinstance(error, TimeoutError):
        return Failure.GENERIC_TIMEOUT_ERROR
    return Failure.CONNECTION_ALREADY_CLOSED if isinstance(error, ConnectionError) else None


def _from_ssl(error: ssl.SSLError, names: list[str]) -> Failure:
    if isinstance(error, ssl.SSLCertVerificationError):
        return from_verification(error.verify_code)
    for name in names:
        if name in _BY_CLASS:
            return _BY_CLASS[name]
    reason = error.reason or ""
    if reason in {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST"}:
        return Failure.X_TLS_PLAINTEXT_INJECTED
    if "UNRECOGNIZED_NAME" in reason:
        return Failure.SSL_INVALID_HOSTNAME
    return Failure.SSL_FAILED_HANDSHAKE


def _from_protocol_error(text: str) -> Failure:
    lowered = text.lower()
    if "buffer" in lowered and "long" in lowered:
        return Failure.X_HTTP_HEADER_OVERFLOW
    if "disconnected" in lowered or "closed connection" in lowered:
        return Failure.EOF_ERROR
    return Failure.X_HTTP_MALFORMED_RESPONSE
