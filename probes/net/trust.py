"""Certificates judged after the handshake, so that a chain that fails is still evidence.

Roots are Mozilla's as bundled with certifi, never the host's: an interceptor that installed its
own authority on the host shows up instead of hiding.
"""

import base64
import hashlib
import ssl
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import certifi
from cryptography import x509
from cryptography.utils import CryptographyDeprecationWarning

from heliograph.config import ConfigError
from heliograph.detail import Certificate
from heliograph.failure import Failure, from_verification
from heliograph.text import clean
from heliograph.valid import is_address

if TYPE_CHECKING:
    from OpenSSL import crypto

_STALE = timedelta(minutes=1)
_MOST_CERTIFICATES = 16
_MOST_NAMES = 50


class Trust:
    """Which authorities count: the bundled roots and the operator's ``ca_file``.

    ``now`` gives the time certificates are checked against.
    """

    def __init__(self, ca_file: Path | None, now: Callable[[], datetime]) -> None:
        self._now = now
        self._ahead = timedelta()
        self._ca_file = ca_file
        self._store, self._set_for = self._stored(now())

    def _stored(self, moment: datetime) -> tuple["crypto.X509Store", datetime]:
        """All authorities, to be asked about this moment: OpenSSL takes a time once, and keeps it.

        Raises ConfigError.
        """
        from OpenSSL import crypto

        store = crypto.X509Store()
        store.load_locations(certifi.where())
        if self._ca_file is not None:
            try:
                store.load_locations(str(self._ca_file))
            except crypto.Error as error:
                raise ConfigError(
                    f"network.ca_file: {self._ca_file}: holds no certificate in PEM form"
                ) from error
        store.set_time(moment)
        return store, moment

    def correct(self, ahead: timedelta) -> None:
        """From now on, take the clock to be so much ahead of the time."""
        self._ahead = ahead

    def verify(self, chain: Sequence[bytes], name: str) -> tuple[Failure, str] | None:
        """None when the chain (DER, leaf first) proves ``name``; else the word and the reason."""
        from OpenSSL import crypto

        if not chain:
            return Failure.SSL_INVALID_CERTIFICATE, "no certificate was presented"
        moment = self._now() - self._ahead
        if abs(moment - self._set_for) > _STALE:
            with suppress(ConfigError):  # a file gone since: what it held still counts
                self._store, self._set_for = self._stored(moment)
        try:
            leaf, *others = [_parsed(der) for der in chain]
            context = crypto.X509StoreContext(
                self._store,
                crypto.X509.from_cryptography(leaf),
                [crypto.X509.from_cryptography(certificate) for certificate in others],
            )
        except (ValueError, crypto.Error) as error:
            return Failure.SSL_INVALID_CERTIFICATE, f"unreadable certificate: {error}"
        try:
            context.verify_certificate()
        except crypto.X509StoreContextError as error:
            code, depth, text = error.errors
            return from_verification(code), f"{text} (code {code}, depth {depth})"
        return _name_mismatch(leaf, name)


def contexts() -> Callable[[tuple[str, ...]], ssl.SSLContext]:
    """A maker of client contexts, one for each list of application protocols (ALPN).

    They accept any certificate: Trust judges it afterwards.
    """

    @cache
    def make(alpn: tuple[str, ...]) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if alpn:
            context.set_alpn_protocols(list(alpn))
        return context

    return make


def presented_chain(tls: ssl.SSLObject) -> list[bytes]:
    """The certificates the peer presented, DER, leaf first, verified or not."""
    public = getattr(tls, "get_unverified_chain", None)  # Python 3.13
    if public is not None:
        found: list[bytes] = public()
        return found[:_MOST_CERTIFICATES]
    private = getattr(tls, "_sslobj").get_unverified_chain()  # noqa: B009 - not in the stubs
    return [ssl.PEM_cert_to_DER_cert(c.public_bytes()) for c in (private or [])][
        :_MOST_CERTIFICATES
    ]


def summarise(chain: Sequence[bytes], *, keep_der: bool) -> tuple[Certificate, ...]:
    """What each certificate says of itself, for the record."""
    return tuple(_summary(der, keep_der=keep_der) for der in chain)


def _summary(der: bytes, *, keep_der: bool) -> Certificate:
    kept = base64.b64encode(der).decode() if keep_der else None
    fingerprint = hashlib.sha256(der).hexdigest()
    try:
        parsed = _parsed(der)
        return Certificate(
            sha256=fingerprint,
            subject=clean(parsed.subject.rfc4514_string()),
            issuer=clean(parsed.issuer.rfc4514_string()),
            not_before=_written(parsed.not_valid_before_utc),
            not_after=_written(parsed.not_valid_after_utc),
            names=_names(parsed),
            der=kept,
        )
    except ValueError as error:
        return Certificate(
            sha256=fingerprint,
            subject=f"unreadable: {error}",
            issuer="",
            not_before="",
            not_after="",
            der=kept,
        )


def _parsed(der: bytes) -> x509.Certificate:
    """A certificate as presented; raises ValueError.

    What is odd in a stranger's certificate is evidence, not a warning for whoever runs the probe.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        return x509.load_der_x509_certificate(der)


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return ()
    names = [*found.get_values_for_type(x509.DNSName)]
    names += [str(address) for address in found.get_values_for_type(x509.IPAddress)]
    return tuple(clean(name) for name in names[:_MOST_NAMES])


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _name_mismatch(leaf: x509.Certificate, name: str) -> tuple[Failure, str] | None:
    from service_identity import CertificateError, VerificationError
    from service_identity.cryptography import (
        verify_certificate_hostname,
        verify_certificate_ip_address,
    )

    check = verify_certificate_ip_address if is_address(name) else verify_certificate_hostname
    try:
        check(leaf, name)
    except VerificationError:
        return Failure.SSL_INVALID_HOSTNAME, f"the certificate is not for {name}"
    except CertificateError as error:
        return Failure.SSL_INVALID_CERTIFICATE, str(error)
    except ValueError as error:  # an extension that can't be parsed
        return Failure.SSL_INVALID_CERTIFICATE, f"unreadable certificate: {error}"
    return None
