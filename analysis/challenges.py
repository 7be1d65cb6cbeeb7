"""Pages by which a site, or whoever delivers it, asks a visitor to prove to be no robot.

Collected by us from what these services show and document. A page is one when it is short, and its
title begins as theirs do, or it holds what only theirs hold. Scripts that they put into ordinary
pages, too, and forms with a test beside them tell nothing.
"""

from heliograph.detail import HttpDetail

VERSION = "2026-11-24"

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
)
_MARKS = ("_cf_chl_opt", "px-captcha", "geo.captcha-delivery.com", "gokuprops")
_SHORT = 65_536
"""Bytes: a test for robots comes alone, and not with a page."""


def is_challenge(page: HttpDetail | None) -> bool:
    """Whether there is a page, and it is such a test and nothing else."""
    if page is None:
        return False
    title, text = (page.title or "").strip().casefold(), (page.body_text or "").casefold()
    told = title.startswith(_TITLES) or any(mark in text for mark in _MARKS)
    return told and page.body_bytes < _SHORT
