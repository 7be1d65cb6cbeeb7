"""How fast a run is: 300 healthy sites and 20 dropped ones, a round trip of 100 ms, one control.

Prints JSON. In the lab's namespaces; the same command that volunteers use, with the limits they
have by default but those on one address. Then a few sites one at a time, whose verdicts must be
the same.
"""

import json
import sys
from collections import Counter

from heliograph.lab.inside import Event, Job
from heliograph.lab.netns import obstacle
from heliograph.lab.rehearsal import perform

HEALTHY, DROPPED = 300, 20
FEW, FEW_DROPPED = 20, 4
WANTED = {"ok", "blocked tcp.timeout"}


def main() -> None:
    """Measure, compare, print; exits with 1 where namespaces are not to be had."""
    why = obstacle()
    if why is not None:
        print(json.dumps({"error": why}))
        sys.exit(1)
    many = list(perform(Job(crowd=(HEALTHY, DROPPED))))
    few = list(perform(Job(crowd=(FEW, FEW_DROPPED), parallel=1)))
    (run,) = [event for event in many if event.what == "run"]
    at_once, one_by_one = verdicts(many), verdicts(few)
    print(
        json.dumps(
            {
                "targets": len(at_once),
                "seconds": run.seconds,
                "targets_per_minute": round(60 * len(at_once) / run.seconds),
                "peak_mebibytes": round(run.mebibytes, 1),
                "verdicts": dict(Counter(at_once.values())),
                "one_at_a_time": dict(Counter(one_by_one.values())),
                "equal": all(at_once[target] == told for target, told in one_by_one.items())
                and set(at_once.values()) <= WANTED,
            }
        )
    )


def verdicts(events: list[Event]) -> dict[str, str]:
    """State and main technique by target."""
    return {
        event.target: " ".join([event.state, *event.techniques[:1]])
        for event in events
        if event.what == "verdict"
    }


if __name__ == "__main__":
    main()
