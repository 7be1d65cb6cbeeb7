"""Odd pages from networks that block nothing: whatever is said of them, it is not ``blocked``."""

from tests.unit.ooni_expected import FINE, GONE, NOT_BLOCKED, TURNED_AWAY, UNDECIDED, Staged
from tests.unit.ooni_staged import both
from tests.unit.ooni_world import (
    EDGE,
    HOME,
    HOST,
    HTTP,
    HTTPS,
    RESET,
    SITE,
    TIMEOUT,
    Page,
    World,
    at,
    moved,
    page,
    site,
)

_SOFTWARE = (("Content-Type", "text/html"), ("Server", "openresty/1.21"))
_HEADERS = (("Content-Type", "text/html"), ("Vary", "Cookie"), ("Cache-Control", "private"))
_WORLD = page("World bulletin", times=900, headers=_SOFTWARE)
_CACHED = page("World bulletin", times=900, headers=_HEADERS)
_TEST = page("Just a moment...", times=2, status=503)
_LOST = page("Not found", times=900, status=404)
_SORRY = "This video is not available in your country"
_EDITIONS = World(
    names={HOST: (SITE,), "quay.test": (EDGE,)},
    pages={HTTP: HOME, HTTPS: HOME, "https://quay.test/": page("Hafenblatt", times=300)},
    here=at("http", moved("https://quay.test/")),
)
_PORTAL = site(
    here=at("http", moved("http://192.168.7.1/login")),
    servers={"192.168.7.1": page("Guest wireless access", times=3)},
)


def _here(shown: Page, there: Page = HOME) -> World:
    """A page that is shown here alone."""
    return site(there, here=at("http", shown))


def _there(shown: Page) -> World:
    """A page that the helper alone is shown."""
    return site(there=at("http", shown))


OF_SERVERS: dict[str, Staged] = {
    **both("a firewall of the site", _here(page("403", times=2, status=403)), TURNED_AWAY),
    **both("too many requests", _here(page("Slow down", times=4, status=429)), TURNED_AWAY),
    **both("an error here alone", _here(page("Bad gateway", times=1, status=502)), NOT_BLOCKED),
    **both("an error for all", site(page("Bad gateway", times=1, status=502)), GONE),
    **both("legal reasons", site(page("Unavailable", times=4, status=451)), TURNED_AWAY),
    **both("legal reasons here", _here(page("Unavailable", times=4, status=451)), TURNED_AWAY),
    **both("refused to the helper", _there(page("Denied", times=1, status=403)), FINE),
    **both("a test for the helper", _there(page("Just a moment...", times=9, status=503)), FINE),
    **both(
        "a test for robots with a status of success",
        _here(page("Robot challenge", times=2, status=202, headers=(("SG-Captcha", "challenge"),))),
        TURNED_AWAY,
    ),
    **both(
        "a test that looks like a page", _here(page("One moment, please...", times=2)), NOT_BLOCKED
    ),
    **both("a server nobody set up", _here(page("Welcome to nginx!", times=40)), NOT_BLOCKED),
    **both("another status of success", _here(page("Ready", times=2, status=204)), NOT_BLOCKED),
    **both("a test for everybody", site(page("One moment, please...", times=2)), FINE),
    **both(
        "a test here, turned away there",
        site(here=at("http", _TEST), there=at("http", page("Denied", times=1, status=403))),
        FINE,
    ),
    **both("not found there", site(page("Start", times=40), there=at("http", _LOST)), FINE),
    "see other": Staged(site(moved("/start", 303)), HTTPS, FINE),
}
OF_SITES: dict[str, Staged] = {
    **both(
        "another language", _here(page("Startseite", times=90, headers=_SOFTWARE), _WORLD), FINE
    ),
    **both("other words", _here(page("Startseite", times=90, headers=_HEADERS), _CACHED), FINE),
    **both(
        "not for this country", _here(page("Sorry", _SORRY, 1, headers=_SOFTWARE), _WORLD), FINE
    ),
    **both(
        "a domain for sale", _here(page(f"{HOST} is for sale", times=40), page(f"Buy {HOST}")), FINE
    ),
    **both("a longer page", _here(page("Startseite", times=900), page("World", times=90)), FINE),
    **both("much longer", _here(page("Startseite", times=4000), page("World", times=12000)), FINE),
    **both("no title", _here(Page("<p>moment</p>")), FINE),
    **both("a title of lost letters", _here(page("\ufffd\ufffd \ufffd")), FINE),
    **both(
        "a shorter title", _here(page("News", times=40), page("News of today", times=900)), FINE
    ),
    **both("an empty page", _here(Page("")), FINE),
    **both("a page that was not kept", _here(Page("...")), FINE),
    **both("a page cut off", _here(page("Startseite", times=90, truncated=True)), FINE),
    **both("a page in base64", _here(Page({"data": "AAECAwQF", "format": "base64"})), FINE),
    **both("a page that breaks off", _here(page("News", times=20, failure=TIMEOUT)), FINE),
    **both("a page that is reset", _here(page("News", times=20, failure=RESET)), FINE),
    **both("the country's edition", _EDITIONS, FINE),
    "a portal at a private address": Staged(_PORTAL, HTTP, UNDECIDED),
    "a portal, and no helper": Staged(
        site(here=at("http", moved("http://portal.test/")), helper_failure="ssl_unknown_authority"),
        HTTP,
        UNDECIDED,
    ),
}
