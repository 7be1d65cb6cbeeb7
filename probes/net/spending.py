"""What one look may spend, so that no target, however hostile, costs a volunteer more."""

MOST_CONNECTIONS = 24
MOST_QUERIES = 80
MOST_BYTES = 4 * 1024 * 1024


class BudgetExhausted(Exception):
    """The look has spent what it may spend; nothing was sent."""


class AddressRefused(Exception):
    """The address guard forbids this destination; nothing was sent."""


class Budget:
    """Counts down the connections, queries and received bytes of one look."""

    def __init__(
        self,
        *,
        connections: int = MOST_CONNECTIONS,
        queries: int = MOST_QUERIES,
        received_bytes: int = MOST_BYTES,
    ) -> None:
        self._left = {"connections": connections, "queries": queries, "bytes": received_bytes}

    def spend_connection(self) -> None:
        """Count one more connection; raises BudgetExhausted."""
        self._spend("connections", 1)

    def spend_query(self) -> None:
        """Count one more query or datagram; raises BudgetExhausted."""
        self._spend("queries", 1)

    def spend_bytes(self, count: int) -> None:
        """Count bytes received; raises BudgetExhausted once none are left."""
        self._spend("bytes", count)

    def _spend(self, what: str, count: int) -> None:
        self._left[what] -= count
        for spent in (what, "bytes"):
            if self._left[spent] < 0:
                raise BudgetExhausted(f"no {spent} left")
