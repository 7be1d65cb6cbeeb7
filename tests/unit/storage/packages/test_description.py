"""A description holds what the published profile requires, and is true of the files beside it.

The profile (https://datapackage.org/profiles/2.0/datapackage.json) can't be fetched by a test:
what it requires is typed here. ``python -m benchmarks.packages`` has frictionless check the same.
"""

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from storage.packages.description import newest_of, version_of, written
from storage.packages.shapes import Format
from storage.packages.tables import TABLES
from tests.unit.storage.packages.conftest import description_of

FIELD_TYPES = {
    "string", "number", "integer", "boolean", "object", "array", "list", "datetime", "date",
    "time", "year", "yearmonth", "duration", "geopoint", "geojson", "any",
}  # fmt: skip


@pytest.mark.parametrize("form", Format)
def test_it_has_what_the_profile_requires(pack: Callable[..., Path], form: Format) -> None:
    folder = pack(form)
    told = json.loads((folder / "datapackage.json").read_bytes())

    assert told["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    assert re.fullmatch("[a-z0-9._-]+", told["name"])
    assert told["resources"]
    assert all(one.get("name") or one.get("path") for one in told["licenses"])
    assert all(one.get("title") for one in told["sources"])
    for resource in told["resources"]:
        assert re.fullmatch("[a-z0-9._-]+", resource["name"])
        assert not re.match(r"/|\.\.", resource["path"])
        assert re.fullmatch("sha256:[0-9a-f]{64}", resource["hash"])
        for field in resource.get("schema", {}).get("fields", ()):
            assert field["type"] in FIELD_TYPES
            assert field["description"]


@pytest.mark.parametrize("form", Format)
def test_sizes_and_digests_are_those_of_the_files(pack: Callable[..., Path], form: Format) -> None:
    folder = pack(form)
    for resource in description_of(folder).resources:
        data = (folder / resource.path).read_bytes()
        assert resource.bytes == len(data)
        assert resource.hash == f"sha256:{hashlib.sha256(data).hexdigest()}"


def test_the_tables_have_their_schemas_and_counts(pack: Callable[..., Path]) -> None:
    told = description_of(pack(Format.CSV))

    assert [one.name for one in told.resources] == [table.name for table in TABLES]
    assert all(one.schema is not None for one in told.resources)
    assert (told.counts.measurements, told.counts.steps, told.counts.verdicts) == (16, 30, 16)


def test_the_version_is_the_day_of_the_newest_look_and_a_hash_of_the_data(
    pack: Callable[..., Path], looks: list[object]
) -> None:
    all_of_them = description_of(pack(Format.JSONL, "all"))
    some = description_of(pack(Format.JSONL, "some", looks[:3]))

    assert re.fullmatch("2026-11-23-[0-9a-f]{16}", all_of_them.version)
    assert newest_of(all_of_them) == "2026-11-23"
    assert all_of_them.version != some.version
    assert all_of_them.version == version_of(all_of_them.resources, "2026-11-23")


def test_what_is_written_ends_in_a_line_and_is_the_same_each_time(
    pack: Callable[..., Path],
) -> None:
    folder = pack(Format.CSV)
    text = (folder / "datapackage.json").read_bytes()

    assert text == written(description_of(folder))
    assert text.endswith(b"}\n")
