"""What one look may spend."""

import pytest

from heliograph.failure import Failure, classify
from probes.net.spending import AddressRefused, Budget, BudgetExhausted


def test_connections_queries_and_bytes_are_counted_apart() -> None:
    budget = Budget(connections=1, queries=1, received_bytes=10)

    budget.spend_connection()
    budget.spend_query()
    budget.spend_bytes(10)

    with pytest.raises(BudgetExhausted, match="no connections left"):
        budget.spend_connection()
    with pytest.raises(BudgetExhausted, match="no queries left"):
        budget.spend_query()
    with pytest.raises(BudgetExhausted, match="no bytes left"):
        budget.spend_bytes(1)


def test_once_the_bytes_are_spent_nothing_more_is_sent() -> None:
    budget = Budget(received_bytes=10)

    with pytest.raises(BudgetExhausted):
        budget.spend_bytes(11)
    with pytest.raises(BudgetExhausted, match="no bytes left"):
        budget.spend_connection()
    with pytest.raises(BudgetExhausted, match="no bytes left"):
        budget.spend_query()


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (BudgetExhausted("x"), Failure.X_BUDGET_EXHAUSTED),
        (AddressRefused("x"), Failure.X_ADDRESS_REFUSED),
    ],
)
def test_a_refusal_of_our_own_has_a_failure_word(error: Exception, word: Failure) -> None:
    assert classify(error) is word
