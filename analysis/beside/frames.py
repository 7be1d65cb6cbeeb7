"""Whether two pages of one site stand in the same frame: what is around their words is alike."""

import re

from heliograph.detail import HttpDetail

_TAG = re.compile(r"<([a-z][a-z0-9-]*)([^<>]*)>", re.IGNORECASE)
_CLASS = re.compile(r"""(?:^|\s)class\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+))""", re.IGNORECASE)
_ALIKE = 0.5


def same_frame(one: HttpDetail, other: HttpDetail) -> bool:
    """At least half of the kinds of elements, by name and class, that are on either are on both.

    No where nothing of a page is on record.
    """
    ours, theirs = _elements(one), _elements(other)
    return bool(ours & theirs) and len(ours & theirs) >= _ALIKE * len(ours | theirs)


def _elements(page: HttpDetail) -> frozenset[tuple[str, str]]:
    return frozenset(
        (name.lower(), " ".join(sorted(_class(attributes).split())))
        for name, attributes in _TAG.findall(page.body_text or "")
    )


def _class(attributes: str) -> str:
    found = _CLASS.search(attributes)
    return "" if found is None else next(filter(None, found.groups()), "")
