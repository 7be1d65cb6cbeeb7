"""The names of OONI's tests as names of probes: plain, and none that is one of our own."""

import re

from heliograph.model import SURROUNDINGS

WEB_CONNECTIVITY = "web_connectivity"
"""The one test of OONI's that our rules are made for."""

UNNAMED = "unknown"
"""The probe of a document that names no test, or names it in a way no test is named."""

OUR_OWN = frozenset(
    {
        *("web", "dns", "tcp", "tls", "http", "quic", SURROUNDINGS),
        *("throttle", "keyword", "content", "trace", "trace-raw"),
    }
)
"""Names of built-in probes: what they stand for is measured by this program alone."""

PREFIX = "ooni."

_PLAIN = re.compile(r"[a-z0-9_.-]{1,64}")


def probe_of(test_name: str | None) -> str:
    """How the probe is called: as the test, ``ooni.`` before a name that is ours."""
    if not is_plain(test_name):
        return UNNAMED
    return f"{PREFIX}{test_name}" if test_name in OUR_OWN else test_name or UNNAMED


def is_plain(test_name: str | None) -> bool:
    """Whether it is a name as tests have them, or none at all; nothing else is shown anywhere."""
    return not test_name or _PLAIN.fullmatch(test_name) is not None
