"""A file that is written, checked, and only then put in its place."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mpm_core.errors import FormatError, MpmError


@contextmanager
def staged(out: Path) -> Iterator[Path]:
    """A file of the same name in a hidden folder beside `out`, moved onto it when the block ends well and deleted otherwise.

    Raises FormatError when the folder cannot be written or the move fails.
    """
    with room_beside(out) as path:
        yield path
        try:
            path.replace(out)
        except OSError as error:
            raise FormatError(f"the file could not be written: {error.strerror}", where=str(out), hint="choose another name") from error


@contextmanager
def room_beside(out: Path) -> Iterator[Path]:
    """A file of the same name in a hidden folder beside `out`, deleted when the block ends. Raises FormatError when there is no room."""
    try:
        room = tempfile.TemporaryDirectory(prefix=".mpm-studio-", dir=out.parent)
    except OSError as error:
        raise FormatError(f"cannot write here: {error.strerror}", where=str(out), hint="choose another folder") from error
    with room as folder:
        path = Path(folder) / out.name
        try:
            yield path
        except MpmError as error:
            error.where = error.where.replace(str(path), str(out))  # the user knows only the file that was asked for
            raise
