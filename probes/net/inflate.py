"""Content codings undone with a cap: a bomb costs what we allow and no more (RFC 9110, 8.4)."""

import zlib

_KNOWN = {"gzip": 31, "x-gzip": 31, "deflate": 15}


class Inflater:
    """Turns raw body bytes into at most ``cap`` bytes of content, chunk by chunk.

    Only one coding is undone: nothing a browser meets needs two, and two make bombs cheap. What
    can't be undone is kept as it came, with ``problem`` saying why.
    """

    def __init__(self, coding: str | None, cap: int) -> None:
        self._cap = cap
        self._kept = bytearray()
        self.problem: str | None = None
        self.coding = (coding or "").strip().lower()
        self._undo = self._decoder()
        self._held = b""
        self._first = True

    @property
    def full(self) -> bool:
        """The cap is reached; feeding more changes nothing."""
        return len(self._kept) >= self._cap

    @property
    def content(self) -> bytes:
        """What was kept so far."""
        return bytes(self._kept)

    def feed(self, raw: bytes) -> None:
        """Take the next chunk as it came over the wire."""
        left = self._cap - len(self._kept)
        if left <= 0:
            return
        if self._undo is None:
            self._kept += raw[:left]
            return
        try:
            self._kept += self._inflate(raw, left)
        except zlib.error as error:
            self.problem = f"{self.coding}: {error}"
            self._undo = None

    def _inflate(self, raw: bytes, left: int) -> bytes:
        assert self._undo is not None
        if not self._first:
            return self._undo.decompress(raw, left)
        self._held += raw
        if len(self._held) < 2:  # the zlib wrapper is told apart by its first two bytes
            return b""
        self._first = False
        try:
            return self._undo.decompress(self._held, left)
        except zlib.error:
            if self.coding != "deflate":
                raise
            # many servers send deflate without the wrapper RFC 9110 asks for
            self._undo = zlib.decompressobj(-15)
            return self._undo.decompress(self._held, left)

    def _decoder(self) -> "zlib._Decompress | None":
        if self.coding in {"", "identity"}:
            return None
        if self.coding in _KNOWN:
            return zlib.decompressobj(_KNOWN[self.coding])
        several = "," in self.coding
        self.problem = f"{self.coding[:60]}: {'more than one coding' if several else 'not undone'}"
        return None
