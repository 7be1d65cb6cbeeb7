"""Categories: every code of the test lists has plain words, and the risky ones are marked."""

from heliograph.categories import CATEGORIES, words_of


def test_every_code_of_the_test_lists_is_there_in_the_order_of_the_alphabet() -> None:
    assert " ".join(CATEGORIES) == (
        "ALDR ANON COMM COMT CTRL CULTR DATE ECON ENV FILE GAME GMB GOVT GRP HACK HATE HOST HUMR"
        " IGO LGBT MILX MISC MMED NEWS POLR PORN PROV PUBH REL SRCH XED"
    )
    assert all(code == category.code for code, category in CATEGORIES.items())


def test_words_are_plain_short_and_differ() -> None:
    words = [category.words for category in CATEGORIES.values()]

    assert len(set(words)) == len(words)
    assert all(0 < len(text) <= 26 and text.upper() != text for text in words)
    assert words_of("HUMR") == "human rights"
    assert words_of(None) == "no category"


def test_what_can_bring_trouble_is_sensitive() -> None:
    sensitive = {code for code, category in CATEGORIES.items() if category.sensitive}

    assert {"PORN", "XED", "HATE", "MILX", "ANON", "GMB", "LGBT", "HACK"} <= sensitive
    assert sensitive.isdisjoint({"NEWS", "HUMR", "POLR", "CTRL", "GRP", "COMT"})
