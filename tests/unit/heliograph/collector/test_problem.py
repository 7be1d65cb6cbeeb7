"""Problem documents (RFC 9457)."""

import json
from http import HTTPStatus

import pytest

from heliograph.collector.problem import Problem, document


@pytest.mark.parametrize(
    ("status", "title"), [(401, "Unauthorized"), (404, "Not Found"), (799, "Error")]
)
def test_a_document_names_status_and_reason(status: int, title: str) -> None:
    assert json.loads(document(status, "why")) == {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": "why",
    }


def test_a_problem_says_its_detail() -> None:
    problem = Problem(HTTPStatus.SERVICE_UNAVAILABLE, "why", (("Retry-After", "2"),))

    assert (str(problem), problem.status) == ("why", 503)
