"""What others reported of censors: each entry can be traced, and recognises its own alone."""

import re
from ipaddress import ip_address, ip_network

import pytest

from analysis.known import (
    BlockPage,
    Forged,
    Issuer,
    Known,
    Marks,
    Scope,
    block_page,
    forged,
    issuer,
    known,
)
from heliograph.detail import HttpDetail

ADDRESSES, PAGES, ISSUERS = known().address, known().page, known().issuer
ENTRIES: tuple[Known, ...] = (*ADDRESSES, *PAGES, *ISSUERS)
PLACES = [(entry, place) for entry in PAGES for place in entry.leads_to]
SHOWN = [(entry, marks) for entry in PAGES for marks in entry.shows]
DATE = re.compile(r"20\d\d(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
HERE = "http://site.example/news"


def page(text: str = "", *, title: str | None = None, size: int | None = None) -> HttpDetail:
    return HttpDetail(
        url=HERE,
        status=200,
        title=title,
        body_text=text[:16_384],
        body_bytes=len(text.encode()) if size is None else size,
    )


def redirect(to: str, url: str = HERE) -> HttpDetail:
    return HttpDetail(url=url, status=302, location=to)


def example(marks: Marks) -> HttpDetail:
    """A page made from the marks."""
    text = "<html><body>" + "\n<br>".join(marks.body) + "</body></html>"
    return page(text, title=None if marks.title is None else marks.title.upper())


def article(marks: Marks, paragraphs: int) -> HttpDetail:
    """A text in which somebody writes of the page and quotes it."""
    told = "<p>People who look for the site see this in its place, and nothing else.</p>\n"
    quoted = "".join(f"<blockquote>{piece}</blockquote>" for piece in marks.body)
    text = told * (paragraphs // 2) + quoted + told * (paragraphs // 2)
    return page(text, title="How sites are blocked")


def test_every_entry_says_whose_it_is_and_who_reported_it_when() -> None:
    for entry in ENTRIES:
        assert re.fullmatch(r"[a-z0-9-]+", entry.id), entry
        assert re.fullmatch(r"[A-Z]{2}", entry.country), entry
        assert (entry.country == "ZZ") <= (entry.scope is Scope.PRODUCT), entry
        assert entry.source.startswith("https://"), entry
        assert entry.by, entry
        assert entry.what, entry
        assert DATE.fullmatch(entry.reported), entry
        since = entry.since
        assert since is None or (DATE.fullmatch(since) and since <= entry.reported), entry
        assert entry.reported <= known().date, entry
        assert all(0 < asn < 2**32 for asn in entry.asns), entry


def test_only_what_a_customer_can_not_have_taken_off_accuses() -> None:
    for entry in ENTRIES:
        assert entry.accuses is (entry.scope in {Scope.NATIONAL, Scope.NETWORK}), entry
    assert {entry.scope for entry in ENTRIES} == set(Scope)


def test_of_what_a_customer_can_have_taken_off_it_is_told_where_that_is_said() -> None:
    for entry in ENTRIES:
        if entry.scope is Scope.OPTIONAL:
            assert re.search(r"https://\S+$", entry.note), entry
            assert entry.asns, entry


def test_an_entry_is_quoted_with_its_list() -> None:
    entry = PAGES[0]

    assert entry.quoted == f"{entry.id} in list {known().edition}: {entry.what}"


def test_the_data_has_a_version_and_a_date() -> None:
    assert known().version >= 1
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", known().date)
    assert known().edition == f"{known().version} ({known().date})"


def test_no_name_stands_twice_and_nothing_is_listed_twice() -> None:
    assert len({entry.id for entry in ENTRIES}) == len(ENTRIES)
    for listed in (
        [address for entry in ADDRESSES for address in entry.addresses],
        [place for _, place in PLACES],
        [marks for _, marks in SHOWN],
        [row for entry in ISSUERS for row in entry.names],
    ):
        assert len(set(listed)) == len(listed)


@pytest.mark.parametrize("entry", ADDRESSES, ids=lambda entry: entry.id)
def test_every_address_is_one_and_is_found(entry: Forged) -> None:
    assert entry.addresses
    for address in entry.addresses:
        inside = ip_network(address)[7] if "/" in address else ip_address(address)
        assert forged(str(inside)) == entry
        assert forged(inside.exploded) == entry


@pytest.mark.parametrize(
    "address",
    [
        *("93.184.216.34", "10.10.34.33", "31.13.64.34", "127.0.0.1", "146.112.61.111", "0.0.0.0"),
        *("2606:2800:220:1::1", "2001:0:4137:9e76::1", "2001:db8::1", "::1", "d0::12"),
        *("", "site.example", "10.10.34.34.", "10.10.34", "fe80::1%eth0", "2001::/64", "::g"),
    ],
)
def test_any_other_address_is_not_known(address: str) -> None:
    assert forged(address) is None


def test_an_address_that_is_anothers_own_says_whose() -> None:
    owners = {"31.13.64.33": "Facebook", "162.125.32.5": "Dropbox"}

    for address, owner in owners.items():
        entry = forged(address)
        assert entry is not None
        assert entry.owner is not None
        assert owner in entry.owner


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.id)
def test_every_page_can_be_told(entry: BlockPage) -> None:
    assert entry.leads_to or entry.shows


@pytest.mark.parametrize(("entry", "marks"), SHOWN, ids=lambda value: getattr(value, "id", ""))
def test_marks_are_beyond_doubt(entry: BlockPage, marks: Marks) -> None:
    """Several, or one that is markup, or a sentence that makes up all of a very small page."""
    titles = () if marks.title is None else (marks.title,)
    markup = any("<" in piece or '="' in piece or ' = "' in piece for piece in marks.body)
    whole = marks.most_bytes <= 2048 and any(len(piece) >= 40 for piece in marks.body)

    assert marks.body
    assert max(len(piece) for piece in marks.body) >= 18
    assert all(len(piece) >= 10 for piece in (*marks.body, *titles))
    assert markup or whole or len(marks.body) + len(titles) >= 2


@pytest.mark.parametrize(("entry", "place"), PLACES, ids=lambda value: getattr(value, "id", value))
def test_a_place_is_a_host_or_the_beginning_of_a_path(entry: BlockPage, place: str) -> None:
    host, _, _ = place.partition("/")

    assert host == host.lower()
    assert re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", host)
    assert len(place) >= 8


@pytest.mark.parametrize(("entry", "place"), PLACES, ids=lambda value: getattr(value, "id", value))
def test_a_page_is_told_by_what_leads_to_it(entry: BlockPage, place: str) -> None:
    host, slash, path = place.partition("/")
    further = f"{host.upper()}:8080{slash}{path}"
    more = "" if slash else "/?url=http://site.example"

    assert block_page(redirect(f"http://{place}{more}")) == entry
    assert block_page(redirect(f"//{further}{more}")) == entry
    for stub in (
        f'<html><IFRAME width="100%" SRC="http://{place}{more}"></iframe>',
        f'<meta http-equiv="refresh" content="0; url=http://{place}{more}">',
        f'<script>window.location.href = "http://{place}{more}";</script>',
        f"<script>location.replace('https://{place}{more}')</script>",
    ):
        assert block_page(page(stub)) == entry, stub


@pytest.mark.parametrize(("entry", "place"), PLACES, ids=lambda value: getattr(value, "id", value))
def test_links_to_it_and_look_alikes_of_its_name_lead_nowhere(entry: BlockPage, place: str) -> None:
    for other in (f"not-{place}", f"{place.replace('/', '.site.example/', 1)}.site.example"):
        assert block_page(redirect(f"http://{other}")) is None
    for text in (
        f'<p>The <a href="http://{place}">notice</a> that people see: http://{place}</p>',
        f'<img src="http://{place}"><p>where the location is</p>',
        f'<iframe src="https://video.example/1"></iframe> http://{place}',
    ):
        assert block_page(page(text)) is None, text


def test_a_site_that_leads_to_a_part_of_itself_leads_to_no_block_page() -> None:
    entry = block_page(redirect("http://www.warning.or.kr/i1.html"))

    assert entry is not None
    assert block_page(redirect("https://www.warning.or.kr/", "http://warning.or.kr/")) is None
    assert block_page(redirect("/dot/", "http://www.airtel.in/")) is None


@pytest.mark.parametrize(
    "to",
    [
        *("http://www.airtel.in/dotted", "http://www.airtel.in/", "http://www.airtel.in/x/dot/"),
        *("https://site.example/?to=http://warning.or.kr/", "https://www.site.example/news"),
        *("http://[::1", "http://[d0:0:0:0:0:0:0:11:80]/", "//", "mailto:x@warning.or.kr", "http:"),
    ],
)
def test_any_other_redirect_is_none(to: str) -> None:
    assert block_page(redirect(to)) is None


def test_a_place_named_without_a_redirect_is_none() -> None:
    named = HttpDetail(url=HERE, status=200, location="http://warning.or.kr/", body_text="x")

    assert block_page(named) is None


def test_a_long_page_that_holds_a_frame_is_not_only_a_frame() -> None:
    frame = '<iframe src="http://10.10.34.34/"></iframe>'

    assert block_page(page(frame)) is not None
    assert block_page(page(frame + "<p>word</p>" * 400)) is None


@pytest.mark.parametrize(("entry", "marks"), SHOWN, ids=lambda value: getattr(value, "id", ""))
def test_a_page_is_told_by_what_it_shows(entry: BlockPage, marks: Marks) -> None:
    assert block_page(example(marks)) == entry


@pytest.mark.parametrize(("entry", "marks"), SHOWN, ids=lambda value: getattr(value, "id", ""))
def test_a_page_with_less_than_all_of_it_is_none(entry: BlockPage, marks: Marks) -> None:
    for at in range(len(marks.body)):
        rest = "".join(piece for i, piece in enumerate(marks.body) if i != at)
        assert block_page(page(rest, title=marks.title)) is None
    if marks.title is not None:
        for other in (None, "", f"What {marks.title} is", marks.title[:-1]):
            assert block_page(page("".join(marks.body), title=other)) is None


@pytest.mark.parametrize(("entry", "marks"), SHOWN, ids=lambda value: getattr(value, "id", ""))
def test_whoever_writes_of_a_page_shows_none(entry: BlockPage, marks: Marks) -> None:
    assert block_page(article(marks, 280)) is None
    short = "<p>They see this.</p>" + "".join(
        piece.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
        for piece in marks.body
    )
    if any("<" in piece or '="' in piece for piece in marks.body):
        assert block_page(page(short)) is None
    assert block_page(page(example(marks).body_text or "", size=200_000)) is None


@pytest.mark.parametrize(
    "ordinary",
    [
        page(),
        page("<html><title>403 Forbidden</title><h1>Forbidden</h1></html>", title="403 Forbidden"),
        page("<h1>Blocked</h1><p>This website has been blocked.</p>", title="Access denied"),
        page("<p>Доступ ограничен</p>", title="Доступ ограничен"),
        page("<p>Surf Safely at our beaches</p>", title="Surf Safely"),
        page("<p>Makluman/Notification</p>", title="Makluman/Notification"),
        HttpDetail(url=HERE),
        HttpDetail(url="http://[::1", status=302, location="x"),
    ],
)
def test_ordinary_pages_and_refusals_are_none(ordinary: HttpDetail) -> None:
    assert block_page(ordinary) is None


def test_a_page_made_to_be_slow_is_read_in_a_moment() -> None:
    for text in ("<iframe " * 500, '<meta url="' * 350, 'location="' * 400, "location.href " * 290):
        assert block_page(page(text[:4_095])) is None


@pytest.mark.parametrize("entry", ISSUERS, ids=lambda entry: entry.id)
def test_an_issuer_is_told_by_all_parts_of_a_row_in_any_order(entry: Issuer) -> None:
    assert entry.names
    for row in entry.names:
        assert row
        assert all(re.match(r"(CN|O|OU)=.", part) for part in row)
        assert issuer(",".join(row)) == entry
        assert issuer("C=XX," + ",".join(reversed(row)) + ",L=Somewhere") == entry
        assert issuer("+".join(row)) == entry


@pytest.mark.parametrize(
    "name",
    [
        *("", "CN=Somebody", "C=US,O=Let's Encrypt,CN=R11", "O=Cisco", "CN=Cisco Umbrella Root CA"),
        *("O=Fortinet Users", "CN=Fortinet", "O=Not\\,O=Fortinet", "OU=Zscaler Inc.", "Fortinet"),
    ],
)
def test_any_other_issuer_is_none(name: str) -> None:
    assert issuer(name) is None
