"""The ``lab`` commands' words: what can be typed, and what it means."""

from pathlib import Path
from typing import Annotated

import typer

from heliograph.cli.options import Json, UnusedConfig, UnusedDb, UnusedJson

lab_app = typer.Typer(help="Rehearse in a small censored internet.", no_args_is_help=True)
Rows = Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Rows by name.")]


@lab_app.command("list")
def lab_list(db: UnusedDb = None, config: UnusedConfig = None, json: Json = False) -> None:
    """Show the conditions the lab can stage, and the verdict each must get."""
    from heliograph.cli.exits import boundary
    from heliograph.cli.lab import listing

    with boundary():
        listing(json=json)


@lab_app.command("run")
def lab_run(
    names: Rows = None,
    every: Annotated[bool, typer.Option("--all", help="Every row.")] = False,
    repeat: Annotated[int, typer.Option(min=1, help="Run every row so many times.")] = 1,
    db: UnusedDb = None,
    config: UnusedConfig = None,
    json: Json = False,
) -> None:
    """Rehearse: stage conditions, look at them with 'heliograph run', compare the verdicts.

    Rows are named, or --all asks for every one, which takes minutes. Ends with exit code 70 when a
    verdict is wrong or a condition was not really there.

    Example:

      heliograph lab run tls-reset dns-injection --repeat 3
    """
    from heliograph.cli.exits import boundary
    from heliograph.cli.lab import run as rehearse

    with boundary():
        rehearse(tuple(names or ()), every=every, repeat=repeat, json=json)


@lab_app.command("shell")
def lab_shell(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The row to stage.")],
    db: UnusedDb = None,
    config: UnusedConfig = None,
    json: UnusedJson = False,
) -> None:
    """Open a terminal on the volunteer's host of the lab, with one condition staged."""
    from heliograph.cli.exits import boundary
    from heliograph.cli.lab import terminal

    with boundary():
        terminal((name,))


@lab_app.command("history")
def lab_history(
    out: Annotated[Path, typer.Option(help="Folder for series.csv and truth.json.")],
    preset: Annotated[str, typer.Option(help="What the history is like.")] = "default",
    seed: Annotated[int, typer.Option(min=0, help="The same one gives the same history.")] = 1,
    db: UnusedDb = None,
    config: UnusedConfig = None,
    json: UnusedJson = False,
) -> None:
    """Simulate a fleet over months or years: counts as a table, and what is true of them.

    Example:

      heliograph lab history --preset default --seed 1 --out history
    """
    from heliograph.cli.exits import boundary
    from heliograph.cli.histories import write_history

    with boundary():
        write_history(preset, seed=seed, out=out)


@lab_app.command("evaluate")
def lab_evaluate(  # noqa: PLR0913, PLR0917 - one parameter for each option a user sees
    names: Rows = None,
    repeat: Annotated[int, typer.Option(min=1, help="Run every row so many times.")] = 20,
    out: Annotated[Path | None, typer.Option(help="File to keep the counts in (JSON).")] = None,
    keep: Annotated[
        Path | None, typer.Option(help="Folder to keep measurements in, with what is true of them.")
    ] = None,
    histories: Annotated[
        bool, typer.Option("--history", help="Judge findings in histories; NAMEs are presets.")
    ] = False,
    seeds: Annotated[int, typer.Option(min=1, help="Histories of each preset.")] = 10,
    nights: Annotated[
        int, typer.Option(min=0, help="Histories of 'default' to replay night after night.")
    ] = 10,
    db: UnusedDb = None,
    config: UnusedConfig = None,
    json: Json = False,
) -> None:
    """Measure our own error rates on every row: what is found, what is falsely called blocked.

    With --history: of findings, on simulated years. Ends with exit code 70 when anything is falsely
    called blocked, or was not looked at.

    Examples:

      heliograph lab evaluate --repeat 20 --out accuracy.json

      heliograph lab evaluate tls-reset --repeat 3 --keep tests/corpus

      heliograph lab evaluate --history default quiet --seeds 3
    """
    from heliograph.cli.evaluate import evaluate
    from heliograph.cli.exits import boundary
    from heliograph.cli.histories import evaluate_histories

    with boundary():
        if histories:
            evaluate_histories(tuple(names or ()), seeds=seeds, nights=nights, out=out, json=json)
            return
        evaluate(tuple(names or ()), repeat=repeat, out=out, keep=keep, json=json)
