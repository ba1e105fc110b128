"""Writing files so that a crash, a full disk or a kill leaves either the old file or the new one, whole."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

from mpm_core.errors import FormatError
from mpm_core.files.leftovers import PREFIX, delete_leftovers, owned

HINTS = {
    errno.ENOSPC: "the disk is full: free some space, or choose another disk",
    errno.EDQUOT: "your quota is used up: free some space, or choose another disk",
    errno.EFBIG: "the disk takes no file of this size; choose another",
    errno.EACCES: "you may not write here; choose another folder",
    errno.EROFS: "nothing can be written on this disk; choose another",
}
_mask = os.umask(0)  # read once: it can only be read by setting it, which threads must not do at the same time
os.umask(_mask)


@contextmanager
def atomic_write(path: str | Path) -> Iterator[BinaryIO]:
    """A binary file that becomes `path` when the block ends without an error (a hidden file beside it, fsync, replace), else is deleted.

    Raises FormatError when the folder or the file cannot be written, or the file there is write-protected.
    """
    target = real_target(path)
    try:
        handle, name = tempfile.mkstemp(prefix=owned(PREFIX), suffix=".part", dir=target.parent)
    except OSError as error:
        raise write_error(error, target, "cannot write here") from error
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield cast(BinaryIO, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o666 & ~_mask)
        put_in_place(temporary, target)
    except OSError as error:
        raise write_error(error, target) from error
    finally:
        temporary.unlink(missing_ok=True)


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write a whole file atomically. Raises FormatError when it cannot."""
    with atomic_write(path) as file:
        file.write(data)


def write_text(path: str | Path, text: str) -> None:
    """As `write_bytes`, in UTF-8. Bytes of a path that are not text, as Python keeps them, become the escapes that JSON has for them."""
    write_bytes(path, text.encode("utf-8", "backslashreplace"))


def real_target(path: str | Path) -> Path:
    """The path that will be written: a link's target, so that the link stays. Deletes what killed writers left beside it.

    Raises FormatError when the file that is there is write-protected.
    """
    target = Path(os.path.realpath(path))
    with suppress(FileNotFoundError, NotADirectoryError):
        mode = target.stat().st_mode
        if stat.S_ISREG(mode) and not mode & 0o222:
            raise FormatError("the file is write-protected", where=str(target), hint="choose another name, or allow writing it")
    delete_leftovers(target.parent)
    return target


def put_in_place(temporary: Path, target: Path) -> None:
    """Move a finished file onto `target`, which keeps its permissions when it is there. Raises OSError."""
    with suppress(FileNotFoundError):
        temporary.chmod(stat.S_IMODE(target.stat().st_mode))
    temporary.replace(target)
    if os.name == "posix":
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            with suppress(OSError):  # some network disks cannot
                os.fsync(folder)
        finally:
            os.close(folder)


def backup(path: Path) -> Path:
    """A copy of a file beside it, named NAME.bak (.bak2 and on where there is one already). Raises FormatError."""
    number, copy = 1, path.with_name(f"{path.name}.bak")
    while os.path.lexists(copy):
        number += 1
        copy = path.with_name(f"{path.name}.bak{number}")
    try:
        with path.open("rb") as source, atomic_write(copy) as file:
            shutil.copyfileobj(source, file)
        shutil.copystat(path, copy)
    except OSError as error:
        raise write_error(error, copy) from error
    return copy


def no_folder(target: Path) -> FormatError:
    """The error to raise for a file whose folder does not exist."""
    return FormatError("its folder does not exist", where=str(target), hint="make the folder first, or choose another")


def write_error(error: OSError, target: Path, what: str = "the file could not be written") -> FormatError:
    """The error to raise for the system's, with a hint."""
    if error.errno == errno.ENOENT and not target.parent.exists():
        return no_folder(target)
    hint = HINTS.get(error.errno or 0, "choose another folder or name")
    return FormatError(f"{what}: {error.strerror or error}", where=str(target), hint=hint)
