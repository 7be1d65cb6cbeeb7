"""Cookies kept along one chain of redirects, as a browser keeps them, and nowhere else."""

import re

from heliograph.plugin import Reply

_USABLE = re.compile(r"[\t\x20-\x7e]{1,2047}")
"""What a request header can carry; a longer one may have been cut by Net."""
_MOST_CHARACTERS = 4096
"""Of the whole Cookie header: a control takes no more."""


class Jar:
    """Which cookies a request carries; empty at the start of every look."""

    def __init__(self) -> None:
        self._kept: object | None = None

    def headers(self, url: str) -> tuple[tuple[str, str], ...]:
        """The Cookie header for a request to this URL, or nothing."""
        import httpx

        if not isinstance(self._kept, httpx.Cookies):
            return ()
        request = httpx.Request("GET", url)
        self._kept.set_cookie_header(request)
        value = request.headers.get("cookie", "")
        while len(value) > _MOST_CHARACTERS:
            value = value.rpartition("; ")[0]
        return (("Cookie", value),) if value else ()

    def keep(self, url: str, reply: Reply) -> None:
        """Take the cookies a reply sets (RFC 6265)."""
        given = [
            h for h in reply.headers if h[0].lower() == "set-cookie" and _USABLE.fullmatch(h[1])
        ]
        if reply.status is None or not given:
            return
        import httpx

        if not isinstance(self._kept, httpx.Cookies):
            self._kept = httpx.Cookies()
        request = httpx.Request("GET", url)
        self._kept.extract_cookies(httpx.Response(reply.status, headers=given, request=request))
