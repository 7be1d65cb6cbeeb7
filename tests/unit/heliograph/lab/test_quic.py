"""QUIC: the ClientHello of Initials made by another hand, in pieces, and of garbage."""

import contextlib
import ssl

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from heliograph.lab.censor import BlockUdp, Censor
from heliograph.lab.hello import is_whole, server_name
from heliograph.lab.quic import Aes128, Initials, client_keys
from tests.unit.heliograph.lab.frames import datagram, read

CONNECTION = bytes.fromhex("8394c8f03e515708")
"""The connection id of the examples in RFC 9001, appendix A."""


def message(name: str) -> bytes:
    """A ClientHello without its record."""
    outgoing = ssl.MemoryBIO()
    context = ssl.create_default_context()
    tls = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=name)
    with contextlib.suppress(ssl.SSLWantReadError):
        tls.do_handshake()
    return outgoing.read()[5:]


def crypto(offset: int, data: bytes) -> bytes:
    """A CRYPTO frame."""
    return b"\6" + (offset | 0x4000).to_bytes(2) + (len(data) | 0x4000).to_bytes(2) + data


def initial(frames: bytes, number: int = 2, token: bytes = b"", to: bytes = CONNECTION) -> bytes:
    """An Initial, padded, encrypted and protected as RFC 9001 says, keys of ``CONNECTION``."""
    key, iv, protection = client_keys(CONNECTION)
    plain = frames.ljust(1162, b"\0")
    head = b"\xc3\0\0\0\1" + bytes([len(to)]) + to + b"\0" + bytes([len(token)]) + token
    head += (4 + len(plain) + 16 | 0x4000).to_bytes(2) + number.to_bytes(4)
    nonce = (int.from_bytes(iv) ^ number).to_bytes(12)
    sealed = AESGCM(key).encrypt(nonce, plain, head)
    encryptor = Cipher(algorithms.AES(protection), modes.ECB()).encryptor()
    mask = encryptor.update(sealed[:16])
    covered = bytes(a ^ b for a, b in zip(head[-4:], mask[1:5], strict=True))
    return bytes([head[0] ^ mask[0] & 0x0F]) + head[1:-4] + covered + sealed


def named(*datagrams: bytes) -> str | None:
    initials = Initials()
    for each in datagrams:
        initials.take(each)
    return server_name(initials.record) if is_whole(initials.record) else None


def test_keys_are_those_of_the_standard() -> None:
    key, iv, protection = client_keys(CONNECTION)

    assert key.hex() == "1f369613dd76d5467730efcbe3b1a22d"
    assert iv.hex() == "fa044b2f42a3fd3b46fb255c"
    assert protection.hex() == "9f50449e04a0e810283a1e9933adedd2"


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16))
def test_blocks_are_encrypted_as_others_do_it(key: bytes, block: bytes) -> None:
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()

    assert Aes128(key).block(block) == encryptor.update(block)


@pytest.mark.parametrize("token", [b"", b"a token"])
def test_an_initial_names_its_host(token: bytes) -> None:
    assert named(initial(crypto(0, message("Bad.example")), token=token)) == "bad.example"


def test_a_hello_in_pieces_out_of_turn_beside_other_frames() -> None:
    said = message("bad.example")
    ack = b"\2\0\0\0\0"
    counted = b"\3\0\0\0\0\0\0\0"
    frames = crypto(100, said[100:]) + b"\0\1" + ack + counted + crypto(0, said[:40])

    assert named(initial(frames + crypto(40, said[40:100]))) == "bad.example"


def test_a_hello_over_two_datagrams_the_second_to_a_new_id() -> None:
    said = message("bad.example")
    first = initial(crypto(0, said[:150]))
    second = initial(crypto(150, said[150:]), number=3, to=b"new id")

    assert named(first) is None
    assert named(first, second) == "bad.example"
    assert named(first, first, second) == "bad.example"


def test_two_initials_in_one_datagram() -> None:
    said = message("bad.example")
    pair = initial(crypto(0, said[:150])) + initial(crypto(150, said[150:]), number=3)

    assert named(pair) == "bad.example"


def test_another_version_and_a_cut_one_are_passed_over() -> None:
    whole = initial(crypto(0, message("bad.example")))

    assert named(whole[:1] + b"\0\0\0\2" + whole[5:]) is None
    assert all(named(whole[:size]) is None for size in range(0, 200, 7))


@given(st.binary(max_size=300))
def test_garbage_raises_nothing(garbage: bytes) -> None:
    named(garbage, b"\xc0\0\0\0\1" + garbage)


def test_datagrams_are_dropped_from_the_one_that_names_the_host_on() -> None:
    censor = Censor((BlockUdp(port=443, names=("bad.example",)),))

    def passes(payload: bytes, sport: int) -> bool:
        packet = read(datagram(payload, ports=(sport, 443)))
        return not censor.decide(packet, from_client=True, now=0.0).drop

    assert passes(initial(crypto(0, message("good.example"))), 1000)
    assert not passes(initial(crypto(0, message("bad.example"))), 1001)
    assert not passes(b"more", 1001)
    assert passes(b"more", 1000)
