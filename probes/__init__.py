"""What is measured: one file per probe, and the list of those that come with Heliograph."""

from heliograph.plugin import Probe
from probes.dns import DnsProbe
from probes.http import HttpProbe
from probes.tcp import TcpProbe
from probes.tls import TlsProbe
from probes.web import WebProbe

BUILTIN: tuple[Probe, ...] = (
    WebProbe(),
    DnsProbe(),
    TcpProbe(),
    TlsProbe(),
    HttpProbe(),
)
