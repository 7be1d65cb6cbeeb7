"""What every test shares: names of cases that are the same whoever collects them."""


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes name a case by their argument and place, never by what they hold.

    Workers that run side by side must collect the same names, and bytes may hold a time of day
    (a gzip header does), a key or a certificate made a moment ago.
    """
    return argname if isinstance(val, bytes | bytearray) else None
