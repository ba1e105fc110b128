"""Notices for what is in a bundle: which package each of its files comes from, and that package's licence with its text."""

from __future__ import annotations

import re
import shutil
import subprocess
import sysconfig
from collections.abc import Iterable
from importlib.metadata import Distribution, distributions
from pathlib import Path

LICENCE_FILE = re.compile(r"(^|/)(LICEN[CS]ES?|COPYING|NOTICE|AUTHORS)[^/]*$|\.dist-info/licenses/", re.IGNORECASE)
COMMON = Path("/usr/share/common-licenses")  # on Debian: the texts that the notices of packages refer to
WITHOUT_TEXT = {"LGPL-3": ("LGPL-3", "GPL-3")}  # in a package's licence -> texts to add when the package carries none
RULE = "=" * 100


def notices(sources: Iterable[str], program: str) -> str:
    """The notices for files at these places, the program's own left out.

    Raises ValueError for a file that belongs to no package, and for a package without a licence text where one has to be passed on.
    """
    owned = {str(dist.locate_file(file)): dist for dist in distributions() for file in dist.files or ()}
    paths = {str(Path(source).resolve()) for source in sources if source and Path(source).is_absolute()}
    found: dict[str, Distribution] = {}
    system: set[str] = set()
    standard = [Path(sysconfig.get_paths()[name]).resolve() for name in ("stdlib", "platstdlib")]
    for path in paths:
        if path in owned:
            found[owned[path].name] = owned[path]
        elif not (any(map(Path(path).is_relative_to, standard)) or Path(path).name.startswith("libpython")):
            system.add(path)
    found.pop(program, None)
    parts = [_python(), *(_package(found[name]) for name in sorted(found, key=str.lower)), *_system(system)]
    listed = "\n".join(f"  {title}" for title, _ in parts)
    head = f"{program} is distributed with the software below, each under its own licence.\n\n{listed}\n"
    return "\n".join([head, *(f"{RULE}\n{title}\n{RULE}\n\n{text.strip()}\n" for title, text in parts)])


def _python() -> tuple[str, str]:
    version = sysconfig.get_python_version()
    places = (Path(sysconfig.get_paths()["stdlib"]) / "LICENSE.txt", Path(f"/usr/share/doc/python{version}/copyright"))
    text = next((place.read_text(encoding="utf-8") for place in places if place.is_file()), None)
    if text is None:
        raise ValueError("the licence of this Python is at none of " + ", ".join(map(str, places)))
    return f"Python {version} (PSF-2.0)", text


def _package(dist: Distribution) -> tuple[str, str]:
    """A line about a package, and its texts."""
    about = dist.metadata
    kinds = [text.rsplit("::", 1)[1].strip() for text in about.get_all("Classifier") or () if text.startswith("License ::")]
    stated = about.get("License-Expression") or next(iter(kinds), "") or (about.get("License") or "see below").splitlines()[0]
    title = f"{dist.name} {dist.version} ({stated})"
    places = [Path(str(dist.locate_file(file))) for file in dist.files or () if LICENCE_FILE.search(file.as_posix())]
    texts = [place.read_text(encoding="utf-8", errors="replace") for place in sorted(set(places)) if place.is_file()]
    if not texts:
        named = next(
            (
                names
                for licence, names in WITHOUT_TEXT.items()
                if licence in (about.get("License-Expression") or about.get("License") or "")
            ),
            (),
        )
        texts = [_common(name, dist.name) for name in named]
    homes = [about.get("Home-page") or "", *(about.get_all("Project-URL") or ())]
    return title, "\n\n".join([*(home for home in homes if home), *dict.fromkeys(texts)])


def _common(name: str, package: str) -> str:
    place = COMMON / name
    if not place.is_file():
        raise ValueError(f"{package} carries no licence text, and {place} is not there: build the bundle on Debian or Ubuntu")
    return place.read_text(encoding="utf-8")


def _system(paths: Iterable[str]) -> list[tuple[str, str]]:
    """Debian's packages that own libraries of the system, and their copyright files."""
    names: dict[str, list[str]] = {}
    for path in sorted(paths):
        names.setdefault(_debian_package(path), []).append(Path(path).name)
    parts = []
    for package, files in sorted(names.items()):
        place = Path("/usr/share/doc") / package / "copyright"
        texts = place.read_text(encoding="utf-8", errors="replace") if place.is_file() else f"see {place} on Debian"
        parts.append((f"{package}, of Debian: {', '.join(files)}", texts))
    return parts


def _debian_package(path: str) -> str:
    if shutil.which("dpkg-query"):
        for place in (path, path.removeprefix("/usr")):  # as the package names it, before the folders were merged
            done = subprocess.run(["dpkg-query", "--search", place], capture_output=True, text=True, check=False)
            if done.returncode == 0:
                return done.stdout.partition(":")[0]
    raise ValueError(f"{path} belongs to no package of Python or Debian, so its licence is not known")
