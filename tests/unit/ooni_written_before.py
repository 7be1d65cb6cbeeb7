"""What older programs would publish of a world: the engine in Go (0.4), Measurement Kit, Python."""

from urllib.parse import urljoin

from heliograph.url import parse_target
from tests.unit.ooni_world import HERE, Page, World, host_of, port_of
from tests.unit.ooni_written import (
    Json,
    addresses,
    control,
    document,
    endpoint,
    query,
    transaction,
)

_MOST_REDIRECTS = 10


def in_go(
    world: World, url: str, *, handshakes: bool = True, helps: bool = True, **more: object
) -> bytes:
    """Version 0.4: one resolver, connections for the input alone, requests apart.

    ``handshakes`` are listed since 2021; ``helps``: the helper, too, makes them, as since 2022.
    """
    given, url = url, parse_target(url).url
    told = world.answer("system", host_of(url))
    queries = [
        query(world, "system", kind, host_of(url), told, resolver_address="", t=0.1)
        for kind in ("A", "AAAA")
    ]
    shaken = _handshakes(world, url) if handshakes else None
    keys: Json = {
        "queries": [one for one in queries if one["failure"] != "dns_no_answer"] or queries[:1],
        "tcp_connect": _connects(world, url),
        "tls_handshakes": shaken,
        "requests": _requests(world, url),
        "control": _control(world, url, modern=handshakes and helps),
        "control_failure": world.helper_failure,
    }
    return document(keys, given, "0.4.3" if handshakes else "0.4.0", **more)


def by_measurement_kit(world: World, url: str, **more: object) -> bytes:
    """Version 0.0.1: no failure where a look-up failed, no time, no handshake."""
    given, url = url, parse_target(url).url
    told = world.answer("system", host_of(url))
    made = query(world, "system", "A", host_of(url), told)
    kept = ("engine", "hostname", "query_type", "answers")
    asked = {name: made[name] or [] for name in kept}
    asked["answers"] = _without_networks(asked["answers"])
    keys: Json = {
        "queries": [asked],
        "tcp_connect": _connects(world, url),
        "requests": [_mapped(one) for one in _requests(world, url)],
        "control": _control(world, url, modern=False),
        "control_failure": world.helper_failure,
    }
    software = {"software_name": "ooniprobe-android", "software_version": "2.1.0"}
    return document(keys, given, "0.0.1", **software, **more)


_TWISTED = {
    "connection_refused": "connection_refused_error",
    "connection_reset": "response_never_received",
    "dns_nxdomain_error": "dns_name_error",
    "eof_error": "response_never_received",
    "generic_timeout_error": "generic_timeout_error",
}


def in_python(world: World, url: str, **more: object) -> bytes:
    """Version 0.1.0 of 2017: Twisted's failures, no times, a helper behind Tor."""
    given, url = url, parse_target(url).url
    told = world.answer("system", host_of(url))
    made = query(world, "system", "A", host_of(url), told)
    failure = made["failure"] and _TWISTED.get(str(made["failure"]), str(made["failure"]))
    answers = _without_networks(made["answers"] or [])
    asked = {"hostname": host_of(url), "query_type": "A", "answers": answers}
    requests = [_twisted(one) for one in _requests(world, url)]
    keys: Json = {
        "queries": [{**asked, "failure": failure}],
        "tcp_connect": _connects(world, url),
        "requests": requests,
        "control": _control(world, url, modern=False),
        "control_failure": world.helper_failure,
        "retries": 0,
    }
    software = {"software_name": "ooniprobe", "software_version": "2.2.0"}
    helper = {"backend": {"address": "httpo://helper.onion", "type": "onion"}}
    return document(keys, given, "0.1.0", test_helpers=helper, **software, **more)


def _control(world: World, url: str, *, modern: bool) -> Json | None:
    if world.helper_failure:
        return None
    found = addresses(world.answer("system", host_of(url)))
    return control(world, url, found, modern=modern)


def _without_networks(answers: object) -> list[Json]:
    """Older programs knew none."""
    assert isinstance(answers, list)
    return [{k: v for k, v in one.items() if not k.startswith("as")} for one in answers]


def _connects(world: World, url: str) -> list[Json]:
    made = []
    for address in addresses(world.answer("system", host_of(url))):
        failure = world.connects(HERE, address, port_of(url))
        status = {"failure": failure, "success": failure is None, "blocked": False}
        made.append({"ip": address, "port": port_of(url), "status": status})
    return made


def _handshakes(world: World, url: str) -> list[Json]:
    found = addresses(world.answer("system", host_of(url)))
    return [
        {
            "address": endpoint(address, 443),
            "server_name": host_of(url),
            "failure": world.proves(HERE, address, host_of(url)),
            "peer_certificates": None,
            "t": 0.5,
        }
        for address in found
        if port_of(url) == 443 and world.connects(HERE, address, 443) is None
    ]


def _requests(world: World, url: str) -> list[Json]:
    """Every request on the way, the newest first."""
    made: list[Json] = []
    for _ in range(_MOST_REDIRECTS + 1):
        shown = _visit(world, url)
        made.insert(0, transaction(url, shown))
        if not isinstance(shown, Page) or not shown.leads_on:
            return made
        url = urljoin(url, shown.location or "")
    return made


def _visit(world: World, url: str) -> Page | str:
    told = world.answer("system", host_of(url))
    if isinstance(told, str) or not told:
        return told if isinstance(told, str) and told else "dns_no_answer"
    failed: Page | str = ""
    for address in told:
        shown = world.visit(HERE, address, url)
        if isinstance(shown, Page):
            return shown
        failed = failed or shown
    return failed


def _mapped(one: Json) -> Json:
    """Headers as a map alone."""
    response = dict(one["response"])  # type: ignore[call-overload]
    response.pop("headers_list", None)
    if not response["code"]:
        response = {"headers": {}}
    return {**one, "response": response}


def _twisted(one: Json) -> Json:
    made = _mapped(one)
    word = one["failure"] and _TWISTED.get(str(one["failure"]), f"unknown_failure {one['failure']}")
    response = None if word else made["response"]
    return {**made, "failure": word, "response": response}
