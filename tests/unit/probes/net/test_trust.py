"""Certificates judged after the handshake; one chain made for the tests, and its faults."""

import datetime
import ssl
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from heliograph.config import ConfigError
from heliograph.failure import Failure
from probes.net.trust import Trust, contexts, presented_chain, summarise

NOW = datetime.datetime.now(datetime.UTC)
ROOT = trustme.CA()
NAME = "site.example"


def der(blob: trustme.Blob) -> bytes:
    return x509.load_pem_x509_certificate(blob.bytes()).public_bytes(Encoding.DER)


def chain(leaf: trustme.LeafCert) -> list[bytes]:
    return [der(blob) for blob in leaf.cert_chain_pems]


LEAF = ROOT.issue_cert(NAME, "*.wild.example", "203.0.113.10", "2001:db8::10")


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Trust:
    path = tmp_path_factory.mktemp("trust") / "ca.pem"
    ROOT.cert_pem.write_to_path(str(path))
    return Trust(path, lambda: NOW)


@pytest.mark.parametrize("name", [NAME, "a.wild.example", "203.0.113.10", "2001:db8:0:0:0:0:0:10"])
def test_a_valid_chain_proves_its_names_and_addresses(trust: Trust, name: str) -> None:
    assert trust.verify(chain(LEAF), name) is None


@pytest.mark.parametrize(
    "name", ["other.example", "a.b.wild.example", "203.0.113.11", "2001:db8::11"]
)
def test_a_valid_chain_proves_no_other_name(trust: Trust, name: str) -> None:
    found = trust.verify(chain(LEAF), name)

    assert found == (Failure.SSL_INVALID_HOSTNAME, f"the certificate is not for {name}")


def test_a_chain_to_a_root_nobody_knows_is_of_unknown_authority(trust: Trust) -> None:
    found = trust.verify(chain(trustme.CA().issue_cert(NAME)), NAME)

    assert found is not None
    assert found[0] is Failure.SSL_UNKNOWN_AUTHORITY


def test_the_bundled_roots_alone_do_not_know_our_authority() -> None:
    found = Trust(None, lambda: NOW).verify(chain(LEAF), NAME)

    assert found is not None
    assert found[0] is Failure.SSL_UNKNOWN_AUTHORITY


def test_a_chain_without_its_intermediate_is_of_unknown_authority(trust: Trust) -> None:
    whole = chain(ROOT.create_child_ca().issue_cert(NAME))
    found = trust.verify(whole[:1], NAME)

    assert trust.verify(whole, NAME) is None
    assert found is not None
    assert found[0] is Failure.SSL_UNKNOWN_AUTHORITY


@pytest.mark.parametrize(("days", "word"), [(0, None), (2, Failure.SSL_INVALID_CERTIFICATE)])
def test_the_time_is_the_one_given(days: int, word: Failure | None, tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    ROOT.cert_pem.write_to_path(str(path))
    leaf = ROOT.issue_cert(NAME, not_after=NOW + datetime.timedelta(days=1))
    found = Trust(path, lambda: NOW + datetime.timedelta(days=days)).verify(chain(leaf), NAME)

    assert (None if found is None else found[0]) is word


@pytest.mark.parametrize("presented", [[], [b""], [b"nonsense"], [b"0\x82\x01\x00"]])
def test_no_certificate_or_nonsense_is_invalid(trust: Trust, presented: list[bytes]) -> None:
    found = trust.verify(presented, NAME)

    assert found is not None
    assert found[0] is Failure.SSL_INVALID_CERTIFICATE


def test_a_certificate_without_any_name_proves_none(trust: Trust) -> None:
    found = trust.verify([der(ROOT.cert_pem)], NAME)

    assert found is not None
    assert found[0] in {Failure.SSL_INVALID_CERTIFICATE, Failure.SSL_INVALID_HOSTNAME}


def test_a_file_without_certificates_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    path.write_text("nothing here")

    with pytest.raises(ConfigError, match=r"network\.ca_file: .*ca\.pem: holds no certificate"):
        Trust(path, lambda: NOW)


def test_what_a_certificate_says_of_itself_is_recorded() -> None:
    leaf, root = summarise([*chain(LEAF)[:1], der(ROOT.cert_pem)], keep_der=False)

    assert leaf.names == (NAME, "*.wild.example", "203.0.113.10", "2001:db8::10")
    assert len(leaf.sha256) == 64
    assert leaf.issuer == root.subject
    assert leaf.not_before < leaf.not_after
    assert leaf.not_before.endswith("Z")
    assert leaf.der is None


def test_a_certificate_without_names_and_one_that_can_not_be_read_are_recorded_whole() -> None:
    root, nonsense = summarise([der(ROOT.cert_pem), b"nonsense"], keep_der=True)

    assert root.names == ()
    assert root.der is not None
    assert nonsense.subject.startswith("unreadable: ")
    assert nonsense.der == "bm9uc2Vuc2U="


def test_a_context_judges_nothing_and_is_made_once_for_each_protocol_list() -> None:
    make = contexts()

    assert make(("http/1.1",)) is make(("http/1.1",))
    assert make(()) is not make(("http/1.1",))
    assert make(()).verify_mode is ssl.CERT_NONE
    assert make(()).minimum_version is ssl.TLSVersion.TLSv1_2


def test_the_chain_is_seen_as_it_was_presented_verified_or_not() -> None:
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf = ROOT.create_child_ca().issue_cert(NAME)
    leaf.configure_cert(serving)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = contexts()(()).wrap_bio(to_client, to_server, server_hostname=NAME)
    server = serving.wrap_bio(to_server, to_client, server_side=True)
    for side in (client, server, client, server):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue

    assert presented_chain(client) == chain(leaf)


def test_newer_pythons_give_the_chain_openly_and_it_is_capped() -> None:
    class Session:
        def get_unverified_chain(self) -> list[bytes]:
            return [b"x"] * 100

    assert len(presented_chain(Session())) == 16  # type: ignore[arg-type]  # all that is used of it


LATER = ROOT.issue_cert(
    NAME,
    not_before=NOW + datetime.timedelta(days=700),
    not_after=NOW + datetime.timedelta(days=760),
)


def test_a_clock_known_to_be_wrong_is_corrected(tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    ROOT.cert_pem.write_to_path(str(path))
    late = Trust(path, lambda: NOW)
    before = late.verify(chain(LATER), NAME)
    late.correct(datetime.timedelta(days=-730))

    assert before is not None
    assert before[0] is Failure.SSL_INVALID_CERTIFICATE
    assert "(code 9, depth 0)" in before[1]
    assert late.verify(chain(LATER), NAME) is None


def test_the_time_goes_on(tmp_path: Path) -> None:
    """Historical note: OpenSSL kept the time of the first look for as long as the process ran."""
    path = tmp_path / "ca.pem"
    ROOT.cert_pem.write_to_path(str(path))
    times = [NOW, NOW, NOW + datetime.timedelta(days=730), NOW + datetime.timedelta(days=800)]
    late = Trust(path, lambda: times.pop(0))

    assert late.verify(chain(LATER), NAME) is not None
    assert late.verify(chain(LATER), NAME) is None
    path.unlink()
    assert late.verify(chain(LATER), NAME) is None, "without its authorities the old time stands"
