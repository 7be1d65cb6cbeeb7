"""How to get what only some commands need: the extras that pyproject.toml declares."""

COLLECTOR = ("uvicorn", "litestar")
"""Packages of the extra ``collector`` without which no control is served."""


def install(extra: str) -> str:
    """The command that installs an extra, as the documents have it.

    It is given in the folder of the source, for Heliograph is installed from there, and works where
    it is installed already; several extras are named at once (``.[archive,collector]``).
    """
    return f"pipx install --force '.[{extra}]', in the folder of Heliograph's source"
