"""Places that are told beforehand: who carries a question, and what is not made."""

import pytest

from heliograph.config import Resolver
from heliograph.model import StepKind
from probes.announcing import ALWAYS, MAY, PAGE, given, listed, nobody, query, unless

TCP, TLS, HTTP = StepKind.TCP_CONNECT, StepKind.TLS_HANDSHAKE, StepKind.HTTP_EXCHANGE


@pytest.mark.parametrize(
    ("resolver", "carried"),
    [
        ("udp://192.0.2.53", (TCP,)),
        ("tcp://192.0.2.53", (TCP,)),
        ("tls://dns.example@192.0.2.1", (TCP, TLS)),
        ("https://dns.example/dns-query@192.0.2.1", (TCP, TLS, HTTP)),
    ],
)
def test_a_question_names_what_carries_it(resolver: str, carried: tuple[StepKind, ...]) -> None:
    asked = Resolver.parse(resolver)
    place = query(asked, ("a.example", "b.example"))

    assert place.kinds == (StepKind.DNS_QUERY, *carried)
    assert place.hosts == ("a.example", "b.example", asked.host)
    assert (place.what, place.when) == ("asks for a.example and b.example", ALWAYS)


def test_where_the_resolver_leads_is_told_by_its_port() -> None:
    place = given(8443, ("a.example",), PAGE, "asks for it", when=MAY)

    assert (place.to, place.ports) == ("the addresses it gives, port 8443", (8443,))
    assert (place.kinds, place.when) == (PAGE, MAY)


def test_a_look_that_can_not_be_made_contacts_nobody() -> None:
    place = given(443, ("a.example",), PAGE, "asks for it")

    assert list(unless(None, [place])) == [place]
    assert list(unless("it has no name", [place])) == [nobody("it has no name")]


def test_things_stand_in_a_sentence_as_one_says_them() -> None:
    assert listed((1,)) == "1"
    assert listed((1, 2, 3)) == "1, 2 and 3"
