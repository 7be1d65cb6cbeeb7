"""A test for robots is told from the pages of sites that have to do with such tests."""

import pytest

from analysis.challenges import is_challenge
from heliograph.detail import HttpDetail


def page(
    title: str | None, text: str | None = None, size: int = 3000, **headers: str
) -> HttpDetail:
    return HttpDetail(
        url="https://site.example/",
        status=200,
        title=title,
        body_text=text,
        body_bytes=size,
        headers=tuple((name.replace("_", "-"), value) for name, value in headers.items()),
    )


@pytest.mark.parametrize(
    "told",
    [
        page("Einen Moment", size=90_000, Cf_Mitigated="challenge"),
        page(None, x_amzn_waf_action="CAPTCHA"),
        page(None, SG_Captcha="challenge"),
        page("One moment, please..."),
        page("Just a moment..."),
        page("  ARE YOU A ROBOT? "),
        page("Attention Required! | Cloudflare"),
        page(None, "<script>window._cf_chl_opt = {}</script>"),
        page("site.example", '<script src="https://geo.captcha-delivery.com/c.js"></script>'),
    ],
)
def test_a_test_for_robots_is_one(told: HttpDetail) -> None:
    assert is_challenge(told)


@pytest.mark.parametrize(
    "told",
    [
        page(None),
        page("Welcome", cf_ray="challenge", cf_mitigated=""),
        page("Welcome", "<script src=/cdn-cgi/challenge-platform/scripts/jsd/main.js></script>"),
        page("Contact", '<form><div class="g-recaptcha"></div></form>'),
        page("How captchas came to be"),
        page("Captcha", size=65_536),
        page(None, "_cf_chl_opt", size=70_000),
    ],
)
def test_a_page_about_such_tests_or_with_one_in_it_is_none(told: HttpDetail) -> None:
    assert not is_challenge(told)
