"""Patterns of files below the folders that a user names, and of people."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path


def place_of(path: Path, root: Path) -> str:
    """A file as patterns see it: the folder that was named, and the path below it.

    >>> place_of(Path("/data/snu/tennis/a.bvh"), Path("/data/snu"))
    'snu/tennis/a.bvh'
    """
    root = root.parent if root == path else root
    return (Path(root.resolve().name) / path.relative_to(root)).as_posix()


def fits(pattern: str, place: str) -> bool:
    """Whether a pattern fits a file, or a folder that it lies in. It may begin at any folder.

    `*` and `?` stand for characters within one name, `**` for any number of folders.

    >>> fits("tiling/hys_*", "snu/tiling/hys_1.amc"), fits("tiling", "snu/tiling/hys_1.amc"), fits("iling", "snu/tiling/hys_1.amc")
    (True, True, False)
    """
    return _expression(pattern.strip("/")).fullmatch(place) is not None


def holds_out(pattern: str, subject: str, place: str) -> bool:
    """Whether a pattern of people, sessions or files fits a take: by its subject's name, or by its file.

    >>> holds_out("hdm05-*", "hdm05-bd", "data/a.amc"), holds_out("data/a*", "s1", "data/a.amc"), holds_out("s2", "s1", "data/a.amc")
    (True, True, False)
    """
    return fnmatchcase(subject, pattern) or fits(pattern, place)


def unused(patterns: Iterable[str], takes: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Patterns that no (subject, place) fits: a mistyped one would train on whom it should hold out."""
    known = set(takes)
    return tuple(pattern for pattern in patterns if not any(holds_out(pattern, *take) for take in known))


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    *folders, last = pattern.split("/")
    above = "".join("(?:[^/]+/)*" if part == "**" else f"{_name(part)}/" for part in folders)
    return re.compile(f"(?:.*/)?{above}{'.*' if last == '**' else _name(last)}(?:/.*)?")


def _name(part: str) -> str:
    """A name's pattern, of which `*` and `?` do not reach into the next folder."""
    return "".join({"*": "[^/]*", "?": "[^/]"}.get(letter, re.escape(letter)) for letter in part)
