"""Ends with 0 when the URL given answers 200 within three seconds; for health checks on loopback.

Whose the certificate is, is not asked: it is made for another name than 127.0.0.1.
"""

import ssl
import sys
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

_SECONDS = 3


def status(url: str) -> int:
    """The status of the answer; raises OSError and HTTPException."""
    place = urlsplit(url)
    if place.scheme == "https":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        connection: HTTPConnection = HTTPSConnection(
            place.hostname or "", place.port, timeout=_SECONDS, context=context
        )
    else:
        connection = HTTPConnection(place.hostname or "", place.port, timeout=_SECONDS)
    try:
        connection.request("GET", place.path)
        return connection.getresponse().status
    finally:
        connection.close()


def main(url: str) -> str | None:
    """What is wrong, or None."""
    try:
        found = status(url)
    except (OSError, HTTPException) as error:
        return f"{url}: {error}"
    return None if found == 200 else f"{url}: {found}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
