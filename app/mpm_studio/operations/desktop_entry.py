"""The program in a Linux desktop's menus: its entry, icon, file types and description, as the freedesktop.org specifications have them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from mpm_core.errors import MpmError
from mpm_core.files.atomic import write_bytes, write_error
from mpm_core.resources import resource

PLACES = {
    "applications/mpm-studio.desktop": "desktop/mpm-studio.desktop",
    "icons/hicolor/scalable/apps/mpm-studio.svg": "icons/app.svg",
    "mime/packages/mpm-studio.xml": "desktop/mime.xml",
    "metainfo/mpm-studio.metainfo.xml": "desktop/metainfo.xml",
}
REFRESH = (("update-desktop-database", "applications"), ("update-mime-database", "mime"), ("gtk-update-icon-cache", "icons/hicolor"))
REFRESH_S = 60


def data_folder() -> Path:
    """Where a user's own desktop entries are."""
    given = os.environ.get("XDG_DATA_HOME", "")
    return Path(given) if given.startswith("/") else Path.home() / ".local/share"


def install(folder: Path) -> list[Path]:
    """Write the entry and what belongs to it below a data folder; files of an earlier version are replaced. Raises MpmError."""
    if sys.platform in ("win32", "darwin"):
        raise MpmError("desktop entries are for Linux", hint="here the program is started with the command mpm-studio")
    words = launcher()
    values = {"exec": " ".join(map(_quoted, words)), "program": words[0]}
    written = []
    for place, name in PLACES.items():
        target = folder / place
        content = resource(name).read_bytes()
        if not name.startswith("icons/"):
            content = re.sub(r"\{(exec|program)\}", lambda found: values[found[1]], content.decode()).encode()
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise write_error(error, target.parent, "cannot make this folder") from error
        write_bytes(target, content)
        written.append(target)
    _refresh(folder)
    return written


def remove(folder: Path) -> list[Path]:
    """Delete what `install` wrote, and return it. Raises MpmError for what cannot be deleted."""
    deleted = []
    for target in [folder / place for place in PLACES]:
        if not target.exists():
            continue
        try:
            target.unlink()
        except OSError as error:
            raise MpmError(f"this cannot be deleted: {error.strerror}", where=str(target), hint="check its permissions") from error
        deleted.append(target)
    if deleted:
        _refresh(folder)
    return deleted


def launcher() -> list[str]:
    """The command that starts this installation: its own script, else the module with this Python."""
    script = Path(sys.executable).with_name("mpm-studio")
    return [str(script)] if os.access(script, os.X_OK) else [sys.executable, "-m", "mpm_studio"]


def _quoted(word: str) -> str:
    """A word of an Exec line: in double quotes, its special characters escaped, once for the line and once for the file."""
    escaped = re.sub(r'(["`$\\])', r"\\\1", word).replace("\\", "\\\\").replace("%", "%%")
    return word if re.fullmatch(r"[\w./+:@=-]+", word, re.ASCII) else f'"{escaped}"'


def _refresh(folder: Path) -> None:
    """Run those of the desktop's own programs that are installed; without them the entry shows up later."""
    for program, place in REFRESH:
        found = shutil.which(program)
        if found is not None and (folder / place).is_dir():
            subprocess.run([found, str(folder / place)], capture_output=True, timeout=REFRESH_S, check=False)
