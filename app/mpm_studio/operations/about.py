"""What the program is made of: the packages in use, their versions and licences."""

from __future__ import annotations

import platform
import re
from dataclasses import dataclass
from importlib import metadata

PROGRAM = "mpm-studio"
LONGEST = 60  # characters of a licence's name; some packages put the whole text there


@dataclass(frozen=True, slots=True)
class Component:
    name: str
    version: str
    licence: str


def components() -> list[Component]:
    """The program, Python, and every installed package that the program requires, extras for users included, by name."""
    found = [Component(PROGRAM, _version(PROGRAM), _licence(PROGRAM)), Component("Python", platform.python_version(), "PSF-2.0")]
    names = {re.split(r"[ ;<>=!~\[]", text, maxsplit=1)[0] for text in _requires(PROGRAM) if "extra == 'dev'" not in text.replace('"', "'")}
    for name in sorted(names, key=str.lower):
        version = _version(name)
        if version:
            found.append(Component(name, version, _licence(name)))
    return found


def as_text(parts: list[Component]) -> str:
    """A line each, to be put into a report."""
    return "\n".join(f"{each.name} {each.version} ({each.licence})" for each in parts)


def _requires(name: str) -> list[str]:
    try:
        return metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return []


def _version(name: str) -> str:
    """'' when it is not installed."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _licence(name: str) -> str:
    """As the package states it: an expression, a short name, or its classifiers."""
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return "not stated"
    for key in ("License-Expression", "License"):
        text = (about.get_all(key) or [""])[0].strip()
        first = text.splitlines()[0] if text else ""
        if first and len(first) <= LONGEST and first.upper() != "UNKNOWN":
            return first
    kinds = [text.rsplit("::", 1)[1].strip() for text in about.get_all("Classifier") or [] if text.startswith("License ::")]
    return ", ".join(kinds) or "see its own files"
