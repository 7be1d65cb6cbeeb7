"""Certificates as OONI publishes them: what each says of itself, valid or not."""

import hashlib
import warnings
from functools import lru_cache

import msgspec
from cryptography import x509
from cryptography.utils import CryptographyDeprecationWarning

from heliograph.detail import Certificate
from heliograph.text import clean
from storage.ooni.shapes import Binary
from storage.ooni.values import unbased

_MOST_CERTIFICATES = 16
_MOST_NAMES = 50
_MOST_CHARACTERS = 16_384


def chain_of(
    certificates: list[Binary | None] | None, *, keep_der: bool
) -> tuple[Certificate, ...]:
    """The chain as it was presented, leaf first; ``keep_der`` keeps each of them whole."""
    if not certificates:
        return ()
    written = [one.data for one in certificates[:_MOST_CERTIFICATES] if one is not None]
    sound = [data for data in written if data and len(data) <= _MOST_CHARACTERS]
    if keep_der:
        return tuple(msgspec.structs.replace(_summary(data), der=data) for data in sound)
    return tuple(_summary(data) for data in sound)


@lru_cache(maxsize=1024)
def _summary(data: str) -> Certificate:
    der = unbased(data)
    fingerprint = hashlib.sha256(der).hexdigest()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", CryptographyDeprecationWarning)
            parsed = x509.load_der_x509_certificate(der)
            return Certificate(
                sha256=fingerprint,
                subject=clean(parsed.subject.rfc4514_string()),
                issuer=clean(parsed.issuer.rfc4514_string()),
                not_before=parsed.not_valid_before_utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
                not_after=parsed.not_valid_after_utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
                names=_names(parsed),
            )
    except ValueError as error:
        said = clean(f"unreadable: {error}")[:300]
        return Certificate(sha256=fingerprint, subject=said, issuer="", not_before="", not_after="")


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names = [*found.get_values_for_type(x509.DNSName)]
        names += [str(address) for address in found.get_values_for_type(x509.IPAddress)]
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return ()
    return tuple(clean(name) for name in names[:_MOST_NAMES])
