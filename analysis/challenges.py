"""Pages by which a site, or whoever delivers it, asks a visitor to prove to be no robot.

Cloudflare documents a header that marks theirs, and AWS's firewall sends one. Of others we know
what public detectors look for: a short page whose title begins so, or that holds what no ordinary
page does. Scripts that also go into ordinary pages tell nothing, nor do forms with a test beside.
"""

from heliograph.detail import HttpDetail

_HEADERS = frozenset(
    {
        ("cf-mitigated", "challenge"),
        ("sg-captcha", "challenge"),
        ("x-amzn-waf-action", "captcha"),
        ("x-amzn-waf-action", "challenge"),
    }
)
_TITLES = (
    "just a moment...",
    "attention required! | cloudflare",
    "are you a robot",
    "are you human",
    "human verification",
    "verify you are human",
    "robot check",
    "bot verification",
    "security check",
    "captcha",
    "ddos-guard",
    "pardon our interruption",
    "one moment, please",
    "robot challenge screen",
    "vercel security checkpoint",
    "checking your browser",
)
_MARKS = ("_cf_chl_opt", "px-captcha", "geo.captcha-delivery.com", "gokuprops")
_SHORT = 65_536
"""Bytes: a test for robots comes alone, and not with a page."""


def is_challenge(page: HttpDetail | None) -> bool:
    """Whether there is a page, and it is such a test and nothing else."""
    if page is None:
        return False
    if not _HEADERS.isdisjoint((name.lower(), value.lower()) for name, value in page.headers):
        return True
    title, text = (page.title or "").strip().casefold(), (page.body_text or "").casefold()
    told = title.startswith(_TITLES) or any(mark in text for mark in _MARKS)
    return told and page.body_bytes < _SHORT
