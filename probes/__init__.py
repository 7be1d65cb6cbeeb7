"""What is measured: one file per probe, and the list of those that come with Heliograph."""

from heliograph.plugin import Probe
from probes.content import ContentProbe
from probes.dns import DnsProbe
from probes.http import HttpProbe
from probes.keyword import KeywordProbe
from probes.quic import QuicProbe
from probes.tcp import TcpProbe
from probes.throttle import ThrottleProbe
from probes.tls import TlsProbe
from probes.trace import RawTraceProbe, TraceProbe
from probes.web import WebProbe

BUILTIN: tuple[Probe, ...] = (
    WebProbe(),
    DnsProbe(),
    TcpProbe(),
    TlsProbe(),
    HttpProbe(),
    ThrottleProbe(),
    QuicProbe(),
    KeywordProbe(),
    ContentProbe(),
    TraceProbe(),
    RawTraceProbe(),
)
