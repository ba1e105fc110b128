"""The up axis of a take that does not show it, from the other takes in its folder that do: files of one session agree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from mpm_core.errors import MpmError
from mpm_core.io.up_axis import signed
from mpm_core.recording import Recording

MOST_READ, MOST_BYTES = 3, 8 << 20  # siblings, and the size of each


def up_of_siblings(path: Path, rec: Recording, read: Callable[..., Recording]) -> tuple[str, str] | None:
    """The up axis and the name of the first other file of the folder that knows its own and holds the same points, or None.

    Looked at are files of the same ending, by name. read: the reader of their format.
    """
    try:
        others = [each for each in sorted(path.parent.iterdir()) if _alike(each, path)]
    except OSError:  # a folder that may be entered and not listed
        return None
    for sibling in others[:MOST_READ]:
        try:
            other = read(sibling)
        except MpmError:  # a broken sibling decides nothing
            continue
        if other.source.up_known and 2 * len(set(other.points) & set(rec.points)) >= len(rec.points):
            return other.source.up, sibling.name
    return None


def read_with_siblings(path: Path, rec: Recording, read: Callable[..., Recording], given: dict[str, Any]) -> Recording:
    """The recording; where it does not know which way is up and a sibling does, read again with that sibling's up axis, and a note."""
    found = None if rec.source.up_known else up_of_siblings(path, rec, read)
    if found is None:
        return rec
    up, name = found
    again = read(path, **given, up=up)
    notes = [note for note in again.source.notes if note != f"up: {up} (as asked)"]
    note = f"the file does not say which way is up; taken as {signed(up)} (as in {name})"
    return replace(again, source=replace(again.source, notes=(*notes, note)))


def _alike(path: Path, other: Path) -> bool:
    same = path.suffix.lower() == other.suffix.lower() and path.name != other.name and not path.name.startswith(".")
    return same and path.is_file() and path.stat().st_size <= MOST_BYTES
