"""Where the documentation is: a built site that came with the package, else its Markdown pages."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from mpm_core.resources import resource

SHARE = Path("share") / "doc" / "mpm-studio"
FIRST = ("index.md", "install.md", "commands.md", "formats.md", "markers.md", "checks.md", "batch.md")  # what users ask for first


@dataclass(frozen=True, slots=True)
class HelpPage:
    """title: its first heading."""

    title: str
    path: Path


def folder() -> Path | None:
    """The folder of the built documentation, which has an index.html; None when none came with this installation."""
    places = (resource("site"), Path(sys.prefix) / SHARE, Path("/usr") / SHARE)
    return next((place for place in places if (place / "index.html").is_file()), None)


def markdown_folder() -> Path:
    """The folder of the Markdown pages. It need not exist."""
    packaged = resource("docs")
    return packaged if packaged.is_dir() else resource("").parent / "docs"


def markdown_pages() -> list[HelpPage]:
    """The pages, those for users first."""
    found = sorted(
        markdown_folder().glob("*.md"), key=lambda path: (FIRST.index(path.name) if path.name in FIRST else len(FIRST), path.name)
    )
    return [HelpPage(_title(path), path) for path in found]


def _title(path: Path) -> str:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return path.stem
    return next((line[2:].strip() for line in lines if line.startswith("# ")), path.stem)
