"""The errors of the storage room."""

import inspect

import pytest

from storage import errors

KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_is_a_storage_error_and_says_what_it_means(kind: type[Exception]) -> None:
    assert issubclass(kind, errors.StorageError)
    assert kind.__doc__


def test_the_kinds_are_there() -> None:
    assert {kind.__name__ for kind in KINDS} == {
        "StorageError",
        "CannotWrite",
        "MissingDatabase",
        "MissingInput",
        "FutureDatabase",
        "OlderDatabase",
    }
