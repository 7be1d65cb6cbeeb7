"""Targets: many ways to write one, one way to keep it, one clear line for what is none."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from heliograph.address import BAD_PORTS
from heliograph.model import Target
from heliograph.url import (
    MOST_CHARACTERS,
    BadTarget,
    parse_target,
    parse_targets,
    without_user_info,
)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("example.org", "https://example.org/"),
        ("  Example.ORG \n", "https://example.org/"),
        ("\ufeffexample.org", "https://example.org/"),
        ("//example.org", "https://example.org/"),
        ("HTTPS://EXAMPLE.org", "https://example.org/"),
        ("http://example.org", "http://example.org/"),
        ("example.org.", "https://example.org/"),
        ("example.org:", "https://example.org/"),
        ("example.org:443/x", "https://example.org/x"),
        ("https://example.org:00443/x", "https://example.org/x"),
        ("http://example.org:80", "http://example.org/"),
        ("http://example.org:443", "http://example.org:443/"),
        ("example.org:8443", "https://example.org:8443/"),
        ("https://example.org#top", "https://example.org/"),
        ("https://example.org/a?b=c#d?e", "https://example.org/a?b=c"),
        ("https://example.org?x", "https://example.org/?x"),
        ("https://example.org/?", "https://example.org/"),
        ("https://example.org/@user", "https://example.org/@user"),
        ("https://example.org/?mail=a@b", "https://example.org/?mail=a@b"),
        ("https://example.org/Case//x", "https://example.org/Case//x"),
        ("https://example.org/ä?ö", "https://example.org/%C3%A4?%C3%B6"),
        ("https://example.org/%C3%A4", "https://example.org/%C3%A4"),
        ('https://example.org/"<>', "https://example.org/%22%3C%3E"),
        ("https://example.org/%", "https://example.org/%"),
        ("https://a_b.example.org", "https://a_b.example.org/"),
        ("https://_dmarc.example.org", "https://_dmarc.example.org/"),
    ],
)
def test_a_target_is_written_one_way(text: str, url: str) -> None:
    assert parse_target(text).url == url


def test_a_target_keeps_its_parts_and_what_was_given() -> None:
    assert parse_target(" http://Example.org:8080/x ") == Target(
        input="http://Example.org:8080/x",
        url="http://example.org:8080/x",
        scheme="http",
        host="example.org",
        port=8080,
    )


@pytest.mark.parametrize(
    ("written", "host"),
    [
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("faß.example", "xn--fa-hia.example"),
        ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
        ("example。org", "example.org"),
        ("ｅｘａｍｐｌｅ．org", "example.org"),
        ("\u212aelvin.example", "kelvin.example"),
        ("exa\u00admple.org", "example.org"),
    ],
)
def test_a_name_becomes_its_a_label(written: str, host: str) -> None:
    assert parse_target(f"https://{written}/").host == host


@pytest.mark.parametrize(
    ("written", "host"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("127.0.1", "127.0.0.1"),
        ("0x7f.1", "127.0.0.1"),
        ("0X7F.1", "127.0.0.1"),
        ("0x7f000001", "127.0.0.1"),
        ("017700000001", "127.0.0.1"),
        ("0177.0.0.01", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("127.0.0.1.", "127.0.0.1"),
        ("127。0。0。1", "127.0.0.1"),
        ("１２７.0.0.1", "127.0.0.1"),
        ("0", "0.0.0.0"),
        ("0x", "0.0.0.0"),
        ("169.254.43518", "169.254.169.254"),
        ("4294967295", "255.255.255.255"),
    ],
)
def test_what_browsers_read_as_ipv4_becomes_the_literal(written: str, host: str) -> None:
    assert parse_target(f"http://{written}/").host == host


@pytest.mark.parametrize(
    ("written", "host"),
    [
        ("[::1]", "::1"),
        ("[2001:DB8:0:0::1]", "2001:db8::1"),
        ("[::ffff:127.0.0.1]", "::ffff:7f00:1"),
        ("[::FFFF:a9fe:a9fe]", "::ffff:a9fe:a9fe"),
        ("[::127.0.0.1]", "::7f00:1"),
    ],
)
def test_an_ipv6_literal_is_canonical_and_in_brackets(written: str, host: str) -> None:
    target = parse_target(f"http://{written}:8080/")
    assert target.host == host
    assert target.url == f"http://[{host}]:8080/"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "is empty"),
        (" \n", "is empty"),
        ("ftp://example.org/", "ftp is not measured"),
        ("gopher://example.org", "gopher is not measured"),
        ("file:///etc/passwd", "file is not measured"),
        ("javascript:alert(1)", "javascript is not measured"),
        ("data:text/html,x", "data is not measured"),
        ("http:example.org", "two slashes"),
        ("https:/example.org", "two slashes"),
        ("https://user:secret@example.org/", "user name or password"),
        ("user@example.org", "user name or password"),
        ("https://example.org\\@evil.example", "backslash"),
        ("https:\\\\example.org", "backslash"),
        ("https://exam\tple.org", "white space"),
        ("https://example.org/a b", "white space"),
        ("https://example.org/a\nb", "white space"),
        ("https://example.org/\x00", "control character"),
        ("https://example.org/\x7f", "control character"),
        ("https://example.org/\u3000x", "white space"),
        ("https://example.org/\ud800", "control character"),
        ("https://", "has no host"),
        ("https:///path", "has no host"),
        ("/path", "has no host"),
        ("https://.", "has no host"),
        ("https://?x", "has no host"),
        ("https://a..example.org/", "no valid host name"),
        ("https://.example.org/", "no valid host name"),
        ("https://example.org../", "no valid host name"),
        (f"https://{'a' * 64}.example/", "no valid host name"),
        (f"https://{'a.' * 126}example/", "no valid host name"),
        ("https://-a.example/", "no valid host name"),
        ("https://a*b.example/", "no valid host name"),
        ("https://a[::1]/", "check"),  # the word before it differs between Python versions
        ("https://ex%61mple.org/", "percent-encoded"),
        ("https://\u2603.example/", "no valid name"),
        ("https://xn--a.example/", "no valid name"),
        ("https://a\u2100b.example/", "check the host"),
        ("https://256.1.1.1/", "no valid IPv4 address"),
        ("https://1.2.3.4.5/", "no valid IPv4 address"),
        ("https://4294967296/", "no valid IPv4 address"),
        ("https://1.2.3.08/", "no valid IPv4 address"),
        ("https://name.1/", "no valid IPv4 address"),
        ("https://-1.1/", "no valid IPv4 address"),
        ("https://1_0.1/", "no valid IPv4 address"),
        ("https://0x0x1.1/", "no valid IPv4 address"),
        ("https://1..1/", "no valid IPv4 address"),
        ("https://[::1%25eth0]/", "no valid IPv6 address"),
        ("https://[::1/", "check the host"),
        ("https://[v1.a]/", "IPv6 address"),
        ("https://[2001:db8::1]evil.example/", "evil.example"),
        ("https://example.org:0/", "port 0 is never measured"),
        ("https://example.org:22/", "port 22 is never measured"),
        ("https://example.org:65536/", "check the host and the port"),
        ("https://example.org:x/", "check the host and the port"),
        ("https://example.org:1:2/", "check the host and the port"),
        ("https://example.org:-1/", "check the host and the port"),
        ("localhost", "not a name on the public internet"),
        ("localhost:8080", "not a name on the public internet"),
        ("intranet", "not a name on the public internet"),
        ("https://a.localhost./", "not a name on the public internet"),
        ("https://printer.local/", "not a name on the public internet"),
        ("https://abc.onion/", "not a name on the public internet"),
        ("https://db.internal/", "not a name on the public internet"),
        ("https://nas.home.arpa/", "not a name on the public internet"),
        ("https://x.alt/", "not a name on the public internet"),
        ("https://router.lan/", "not a name on the public internet"),
    ],
)
def test_what_is_no_target_is_refused_with_one_clear_line(text: str, complaint: str) -> None:
    with pytest.raises(BadTarget) as caught:
        parse_target(text)
    assert complaint in str(caught.value)


@pytest.mark.parametrize("port", sorted(BAD_PORTS))
def test_no_bad_port_can_be_a_target(port: int) -> None:
    with pytest.raises(BadTarget, match=f"port {port} is never measured"):
        parse_target(f"http://example.org:{port}/")


def test_a_target_may_have_2048_characters_and_no_more() -> None:
    start = "https://example.org/"
    longest = start + "x" * (MOST_CHARACTERS - len(start))
    assert parse_target(longest).url == longest
    with pytest.raises(BadTarget, match="2049 characters are too long"):
        parse_target(longest + "x")


def test_a_target_that_grows_too_long_by_encoding_is_refused() -> None:
    with pytest.raises(BadTarget, match="3620 characters are too long"):
        parse_target("https://example.org/" + "é" * 600)


def test_a_message_is_short_and_holds_no_password() -> None:
    with pytest.raises(BadTarget) as caught:
        parse_target("https://user:secret@example.org/" + "x" * 3000)
    assert "secret" not in str(caught.value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://user:secret@example.org/", "https://***@example.org/"),
        ("user:secret@example.org", "***@example.org"),
        ("https://a:b@c@example.org/", "https://***@example.org/"),
        (" https://user:secret@example.org/", " https://***@example.org/"),
        ("see http://user:secret@example.org/", "see http://***@example.org/"),
        ("https://example.org/@x", "https://example.org/@x"),
        ("example.org", "example.org"),
    ],
)
def test_user_names_and_passwords_are_starred_out(text: str, shown: str) -> None:
    assert without_user_info(text) == shown


def test_a_list_gives_each_line_a_target_or_its_complaint() -> None:
    lines = ["# comment", "", "example.org", "ftp://example.org", "  example.com  "]
    found = [
        (number, item.url if isinstance(item, Target) else str(item))
        for number, item in parse_targets(lines)
    ]
    assert found == [
        (3, "https://example.org/"),
        (4, "ftp://example.org: ftp is not measured; use an http or https URL"),
        (5, "https://example.com/"),
    ]


def test_a_target_written_twice_is_given_once() -> None:
    lines = ["example.org", "HTTPS://example.org:443/#x", "http://example.org"]
    found = [(n, item.url) for n, item in parse_targets(lines) if isinstance(item, Target)]
    assert found == [(1, "https://example.org/"), (3, "http://example.org/")]


URL_LIKE = st.lists(
    st.sampled_from(
        [
            *("http", "https", "ftp", ":", "/", "//", "@", "?", "#", ".", "[", "]", "%", "\\"),
            *("example", "org", "xn--", "localhost", "ü", "。", "\u200b", "\ud800", " ", "\t"),
            *("0x", "1", "-1", "127", "0", "::", "ffff", "443", "8080", "65536", "_", "-", "é"),
        ]
    ),
    max_size=12,
).map("".join)


@given(st.one_of(URL_LIKE, st.text(), URL_LIKE.map("https://{}.example/".format)))
@example("https://-1.1/")
@example("https://[::ffff:1.2.3.4]/")
def test_any_text_is_a_target_that_stays_as_it_is_or_is_refused(text: str) -> None:
    try:
        target = parse_target(text)
    except BadTarget:
        return
    again = parse_target(target.url)
    assert (again.url, again.scheme, again.host, again.port) == (
        target.url,
        target.scheme,
        target.host,
        target.port,
    )
    assert target.url.isascii()
    assert target.url.isprintable()
