"""Looks at every target as a volunteer's host would, and says what that cost: one JSON object.

Run by test_bombs.py in a process of its own, so that its peak memory is the product's alone.
Arguments: the configuration's file, the servers' address, then one target after another.
"""

import asyncio
import json
import sys
from pathlib import Path

from heliograph.cli.compose import assemble
from heliograph.config import load
from heliograph.url import parse_target
from probes.net.datagrams import Timing
from probes.net.surroundings import Timeouts
from probes.registry import installed
from scheduler.looks import Finished, Look

TIMES = Timeouts(3.0, 1.5, 1.5, 1.5, Timing(deadline=1.0, window=0.05, resend_after=0.5))


def main() -> None:
    """Make the looks and print what came of them."""
    file, address, *targets = sys.argv[1:]
    rows = []

    def done(finished: Finished) -> None:
        made, verdict = finished.measurement, finished.verdict
        last = [step for step in made.steps if step.pair is None][-1]
        rows.append(
            {
                "host": made.target.host,
                "outcome": made.outcome,
                "reason": made.reason,
                "state": None if verdict is None else verdict.state,
                "seconds": made.seconds,
                "kind": last.kind,
                "failure": last.failure,
                "received": sum(step.bytes_received for step in made.steps),
                "detail": json.loads(last.detail),
                "record_bytes": sum(len(step.detail) for step in made.steps),
            }
        )

    runner = assemble(
        load(Path(file), {}), consent=None, rehearsal=frozenset({address}), timeouts=TIMES
    )
    probe = installed().probes["http"]
    looks = [Look(parse_target(target), probe) for target in targets]
    asyncio.run(runner.run(looks, done))
    sys.stdout.write(json.dumps({"rows": rows, "peak_kib": peak_kib()}))


def peak_kib() -> int:
    """This program's own peak; getrusage would count what the parent held when it forked."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1])


if __name__ == "__main__":
    main()
