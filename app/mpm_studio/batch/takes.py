"""Which takes there are in folders, and where the result of each goes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from mpm_core.check.report import PROOF
from mpm_core.errors import FormatError
from mpm_core.io.registry import FORMATS, detect, writer_for
from mpm_studio.usage_error import UsageError

SUMMARY = "summary"
READS = {suffix for fmt in FORMATS if fmt.reads for suffix in fmt.suffixes}
MIXED = (".json", ".txt")  # endings of files that mostly hold something else
WRITES = {suffix for fmt in FORMATS if fmt.writes for suffix in fmt.suffixes}
OTHERWISE = ".npz"  # for what cannot be written as it was read


def takes(inputs: Sequence[Path], out: Path) -> list[tuple[Path, Path]]:
    """(take, its place below the output folder without an ending changed), in a fixed order. Links to folders are not followed.

    A folder of keypoint files is one take. JSON and text files count where they hold a take. Raises FormatError for an input that is not
    there.
    """
    found: list[tuple[Path, Path]] = []
    for given in inputs:
        if not given.exists():
            raise FormatError("there is no such file or folder", where=str(given), hint="check the path")
        if not given.is_dir():
            found.append((given, Path(given.name)))
            continue
        own = Path(given.absolute().name)
        below = own if len(inputs) > 1 else Path()
        found += [(path, own if path == given else below / path.relative_to(given)) for path in _below(given, out.absolute())]
    return found


def _below(folder: Path, out: Path) -> list[Path]:
    found: list[Path] = []
    closed: list[Path] = []  # folders that may not be opened: each becomes a failed take
    for name, folders, files in os.walk(folder, onerror=lambda error: closed.append(Path(error.filename))):
        here = Path(name)
        folders[:] = sorted(each for each in folders if not each.startswith(".") and (here / each).absolute() != out)
        frames = any(file.endswith(MIXED) for file in files) and _is_take(here)
        if frames:
            found.append(here)
        for file in sorted(files):
            path = here / file
            suffix = path.suffix.lower()
            if file.startswith(".") or suffix not in READS or file.endswith(PROOF):
                continue
            if suffix not in MIXED or (not frames and _is_take(path)):
                found.append(path)
    return sorted([*found, *closed])


def _is_take(path: Path) -> bool:
    try:
        detect(path)
    except FormatError:
        return False
    return True


def outputs(found: Sequence[tuple[Path, Path]], out: Path, to: str | None) -> list[Path]:
    """The file for each take: of its own format where that is written, else NPZ; `to`: of this ending. No two are the same.

    Raises UsageError for an ending that is not written.
    """
    ending = None if to is None else f".{to.lower().lstrip('.')}"
    if ending is not None and ending not in WRITES:
        raise UsageError(f"--to {to} is not a format that is written: {', '.join(sorted(each[1:] for each in WRITES))}")
    made: list[Path] = []
    taken: set[str] = set()
    for source, place in found:
        own = "" if source.is_dir() else place.suffix
        suffix = ending or (own if own.lower() in WRITES else OTHERWISE)
        stem = place.name[: len(place.name) - len(own)]
        names = [f"{stem}{suffix}", f"{place.name}{suffix}", *(f"{stem}-{number}{suffix}" for number in range(2, len(found) + 2))]
        path = next(path for name in names if str(path := out / place.parent / name).casefold() not in taken)
        taken.add(str(path).casefold())
        writer_for(path)
        made.append(path)
    return made


def overwritten(sources: Sequence[Path], places: Sequence[Path]) -> Path | None:
    """The first place at which one of the sources stands, by whatever name or link; None when there is none."""
    taken = set()
    for path in sources:
        with suppress(OSError):  # one that cannot be opened fails by itself
            taken.add((path.stat().st_dev, path.stat().st_ino))
    for path in places:
        with suppress(OSError):
            if (path.stat().st_dev, path.stat().st_ino) in taken:
                return path
    return None
