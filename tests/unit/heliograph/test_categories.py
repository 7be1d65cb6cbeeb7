"""Categories: every code of the test lists has plain words, and the risky ones are marked."""

from heliograph.categories import CATEGORIES, off, words_of


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
    assert {kind.code for kind in off(most_care=False)} == sensitive


def test_where_most_care_is_asked_what_rulers_punish_is_off_as_well() -> None:
    everywhere = {kind.code for kind in off(most_care=False)}
    there = {kind.code for kind in off(most_care=True)}

    assert there - everywhere == {"NEWS", "HUMR", "POLR", "REL"}
    assert everywhere < there
    assert there.isdisjoint({"CTRL", "SRCH", "HOST"}), "what everybody opens is left to measure"
