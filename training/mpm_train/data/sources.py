"""Which files below the given folders can be learned from, and their takes one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mpm_core.errors import DataError, MpmError
from mpm_core.io import object_npz
from mpm_train.data import amass, h36m, motion_files, threedhp, ui_prmd
from mpm_train.data.rules import SETTINGS, Rules, options_for
from mpm_train.data.take import Take, key_of

RULED = {"motion": SETTINGS, "ui-prmd": ("fps",)}  # which rules each kind of file leaves open


@dataclass(frozen=True, slots=True)
class Found:
    """A file and what it is. root: the folder that the user named, below which it was found."""

    path: Path
    kind: str
    root: Path


@dataclass(frozen=True, slots=True)
class Refused:
    """A file, or a part of one, that could not be read, and why: in one line, and what is wrong and what to do without the file's name."""

    path: Path
    root: Path
    why: str
    what: str
    hint: str


@dataclass(frozen=True, slots=True)
class Needs:
    """What some data sets need besides their files."""

    rules: Rules = field(default_factory=Rules)
    h36m_cameras: Path | None = None
    body_model: Path | None = None


def find(folders: Iterable[Path]) -> list[Found | Refused]:
    """Every motion file and every .npz of a known layout, sorted, each once. Raises DataError for a folder that is not there."""
    found: dict[Path, Found | Refused] = {}
    for folder in folders:
        if not folder.exists():
            raise DataError("there is no such folder", where=str(folder), hint="check the path")
        for path in [folder] if folder.is_file() else sorted(folder.rglob("*")):
            if path in found or not path.is_file():
                continue
            if path.suffix.lower() in motion_files.SUFFIXES:
                found[path] = Found(path, "motion", folder)
            elif path.suffix.lower() == ".npz" and not path.name.startswith(h36m.DETECTIONS):
                found[path] = _npz(path, folder)
            elif ui_prmd.FILE.fullmatch(path.name):
                found[path] = Found(path, "ui-prmd", folder)
    return list(found.values())


def takes(source: Found, needs: Needs, done: set[str]) -> Iterator[Take | Refused]:
    """The takes of a file but those that are done already; a part that cannot be read ends the file."""
    options = options_for(source.path, source.root, needs.rules)
    try:
        for rule in options.rules:
            if rule.setting not in RULED.get(source.kind, ()):
                hint = f"change the pattern {rule.pattern} of {rule.given_by}"
                raise DataError(f"--{rule.setting} does not apply to it", where=str(source.path), hint=hint)
        if source.kind == "h36m":
            yield from h36m.read(source.path, needs.h36m_cameras, done)
        elif source.kind == "3dhp":
            yield from threedhp.read(source.path, done)
        elif key_of(source.path, source.path.stem) not in done:
            if source.kind == "amass":
                yield from amass.read(source.path, needs.body_model)
            else:
                read = ui_prmd.read if source.kind == "ui-prmd" else motion_files.read
                yield from read(source.path, options)
    except MpmError as error:
        yield Refused(source.path, source.root, str(error), error.what, error.hint)


def _npz(path: Path, root: Path) -> Found | Refused:
    try:
        names = set(object_npz.members(path))
    except MpmError as error:
        return Refused(path, root, str(error), error.what, error.hint)
    if "positions_3d" in names:
        return Found(path, "h36m", root)
    if {"poses", "trans", "betas"} <= names:
        return Found(path, "amass", root)
    if "xyz" in names or "xy" in names:
        return Found(path, "motion", root)
    if names == {"data"}:
        return Found(path, "3dhp", root)
    holds = ", ".join(sorted(names)[:6])
    strange = DataError(f"no known layout, it holds {holds}", where=str(path), hint="docs/data.md lists the layouts")
    return Refused(path, root, str(strange), strange.what, strange.hint)
