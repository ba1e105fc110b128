"""Where the documentation is: a built site that came with the package, else its Markdown pages."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from mpm_core.resources import resource

SHARE = Path("share") / "doc" / "mpm-studio"
FIRST = ("index.md", "tutorial.md", "tasks/index.md", "window.md", "editing.md", "install.md", "troubleshooting.md", "sigma.md")


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
    """The pages, those for users first; the tasks follow their own list."""
    folder = markdown_folder()
    places = [path.relative_to(folder).as_posix() for pattern in ("*.md", "tasks/*.md") for path in folder.glob(pattern)]
    order = {place: number for number, place in enumerate(FIRST)}
    rest = {place: order["tasks/index.md"] if place.startswith("tasks/") else len(FIRST) for place in places}
    found = sorted(places, key=lambda place: (order.get(place, rest[place]), place not in order, place))
    return [HelpPage(_title(folder / place), folder / place) for place in found]


def _title(path: Path) -> str:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return path.stem
    return next((line[2:].strip() for line in lines if line.startswith("# ")), path.stem)
