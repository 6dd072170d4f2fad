"""What a run on this machine leaves in files, nobody else on the machine can read."""

import contextlib
import os
import stat
from pathlib import Path

from deploy.local.stack import Options, running

OTHERS = stat.S_IRWXG | stat.S_IRWXO


def test_passwords_logs_and_the_database_are_closed_to_others() -> None:
    before = os.umask(0o022)
    try:
        with running(Options(terminals=3, cameras=2, villages=12, parts=())) as stack:
            top = stack.folder.stat().st_mode
            found = modes(stack.folder)
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)
    assert not top & (stat.S_IRGRP | stat.S_IROTH | stat.S_IWGRP | stat.S_IWOTH)
    names = {path.name for path in found}
    assert {"pgdata", "credentials.json", "hub.passwords", "mosquitto.conf"} <= names
    open_to_others = {
        str(path)
        for path, mode in found.items()
        if mode & OTHERS and not stat.S_ISSOCK(mode) and "pgdata" not in path.parts
    }
    assert open_to_others == set()
    assert not next(mode for path, mode in found.items() if path.name == "pgdata") & OTHERS


def modes(folder: Path) -> dict[Path, int]:
    """The mode of each file and folder below; those that come and go are left out."""
    found = {}
    for path in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            found[path] = path.lstat().st_mode
    return found
