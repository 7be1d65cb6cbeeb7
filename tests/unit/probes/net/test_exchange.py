"""One HTTP exchange over a scripted stream: every byte the peer sends is chosen here."""

import asyncio
import gzip
import hashlib
import itertools
from collections.abc import Callable, Iterator

import pytest

from heliograph.detail import HttpDetail, Sought, read
from heliograph.failure import Failure
from heliograph.model import StepKind
from heliograph.plugin import Reply, Request
from heliograph.sought import CUT
from heliograph.trace import Trace
from probes.net.exchange import BROWSER_HEADERS, Caps, Exchange
from probes.net.spending import BudgetExhausted
from probes.net.stream import Stream

REQUEST = Request(url="http://site.example/page")
PAGE = b"<html><title> A  page </title>caf\xc3\xa9</html>"
CAPS = Caps(stall=0.02, whole=0.05, body=1000)
Chunk = bytes | Exception


class Scripted(Stream):
    """Plays chunks, and then silence or the end."""

    def __init__(
        self, *chunks: Chunk, silent: bool = False, refuses: OSError | None = None
    ) -> None:
        self._chunks: Iterator[Chunk] = iter(chunks)
        self._silent = silent
        self._refuses = refuses
        self._tls = None
        self.written = b""
        self.sent = self.received = 0
        self.closed = False

    async def read(self, most: int) -> bytes:
        chunk = next(self._chunks, b"")
        if isinstance(chunk, Exception):
            raise chunk
        if not chunk and self._silent:
            await asyncio.Event().wait()
        self.received += len(chunk)
        return chunk

    async def write(self, data: bytes) -> None:
        if self._refuses is not None:
            raise self._refuses
        self.written += data
        self.sent += len(data)

    def close(self) -> None:
        self.closed = True


class Done:
    """An exchange that is over: the reply, and what the step recorded."""

    def __init__(self, reply: Reply, detail: HttpDetail, spent: int) -> None:
        self.reply = reply
        self.detail = detail
        self.spent = spent


async def exchanged(
    stream: Scripted,
    request: Request = REQUEST,
    spend: Callable[[int], None] | None = None,
) -> Done:
    ticks = itertools.count()
    trace = Trace(lambda: float(next(ticks)), lambda text: text)
    spent: list[int] = []
    with trace.step(StepKind.HTTP_EXCHANGE, host="site.example") as step:
        exchange = Exchange(stream, step, CAPS)
        await exchange.run(request, spend or spent.append)
    return Done(exchange.reply, read(trace.steps()[0], HttpDetail), sum(spent))


def head(*lines: str, status: str = "200 OK") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode("latin-1")


CHUNKED = head("Transfer-Encoding: chunked")
WHOLE = head(f"Content-Length: {len(PAGE)}", "Content-Type: text/html; charset=utf-8") + PAGE


@pytest.mark.parametrize("size", [1, 50, 10_000])
async def test_a_page_is_recorded_however_it_arrives(size: int) -> None:
    stream = Scripted(*(WHOLE[i : i + size] for i in range(0, len(WHOLE), size)))
    done = await exchanged(stream)
    detail = done.detail

    assert (done.reply.failure, done.reply.status, done.reply.body) == (None, 200, PAGE)
    assert (detail.stage, detail.version, detail.status) == ("done", "HTTP/1.1", 200)
    assert (detail.raw_bytes, detail.expected_bytes, detail.body_bytes) == (len(PAGE),) * 3
    assert (detail.title, detail.body_text) == ("A page", PAGE.decode())
    assert detail.body_sha256 == hashlib.sha256(PAGE).hexdigest()
    assert done.spent == len(WHOLE)
    assert not detail.truncated


async def test_a_request_looks_like_a_browsers() -> None:
    stream = Scripted(WHOLE)
    done = await exchanged(stream)

    lines = stream.written.decode().split("\r\n")
    assert lines[0] == "GET /page HTTP/1.1"
    assert {f"{name}: {value}" for name, value in BROWSER_HEADERS} <= set(lines)
    assert "Host: site.example" in lines
    assert "eliograph" not in stream.written.decode().lower()
    assert done.detail.request_headers == BROWSER_HEADERS


async def test_headers_chosen_replace_the_defaults() -> None:
    stream = Scripted(WHOLE)
    chosen = Request(
        url="http://site.example/", method="POST", headers=(("accept", "x/y"),), body=b"question"
    )
    await exchanged(stream, chosen)

    assert stream.written.startswith(b"POST / HTTP/1.1")
    assert stream.written.lower().count(b"\r\naccept:") == 1
    assert stream.written.endswith(b"\r\n\r\nquestion")


async def test_a_redirect_is_recorded_and_not_followed() -> None:
    answer = head("Location: https://other.example/", "Content-Length: 0", status="302 Found")
    done = await exchanged(Scripted(answer))

    assert (done.detail.status, done.detail.location) == (302, "https://other.example/")


async def test_a_coding_is_undone_and_counted_both_ways() -> None:
    raw = gzip.compress(PAGE)
    answer = head("Content-Encoding: gzip", f"Content-Length: {len(raw)}") + raw
    detail = (await exchanged(Scripted(answer))).detail

    assert (detail.raw_bytes, detail.body_bytes) == (len(raw), len(PAGE))
    assert (detail.encoding, detail.encoding_problem) == ("gzip", None)


@pytest.mark.parametrize(
    "answer",
    [
        head("Content-Length: 5000") + bytes(5000),
        head() + bytes(5000),
        head("Content-Encoding: gzip") + gzip.compress(bytes(10_000_000)),
    ],
    ids=["long", "endless", "bomb"],
)
async def test_reading_stops_at_the_cap(answer: bytes) -> None:
    done = await exchanged(Scripted(answer, silent=True))

    assert done.reply.failure is None
    assert len(done.reply.body) <= 1000
    assert done.reply.truncated
    assert done.detail.truncated


@pytest.mark.parametrize(
    ("chunks", "word", "stage"),
    [
        ((), Failure.EOF_ERROR, "headers"),
        ((ConnectionResetError(104, "reset"),), Failure.CONNECTION_RESET, "headers"),
        ((b"SSH-2.0-OpenSSH\r\n",), Failure.X_HTTP_MALFORMED_RESPONSE, "headers"),
        ((b"HTTP/1.1 2",), Failure.EOF_ERROR, "headers"),
        ((head("Content-Length: 50") + b"x",), Failure.EOF_ERROR, "body"),
        (
            (head("Content-Length: 50") + b"x", ConnectionResetError(104, "reset")),
            Failure.CONNECTION_RESET,
            "body",
        ),
        (
            (head("Transfer-Encoding: chunked") + b"zz\r\n",),
            Failure.X_HTTP_MALFORMED_RESPONSE,
            "body",
        ),
    ],
)
async def test_each_way_to_fail_has_its_word_and_its_stage(
    chunks: tuple[Chunk, ...], word: Failure, stage: str
) -> None:
    done = await exchanged(Scripted(*chunks))

    assert (done.reply.failure, done.detail.stage) == (word, stage)


async def test_headers_without_end_are_cut_off() -> None:
    drops = (b"X-%d: y\r\n" % number * 1000 for number in range(1000))
    done = await exchanged(Scripted(head()[:-2], *drops))

    assert done.reply.failure is Failure.X_HTTP_HEADER_OVERFLOW
    assert done.spent < 400_000


async def test_silence_ends_after_the_stall() -> None:
    done = await exchanged(Scripted(silent=True))
    begun = await exchanged(Scripted(head("Content-Length: 50") + b"x", silent=True))

    assert (done.reply.failure, done.detail.stage) == (Failure.GENERIC_TIMEOUT_ERROR, "headers")
    assert (begun.reply.failure, begun.detail.stage) == (Failure.GENERIC_TIMEOUT_ERROR, "body")
    assert begun.reply.body == b"x"


async def test_a_request_the_peer_resets_is_a_reset_and_was_not_sent() -> None:
    reset = ConnectionResetError(104, "reset")
    done = await exchanged(Scripted(refuses=reset))

    assert (done.reply.failure, done.detail.stage) == (Failure.CONNECTION_RESET, "request")


async def test_an_answer_that_came_before_the_reset_is_read() -> None:
    done = await exchanged(Scripted(WHOLE, refuses=BrokenPipeError(32, "broken pipe")))

    assert (done.reply.failure, done.reply.status) == (None, 200)


async def test_what_may_not_be_spent_ends_the_exchange() -> None:
    def refuse(_count: int) -> None:
        raise BudgetExhausted("no bytes left")

    done = await exchanged(Scripted(WHOLE), spend=refuse)

    assert done.reply.failure is Failure.X_BUDGET_EXHAUSTED


async def test_poison_in_headers_and_body_is_made_harmless() -> None:
    answer = head("X-Bad: caf\xe9", "Content-Length: nine") + b"\x00\xff<title>\x00</title>"
    detail = (await exchanged(Scripted(head("X-Bad: caf\xe9") + b"\x00\xff"))).detail
    bad_length = (await exchanged(Scripted(answer))).reply

    assert ("X-Bad", "caf\\xe9") in detail.headers
    assert detail.body_text == "\\x00\\xff"
    assert bad_length.failure is Failure.X_HTTP_MALFORMED_RESPONSE


async def test_headers_are_capped_in_number_and_length() -> None:
    many = [f"X-{number}: {'v' * 3000}" for number in range(60)]
    detail = (await exchanged(Scripted(head(*many, "Content-Length: 0")))).detail

    assert len(detail.headers) <= 200
    assert max(len(value) for _, value in detail.headers) == 2048


SOUGHT = (Sought(text="caf\u00e9"), Sought(text="tea"))


async def test_a_page_is_searched_for_what_is_sought_and_that_goes_on_record() -> None:
    done = await exchanged(Scripted(WHOLE), Request(url=REQUEST.url, sought=SOUGHT))

    assert [(one.text, one.found, one.problem) for one in done.detail.sought] == [
        ("caf\u00e9", "text", None),
        ("tea", None, None),
    ]
    assert done.reply.sought == done.detail.sought


async def test_what_is_not_in_the_part_that_was_read_may_be_in_the_rest() -> None:
    page = PAGE + b"x" * 2000
    long = Scripted(head(f"Content-Length: {len(page)}") + page)
    broken = Scripted(head(f"Content-Length: {len(page)}") + PAGE, silent=True)

    for done in (
        await exchanged(long, Request(url=REQUEST.url, sought=SOUGHT)),
        await exchanged(broken, Request(url=REQUEST.url, sought=SOUGHT[::-1])),
    ):
        by_text = {one.text: one for one in done.detail.sought}
        assert by_text["caf\u00e9"].found == "text"
        assert (by_text["tea"].found, by_text["tea"].problem) == (None, CUT)


async def test_without_anything_sought_nothing_is_said_of_it() -> None:
    assert (await exchanged(Scripted(WHOLE))).detail.sought == ()
