"""The configuration files of the lab's hosts, as docs/reference/config.md describes them."""

from heliograph.lab.scene import (
    CONNECTIVITY,
    CONTROL,
    CONTROL_NAME,
    INNOCUOUS,
    ISP_RESOLVER,
    NO_RESOLVER,
    PUBLIC_RESOLVER,
    RESOLVER_NAME,
    SINK_PORTS,
)

_PUBLIC = 'assume_public = ["198.18.0.0/15", "2001:2::/48"]'
_MANNERS = """\
[limits]
on_metered = true
per_address_connections = 32
per_address_rate = 200.0
"""


def vantage_settings(control: str, parallel: int | None = None) -> str:
    """A volunteer's configuration; ``control`` is the address the control is looked for at."""
    at_once = "" if parallel is None else f"parallel = {parallel}\n"
    names = ", ".join(f'"{name}"' for name in INNOCUOUS)
    return f"""\
[vantage]
country = "XA"
asn = 64500
network_name = "Example ISP"
[network]
resolver = "udp://{ISP_RESOLVER}"
trusted_resolvers = [
  "https://{RESOLVER_NAME}/dns-query@{PUBLIC_RESOLVER}",
  "tls://{RESOLVER_NAME}@{PUBLIC_RESOLVER}",
  "udp://{PUBLIC_RESOLVER}",
]
injection_probe_addresses = ["{NO_RESOLVER}"]
ca_file = "ca.pem"
asn_table = "asn.csv"
{_PUBLIC}
connectivity_checks = ["http://{CONNECTIVITY}/"]
control_names = [{names}]
sinks = ["{CONTROL}:{SINK_PORTS[0]}-{SINK_PORTS[1]}"]
[control]
urls = ["https://{CONTROL_NAME}/v1/control@{control}"]
token_file = "control.token"
{_MANNERS}{at_once}"""


def control_settings() -> str:
    """The control server's configuration."""
    return f"""\
[vantage]
country = "XB"
asn = 64501
[network]
resolver = "udp://{PUBLIC_RESOLVER}"
trusted_resolvers = []
ca_file = "ca.pem"
asn_table = "asn.csv"
{_PUBLIC}
[control]
token_file = "control.token"
{_MANNERS}parallel = 64
"""
