"""How a control server is written down, and what is said to it and by it."""

import msgspec
import pytest

from heliograph.config import Config, ConfigError, ControlConfig, NetworkConfig
from heliograph.control import ControlPlace, ControlReply, ControlRequest, places
from heliograph.failure import Failure
from heliograph.model import Step, StepKind


@pytest.mark.parametrize(
    ("text", "url", "address"),
    [
        (
            "https://control.example/v1/control@198.18.0.5",
            "https://control.example:443/v1/control",
            "198.18.0.5",
        ),
        ("https://control.example", "https://control.example:443/v1/control", None),
        ("https://control.example/", "https://control.example:443/v1/control", None),
        ("http://control.example", "http://control.example:80/v1/control", None),
        ("https://Control.Example:8443/x/y", "https://control.example:8443/x/y", None),
        ("https://198.18.0.5:8443", "https://198.18.0.5:8443/v1/control", "198.18.0.5"),
        ("https://[2001:db8::5]", "https://[2001:db8::5]:443/v1/control", "2001:db8::5"),
        ("http://[2001:db8::5]:80/c", "http://[2001:db8::5]:80/c", "2001:db8::5"),
        (
            "https://control.example:1/c@[2001:db8::5]",
            "https://control.example:1/c",
            "2001:db8::5",
        ),
        (
            "https://control.example@2001:db8::5",
            "https://control.example:443/v1/control",
            "2001:db8::5",
        ),
        ("https://198.18.0.5@198.18.0.6", "https://198.18.0.5:443/v1/control", "198.18.0.6"),
    ],
)
def test_a_place_is_read_as_it_is_meant(text: str, url: str, address: str | None) -> None:
    place = ControlPlace.parse(text)

    assert (place.url, place.address) == (url, address)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "control.example",
        "control.example/v1/control",
        "ftp://control.example/",
        "udp://198.18.0.5",
        "https://",
        "https:///v1/control",
        "https://@198.18.0.5",
        "https://control.example@control.example",
        "https://control.example@198.18.0",
        "https://control.example@fe80::1%eth0",
        "https://control.example:99999/",
        "https://control.example:x/",
        "https://[2001:db8::5/",
        "https://user:password@control.example/",
    ],
)
def test_what_is_no_place_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        ControlPlace.parse(text)
    with pytest.raises(ConfigError, match=r"^control\.urls: .+"):
        places(Config(control=ControlConfig(urls=("https://good.example", text))))


def test_the_places_of_a_configuration_keep_its_order() -> None:
    urls = ("https://b.example", "https://a.example@198.18.0.5")

    found = places(Config(control=ControlConfig(urls=urls)))

    assert [(place.host, place.address) for place in found] == [
        ("b.example", None),
        ("a.example", "198.18.0.5"),
    ]
    assert places(Config()) == ()


@pytest.mark.parametrize(
    "text",
    [
        "http://control.example/v1/control",
        "http://control.example@192.0.2.5",
        "http://localhost:8443",
        "http://control.example@10.0.0.5",
        "http://[2001:db8::5]",
    ],
)
def test_a_control_in_the_clear_is_refused_with_what_mends_it(text: str) -> None:
    with pytest.raises(ConfigError, match=r"^control\.urls: .+ is not encrypted.+ write https://"):
        places(Config(control=ControlConfig(urls=("https://good.example", text))))


@pytest.mark.parametrize(
    "text",
    ["http://127.0.0.1:8443", "http://[::1]", "http://control.example@127.0.0.5"],
)
def test_within_this_host_a_control_may_do_without_tls(text: str) -> None:
    assert places(Config(control=ControlConfig(urls=(text,))))


def test_and_within_a_laboratory() -> None:
    lab = NetworkConfig(assume_public=("198.18.0.0/15", "2001:2::/48"))
    urls = ("http://control.example@198.18.0.5", "http://[2001:2::5]")

    assert places(Config(network=lab, control=ControlConfig(urls=urls)))
    with pytest.raises(ConfigError, match="is not encrypted"):
        places(Config(control=ControlConfig(urls=urls)))


def test_a_place_is_told_with_the_address_it_is_met_at() -> None:
    texts = ("https://a.example:1/c@198.18.0.5", "https://a.example:1/c")

    assert [str(ControlPlace.parse(text)) for text in texts] == list(texts)


def test_what_is_asked_and_told_survives_the_way_through_json() -> None:
    asked = ControlRequest(
        url="https://site.example/", addresses=("192.0.2.1",), headers=(("Cookie", "a=b"),)
    )
    told = ControlReply(
        steps=(Step(kind=StepKind.TCP_CONNECT, failure=Failure.CONNECTION_REFUSED),),
        software="x",
        observed_address="192.0.2.9",
    )

    for value in (asked, told):
        assert msgspec.json.decode(msgspec.json.encode(value), type=type(value)) == value


def test_a_later_control_may_say_more_and_must_say_who_and_what() -> None:
    more = b'{"steps":[],"software":"x","mood":"good"}'

    assert msgspec.json.decode(more, type=ControlReply).observed_address is None
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"steps":[]}', type=ControlReply)
