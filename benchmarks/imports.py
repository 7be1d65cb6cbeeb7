"""How many of OONI's measurements a second are read and judged on one core; prints JSON.

``python -m benchmarks.imports FOLDER`` takes measurements of web_connectivity from a folder, for
each size the nearest one, grown to it where it is smaller: by a longer page, and for the largest
also by more operations. Every copy has a report of its own. From JSON text to a verdict, warm,
medians of five rounds, in seconds of the processor; and to rows of a database, by the clock.
"""

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from analysis.judge import judge
from storage.imports import Judged
from storage.inputs import files_in, opened
from storage.ooni.reader import read
from storage.store import Store

ROUNDS = 5
LEAST_SECONDS = 0.5
"""Of reading in each round."""
PEER = {4_500: 1_094, 7_400: 575, 353_000: 68}
"""Bytes of a measurement, and how many a second OONI's own reader takes."""
_COPIES = 40
_BATCH = 500
_WORDS = "lorem ipsum dolor sit amet consectetur "


def main(folder: str) -> None:
    """Measure and print."""
    found = list(_web_measurements(folder))
    told: dict[str, object] = {}
    for size, peer in PEER.items():
        whole = _nearest(found, size)
        ways = (
            {"": _longer_page} if size < 100_000 else {"_page": _longer_page, "_steps": _more_steps}
        )
        for name, grow in ways.items():
            grown = grow(whole, size)
            pace = _pace(_copies(grown))
            told[f"{size // 100 / 10:g}_kB{name}"] = {
                "bytes": len(_text(grown)),
                "a_second": round(pace),
                "times_peer": round(pace / peer, 1),
            }
    told["rows"] = _rows(_longer_page(_nearest(found, 7_400), 7_400))
    print(json.dumps(told, indent=1))


def _web_measurements(folder: str) -> Iterator[dict[str, object]]:
    for name in files_in([folder]):
        with opened(name) as source:
            for document in source.documents():
                try:
                    whole = json.loads(document.text)
                except ValueError:
                    continue
                if whole.get("test_name") == "web_connectivity" and whole.get("test_keys"):
                    yield whole


def _text(whole: dict[str, object]) -> bytes:
    return json.dumps(whole, separators=(",", ":")).encode()


def _nearest(found: list[dict[str, object]], size: int) -> dict[str, object]:
    return min(found, key=lambda whole: abs(len(_text(whole)) - size))


def _longer_page(whole: dict[str, object], size: int) -> dict[str, object]:
    """The measurement with a page as long as makes it this long; unchanged if it is longer."""
    grown: dict[str, Any] = json.loads(_text(whole))
    missing = size - len(_text(whole))
    if missing > 0:
        keys = grown["test_keys"]
        shown = [r["response"] for r in keys.get("requests") or [] if r.get("response")]
        page = (_WORDS * (missing // len(_WORDS) + 1))[:missing]
        if shown and isinstance(shown[0].get("body"), str):
            shown[0]["body"] += page
        else:
            grown["annotations"] = {"more": page}
    return grown


def _more_steps(whole: dict[str, object], size: int) -> dict[str, object]:
    """The measurement with its operations listed again and again."""
    grown: dict[str, Any] = json.loads(_text(whole))
    keys = grown["test_keys"]
    names = ("queries", "tcp_connect", "tls_handshakes", "network_events")
    lists = {name: keys[name] for name in names if keys.get(name)}
    while len(_text(grown)) < size:
        for name, listed in lists.items():
            keys[name] = keys[name] + listed
    return grown


def _copies(whole: dict[str, object], count: int = _COPIES, first: int = 0) -> list[bytes]:
    return [
        _text(whole | {"report_id": f"copy{number:024}"}) for number in range(first, first + count)
    ]


def _pace(texts: list[bytes]) -> float:
    """Measurements a second: of the rounds after the first, the one in the middle."""
    return statistics.median([_rate(texts) for _ in range(1 + ROUNDS)][1:])


def _rate(texts: list[bytes]) -> float:
    done, began = 0, time.process_time()
    while (seconds := time.process_time() - began) < LEAST_SECONDS:
        for text in texts:
            judge(read(text))
        done += len(texts)
    return done / seconds


def _rows(whole: dict[str, object]) -> dict[str, object]:
    """Measurements a second from text to rows on disk, verdicts and steps included."""
    rounds, steps = [], len(read(_text(whole)).steps)
    with (
        tempfile.TemporaryDirectory() as folder,
        Store.open(str(Path(folder) / "rows.sqlite")) as store,
    ):
        for number in range(1 + ROUNDS):
            texts = _copies(whole, 2 * _BATCH, number * 2 * _BATCH)
            began = time.perf_counter()
            _kept(store, texts)
            rounds.append(len(texts) / (time.perf_counter() - began))
    return {
        "bytes": len(_text(whole)),
        "steps": steps,
        "a_second": round(statistics.median(rounds[1:])),
    }


def _kept(store: Store, texts: list[bytes]) -> None:
    for first in range(0, len(texts), _BATCH):
        found = [read(text) for text in texts[first : first + _BATCH]]
        store.imports.keep([Judged(one, judge(one)) for one in found])


if __name__ == "__main__":
    main(sys.argv[1])
