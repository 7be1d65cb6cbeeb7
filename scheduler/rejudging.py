"""Bringing a database to this version's ruleset: all is judged again, then shown."""

from analysis.judge import judge
from analysis.rules import RULESET_VERSION
from storage.store import Store

_AT_ONCE = 500


def bring_up_to_date(store: Store) -> int:
    """Judge what has no verdict of the current rules, and make these the ones that are shown.

    Older verdicts stay as history. Returns how many were judged; harmless to repeat, and to be
    interrupted: the switch comes last. A database of a newer version is left as it is.
    """
    current = store.current_ruleset()
    if current is not None and current >= RULESET_VERSION:
        return 0
    judged = 0
    while found := store.unjudged(RULESET_VERSION, _AT_ONCE):
        judged += sum(_judge_again(store, identity) for identity in found)
    store.activate(RULESET_VERSION)
    return judged


def _judge_again(store: Store, identity: str) -> int:
    measurement = store.measurement(identity)
    assert measurement is not None
    store.save(measurement, judge(measurement), None)
    return 1
