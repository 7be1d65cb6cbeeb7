"""The keyword probe: which part of a request, and which word in it, does a filter act on?

All requests go to the operator's own sink, which answers any of them the same way; so what becomes
of one depends on nothing but the way there. A place that was hit may stop whatever follows: after
each hit the next address and port is used, and only after filler of the same form was answered.
"""

from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urlsplit

from heliograph.config import NetworkConfig, Resolver
from heliograph.model import WORD, Role, Target
from heliograph.plugin import (
    CannotMeasure,
    Contact,
    Cost,
    Label,
    Need,
    Net,
    Reply,
    Risk,
    SinkMessage,
)
from heliograph.valid import is_address
from probes.announcing import ALWAYS, PAGE, unless
from probes.words import Span, kept, shown, smallest, units

PARTS = ("host", "path", "query", "header", "body")
MOST_REQUESTS = 39
"""The fewer the better: each may be noticed."""
PASSES = 3
"""So often a request that nobody stops is sent before it counts as let through."""
_SURE, _MOSTLY = 4, 3
"""So often what was found is tried once more, and so often it must be stopped: the search went
where requests failed, so that only what comes after it says whether they failed by chance."""
_MOST_DEAD = 6
"""Places in a row at which not even filler is answered."""
_SECONDS = 59.0
_PACKETS, _BYTES = 16, 8000
"""Of one request at most: a page of ours, both ways."""

Place = tuple[str, int]
Kept = Mapping[str, tuple[Span, ...]]
"""Which spans of which parts are the target's own; the rest is filler."""


class OutOfPlaces(Exception):
    """No place is left that answers, or no request may be sent any more."""


class KeywordProbe:
    """Sends a target's words to a sink of one's own, and finds the one that is stopped."""

    name = "keyword"
    version = 2
    risk = Risk.UNUSUAL
    needs: frozenset[Need] = frozenset()

    async def measure(self, target: Target, net: Net) -> None:
        """See heliograph.plugin.Probe."""
        reason = _obstacle(target, net.settings)
        if reason is not None:
            raise CannotMeasure(reason)
        search = _Search(net, _texts(target))
        try:
            await search.go()
        except OutOfPlaces:
            return

    def cost(self, target: Target, settings: NetworkConfig) -> Cost:
        """See heliograph.plugin.PlannedProbe."""
        return Cost(
            connections=MOST_REQUESTS,
            packets=MOST_REQUESTS * _PACKETS,
            bytes=MOST_REQUESTS * _BYTES,
            seconds=_SECONDS,
        )

    def plan(
        self, target: Target, settings: NetworkConfig, resolver: Resolver
    ) -> Iterable[Contact]:
        """See heliograph.plugin.PlannedProbe."""
        return unless(_obstacle(target, settings), _plan(target, settings))


def _obstacle(target: Target, settings: NetworkConfig) -> str | None:
    if not settings.sinks:
        return "it needs a sink of your own (network.sinks; docs/guide/run-a-control.md)"
    if is_address(target.host):
        return "an address holds no words; write a name"
    return None


def _plan(target: Target, settings: NetworkConfig) -> Iterator[Contact]:
    yield Contact(
        to=", ".join(settings.sinks),
        what=f"says {target.host}, and path and query of {target.url}, whole and in parts, in the"
        " clear to this sink of yours",
        when=ALWAYS,
        ports=tuple(dict.fromkeys(port for _, port in settings.sink_places)),
        kinds=PAGE,
    )


def _texts(target: Target) -> dict[str, str]:
    """What of the target may hold a word, by part; header and body say all of it once more."""
    parts = urlsplit(target.url)
    said = f"{parts.path.removeprefix('/')}{'?' if parts.query else ''}{parts.query}"
    found = {
        "host": target.host,
        "path": parts.path or "/",
        "query": parts.query,
        "header": f"http://{target.host}/{said}",
        "body": f"q={target.host}/{said}",
    }
    return {part: text for part, text in found.items() if text.strip("/")}


class _Search:
    """One look: the whole first, then its parts, then the word."""

    def __init__(self, net: Net, texts: Mapping[str, str]) -> None:
        self._net = net
        self._texts = texts
        self._place: Place | None = None
        self._visit = 0
        self._sent = 0

    async def go(self) -> None:
        """Without a body, then with one; at the first that is stopped the word is looked for."""
        without = [part for part in self._texts if part != "body"]
        for parts in (without, ["body"]):
            whole = {part: self._all(part) for part in parts}
            if await self._stopped(whole, PASSES):
                await self._narrow(whole)
                return

    def _all(self, part: str) -> tuple[Span, ...]:
        return ((0, len(units(self._texts[part]))),)

    async def _narrow(self, whole: Kept) -> None:
        """Which parts are needed, and what of each; then that once more."""
        needed = await self._needed(whole)
        for part in tuple(needed):

            async def triggers(spans: tuple[Span, ...], part: str = part) -> bool:
                return await self._stopped({**needed, part: spans})

            needed[part] = await smallest(len(units(self._texts[part])), triggers)
        # a chance hit may have misled the search: then the whole is what is known
        if not await self._again(needed) and needed != whole:
            await self._again(whole)

    async def _again(self, words: Kept) -> bool:
        """Whether these words are stopped nearly each time."""
        return sum([await self._stopped(words) for _ in range(_SURE)]) >= _MOSTLY

    async def _needed(self, whole: Kept) -> dict[str, tuple[Span, ...]]:
        """One part that is stopped alone; or else all that can't be left out."""
        if len(whole) > 1:
            for part, spans in whole.items():
                if await self._stopped({part: spans}):
                    return {part: spans}
        needed = dict(whole)
        for part in whole:
            rest = {each: spans for each, spans in needed.items() if each != part}
            if len(rest) > 0 and len(whole) > 1 and await self._stopped(rest):
                needed = rest
        return needed

    async def _stopped(self, words: Kept, passes: int = 1) -> bool:
        """Whether a request with these words is not answered as it was sent."""
        for _ in range(passes):
            place = await self._cool_place(words)
            reply = await self._send(place, words, Role.TEST)
            if reply.signed is not True:
                self._place = None
                return True
        return False

    async def _cool_place(self, words: Kept) -> Place:
        """A place at which filler of the same form was just answered."""
        dead = 0
        while self._place is None:
            place = self._net.next_sink()
            if place is None or dead == _MOST_DEAD:
                raise OutOfPlaces
            self._visit += 1
            filler = dict.fromkeys(words, ())
            reply = await self._send(place, filler, Role.CONTROL_BEFORE)
            if reply.signed is True:
                self._place = place
            dead += 1
        return self._place

    async def _send(self, place: Place, words: Kept, role: Role) -> Reply:
        if self._sent == MOST_REQUESTS:
            raise OutOfPlaces
        self._sent += 1
        label = Label(role=role, pair=f"{WORD}{self._visit}")
        return await self._net.sink(place, self._message(words), label=label)

    def _message(self, words: Kept) -> SinkMessage:
        """All parts, of which only these words are the target's; a body where one is tried."""
        filled = {part: self._filled(part, words.get(part, ())) for part in self._texts}
        held = tuple(self._held(words))
        return SinkMessage(
            host=filled["host"],
            path=filled.get("path", "/"),
            query=filled.get("query", ""),
            header=filled["header"],
            body=filled["body"] if "body" in words else "",
            words=held,
        )

    def _filled(self, part: str, spans: tuple[Span, ...]) -> str:
        text = self._texts[part]
        prefix = {"header": "http://", "body": "q="}.get(part, "")
        return kept(text, (*spans, (0, len(prefix))), salt=part)

    def _held(self, words: Kept) -> Iterator[tuple[str, str]]:
        for part in PARTS:
            if words.get(part):
                yield part, shown(self._texts[part], words[part])
