"""Run by ooni_models in an environment that has ``oonidata``: reads each line by its models."""

import json
import sys
from pathlib import Path
from typing import Any

from oonidata.dataclient import load_measurement


def main() -> None:
    """Read every line of the files; print what was refused, and what was read as something else."""
    lines = [line for name in sys.argv[1:] for line in Path(name).read_bytes().splitlines()]
    refused, differing = [], []
    kinds: dict[str, int] = {}
    for line in lines:
        sent = json.loads(line)
        try:
            found = load_measurement(sent)
        except Exception as error:  # noqa: BLE001 - their models raise Exception itself
            refused.append(f"{sent['id']}: {error!r}"[:300])
            continue
        kind = type(found).__name__
        kinds[kind] = kinds.get(kind, 0) + 1
        differing += [f"{sent['id']}: {what}" for what in differences(sent, found)]
    told = {"lines": len(lines), "models": kinds, "refused": refused, "differing": differing}
    print(json.dumps(told))


def differences(sent: dict[str, Any], found: Any) -> list[str]:
    """What the models made something else of."""
    wrong = [
        name
        for name in ("input", "probe_asn", "probe_cc", "test_name", "measurement_uid", "report_id")
        if getattr(found, name) != sent[name]
    ]
    keys, read = sent["test_keys"], found.test_keys
    if not hasattr(read, "requests"):
        return wrong  # a test they have no model of
    for name in ("queries", "tcp_connect", "tls_handshakes", "requests", "network_events"):
        if len(getattr(read, name)) != len(keys[name]):
            wrong.append(name)
    for one, other in zip(keys["requests"], read.requests, strict=False):
        response = one["response"]
        if response is not None and (
            other.response.body_str != response["body"] or other.response.code != response["code"]
        ):
            wrong.append("response")
    return wrong + [n for n in ("blocking", "accessible") if getattr(read, n) != keys[n]]


if __name__ == "__main__":
    main()
