"""The configuration: every key reaches its place, and every mistake is named with its mend."""

import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.config import (
    Config,
    ConfigError,
    NetworkConfig,
    Resolver,
    VantageConfig,
    load,
    split_host_port,
)
from heliograph.limits import LimitsConfig
from heliograph.valid import is_address

EVERYTHING = """\
[vantage]
country = "XA"
asn = 64500
network_name = "Example ISP"
[network]
resolver = "udp://10.53.0.53"
trusted_resolvers = ["https://dns.example/dns-query@198.18.0.1", "tls://dns.example@198.18.0.1"]
injection_probe_addresses = ["198.18.0.99"]
ca_file = "ca.pem"
asn_table = "asn.csv"
country_table = "country.mmdb"
assume_public = ["198.18.0.0/15"]
connectivity_checks = ["http://connectivity.example/204"]
control_names = ["control.example"]
sinks = ["198.18.0.5:8000-8002", "[2001:2::5]:81"]
[control]
urls = ["https://control.example/v1/control@198.18.0.5"]
token_file = "control.token"
[limits]
parallel = 4
seconds_per_target = 12.5
body_bytes = 1000
cooldown_seconds = 0
per_address_connections = 1
per_address_rate = 0.5
run_seconds = 3600
run_megabytes = 1.5
jitter_seconds = 2
on_battery = false
on_metered = true
[collector]
urls = ["https://collector.example/"]
"""


def written(folder: Path, text: str) -> Path:
    """A configuration file with this text."""
    path = folder / "heliograph.toml"
    path.write_text(text, encoding="utf-8")
    return path


def complaint(path: Path | None, environment: dict[str, str] | None = None) -> str:
    """What is said about a configuration that can't be used."""
    with pytest.raises(ConfigError) as caught:
        load(path, environment or {})
    return str(caught.value)


def test_without_a_file_everything_has_its_default() -> None:
    assert load(None, {}) == Config()


def test_an_empty_file_is_the_same_as_none(tmp_path: Path) -> None:
    assert load(written(tmp_path, ""), {}) == Config()


def test_every_key_reaches_its_place(tmp_path: Path) -> None:
    for name in ("ca.pem", "asn.csv", "country.mmdb", "control.token"):
        (tmp_path / name).write_text("x")
    config = load(written(tmp_path, EVERYTHING), {})
    assert config.vantage == VantageConfig(country="XA", asn=64500, network_name="Example ISP")
    assert config.network == NetworkConfig(
        resolver=Resolver(scheme="udp", host="10.53.0.53", port=53, address="10.53.0.53"),
        trusted_resolvers=(
            Resolver(
                scheme="https",
                host="dns.example",
                port=443,
                path="/dns-query",
                address="198.18.0.1",
            ),
            Resolver(scheme="tls", host="dns.example", port=853, address="198.18.0.1"),
        ),
        injection_probe_addresses=("198.18.0.99",),
        ca_file=tmp_path / "ca.pem",
        asn_table=tmp_path / "asn.csv",
        country_table=tmp_path / "country.mmdb",
        assume_public=("198.18.0.0/15",),
        connectivity_checks=("http://connectivity.example/204",),
        control_names=("control.example",),
        sinks=("198.18.0.5:8000-8002", "[2001:2::5]:81"),
    )
    assert config.network.sink_places == (
        *(("198.18.0.5", port) for port in (8000, 8001, 8002)),
        ("2001:2::5", 81),
    )
    assert config.control.urls == ("https://control.example/v1/control@198.18.0.5",)
    assert config.control.token_file == tmp_path / "control.token"
    assert config.limits == LimitsConfig(
        parallel=4,
        seconds_per_target=12.5,
        body_bytes=1000,
        cooldown_seconds=0,
        per_address_connections=1,
        per_address_rate=0.5,
        run_seconds=3600,
        run_megabytes=1.5,
        jitter_seconds=2,
        on_battery=False,
        on_metered=True,
    )
    assert config.collector.urls == ("https://collector.example/",)


def test_every_key_there_is_was_tried() -> None:
    keys = set(re.findall(r"^(\w+) =", EVERYTHING, re.MULTILINE))
    shapes = [type(getattr(Config(), name)) for name in Config.__struct_fields__]
    assert keys == {key for shape in shapes for key in shape.__struct_fields__}


def test_an_absolute_path_stays_and_a_home_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "ca.pem").write_text("x")
    for text in (str(tmp_path / "ca.pem"), "~/ca.pem"):
        found = load(None, {"HELIOGRAPH_NETWORK__CA_FILE": text})
        assert found.network.ca_file == tmp_path / "ca.pem"


def test_the_environment_stands_over_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, '[vantage]\nasn = 1\ncountry = "XA"\n[limits]\nparallel = 2\n')
    config = load(
        path,
        {
            "HELIOGRAPH_VANTAGE__ASN": "64500",
            "HELIOGRAPH_LIMITS__PER_ADDRESS_RATE": "0.25",
            "HELIOGRAPH_NETWORK__RESOLVER": "tcp://198.18.0.8",
            "HELIOGRAPH_NETWORK__CONTROL_NAMES": " a.example , b.example,",
            "HELIOGRAPH_NETWORK__TRUSTED_RESOLVERS": "udp://198.18.0.8,tls://[2001:db8::1]",
            "HELIOGRAPH_COLLECTOR__URLS": "",
            "HELIOGRAPH_DB": "elsewhere",
            "HOME": "/nowhere",
            "VANTAGE__ASN": "7",
        },
    )
    assert (config.vantage.asn, config.vantage.country) == (64500, "XA")
    assert (config.limits.parallel, config.limits.per_address_rate) == (2, 0.25)
    assert str(config.network.resolver) == "tcp://198.18.0.8"
    assert config.network.control_names == ("a.example", "b.example")
    assert [r.address for r in config.network.trusted_resolvers] == ["198.18.0.8", "2001:db8::1"]
    assert config.collector.urls == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("vantage", "is not valid TOML"),
        ("[unknown]", "unknown section [unknown]; sections are vantage, network, control"),
        ("vantage = 5", "[vantage] must be a table"),
        ("[limits]\nparalel = 1", "unknown key limits.paralel; [limits] has parallel, "),
        ('[vantage]\nasn = "many"', "vantage.asn: "),
        ("[vantage]\nasn = [1]", "vantage.asn: "),
        ('[vantage]\ncountry = "xa"', "vantage.country: 'xa' is no country code of ISO 3166-1"),
        ('[vantage]\ncountry = "XAA"', "vantage.country: 'XAA' is no country code of ISO 3166-1"),
        ('[vantage]\ncountry = "ÄÖ"', "vantage.country: 'ÄÖ' is no country code of ISO 3166-1"),
        ("[network]\nresolver = 5", "network.resolver: expected text, got 5"),
        ('[network]\nresolver = "8.8.8.8"', "network.resolver: resolver '8.8.8.8': starts with"),
        ('[network]\ntrusted_resolvers = "x"', "trusted_resolvers: expected a list of texts"),
        ("[network]\ntrusted_resolvers = [5]", "trusted_resolvers: expected a list of texts"),
        ('[network]\nassume_public = ["198.18.0.1/15"]', "'198.18.0.1/15' is not a network"),
        ('[network]\nassume_public = ["x"]', "network.assume_public: 'x' is not a network"),
        ('[network]\nassume_public = ["0.0.0.0/0"]', "'0.0.0.0/0' is not within a range for tests"),
        ('[network]\ncontrol_names = ["192.0.2.9"]', "control_names: '192.0.2.9' is an address"),
        ('[network]\nsinks = ["sink.example:80"]', "'sink.example' is no address"),
        ('[network]\nsinks = ["198.18.0.5"]', "write ADDRESS:PORT or ADDRESS:FIRST-LAST"),
        ('[network]\nsinks = ["198.18.0.5:90-80"]', "is no range of at most 1024 ports"),
        ('[network]\nsinks = ["198.18.0.5:1-60000"]', "is no range of at most 1024 ports"),
        ('[network]\nconnectivity_checks = ["x"]', "connectivity_checks: 'x' is no http"),
        ("[vantage]\nasn = -1", "vantage.asn: -1 is no autonomous system number"),
        ('[network]\ninjection_probe_addresses = ["x"]', "'x' is not an IP address"),
        ('[network]\nca_file = "gone.pem"', "network.ca_file: "),
        ("[network]\nca_file = 5", "network.ca_file: "),
        ('[network]\nasn_table = "gone.csv"', "network.asn_table: "),
        ('[network]\ncountry_table = "gone.mmdb"', "network.country_table: "),
        ('[control]\ntoken_file = "gone"', "control.token_file: "),
        ("[limits]\nparallel = 0", "limits.parallel must be 1 or more"),
        ("[limits]\nparallel = 1.5", "limits.parallel: "),
        ("[limits]\nseconds_per_target = 0", "limits.seconds_per_target must be more than 0"),
        ("[limits]\nbody_bytes = 0", "limits.body_bytes must be 1 or more"),
        ("[limits]\ncooldown_seconds = -1", "limits.cooldown_seconds must be 0 or more"),
        ("[limits]\nper_address_connections = 0", "per_address_connections must be 1 or more"),
        ("[limits]\nper_address_rate = 0", "limits.per_address_rate must be more than 0"),
    ],
)
def test_a_mistake_in_the_file_is_named_with_its_place(
    tmp_path: Path, text: str, said: str
) -> None:
    path = written(tmp_path, text)
    message = complaint(path)
    assert message.startswith(f"{path}: ")
    assert said in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("HELIOGRAPH_VANTAGE__AS", "1", "HELIOGRAPH_VANTAGE__AS sets no known key; [vantage] has"),
        ("HELIOGRAPH_X__Y", "1", "HELIOGRAPH_X__Y sets no known key; sections are vantage"),
        ("HELIOGRAPH_VANTAGE__ASN", "one", "vantage.asn: "),
        ("HELIOGRAPH_NETWORK__RESOLVER", "x", "network.resolver: resolver 'x'"),
        ("HELIOGRAPH_LIMITS__PARALLEL", "-1", "limits.parallel must be 1 or more"),
    ],
)
def test_a_mistake_in_the_environment_is_named(name: str, value: str, said: str) -> None:
    message = complaint(None, {name: value})
    assert "environment: " in message
    assert said in message


def test_a_variable_for_a_section_that_is_no_table_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "vantage = 5")
    assert "must be a table" in complaint(path, {"HELIOGRAPH_VANTAGE__ASN": "1"})


def test_a_network_section_that_is_no_table_is_refused(tmp_path: Path) -> None:
    assert "[network] must be a table" in complaint(written(tmp_path, "network = 5"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert complaint(tmp_path / "gone.toml").endswith("no such file; check --config")


def test_a_folder_is_no_configuration(tmp_path: Path) -> None:
    assert "can't be read" in complaint(tmp_path)


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "heliograph.toml"
    path.write_bytes(b"\xff\xfe")
    assert "is not valid TOML" in complaint(path)


RESOLVERS = [
    ("udp://198.18.0.8", ("udp", "198.18.0.8", 53, "", "198.18.0.8")),
    ("tcp://198.18.0.8:5353", ("tcp", "198.18.0.8", 5353, "", "198.18.0.8")),
    ("udp://[2001:db8::1]:5353", ("udp", "2001:db8::1", 5353, "", "2001:db8::1")),
    ("tls://dns.example", ("tls", "dns.example", 853, "", None)),
    ("tls://dns.example@198.18.0.1", ("tls", "dns.example", 853, "", "198.18.0.1")),
    ("tls://dns.example@[2001:db8::1]", ("tls", "dns.example", 853, "", "2001:db8::1")),
    ("https://dns.example/dns-query", ("https", "dns.example", 443, "/dns-query", None)),
    ("https://dns.example:8443/q@198.18.0.1", ("https", "dns.example", 8443, "/q", "198.18.0.1")),
    ("https://dns.example/a@b@198.18.0.1", ("https", "dns.example", 443, "/a@b", "198.18.0.1")),
]


@pytest.mark.parametrize(("text", "parts"), RESOLVERS)
def test_a_resolver_is_read_and_written_the_same(
    text: str, parts: tuple[str, str, int, str, str | None]
) -> None:
    found = Resolver.parse(text)
    assert (found.scheme, found.host, found.port, found.path, found.address) == parts
    assert str(found) == text
    assert Resolver.parse(str(found)) == found


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("https://DNS.example", "https://dns.example/dns-query"),
        ("udp://198.18.0.8:53", "udp://198.18.0.8"),
        ("udp://2001:db8::1", "udp://[2001:db8::1]"),
        ("udp://198.18.0.8@198.18.0.8", "udp://198.18.0.8"),
        ("tls://dns.example/@198.18.0.1", "tls://dns.example@198.18.0.1"),
    ],
)
def test_other_ways_to_write_a_resolver(text: str, same: str) -> None:
    assert str(Resolver.parse(text)) == same


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "starts with one of udp, tcp, tls, https"),
        ("198.18.0.8", "starts with one of"),
        ("quic://dns.example", "starts with one of"),
        ("udp://", "has no host"),
        ("udp://:53", "has no host"),
        ("udp://198.18.0.8:0", "port '0' is not a number from 1 to 65535"),
        ("udp://198.18.0.8:65536", "port '65536'"),
        ("udp://198.18.0.8:x", "port 'x'"),
        ("udp://198.18.0.8/path", "only https resolvers have a path"),
        ("tls://dns.example@name", "'name' after '@' is not an IP address"),
        ("tls://dns.example@fe80::1%eth0", "is not an IP address"),
    ],
)
def test_what_is_no_resolver_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        Resolver.parse(text)


def test_encrypted_resolvers_are_those_nobody_can_forge_unnoticed() -> None:
    encrypted = {scheme: Resolver.parse(f"{scheme}://x.example").encrypted for scheme in SCHEMES}
    assert encrypted == {"udp": False, "tcp": False, "tls": True, "https": True}


SCHEMES = ("udp", "tcp", "tls", "https")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("198.18.0.1", True),
        ("2001:db8::1", True),
        ("fe80::1%eth0", False),
        ("[::1]", False),
        ("127.1", False),
        ("example.org", False),
        ("", False),
    ],
)
def test_only_plain_literals_are_addresses(text: str, expected: bool) -> None:
    assert is_address(text) is expected


@pytest.mark.parametrize(
    ("authority", "expected"),
    [
        ("example.org", ("example.org", 9)),
        ("example.org:", ("example.org", 9)),
        ("example.org:80", ("example.org", 80)),
        ("[::1]", ("::1", 9)),
        ("[::1]:80", ("::1", 80)),
        ("::1", ("::1", 9)),
        ("", ("", 9)),
    ],
)
def test_host_and_port_are_split(authority: str, expected: tuple[str, int]) -> None:
    assert split_host_port(authority, 9) == expected


@pytest.mark.parametrize("port", ["0", "65536", "99999999999", "-1", "x", "²", " 80"])
def test_a_bad_port_is_refused(port: str) -> None:
    with pytest.raises(ValueError, match="is not a number from 1 to 65535"):
        split_host_port(f"example.org:{port}", 9)


@given(st.integers(1, 65535))
def test_every_port_is_taken(port: int) -> None:
    assert split_host_port(f"example.org:{port}", 9) == ("example.org", port)


@given(st.text())
def test_any_text_is_a_resolver_or_refused_with_a_value_error(text: str) -> None:
    for scheme in ("", "udp://", "https://x@"):
        try:
            found = Resolver.parse(scheme + text)
        except ValueError:
            continue
        assert found.scheme in SCHEMES


def test_the_configuration_is_frozen() -> None:
    with pytest.raises(AttributeError):
        Config().limits.parallel = 5  # type: ignore[misc]  # the point of the test
    assert msgspec.structs.replace(Config().limits, parallel=5).parallel == 5


def test_a_trials_control_is_never_the_host_itself_nor_an_address() -> None:
    network = NetworkConfig(control_names=("a.example", "192.0.2.7", "2001:db8::1", "b.example"))

    assert network.controls_for("a.example") == ("b.example",)
    assert set(network.controls_for("site.example")) == {"a.example", "b.example"}
    assert NetworkConfig(control_names=("a.example",)).controls_for("a.example") == ()
    assert NetworkConfig(control_names=()).controls_for("site.example") == ()


@given(st.text(min_size=1, max_size=20))
def test_controls_keep_their_order_from_a_place_that_the_host_decides(host: str) -> None:
    names = ("a.example", "b.example", "c.example")
    network = NetworkConfig(control_names=names)
    found = network.controls_for(host)
    usable = tuple(name for name in names if name != host)

    assert found in {(*usable[i:], *usable[:i]) for i in range(len(usable))}
    assert found == network.controls_for(host)


def test_many_hosts_do_not_put_all_their_trials_on_one_server() -> None:
    network = NetworkConfig(control_names=("a.example", "b.example", "c.example"))
    firsts = [network.controls_for(f"site{n}.example")[0] for n in range(60)]

    assert all(firsts.count(name) >= 5 for name in network.control_names)
