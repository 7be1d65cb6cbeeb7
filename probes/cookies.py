"""Cookies kept along one chain of redirects, as a browser keeps them, and nowhere else."""

from heliograph.plugin import Reply


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
        value = request.headers.get("cookie")
        return (("Cookie", value),) if value else ()

    def keep(self, url: str, reply: Reply) -> None:
        """Take the cookies a reply sets (RFC 6265)."""
        if reply.status is None or reply.header("set-cookie") is None:
            return
        import httpx

        if not isinstance(self._kept, httpx.Cookies):
            self._kept = httpx.Cookies()
        response = httpx.Response(
            reply.status, headers=list(reply.headers), request=httpx.Request("GET", url)
        )
        self._kept.extract_cookies(response)
