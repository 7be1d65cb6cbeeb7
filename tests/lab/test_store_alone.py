"""The store in a process of its own, where nothing else is loaded and nothing is left behind."""

import subprocess
import sys
from pathlib import Path


def test_another_thread_is_refused(tmp_path: Path) -> None:
    """In a process of its own, since the misuse leaves a connection nobody can close."""
    location = str(tmp_path / "a.sqlite")
    script = (
        "import threading\nfrom sqlalchemy.exc import ProgrammingError\n"
        "from storage.store import Store\n"
        "caught = []\n"
        "def use(store):\n"
        "    try:\n        store.current_ruleset()\n"
        "    except ProgrammingError as error:\n        caught.append(str(error.orig))\n"
        f"store = Store.open({location!r})\n"
        "thread = threading.Thread(target=use, args=(store,))\n"
        "thread.start(); thread.join(); print(*caught)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert "can only be used in that same thread" in done.stdout


def test_the_store_works_without_loading_alembic(tmp_path: Path) -> None:
    location = str(tmp_path / "a.sqlite")
    script = (
        "import sys\nfrom storage.store import Store\n"
        f"Store.open({location!r}).close()\n"
        "sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
