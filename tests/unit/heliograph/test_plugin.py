"""What a probe author is given: values that say what they mean."""

import pytest

import heliograph
from heliograph.detail import DnsAnswer, DnsReply
from heliograph.failure import CERTIFICATE_FAILURES, Failure
from heliograph.model import Question, Role, Target
from heliograph.plugin import (
    TEST,
    AnsweringProbe,
    Handshake,
    Lookup,
    Need,
    Net,
    Reply,
    Risk,
)


def answer(kind: str, value: str, bogon: str | None = None) -> DnsAnswer:
    """One record about example.org."""
    return DnsAnswer(name="example.org", type=kind, value=value, bogon=bogon)


FORGED = DnsReply(
    after=0.1,
    answers=(
        answer("CNAME", "x.example.org"),
        answer("A", "10.0.0.1", "private"),
        answer("A", "198.18.0.1"),
        answer("AAAA", "2001:db8::1"),
    ),
)
UNREADABLE = DnsReply(after=0.05, answers=(answer("A", "198.18.0.9"),), problem="wrong id")
LATE = DnsReply(after=0.2, answers=(answer("A", "198.18.0.2"),))


def test_a_stub_resolver_uses_the_addresses_of_the_first_acceptable_reply() -> None:
    found = Lookup(failure=None, replies=(UNREADABLE, FORGED, LATE))
    assert found.addresses == ("10.0.0.1", "198.18.0.1", "2001:db8::1")


def test_bogons_are_not_routable() -> None:
    found = Lookup(failure=None, replies=(FORGED,))
    assert found.routable == ("198.18.0.1", "2001:db8::1")


@pytest.mark.parametrize("replies", [(), (UNREADABLE,)])
def test_without_an_acceptable_reply_there_is_no_address(replies: tuple[DnsReply, ...]) -> None:
    found = Lookup(failure=Failure.GENERIC_TIMEOUT_ERROR, replies=replies)
    assert found.addresses == found.routable == ()


@pytest.mark.parametrize("word", sorted(CERTIFICATE_FAILURES))
def test_a_handshake_with_a_bad_certificate_was_completed(word: Failure) -> None:
    assert Handshake(failure=word).completed


def test_a_handshake_is_completed_unless_it_failed_otherwise() -> None:
    assert Handshake(failure=None).completed
    assert not Handshake(failure=Failure.CONNECTION_RESET).completed


def test_a_header_is_found_whatever_its_case_and_the_first_of_a_name_wins() -> None:
    reply = Reply(failure=None, headers=(("Server", "a"), ("SERVER", "b")))
    assert reply.header("server") == "a"
    assert reply.header("Location") is None


def test_the_default_label_is_the_test_itself_at_the_first_hop() -> None:
    assert (TEST.role, TEST.pair, TEST.hop) == (Role.TEST, None, 1)


class Mute:
    """A probe that answers no questions."""

    name = "mute"
    version = 1
    risk = Risk.ORDINARY
    needs: frozenset[Need] = frozenset()

    async def measure(self, target: Target, net: Net) -> None:
        """Look at nothing."""


class Talkative(Mute):
    """A probe that does."""

    async def answer(self, question: Question, net: Net) -> None:
        """Answer with nothing."""


def test_the_runner_can_tell_which_probes_answer_questions() -> None:
    assert isinstance(Talkative(), AnsweringProbe)
    assert not isinstance(Mute(), AnsweringProbe)


@pytest.mark.parametrize("name", heliograph.__all__)
def test_every_exported_name_is_there(name: str) -> None:
    assert getattr(heliograph, name) is not None


def test_the_plugin_module_exports_what_it_says() -> None:
    from heliograph import plugin

    assert set(plugin.__all__) <= set(heliograph.__all__) <= set(dir(heliograph))
    assert all(hasattr(plugin, name) for name in plugin.__all__)
