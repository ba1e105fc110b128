"""What the documentation site needs beside `docs/`: pages from elsewhere in the repository, and links to them. Used by mkdocs.yml."""

from __future__ import annotations

import os.path
import re
from pathlib import Path, PurePosixPath
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]
ELSEWHERE = {
    "ARCHITECTURE.md": "project/architecture.md",
    "DEVELOPERS.md": "project/developers.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "SECURITY.md": "project/security.md",
    "CHANGELOG.md": "project/changelog.md",
    "LICENSE": "project/LICENSE.txt",
    "NOTICE": "project/NOTICE.txt",
    "CITATION.cff": "project/CITATION.cff",
    "resources/models/complete.md": "cards/complete.md",
    "resources/models/lift.md": "cards/lift.md",
    "resources/icons/app.svg": "images/icon.svg",
}
"""File of the repository -> its place in the site."""
LINK = re.compile(r"(?<=\]\()(?!\w+:|#)([^)#\s]+)")
DECISIONS, NUMBERS = "adr/", ("benchmarks/", "cards/")


def on_config(config: Any) -> Any:
    """List every decision in the navigation, in the order of its number."""
    section = config.nav[-1]["Project"]
    section += [f"{DECISIONS}{path.name}" for path in sorted((ROOT / "docs" / DECISIONS).glob("[0-9]*.md"))]
    return config


def on_files(files: Files, config: Any) -> Files:
    """Add the files from elsewhere."""
    for source, place in ELSEWHERE.items():
        files.append(File.generated(config, place, abs_src_path=str(ROOT / source)))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Links that hold in the repository hold in the site. Pages of numbers alone are not searched."""
    if page.file.src_uri.startswith(NUMBERS):
        page.meta["search"] = {"exclude": True}
    places = {Path(file.abs_src_path).resolve(): file.src_uri for file in files if file.abs_src_path}
    folder, here = Path(page.file.abs_src_path).parent, PurePosixPath(page.file.src_uri).parent

    def to_site(link: re.Match[str]) -> str:
        place = places.get((folder / link[1]).resolve())
        return link[1] if place is None else os.path.relpath(place, here)

    return LINK.sub(to_site, markdown)
