"""Certificates say of themselves what they say, and are kept whole where they prove nothing."""

import base64
import hashlib

import pytest
import trustme

from storage.ooni.certificates import chain_of
from storage.ooni.shapes import Binary


@pytest.fixture(scope="module")
def der() -> bytes:
    import ssl

    made = trustme.CA(organization_name="Made CA").issue_cert("site.example.org")
    return ssl.PEM_cert_to_DER_cert(made.cert_chain_pems[0].bytes().decode())


def test_a_certificate_says_what_it_is_for_and_who_issued_it(der: bytes) -> None:
    (found,) = chain_of([Binary(data=base64.b64encode(der).decode())], keep_der=False)

    assert found.sha256 == hashlib.sha256(der).hexdigest()
    assert found.names == ("site.example.org",)
    assert "Made CA" in found.issuer
    assert found.not_before.endswith("Z")
    assert found.der is None


def test_one_that_proves_nothing_is_kept_whole(der: bytes) -> None:
    written = base64.b64encode(der).decode()
    (found,) = chain_of([Binary(data=written)], keep_der=True)

    assert found.der == written


def test_one_that_is_none_says_so() -> None:
    (found,) = chain_of([Binary(data="AAAA")], keep_der=False)

    assert found.subject.startswith("unreadable")


def test_what_is_missing_or_endless_is_left_out() -> None:
    assert chain_of(None, keep_der=False) == ()
    assert chain_of([None, Binary(), Binary(data="A" * 100_000)], keep_der=False) == ()
    assert len(chain_of([Binary(data="AAAA")] * 50, keep_der=False)) == 16
