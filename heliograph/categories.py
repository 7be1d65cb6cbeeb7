"""What kind of site a list's entry is: the codes of Citizen Lab's test lists in plain words."""

import msgspec


class Category(msgspec.Struct, frozen=True, kw_only=True):
    """One code, what it means to a volunteer, and whether asking for such sites can harm one."""

    code: str
    words: str
    sensitive: bool = False
    """In some countries merely asking for such a site can bring trouble: off unless opted in."""
    punished: bool = False
    """Harmless in most countries; rulers who jail people for what they read go after its readers:
    off there, and where we do not know, unless opted in."""


def _sensitive(code: str, words: str) -> Category:
    return Category(code=code, words=words, sensitive=True)


def _punished(code: str, words: str) -> Category:
    return Category(code=code, words=words, punished=True)


def _ordinary(code: str, words: str) -> Category:
    return Category(code=code, words=words)


_ALL = (
    _sensitive("ALDR", "alcohol and drugs"),
    _sensitive("ANON", "ways around censorship"),
    _ordinary("COMM", "shops and trade"),
    _ordinary("COMT", "messengers and mail"),
    _ordinary("CTRL", "harmless, for comparison"),
    _ordinary("CULTR", "culture and history"),
    _sensitive("DATE", "dating"),
    _ordinary("ECON", "economy and poverty"),
    _ordinary("ENV", "environment"),
    _ordinary("FILE", "file sharing"),
    _ordinary("GAME", "games"),
    _sensitive("GMB", "gambling"),
    _ordinary("GOVT", "governments"),
    _ordinary("GRP", "social networks"),
    _sensitive("HACK", "hacking"),
    _sensitive("HATE", "hatred of groups of people"),
    _ordinary("HOST", "hosting, blogs and code"),
    _punished("HUMR", "human rights"),
    _ordinary("IGO", "international bodies"),
    _sensitive("LGBT", "lesbian, gay, trans life"),
    _sensitive("MILX", "armed and extremist groups"),
    _ordinary("MISC", "anything else"),
    _ordinary("MMED", "video, music and pictures"),
    _punished("NEWS", "news"),
    _punished("POLR", "criticism of rulers"),
    _sensitive("PORN", "pornography"),
    _sensitive("PROV", "revealing pictures"),
    _ordinary("PUBH", "public health"),
    _punished("REL", "religion"),
    _ordinary("SRCH", "search engines"),
    _sensitive("XED", "sex education"),
)

CATEGORIES = {category.code: category for category in _ALL}
"""Every code we know, in the order of the alphabet."""


def off(*, most_care: bool) -> tuple[Category, ...]:
    """The kinds that are off unless somebody opts in, in the order of the alphabet.

    ``most_care`` says that the country is one of high or unknown risk.
    """
    return tuple(kind for kind in _ALL if kind.sensitive or (most_care and kind.punished))


def words_of(code: str | None) -> str:
    """The code in plain words; an entry of a plain list has none."""
    return "no category" if code is None else CATEGORIES[code].words
