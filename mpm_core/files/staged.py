"""A file that is written under a hidden name, checked, and only then moved to its own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mpm_core.errors import MpmError
from mpm_core.files.atomic import backup, put_in_place, real_target, write_error
from mpm_core.files.leftovers import PREFIX, owned


@contextmanager
def staged(out: Path, *, keep_old: bool = False) -> Iterator[Path]:
    """A file of the same name in a hidden folder beside `out`, moved onto it when the block ends without an error, else deleted.

    keep_old: what was there is copied to NAME.bak before. Raises FormatError when the folder cannot be written or the move fails.
    """
    with hidden_beside(out) as path:
        yield path
        target = real_target(out)
        if keep_old and target.exists():
            backup(target)
        try:
            put_in_place(path, target)
        except OSError as error:
            raise write_error(error, out) from error


@contextmanager
def hidden_beside(out: Path) -> Iterator[Path]:
    """A file of the same name in a hidden folder beside `out`, deleted when the block ends. Raises FormatError when it cannot be made."""
    try:
        hidden = tempfile.TemporaryDirectory(prefix=owned(PREFIX), dir=real_target(out).parent)
    except OSError as error:
        raise write_error(error, out, "cannot write here") from error
    with hidden as folder:
        path = Path(folder) / out.name
        try:
            yield path
        except MpmError as error:
            error.where = error.where.replace(str(path), str(out))  # the user knows only the file that was to be written
            raise
