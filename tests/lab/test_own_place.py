"""Where a host is: told by its operator, by a table, or by the control that sees it asking."""

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.lab.lab_fixtures import environment, heliograph

NO_PLACE = r"/^\[vantage]/,/^network_name/d"
NO_TABLE = "/^asn_table/d"
NO_CONTROL = r"/^\[control]/,/^token_file/d"


def places(folder: Path, *edits: str) -> list[tuple[str, int, str | None, str, str]]:
    """Where a run on the lab's vantage says it was, its settings edited by sed first."""
    database = folder / "results.sqlite"
    script = " ".join(f"-e '{edit}'" for edit in edits)
    shell = folder / "shell"
    shell.write_text(
        "#!/bin/sh\n"
        f'sed {script} "$HELIOGRAPH_CONFIG" > "$HELIOGRAPH_CONFIG.own.toml"\n'
        'export HELIOGRAPH_CONFIG="$HELIOGRAPH_CONFIG.own.toml"\n'
        f"heliograph run --yes --db '{database}' https://secure.example/\n",
        encoding="utf-8",
    )
    shell.chmod(0o700)
    done = heliograph("lab", "shell", "ok-https", env={**environment(folder), "SHELL": str(shell)})
    assert done.returncode == 0, done.stderr
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(
            "select country, asn, network_name, vantage_source, context"
            " from api_v1_measurements where probe = 'web'"
        ).fetchall()


def test_a_control_says_in_which_network_it_saw_the_vantage(tmp_path: Path) -> None:
    ((country, asn, name, source, _),) = places(tmp_path, NO_PLACE, NO_TABLE)
    assert (country, asn, name) == ("XA", 64500, "Example ISP")
    assert source.startswith("control elsewhere.example: asn.csv 20")


def test_a_table_of_one_s_own_is_asked_about_the_address_the_control_saw(tmp_path: Path) -> None:
    ((country, asn, name, source, _),) = places(tmp_path, NO_PLACE)
    assert (country, asn, name) == ("XA", 64500, "Example ISP")
    assert source.startswith("asn.csv 20")


def test_without_either_the_place_is_unknown(tmp_path: Path) -> None:
    ((country, asn, name, source, _),) = places(tmp_path, NO_PLACE, NO_TABLE, NO_CONTROL)
    assert (country, asn, name, source) == ("ZZ", 0, None, "unknown")


def test_an_operator_s_word_that_the_address_contradicts_is_flagged(tmp_path: Path) -> None:
    ((country, _, _, source, context),) = places(tmp_path, 's/^country = "XA"/country = "XB"/')
    assert (country, source) == ("XB", "configured")
    assert "seen_elsewhere" in context


def test_an_operator_s_word_that_the_address_bears_out_is_not(tmp_path: Path) -> None:
    ((country, _, _, source, context),) = places(tmp_path, "s/nothing/nothing/")
    assert (country, source) == ("XA", "configured")
    assert "seen_elsewhere" not in context


RISK = """\
#!/bin/sh
sed {script} "$HELIOGRAPH_CONFIG" > "$HELIOGRAPH_CONFIG.own.toml"
export HELIOGRAPH_CONFIG="$HELIOGRAPH_CONFIG.own.toml"
{more}
heliograph consent text > '{out}'
"""


def first_screen(folder: Path, *edits: str, more: str = "") -> str:
    """The text to agree to on the lab's vantage, its settings edited by sed first."""
    shell, out = folder / "shell", folder / "text"
    script = " ".join(f"-e '{edit}'" for edit in edits)
    shell.write_text(RISK.format(script=script, out=out, more=more), encoding="utf-8")
    shell.chmod(0o700)
    done = heliograph("lab", "shell", "ok-https", env={**environment(folder), "SHELL": str(shell)})
    assert done.returncode == 0, done.stderr
    return out.read_text(encoding="utf-8")


def test_the_risk_is_that_of_the_country_a_table_knows_an_own_public_address_in(
    tmp_path: Path,
) -> None:
    table = tmp_path / "own.csv"
    table.write_text("cidr,asn,country,name\n198.18.0.0/15,64500,IR,x\n", encoding="utf-8")
    text = first_screen(tmp_path, NO_PLACE, f's|^asn_table.*|asn_table = "{table}"|')

    assert "Risk in IR: HIGH" in text
    assert "That this is IR is read off this computer's address in a table (own.csv 20" in text
    assert ".own.toml this line" in text


def test_the_risk_is_unknown_where_no_table_knows_an_own_address(tmp_path: Path) -> None:
    text = first_screen(tmp_path, NO_PLACE, NO_TABLE)

    assert "Risk here: UNKNOWN, to be read as HIGH" in text
    assert ".own.toml this line" in text
