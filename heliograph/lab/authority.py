"""Certificates for the lab's servers, good and bad, that nobody outside the lab trusts."""

import datetime
import ssl
import time

import trustme

_WEEKS = datetime.timedelta(weeks=4)


class Authority:
    """One certificate authority: what it issues verifies against `bundle` and nothing else."""

    def __init__(self) -> None:
        self._root = trustme.CA()
        self._ahead: datetime.timedelta | None = None
        self._contexts: dict[tuple[str, ...], ssl.SSLContext] = {}

    def at(self, ahead: datetime.timedelta) -> "Authority":
        """The same authority so much later: what it issues is valid for weeks around then."""
        other = Authority.__new__(Authority)
        other._root, other._ahead, other._contexts = self._root, ahead, {}
        return other

    @property
    def bundle(self) -> bytes:
        """The root certificate as PEM, for a client's trust store."""
        return self._root.cert_pem.bytes()

    def trusting(self) -> ssl.SSLContext:
        """A client context that trusts this authority and no other."""
        return ssl.create_default_context(cadata=self.bundle.decode("ascii"))

    def context(self, *names: str) -> ssl.SSLContext:
        """A server context, cached, with a valid certificate for these names or addresses."""
        if names not in self._contexts:
            begins, ends = self._dates()
            leaf = self._root.issue_cert(*names, not_before=begins, not_after=ends)
            self._contexts[names] = _serving(leaf.private_key_and_cert_chain_pem.bytes())
        return self._contexts[names]

    def _dates(self) -> tuple[datetime.datetime | None, datetime.datetime | None]:
        """Not before and not after; the library's own dates are valid for ever."""
        if self._ahead is None:
            return None, None
        then = datetime.datetime.fromtimestamp(time.time(), datetime.UTC) + self._ahead
        return then - _WEEKS, then + _WEEKS

    def files(self, *names: str) -> tuple[bytes, bytes]:
        """A valid certificate chain for these names, and its key, as PEM."""
        leaf = self._root.issue_cert(*names)
        chain = b"".join(part.bytes() for part in leaf.cert_chain_pems)
        return chain, leaf.private_key_pem.bytes()

    def expired(self, *names: str) -> ssl.SSLContext:
        """A server context whose certificate ended with the year 2000."""
        leaf = self._root.issue_cert(
            *names,
            not_before=datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC),
            not_after=datetime.datetime(2000, 12, 31, tzinfo=datetime.UTC),
        )
        return _serving(leaf.private_key_and_cert_chain_pem.bytes())

    def demanding(self, *names: str) -> ssl.SSLContext:
        """A server context that wants a certificate of the client's, too."""
        context = _serving(self._root.issue_cert(*names).private_key_and_cert_chain_pem.bytes())
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=self.bundle.decode("ascii"))
        return context

    def missing_intermediate(self, *names: str) -> ssl.SSLContext:
        """A server context that sends a leaf without the intermediate that issued it."""
        leaf = self._root.create_child_ca().issue_cert(*names)
        return _serving(leaf.private_key_pem.bytes() + leaf.cert_chain_pems[0].bytes())

    def self_signed(self) -> ssl.SSLContext:
        """A server context whose certificate is its own issuer, in no chain to anybody's root."""
        lonely = trustme.CA()
        return _serving(lonely.private_key_pem.bytes() + lonely.cert_pem.bytes())


def _serving(pem: bytes) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with trustme.Blob(pem).tempfile() as path:
        context.load_cert_chain(path)
    context.set_alpn_protocols(["http/1.1"])
    return context
